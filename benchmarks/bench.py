"""Inklings beside what people would use instead, on this machine, in one run.

::

    make bench                                   everything: about half an hour on two quiet cores
    python benchmarks/bench.py --only mlp cnn2   some works
    python benchmarks/bench.py --mnist train-images-idx3-ubyte.gz    real images for the works on 60,000

Contenders are processes that take turns, one after the other, after a warm-up, in several rounds. Of each peer all
settings are tried first and the fastest goes into the rounds. Figures are medians; ratios are formed within a round,
so that what slows the whole machine for a while slows both sides. Results: ``results.json``, ``results.md``,
``results.png``.
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
from pathlib import Path

import numpy as np
from contest import Contender, ContenderError, clean_environment
from outcome import Outcome
from record import environment, summary, table, write
from rows import WORKS, Work

import inklings
from inklings import preset
from inklings.networks import initial_parameters
from inklings.training.full_batch import to_vector

HERE = Path(__file__).parent
OURS = "inklings_engine"
TRIES = 3


def main() -> None:
    """Run what is asked for, and write it down."""
    arguments = read_arguments()
    with tempfile.TemporaryDirectory(prefix="inklings-bench-") as folder:
        data = prepare(Path(folder), arguments.mnist)
        outcomes: list[Outcome] = []
        for name in arguments.only or WORKS:
            work = WORKS[name]
            run = run_whole if work.whole_process else run_turns
            outcomes += run(work, data[work.data], Path(folder), arguments.rounds)
            for outcome in outcomes[-2:]:
                print(summary(outcome), flush=True)
    images = "MNIST" if arguments.mnist else "the bundled 5,000 digits, twelve times over"
    finished = table(outcomes, environment(outcomes, arguments.rounds, images))
    arguments.out.mkdir(parents=True, exist_ok=True)
    write(outcomes, finished, arguments.out)
    print(finished)


def read_arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", choices=list(WORKS), help="these works alone")
    parser.add_argument("--rounds", type=int, default=7, help="how many turns each contender takes (7)")
    parser.add_argument("--mnist", type=Path, help="MNIST's train-images-idx3-ubyte.gz, its labels beside it")
    parser.add_argument("--out", type=Path, default=HERE, help="folder for the results")
    return parser.parse_args()


def prepare(folder: Path, mnist: Path | None) -> dict[str, Path]:
    """Write the images that all contenders read; without MNIST its bundled part, twelve times over."""
    split = inklings.open_dataset("digits").split()
    large = inklings.open_dataset("digits28")
    images, labels = large.images, large.labels
    if mnist:
        whole = inklings.open_dataset(mnist)
        images, labels = whole.images, whole.labels
    repeats = -(-60_000 // len(images))
    many, answers = (np.concatenate([values] * repeats)[:60_000] for values in (images, labels))
    digits = split.train.images, split.train.labels, split.test.images, split.test.labels
    ten = tuple(np.concatenate([values] * 10) for values in digits[:2])
    sets = {
        "digits": digits,
        "digits10": (*ten, *digits[2:]),
        "mnist": (many, answers, large.images[:1000], large.labels[:1000]),
    }
    paths = {}
    for name, arrays in sets.items():
        paths[name] = folder / f"{name}.npz"
        named = dict(zip(("train_images", "train_labels", "test_images", "test_labels"), arrays, strict=True))
        network = preset("naive", named["train_images"].shape[1:], 10).network
        np.savez(paths[name], **named, start=to_vector(network, initial_parameters(network, 0)))
    return paths


def run_turns(work: Work, data: Path, folder: Path, rounds: int) -> list[Outcome]:
    """Try all settings, then let the fastest of each peer and the limit go in turn with Inklings."""
    surroundings = clean_environment(folder)
    limits = [Contender("product", dtype) for dtype in ("float32", "bfloat16")] if work.operations else []
    contenders = [Contender(OURS, "float32"), *choose(work, data, folder), *limits]
    limits_work = Work("", "product", "", {}, 1, {}, ())
    for contender in contenders:
        contender.start(limits_work if contender in limits else work, data, surroundings)
    ours, *peers = [contender for contender in contenders if contender not in limits]
    for _ in range(min(rounds, work.most_rounds or rounds)):
        ours.turn(work.units)
        for peer in peers:
            peer.turn(work.peer_units or work.units)
        for limit in limits:
            limit.turn(1)
    for contender in contenders:
        contender.end()
    return [Outcome(work, work.title, ours, peers, limits)]


def choose(work: Work, data: Path, folder: Path) -> list[Contender]:
    """Try every setting of every peer, and give the fastest: of float32, and of any precision if that is another."""
    chosen: list[Contender] = []
    for name, settings in work.peers.items():
        tried = [Contender(name, setting) for setting in settings]
        if len(settings) > 1:
            tried = [contender for contender in tried if try_out(contender, work, data, folder)]
        for group in ([each for each in tried if each.is_float32], tried):
            best = min(group, key=lambda each: min(each.seconds, default=0), default=None)
            if best and best.title not in [each.title for each in chosen]:
                chosen.append(Contender(best.name, best.setting))
    return chosen


def try_out(contender: Contender, work: Work, data: Path, folder: Path) -> bool:
    """Take a few turns, say how long they took, and tell whether it can do the work at all."""
    try:
        contender.start(work, data, clean_environment(folder))
        for _ in range(TRIES):
            contender.turn(work.units)
    except ContenderError as failure:
        print(f"  left out: {failure}", flush=True)
        return False
    finally:
        contender.end()
    print(f"  tried {contender.title}: {min(contender.seconds):.4g} s", flush=True)
    return True


def run_whole(work: Work, data: Path, folder: Path, rounds: int) -> list[Outcome]:
    """Let whole processes go in turn: once with empty caches, and once with what the first left in them."""
    names = [(OURS, "float32"), *((name, setting) for name, settings in work.peers.items() for setting in settings)]
    cold, warm = ([Contender(*name) for name in names] for _ in range(2))
    for number in range(rounds):
        caches = folder / f"caches-{number}"
        for contenders in (cold, warm):
            for contender in contenders:
                contender.whole(work, data, clean_environment(caches), seed=number)
        shutil.rmtree(caches, ignore_errors=True)
    return [
        Outcome(work, f"{work.title} ({state})", ours, peers, [])
        for state, (ours, *peers) in (("cold", cold), ("warm", warm))
    ]


if __name__ == "__main__":
    main()
