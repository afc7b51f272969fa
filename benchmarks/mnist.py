"""How accurate on all of MNIST in so many minutes? A table that anyone can repeat, on their own machine.

    make mnist MNIST=folder               all rows: 1, 3, 10 and 25 minutes, five trainings each: over three hours
    make mnist MNIST=folder ONLY=1m       one row
    python benchmarks/mnist.py folder --only 1m --seeds 1 --out mine

The folder holds MNIST's train-images-idx3-ubyte and train-labels-idx1-ubyte, packed by gzip or not. 10,000 of the
60,000 images, the same every time, are kept back as test images; the preset `best` learns from the other 50,000 for as
many epochs as fit the time on this machine, as it is now. No validation images are needed: nothing is chosen by them.

What is done is kept in the folder of --out, a line for each training in trainings.jsonl: the same command goes on where
an earlier one was stopped. The table is table.md there.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from statistics import fmean, stdev
from time import perf_counter, process_time
from typing import Any, NoReturn

from inklings import __version__, fit, open_dataset, preset
from inklings.costs.budget import afford
from inklings.data import Split
from inklings.errors import DataError, InklingsError
from inklings.hardware import cores, processor_name, vector_instructions
from inklings.models import Model
from inklings.training import Plan
from inklings.training.data_facts import DataFacts

BUDGETS = {"1m": 60.0, "3m": 180.0, "10m": 600.0, "25m": 1500.0}
TRAIN_IMAGES, TEST_IMAGES, TEST_SEED = 50_000, 10_000, 0
MOST_EPOCHS = 1000
"""More than fit any of the times."""
Record = dict[str, Any]


class Parser(argparse.ArgumentParser):
    """Says in one line what is wrong."""

    def error(self, message: str) -> NoReturn:
        """End with the exit code of wrong usage."""
        self.exit(2, f"mnist: {message}\n")


def main() -> None:
    """Train what is not trained yet, and print the table."""
    parser = Parser("mnist.py", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("mnist", type=Path, metavar="FOLDER", help="where MNIST's training images and labels are")
    parser.add_argument("--only", nargs="+", choices=BUDGETS, default=list(BUDGETS), help="these rows")
    parser.add_argument("--seeds", type=count, default=5, metavar="N", help="trainings of each row (%(default)s)")
    parser.add_argument("--out", type=Path, default=Path("mnist-trainings"), metavar="FOLDER", help="(%(default)s)")
    options = parser.parse_args()
    try:
        split = divide(options.mnist)
        options.out.mkdir(parents=True, exist_ok=True)
        records = read(options.out / "trainings.jsonl", split)
        for budget in options.only:
            train_row(budget, range(options.seeds), split, records, options.out / "trainings.jsonl")
            (options.out / "table.md").write_text(table(records))
    except (InklingsError, OSError) as error:
        parser.error(str(error))
    except KeyboardInterrupt:
        parser.exit(130, f"mnist: interrupted; what is done is in {options.out}\n")
    print(f"\n{table(records)}", end="")


def count(text: str) -> int:
    """Read a whole number of at least one."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"'{text}' is no whole number of at least 1")
    return int(text)


def divide(path: Path) -> Split:
    """Read the training images, and keep 10,000 of them back."""
    dataset = open_dataset(path)
    if len(dataset) != TRAIN_IMAGES + TEST_IMAGES:
        raise DataError(f"{path} holds {len(dataset):,} images, expected MNIST's 60,000 training images")
    return dataset.split(test=TEST_IMAGES, validation=None, seed=TEST_SEED, keep_given_test=False)


def read(path: Path, split: Split) -> list[Record]:
    """Return what was trained before, by this version and on these images."""
    lines = path.read_text().splitlines() if path.exists() else []
    records = [json.loads(line) for line in lines if line.endswith("}")]  # the last one may have been cut
    return [each for each in records if each["made_by"] == made_by(split) and "cpu_seconds" in each]


def made_by(split: Split) -> list[str]:
    """Name what figures depend on besides budget and seed."""
    return [__version__, split.dataset.fingerprint, processor_name()]


def train_row(budget: str, seeds: Sequence[int], split: Split, records: list[Record], path: Path) -> None:
    """Do a row's trainings that are not done yet, all of them for as many epochs as the first."""
    done = {each["seed"]: each for each in records if each["budget"] == budget}
    missing = [seed for seed in seeds if seed not in done]
    if not missing:
        return
    plan = preset("best", split.dataset.image_shape, split.dataset.class_count, data=DataFacts.of(split))
    if done:
        first = next(iter(done.values()))
        plan = plan.with_recipe(epochs=first["epochs"], steps=first["steps"])
    else:
        plan = fitting(plan, split, BUDGETS[budget])
    for seed in missing:
        record = {"budget": budget, "seed": seed, "made_by": made_by(split), **train(plan, split, seed)}
        with path.open("a") as file:
            file.write(json.dumps(record) + "\n")
        records.append(record)
        print(f"{budget}, seed {seed}: {describe(record)}", flush=True)


def fitting(plan: Plan, split: Split, seconds: float) -> Plan:
    """Return a plan with as many epochs as fit a time."""
    images = len(split.train_rows), 0, len(split.test_rows)
    return afford([plan.with_recipe(epochs=MOST_EPOCHS, steps=None)], images, seconds).plan


def train(plan: Plan, split: Split, seed: int) -> Record:
    """Train once, and measure on the test images."""
    begun, before = perf_counter(), process_time()
    fitted = fit(plan.network, plan.recipe.with_settings(seed=seed), split, catch_signals=False)
    # Those of all cores together tell what it took where other programs took the processor, too.
    seconds, of_cores = perf_counter() - begun, process_time() - before
    right = Model.from_fit(fitted, split).predict(split.test.images, prepared=True) == split.test.labels
    known = {"epochs": plan.recipe.epochs, "steps": plan.recipe.steps, "accuracy": right.mean()}
    return {**known, "seconds": seconds, "cpu_seconds": of_cores}


def describe(record: Record) -> str:
    """Return one training in words."""
    return f"{record['accuracy']:.2%} after {length(record)} in {record['seconds']:.0f} s"


def length(record: Record) -> str:
    """Return how long a training was: in steps where the time was less than an epoch's."""
    return f"{record['steps']} steps" if record["steps"] else f"{record['epochs']} epochs"


def table(records: Sequence[Record]) -> str:
    """Return a row for each time, in Markdown, under what it was measured on."""
    machine = f"{processor_name()}, {vector_instructions()[-1]}, {cores().usable} cores; Inklings {__version__}"
    head = [
        "time",
        "training",
        "test accuracy",
        "standard deviation",
        "lowest",
        "trainings",
        "seconds",
        "longest",
        "CPU seconds",
    ]
    rows = [head, ["---"] * len(head)]
    for budget in BUDGETS:
        own = [each for each in records if each["budget"] == budget]
        if not own:
            continue
        accuracies, seconds = [each["accuracy"] for each in own], [each["seconds"] for each in own]
        of_cores = fmean(each["cpu_seconds"] for each in own)
        deviation = f"{stdev(accuracies):.3%}" if len(own) > 1 else ""
        row = [budget, length(own[0]), f"{fmean(accuracies):.3%}", deviation, f"{min(accuracies):.2%}", str(len(own))]
        rows.append([*row, f"{fmean(seconds):.0f}", f"{max(seconds):.0f}", f"{of_cores:.0f}"])
    lines = [f"| {' | '.join(row)} |" for row in rows]
    stated = [f"{machine}; {TRAIN_IMAGES:,} images to learn from, {TEST_IMAGES:,} kept back.", ""]
    return "\n".join([*stated, *lines, "", "A row again: `make mnist MNIST=folder ONLY=1m`.", ""])


if __name__ == "__main__":
    main()
