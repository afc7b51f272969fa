"""How a work is run: contenders take turns, in several rounds."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

from contest import Contender, ContenderError, clean_environment
from outcome import Outcome
from rows import Work

OURS = "inklings_engine"
TRIES = 3


USUAL_ROUNDS = 3


def compete(work: Work, data: Path, folder: Path, rounds: int | None) -> list[Outcome]:
    """Let all contenders do a work in so many rounds, or in fewer where it takes minutes; None: as many as usual."""
    rounds = rounds or work.rounds or USUAL_ROUNDS
    rounds = min(rounds, work.most_rounds or rounds)
    return (run_whole if work.whole_process else run_turns)(work, data, folder, rounds)


def run_turns(work: Work, data: Path, folder: Path, rounds: int) -> list[Outcome]:
    """Try all settings, then let the fastest of each peer and the limit go in turn with Inklings."""
    surroundings = clean_environment(folder)
    limits = [Contender("product", dtype) for dtype in ("float32", "bfloat16")] if work.operations else []
    limits_work = Work("", "product", "", {}, 1, {}, ())
    ours, peers, failures = Contender(OURS, "float32"), choose(work, data, folder), list[str]()
    ours.start(work, data, surroundings)
    peers = without_failing(peers, failures, lambda peer: peer.start(work, data, surroundings))
    for limit in limits:
        limit.start(limits_work, data, surroundings)
    for _ in range(rounds):
        ours.turn(work.units)
        peers = without_failing(peers, failures, lambda peer: peer.turn(work.peer_units or work.units))
        for limit in limits:
            limit.turn(1)
    for contender in (ours, *peers, *limits):
        contender.end()
    return [Outcome(work, work.title, ours, peers, limits, failures)]


def without_failing(peers: list[Contender], failures: list[str], act: Callable[[Contender], object]) -> list[Contender]:
    """Let each peer do something; return those that could, and note why others could not."""
    # One that fails is no reason to lose an hour's other works: Ray gives up on a busy machine.
    able = []
    for peer in peers:
        try:
            act(peer)
            able.append(peer)
        except ContenderError as failure:
            peer.end()
            failures.append(str(failure))
            print(f"  left out: {failure}", flush=True)
    return able


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
