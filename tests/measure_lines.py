"""Measure what lines on the paper cost in accuracy: held digits in frames, on ruled and squared paper, in puzzles.

Usage, after ``inklings train cnn2 --data digits28 --save MODEL`` (the digits shown are those of the split's test part):

    python tests/measure_lines.py MODEL [--every N] [--looks scan,photo,chalk]
"""

import argparse

import numpy as np

import lined_papers as papers
from inklings import DataError, open_dataset
from inklings.models import load
from inklings.models.prediction import predict_all
from inklings.pages import find_characters, open_page


def look_at(amount, look, random):
    if look == "photo":
        return papers.photographed(amount, random)
    return papers.scanned(amount) if look == "scan" else papers.chalked(amount)


def measure_kind(model, digits, names, kind, look):
    """Return how many of the digits, each on its own page, are classified correctly, and how many are not found."""
    images, lost = [], 0
    for number, digit in enumerate(digits):
        random = np.random.default_rng(number)
        amount = papers.KINDS[kind](papers.Writing(digit, papers.any_scale(random), random))
        try:
            images.append(model.preparation.prepare(open_page(look_at(amount, look, random))).image)
        except DataError:
            images.append(np.zeros((*model.preparation.size, 1), np.float32))
            lost += 1
    answers = [answer.class_name for answer in predict_all(model, np.stack(images))]
    return int(np.sum(np.array(answers) == names)), lost


def measure_grid(model, digits, names, look, seed, rows=9, columns=9):
    """Return the cells of a puzzle, those right (empty or not), the digits, and those classified correctly."""
    random = np.random.default_rng(seed)
    cell = int(random.integers(34, 80))
    grid = papers.Grid(rows, columns, cell, int(random.integers(1, 3)), heavy=int(random.integers(3, 5)))
    truth = {}
    for place in np.ndindex(rows, columns):
        if random.random() < 0.4:
            chosen = int(random.integers(len(digits)))
            truth[place] = names[chosen]
            grid.write(*place, digits[chosen], 0.85 * cell / 28, random)
    characters = find_characters(open_page(look_at(grid.amount, look, random)))
    images = np.stack([model.preparation.prepare_character(each) for each in characters])
    answers = [answer.class_name for answer in predict_all(model, images)]
    found = {each.cell: answer for each, answer in zip(characters, answers, strict=True)}
    right = sum(found.get(place, "") == truth.get(place, "") for place in np.ndindex(rows, columns))
    placed = sum((place in found) == (place in truth) for place in np.ndindex(rows, columns))
    return rows * columns, right, placed, len(truth), sum(found.get(place) == name for place, name in truth.items())


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("model")
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--looks", default="scan,photo,chalk")
    parser.add_argument("--puzzles", type=int, default=20)
    options = parser.parse_args()
    model, dataset = load(options.model), open_dataset("digits28")
    rows = dataset.split(seed=0).test_rows[:: options.every]
    digits, names = dataset.images[rows, ..., 0], np.array([model.class_names[k] for k in dataset.labels[rows]])
    for look in options.looks.split(","):
        for kind in papers.KINDS:
            right, lost = measure_kind(model, digits, names, kind, look)
            print(f"{look:6} {kind:15} {100 * right / len(rows):6.2f} %  n = {len(rows)}, {lost} not found", flush=True)
        every = [measure_grid(model, digits, names, look, seed) for seed in range(options.puzzles)]
        cells, right, placed, count, read = np.sum(every, axis=0)
        print(
            f"{look:6} puzzles         {100 * read / count:6.2f} %  n = {count}; of {cells} cells "
            f"{placed} are rightly filled or empty, {right} right",
            flush=True,
        )


if __name__ == "__main__":
    main()
