"""What scikit-learn, Keras and PyTorch call things, and the American spelling: what they are called here."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Any, TypeVar

from inklings.serialise import did_you_mean

T = TypeVar("T")

SYNONYMS: Mapping[str, str] = {
    "optimizer": "optimiser",
    "solver": "optimiser",
    "lr": "learning_rate",
    "learning_rate_init": "learning_rate",
    "lr_schedule": "schedule",
    "max_iter": "epochs",
    "max_epochs": "epochs",
    "n_epochs": "epochs",
    "num_epochs": "epochs",
    "mini_batch_size": "batch_size",
    "alpha": "l2",
    "regularize": "regularise",
    "hidden_units": "hidden_layer_sizes",
    "early_stop": "early_stopping",
    "patience": "early_stopping",
    "class_weight": "class_weights",
    "random_state": "seed",
    "neurons": "units",
    "out_features": "units",
    "out_channels": "filters",
    "kernel": "kernel_size",
    "strides": "stride",
    "strength": "rate",
    "p": "rate",
    "eps": "epsilon",
    "rotation": "rotate",
    "rotation_range": "rotate",
    "zoom": "scale",
    "translate": "shift",
    "erasing": "erase",
    "mirror": "flip",
    "warmup": "warm_up",
    "test_size": "test",
    "validation_size": "validation",
    "validation_split": "validation",
    "train_size": "train",
    "target_names": "class_names",
    "names": "class_names",
    "image_size": "size",
    "img_size": "size",
    "target_size": "size",
    "color": "colour",
    "color_mode": "colour",
    "initial": "start",
    "initial_parameters": "start",
    "initial_weights": "start",
    "init": "start",
    "parameters": "start",
    "weights": "start",
    "checkpoint": "checkpoints",
    "checkpoint_path": "checkpoints",
    "n_splits": "repeats",
    "n_repeats": "repeats",
    "networks": "network",
    "model": "network",
}
"""What scikit-learn, Keras and PyTorch call a setting, and the American spelling: what it is called here."""


def hint_of_name(name: str, known: list[str], meant: Mapping[str, str] = MappingProxyType({})) -> str:
    """Return a hint that names the argument which was meant, by its name elsewhere or by its spelling.

    Parameters
    ----------
    name : str
    known : list of str
        The arguments that there are.
    meant : mapping of str to str
        For names that are likely to be tried, what to write instead.
    """
    if (own := SYNONYMS.get(name)) in known:
        return f"did you mean '{own}'?"
    return f"did you mean {meant[name]}?" if name in meant else did_you_mean(name, known)


def meant_within(names: Iterable[str], written: str) -> dict[str, str]:
    """Return what to write for settings that belong into another object, by their names here and elsewhere.

    >>> meant_within(["epochs"], "Recipe({}=...)")["max_iter"]
    'Recipe(epochs=...)'
    """
    own = {name: name for name in names}
    others = {word: name for word, name in SYNONYMS.items() if name in own}
    return {word: written.format(name) for word, name in {**others, **own}.items()}


def hints_attributes(**written: str) -> Callable[[type[T]], type[T]]:
    """Return a decorator of a class: attributes that other libraries' classes have are answered by what to write.

    Parameters
    ----------
    **written : str
        For names that are likely to be tried, what is written here instead.

    Examples
    --------
    >>> from inklings import Network
    >>> Network.summary  # a class says what Python says
    Traceback (most recent call last):
    AttributeError: type object 'Network' has no attribute 'summary'
    """

    def decorate(kind: type[T]) -> type[T]:
        def missing(self: T, name: str) -> Any:  # noqa: ANN401
            if name in written:
                problem = f"'{type(self).__name__}' object has no attribute '{name}'; write {written[name]}"
                raise AttributeError(problem, name=name, obj=self)
            # Asked again, so that it fails by itself: in Python's own words, or in a property's.
            return object.__getattribute__(self, name)

        # Not by a method in the class, by which a type checker would let any attribute pass.
        kind.__getattr__ = missing  # type: ignore[attr-defined]
        return kind

    return decorate
