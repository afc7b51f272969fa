"""Trainings: asking for one, its buttons, and what it shows while it goes on."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse

from inklings.lab.access import RefusedError
from inklings.lab.answers import lab_of, number, read_json, run_aside
from inklings.lab.laboratory import Laboratory
from inklings.lab.training import Training
from inklings.lab.wanted import read_wanted

COMMANDS = ("pause", "resume", "step", "epoch", "back", "stop", "again")
SECONDS_BETWEEN_EVENTS = 0.1
SECONDS_BETWEEN_SIGNS_OF_LIFE = 15.0
"""After so long without an event a comment is sent, so that neither side takes the other for gone."""
MOST_STREAMS = 40


def training_of(request: Request) -> Training:
    """Return the training that an address names; a RefusedError if there is none."""
    training = lab_of(request).trainings.get(request.path_params["id"])
    if training is None:
        raise RefusedError(404, "there is no such training")
    return training


async def list_trainings(request: Request) -> Response:
    """Return all trainings, the newest first."""
    trainings = lab_of(request).trainings
    return JSONResponse([trainings.summary(training) for training in trainings.list()])


async def start_training(request: Request) -> Response:
    """Let a training wait for its turn."""
    lab, values = lab_of(request), await read_json(request)
    # Checking a network and splitting the images takes longer than the loop should be held up.
    training = await run_aside(_start, lab, values)
    return JSONResponse({"id": training.id, "position": lab.trainings.position(training)}, 201)


def _start(lab: Laboratory, values: Any) -> Training:  # noqa: ANN401
    return lab.trainings.start(read_wanted(values, lab.split))


async def send_training(request: Request) -> Response:
    """Return everything about a training."""
    return JSONResponse(lab_of(request).trainings.describe(training_of(request)))


async def command_training(request: Request) -> Response:
    """Do what a button says."""
    trainings, training, name = lab_of(request).trainings, training_of(request), request.path_params["command"]
    if name not in COMMANDS:
        raise RefusedError(404, f"the commands are {', '.join(COMMANDS)}")
    trainings.command(training, name, number(request, "epoch") if name == "back" else 0)
    return JSONResponse(trainings.summary(training))


async def send_events(request: Request) -> Response:
    """Return a stream of what a training shows, at most ten events a second."""
    lab, training = lab_of(request), training_of(request)
    if lab.streams >= MOST_STREAMS:
        raise RefusedError(503, "too many pages watch already; close some")
    return StreamingResponse(
        # The header keeps nginx, as a proxy before the lab, from collecting events.
        _events(lab, training),
        media_type="text/event-stream",
        headers={"X-Accel-Buffering": "no"},
    )


async def _events(lab: Laboratory, training: Training) -> AsyncIterator[bytes]:
    # Again here, where it is counted: of many that ask at once, all pass before any stream has begun.
    if lab.streams >= MOST_STREAMS:
        return
    seen, looks, quiet = -1, -1, 0.0
    lab.streams += 1
    try:
        while not lab.is_closing:
            # By looking, not by a condition: the training thread never waits for a page, however many watch.
            if training.progress.version == seen and quiet < SECONDS_BETWEEN_SIGNS_OF_LIFE:
                quiet += SECONDS_BETWEEN_EVENTS
            elif training.progress.version == seen:
                quiet = 0.0
                yield b": still here\n\n"
            else:
                quiet = 0.0
                event, seen, looks = training.progress.snapshot(looks=looks)
                everything = {**lab.trainings.summary(training), **event}
                yield f"data: {json.dumps(everything, separators=(',', ':'))}\n\n".encode()
            await asyncio.sleep(SECONDS_BETWEEN_EVENTS)
    finally:
        lab.streams -= 1
