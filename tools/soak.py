"""Does anything grow? Trains, predicts and runs a lab for so many minutes, and watches memory, handles and threads.

    python tools/soak.py 30           # each of the three at once, in processes of their own
    python tools/soak.py 2 predict    # one of them

After a tenth of the time, in which caches fill, memory is compared between the first and the last third of the samples:
by their medians, since an allocator gives back and takes again. Ends with 1 if memory grew by more than 1 %, or if
handles or threads grew at all.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median

TESTS = Path(__file__).parent.parent / "tests"
LARGEST_GROWTH = 0.01
_HIDDEN = {"layer": "Dense", "units": 20, "activation": "relu"}
NETWORK = {"layers": [{"layer": "Flatten"}, _HIDDEN, {"layer": "Dense", "units": "classes", "activation": "softmax"}]}
Sample = tuple[int, int, int]


def sample(process: int) -> Sample:
    """Return resident bytes, open handles and threads of a process."""
    folder = Path("/proc") / str(process)
    pages = int((folder / "statm").read_text().split()[1])
    return (
        pages * os.sysconf("SC_PAGE_SIZE"),
        len(list((folder / "fd").iterdir())),
        len(list((folder / "task").iterdir())),
    )


def train() -> Callable[[], object]:
    """Return what trains one small network of each kind to its end."""
    from inklings import fit, open_dataset, preset

    split = open_dataset("digits").split()
    plans = [
        preset("mlp", (20, 20, 1), 10, hidden_units=50).with_recipe(epochs=1),
        preset("best", (20, 20, 1), 10, filters=8).with_recipe(steps=20),
        preset("naive", (20, 20, 1), 10).with_recipe(epochs=3),
    ]
    return lambda: [fit(plan.network, plan.recipe, split, catch_signals=False) for plan in plans]


def predict() -> Callable[[], object]:
    """Return what answers as a server does: one image and many, by a model that is loaded anew now and then."""
    from inklings import fit, load, open_dataset, preset
    from inklings.models import Model

    split = open_dataset("digits").split()
    plan = preset("best", (20, 20, 1), 10, filters=8).with_recipe(steps=20)
    path = Path(tempfile.mkdtemp(prefix="inklings-soak-")) / "model.inkling"
    Model.from_fit(fit(plan.network, plan.recipe, split, catch_signals=False), split).save(path)
    images = split.test.images

    def answer() -> None:
        model = load(path)
        for number in range(100):
            model.predict_proba(images[number : number + 1], prepared=True)
        model.predict(images, prepared=True)

    return answer


def watch(name: str, process: int, seconds: float, between: Callable[[], object]) -> bool:
    """Sample a process for a time while ``between`` keeps it at work; print and return whether nothing grew."""
    begun, samples = time.monotonic(), list[tuple[float, Sample]]()
    while (now := time.monotonic() - begun) < seconds:
        between()
        if not samples or now - samples[-1][0] >= min(1.0, seconds / 100):
            samples.append((now, sample(process)))
    warm = [own for at, own in samples if at >= seconds / 10]
    third = max(1, len(warm) // 3)
    (first, *before), (last, *after) = (
        [median(own[kind] for own in part) for kind in range(3)] for part in (warm[:third], warm[-third:])
    )
    growth = last / first - 1
    flat = growth <= LARGEST_GROWTH and all(now <= then for now, then in zip(after, before, strict=True))
    print(
        f"{name}: {seconds / 60:.1f} minutes, {len(warm)} samples, memory {first / 1e6:.1f} to {last / 1e6:.1f} MB "
        f"({growth:+.2%}), handles {before[0]:.0f} to {after[0]:.0f}, threads {before[1]:.0f} to {after[1]:.0f}: "
        f"{'flat' if flat else 'GROWS'}",
        flush=True,
    )
    return flat


def watch_lab(seconds: float) -> bool:
    """Train one network in a lab again and again, and ask for its lists and its page."""
    sys.path.insert(0, str(TESTS))
    from lab_process import start_lab

    with tempfile.TemporaryDirectory(prefix="inklings-soak-") as folder:
        lab = start_lab(Path(folder))
        made = lab.post("/api/trainings", {"network": NETWORK, "recipe": {"epochs": 2}}).json()["id"]

        def use() -> None:
            # Where other programs fill the machine, a training of a tenth of a second has taken more than a minute.
            lab.wait_for(made, "finished", seconds=600)
            for path in ("/api/trainings", "/api/models", "/"):
                lab.get(path)
            lab.post(f"/api/trainings/{made}/again")

        try:
            return watch("lab", lab.process.pid, seconds, use)
        finally:
            lab.process.terminate()
            lab.process.wait(30)


def main(arguments: Sequence[str] | None = None) -> int:
    """Soak one kind here, or all of them in processes of their own."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("minutes", type=float)
    parser.add_argument("kinds", nargs="*", metavar="KIND", help="of train, predict, lab; all by default")
    own = parser.parse_args(arguments)
    if len(own.kinds) == 1:
        (kind,), seconds = own.kinds, 60 * own.minutes
        if kind == "lab":
            return int(not watch_lab(seconds))
        return int(not watch(kind, os.getpid(), seconds, {"train": train, "predict": predict}[kind]()))
    command = [sys.executable, __file__, str(own.minutes)]
    started = [subprocess.Popen([*command, kind]) for kind in own.kinds or ("train", "predict", "lab")]
    return max([process.wait() for process in started])


if __name__ == "__main__":
    sys.exit(main())
