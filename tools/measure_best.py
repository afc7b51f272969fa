"""The preset `best` on other data than digits, beside `cnn2`, `mlp` and the best opponent: a table.

    python tools/measure_best.py                              # all data, five seeds: hours
    python tools/measure_best.py letters signs --seeds 3      # some data
    python tools/measure_best.py small-digits --seeds 2 --epochs 3 --opponents svm    # a try

Each seed divides the images anew and begins each network anew. The best opponent, and the strongest of the others, are
those with the highest mean accuracy on the validation images; all figures are of the test images. Differences are those
of the same splits, with a 95 % interval of the corrected resampled t-test (Nadeau and Bengio, 2003). What is trained is
kept in --out, a line each: the same command goes on where an earlier one was stopped.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from statistics import fmean, stdev
from time import perf_counter
from typing import Any

from made_images import SPLITS

from inklings import Split, fit, preset
from inklings.evaluation.paired import corrected_t_test
from inklings.experiments.trained_opponent import train_opponent
from inklings.models import Model
from inklings.opponents.presets import OPPONENTS, named_opponent
from inklings.training.data_facts import DataFacts

NETWORKS = ("best", "cnn2", "mlp")
Record = dict[str, Any]


def main() -> None:
    """Train what is not trained yet, and print a row for each data set."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", nargs="*", metavar="DATA", help=f"of {', '.join(SPLITS)}; all by default")
    parser.add_argument("--seeds", type=int, default=5, metavar="N", help="at least 2 (%(default)s)")
    parser.add_argument("--epochs", type=int, metavar="N", help="of the networks, in place of their own")
    parser.add_argument("--opponents", nargs="+", choices=OPPONENTS, default=list(OPPONENTS), metavar="NAME")
    parser.add_argument("--out", type=Path, default=Path("best-trainings.jsonl"), metavar="FILE", help="(%(default)s)")
    options = parser.parse_args()
    if unknown := set(options.data) - set(SPLITS):
        parser.error(f"unknown data '{min(unknown)}'; known are {', '.join(SPLITS)}")
    if options.seeds < 2:
        parser.error(f"--seeds is {options.seeds}, expected at least 2: one split says nothing of the others")
    lines = options.out.read_text().splitlines() if options.out.exists() else []
    records: list[Record] = [json.loads(line) for line in lines if line.endswith("}")]  # the last may have been cut
    print(
        "| data | to learn from, to test by | best | cnn2 | mlp | best opponent | best minus the others' best | seeds |"
    )
    print("|---|---|---|---|---|---|---|---|", flush=True)
    for name in options.data or SPLITS:
        methods = (*NETWORKS, *options.opponents)
        for seed in range(options.seeds):
            train_all(name, seed, methods, options.epochs, records, options.out)
        print(row(name, [each for each in records if belongs(each, name, options)]), flush=True)


def belongs(record: Record, name: str, options: argparse.Namespace) -> bool:
    """Tell whether a training is one of those asked for."""
    asked = (*NETWORKS, *options.opponents)
    is_asked = record["method"] in asked and record["epochs"] == epochs_of(record["method"], options.epochs)
    return bool(record["data"] == name and record["seed"] < options.seeds and is_asked)


def epochs_of(method: str, epochs: int | None) -> int | None:
    """Return for how many epochs a method is told to train."""
    return epochs if method in NETWORKS else None


def train_all(
    name: str, seed: int, methods: Sequence[str], epochs: int | None, records: list[Record], out: Path
) -> None:
    """Train each method on one split, unless it was before."""
    done = {(each["data"], each["seed"], each["method"], each["epochs"]) for each in records}
    missing = [each for each in methods if (name, seed, each, epochs_of(each, epochs)) not in done]
    split = SPLITS[name](seed) if missing else None
    for method in missing:
        assert split is not None
        begun = perf_counter()
        accuracies = train_network(method, split, epochs) if method in NETWORKS else train_other(method, split)
        record = {
            "data": name,
            "seed": seed,
            "method": method,
            "epochs": epochs_of(method, epochs),
            "seconds": perf_counter() - begun,
            "sizes": [len(split.train_rows), len(split.test_rows)],
            **accuracies,
        }
        with out.open("a") as file:
            file.write(json.dumps(record) + "\n")
        records.append(record)


def train_network(name: str, split: Split, epochs: int | None) -> dict[str, float]:
    """Return a network's accuracy on the validation and the test images."""
    facts = DataFacts.of(split)
    plan = preset(name, split.dataset.image_shape, split.dataset.class_count, data=facts)
    if epochs:
        plan = plan.with_recipe(epochs=epochs, steps=None)
    fitted = fit(plan.network, plan.recipe.with_settings(seed=split.seed), split, catch_signals=False)
    classes = Model.from_fit(fitted, split).predict(split.test.images, prepared=True, as_index=True)
    right = classes == split.test.labels
    return {"validation": fitted.history[-1].validation_accuracy, "test": float(right.mean())}


def train_other(name: str, split: Split) -> dict[str, float]:
    """Return an opponent's accuracy on the validation and the test images."""
    trained = train_opponent(named_opponent(name, split.dataset.image_shape, seed=split.seed), split)
    return {"validation": trained.result.validation, "test": trained.result.test}


def row(name: str, records: Sequence[Record]) -> str:
    """Return a data set's row of the table."""
    methods = list(dict.fromkeys(each["method"] for each in records))
    found = {method: {each["seed"]: each for each in records if each["method"] == method} for method in methods}
    seeds = sorted(found["best"])
    tests = {method: [own[seed]["test"] for seed in seeds] for method, own in found.items()}
    choosing = {method: fmean(own[seed]["validation"] for seed in seeds) for method, own in found.items()}
    opponents = [method for method in methods if method not in NETWORKS]
    chosen = max(opponents, key=choosing.__getitem__)
    rival = max(("cnn2", "mlp", chosen), key=choosing.__getitem__)
    train_size, test_size = found["best"][seeds[0]]["sizes"]
    test = corrected_t_test(tests["best"], tests[rival], train_size=train_size, test_size=test_size)
    cells = [name, f"{train_size:,}, {test_size:,}", *(described(tests[method]) for method in NETWORKS)]
    cells += [f"{chosen} {described(tests[chosen])}"]
    difference, low, high = (100 * value for value in (test.difference, test.low, test.high))
    cells += [f"{difference:+.2f} ({low:+.2f} to {high:+.2f}, {rival})", str(len(seeds))]
    return f"| {' | '.join(cells)} |"


def described(accuracies: Sequence[float]) -> str:
    """Return mean and standard deviation in per cent."""
    return f"{100 * fmean(accuracies):.2f} ± {100 * stdev(accuracies):.2f}"


if __name__ == "__main__":
    main()
