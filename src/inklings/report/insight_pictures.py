"""What a network sees, as pictures with captions: the folder that ``inklings insight`` writes.

::

    index.html      the pictures with what they show, in order
    weights.png     and .svg, and so on: what the first layer looks for, why this answer, an image's way through the
                    layers, one sum, one pooling layer, what excites units most, how the classes lie
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from textwrap import fill

from inklings.arguments import as_path, checks_call
from inklings.data.dataset import Dataset
from inklings.errors import RunError
from inklings.insight.members import members_of
from inklings.models.model import Model
from inklings.report.figures import save_figure
from inklings.report.insight_figures import Subject, draw_insight
from inklings.report.page_assets import render_template
from inklings.storage import write_atomically

PAGE = "index.html"
_WIDE = 112  # characters of a caption's line under a picture of 8 inches


@dataclass(frozen=True)
class InsightPicture:
    """A picture that was written.

    Attributes
    ----------
    title, caption : str
        What it is, and what it shows, in words.
    files : list of Path
        As PNG and SVG.

    Examples
    --------
    >>> import tempfile
    >>> import inklings
    >>> from inklings.networks import initial_parameters
    >>> from inklings.report import write_insight
    >>> network = inklings.preset("softmax", (20, 20, 1), 10).network
    >>> model = inklings.Model(network, initial_parameters(network, seed=0), list("0123456789"))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     pictures = write_insight(model, folder)
    >>> pictures[0].title, pictures[0].files[0].suffix
    ('What the first layer looks for', '.png')
    """

    title: str
    caption: str
    files: list[Path] = field(default_factory=list)


@checks_call(RunError)
def write_insight(
    model: Model, folder: str | Path, subject: Subject | None = None, examples: Dataset | None = None
) -> list[InsightPicture]:
    """Write pictures of what a network has learnt, and of how it sees one image, as PNG and SVG with captions.

    Parameters
    ----------
    model : Model
        Of a network or an ensemble, of which the first member's weights and layers are drawn.
    folder : str or Path
        Created if missing; files of the same names are replaced.
    subject : Subject, optional
        An image, for all that is about one.
    examples : Dataset, optional
        Labelled images, for what excites units most and how the classes lie; 1,000 of them are enough.

    Returns
    -------
    list of InsightPicture

    Raises
    ------
    NetworkError
        The model is of an opponent, which has no layers.
    RunError
        The folder cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> import inklings
    >>> from inklings.networks import initial_parameters
    >>> from inklings.report import write_insight
    >>> network = inklings.preset("softmax", (20, 20, 1), 10).network
    >>> model = inklings.Model(network, initial_parameters(network, seed=0), list("0123456789"))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     pictures = write_insight(model, folder)
    >>> [picture.files[0].name for picture in pictures]
    ['weights.png']
    """
    # For its error: before any file is written, an opponent is refused.
    members_of(model)
    folder, written = as_path(folder, "the folder of the pictures", RunError), list[InsightPicture]()
    try:
        for name, title, caption, figure in draw_insight(model, subject, examples):
            figure.supxlabel(fill(caption, _WIDE), fontsize=9, x=0.02, ha="left", color="#444444")
            files = save_figure(figure, folder, name, photographs=model.input_shape[2] == 3)
            written.append(InsightPicture(title, caption, files))
        write_atomically(folder / PAGE, _page(model, written))
    except OSError as problem:
        hint = "name another folder"
        raise RunError(f"the pictures cannot be written ({problem.strerror})", hint, path=folder) from None
    return written


def _page(model: Model, written: list[InsightPicture]) -> str:
    name = str(model.training.get("name", "this network"))
    return render_template("insight.html.jinja", title=f"What {name} sees", pictures=written)
