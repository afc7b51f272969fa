"""Forecast and clock, side by side: what each preset's training was said to take, and what it took.

    python benchmarks/forecast.py                          every preset in full: some two minutes
    python benchmarks/forecast.py mlp cnn2 --engine numpy  these two, by another engine

Each training has a process of its own, so that its peak memory is its own. Prints a table in Markdown. On a machine
with nothing else to do every ratio should be within 1.5; other programs make a training longer than its forecast.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys

from inklings import fit, forecast, open_dataset, preset
from inklings.hardware import cores, peak_memory, processor_name, vector_instructions

PRESETS = ("softmax", "naive", "mlp", "cnn1", "cnn2", "best")


def main() -> None:
    """Print the table, a row when it is known."""
    parser = argparse.ArgumentParser(description="Hold forecasts against the clock.")
    parser.add_argument("presets", nargs="*", metavar="PRESET", default=PRESETS, help="all by default")
    parser.add_argument("--engine", default="auto", help="which engine trains")
    parser.add_argument("--epochs", type=int, help="in place of the presets' own numbers of steps or epochs")
    parser.add_argument("--one", action="store_true", help=argparse.SUPPRESS)  # in this process, as JSON
    options = parser.parse_args()
    if unknown := set(options.presets) - set(PRESETS):
        parser.error(f"unknown preset {min(unknown)}; known are {', '.join(PRESETS)}")
    if options.one:
        print(json.dumps(measure(options.presets[0], options.engine, options.epochs)))
        return
    print(f"{processor_name()}, {', '.join(vector_instructions()[-1:])}, {cores().usable} cores\n")
    print("| preset | forecast | took | ratio | memory, forecast | took | ratio |\n|---|---|---|---|---|---|---|")
    for name in options.presets:
        command = [sys.executable, __file__, name, "--one", "--engine", options.engine]
        command += ["--epochs", str(options.epochs)] if options.epochs else []
        done = subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True)
        print(describe_row(name, json.loads(done.stdout)), flush=True)


def measure(name: str, engine: str, epochs: int | None) -> dict[str, float]:
    """Forecast a preset's training on the bundled digits, and do it."""
    split = open_dataset("digits").split()
    plan = preset(name, split.dataset.image_shape, split.dataset.class_count)
    plan = plan.with_recipe(epochs=epochs, steps=None) if epochs else plan
    images = len(split.train_rows), len(split.validation_rows)
    expected = forecast(plan.network, plan.recipe, images, engine=engine)
    seconds = fit(plan.network, plan.recipe, split, engine=engine, catch_signals=False).seconds
    memory = float(peak_memory() or "nan")
    return {"forecast": expected.seconds, "took": seconds, "forecast_memory": expected.memory, "took_memory": memory}


def describe_row(name: str, found: dict[str, float]) -> str:
    """Return a row of the table; a ratio is what it took against its forecast."""
    cells = [f"{found[key]:.2f} s" for key in ("forecast", "took")] + [f"{found['took'] / found['forecast']:.2f}"]
    cells += [f"{found[key] / 1e6:.0f} MB" for key in ("forecast_memory", "took_memory")]
    cells.append(f"{found['took_memory'] / found['forecast_memory']:.2f}")
    return f"| {' | '.join([name, *cells])} |"


if __name__ == "__main__":
    main()
