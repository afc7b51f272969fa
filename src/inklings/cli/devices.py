"""``inklings train`` over several devices and processes: its options, and who of the processes speaks."""

from __future__ import annotations

import hashlib
import io
import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext, redirect_stderr
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import click
from click.core import ParameterSource

from inklings import __version__
from inklings.cli.command import SectionOption
from inklings.engines import get_engine
from inklings.engines.jax.processes import Processes, find_processes, join
from inklings.errors import InklingsError
from inklings.training.checkpoints import Checkpoint
from inklings.training.fit import fit_job
from inklings.training.training_job import TrainingJob, check_devices

_ALL = 0
OPTIONS = ("devices", "coordinator", "process_id", "num_processes")


# No type within brackets, which click 8.3.0 has not.
class _DeviceCount(click.ParamType):  # type: ignore[type-arg]
    name = "N | all"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:  # noqa: ANN401
        """Read a number, or ``all``."""
        if value == "all":
            return _ALL
        return click.IntRange(min=1).convert(value, param, ctx)


def device_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options for several devices and processes."""
    option = partial(click.option, cls=SectionOption, section="Devices (engine jax)")
    options = (
        option("--devices", type=_DeviceCount(), help="Devices per process that share each batch."),
        option("--coordinator", metavar="HOST:PORT", help="Where process 0 waits for the others, on its own host."),
        option("--process-id", type=int, metavar="I", help="Which of the processes this is, from 0."),
        option("--num-processes", type=int, metavar="N", help="Processes that train together; 1 to train alone."),
    )
    for each in reversed(options):
        command = each(command)
    return command


@dataclass(frozen=True)
class Devices:
    """What one training runs on.

    Parameters
    ----------
    count : int or None
        Devices of this process; 0 for all of them, None for one, unshared.
    processes : Processes or None
        Those that train together, if there are several.
    """

    count: int | None = None
    processes: Processes | None = None

    @classmethod
    def typed(cls, context: click.Context, options: dict[str, Any]) -> Devices:
        """Take the options out of those that were typed, and look for what a cluster's launcher says."""
        count, coordinator, process_id, num_processes = (options.pop(name) for name in OPTIONS)
        if count is None and not any(value is not None for value in (coordinator, process_id, num_processes)):
            return cls()  # a job that says nothing of devices trains on its own, whoever launched it
        processes = find_processes(coordinator, process_id, num_processes)
        if processes is None:
            return cls(count)
        for name in ("budget_seconds", "members"):
            if context.params.get(name) is not None:
                option = {"budget_seconds": "--budget", "members": "--ensemble"}[name]
                raise click.UsageError(f"{option} is for one process; leave it out, or --num-processes", context)
        return cls(_ALL if count is None else count, processes)

    @property
    def speaks(self) -> bool:
        """Whether this process prints and stores; of several, process 0 alone."""
        return self.processes is None or self.processes.number == 0

    def engine(self, context: click.Context, name: str) -> str:
        """Return the engine's name: only jax shares batches, so it is taken where none was typed."""
        if self.count is None:
            return name
        by_name = context.get_parameter_source("engine") is ParameterSource.COMMANDLINE
        typed = by_name or name == "reproducible"  # which has an option of its own
        name = name if typed else "jax"
        if name != "jax":
            get_engine(name, devices=self.count)  # says why not
        return name

    @contextmanager
    def together(self) -> Iterator[None]:
        """End at once if something goes wrong while others wait.

        They are in the middle of a step, and learn from the connection that is closed. Ending in JAX's way would wait
        for them in turn, and then kill the process by a signal.
        """
        try:
            yield
        except BaseException as error:
            # A process alone has nobody who waits, and perhaps no JAX, which is an extra.
            if self.processes is None:
                raise
            import jax

            if not jax.distributed.is_initialized():
                raise
            known = isinstance(error, InklingsError)
            click.echo(f"inklings: {error if known else f'{type(error).__name__}: {error}'}", err=True)
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(error.exit_code if isinstance(error, InklingsError) else 1)

    @contextmanager
    def silence(self) -> Iterator[None]:
        """Keep notes back that process 0 prints already."""
        # Of eight processes in one terminal, each note would stand there eight times.
        with nullcontext() if self.speaks else redirect_stderr(io.StringIO()):
            yield

    def take(self, job: TrainingJob, resume: Checkpoint | None = None) -> TrainingJob:
        """Return the job with an engine that shares batches; of several processes, once all are there."""
        if self.count is None:
            return job
        check_devices(job.recipe, self.count)
        if self.processes is not None:
            if self.speaks:
                click.echo(f"note: {self._describe()}", err=True)
            join(self.processes, _agreed(job, resume, self.count))
        shared = replace(job, engine=get_engine("jax", dtype=job.engine.dtype.name, devices=self.count))
        _check_batch(shared)
        return shared

    def _describe(self) -> str:
        processes = self.processes
        assert processes is not None
        found = f", as {processes.found_by} says; --num-processes 1 trains alone" if processes.found_by else ""
        return f"waiting at {processes.coordinator} for all {processes.count} processes{found}"


def follow(job: TrainingJob, resume: Checkpoint | None = None) -> None:
    """Train as a process that is not the first: it takes part in every step, and prints and stores nothing."""
    fit_job(job, resume=resume)
    job.engine.leave()  # type: ignore[attr-defined]


def _check_batch(job: TrainingJob) -> None:
    from inklings.engines.jax.sharded_engine import check_batch

    check_batch(job.batch_size, job.engine.devices)  # type: ignore[attr-defined]


def _agreed(job: TrainingJob, resume: Checkpoint | None, devices: int) -> dict[str, str]:
    """Return what all processes must have alike, in words and digests."""
    origin = job.origin
    shown = {
        "the version of Inklings": __version__,
        "--devices": devices,
        "the network": origin["network"],
        "the recipe or --seed": origin["recipe"],
        "the data": origin["data"],
        "the split": origin["split"],
        "the checkpoint": resume.step if resume else 0,
    }
    return {name: hashlib.sha256(json.dumps(value).encode()).hexdigest() for name, value in shown.items()}
