"""How many changed labels `inklings data check` finds in the bundled digits: the table of docs/data-check.md.

    python tools/measure_labels.py                     # all rows, about two minutes of a processor's time
    python tools/measure_labels.py --shares 5          # those of 5 %

Labels are changed either to any other class alike, or each to the class that the image most looks like beside its own.
A flag on a label that was not changed counts as false, though a few of the digits' own labels are doubtful.
"""

from __future__ import annotations

import argparse
from statistics import fmean

import numpy as np
from numpy.typing import NDArray

import inklings
from inklings.findings.described import describe_images
from inklings.findings.left_out import kernel_features, leave_each_out
from inklings.findings.likely_labels import judge_labels
from inklings.findings.near_duplicates import copies

Labels = NDArray[np.int64]
KINDS = ("uniform", "likeliest")


def change_labels(labels: Labels, likeliest: Labels, share: float, kind: str, seed: int) -> tuple[Labels, Labels]:
    """Return labels of which a share is wrong, and which those are."""
    random = np.random.default_rng(seed)
    rows = random.choice(len(labels), round(share * len(labels)), replace=False)
    changed = labels.copy()
    if kind == "uniform":
        changed[rows] = (labels[rows] + random.integers(1, labels.max() + 1, len(rows))) % (labels.max() + 1)
    else:
        changed[rows] = likeliest[rows]
    return changed, rows


def main() -> None:
    """Print a line per share and kind: precision and recall over the seeds, and how often the suggestion is right."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shares", type=float, nargs="+", default=[1, 5, 10], help="per cent of the labels")
    parser.add_argument("--seeds", type=int, default=5)
    options = parser.parse_args()
    data = inklings.open_dataset("digits")
    described = describe_images(data)
    features, copy_of, classes = described.features, copies(described.hashes), data.class_count
    others = leave_each_out(kernel_features(features), data.labels, classes).probabilities
    others[np.arange(len(data)), data.labels] = -1
    likeliest = others.argmax(1)
    print("changed | to | precision (lowest) | recall (lowest) | suggested the right one | flagged")
    for share in options.shares:
        for kind in KINDS:
            rows = []
            for seed in range(options.seeds):
                labels, changed = change_labels(data.labels, likeliest, share / 100, kind, seed)
                issues = judge_labels(features, labels, classes, copy_of, seed=seed).issues
                hit = np.isin(issues.rows, changed)
                right = (issues.suggested == data.labels[issues.rows])[hit].mean()
                rows.append((hit.mean(), hit.sum() / len(changed), right, len(issues)))
            precisions, recalls, rights, flagged = zip(*rows, strict=True)
            print(
                f"{share:g} % | {kind} | {fmean(precisions):.3f} ({min(precisions):.3f}) | "
                f"{fmean(recalls):.3f} ({min(recalls):.3f}) | {fmean(rights):.3f} | {fmean(flagged):.0f}",
                flush=True,
            )


if __name__ == "__main__":
    main()
