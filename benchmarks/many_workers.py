"""How a search gets on with a thousand workers: ``python benchmarks/many_workers.py [WORKERS] [SECONDS]``.

The scheduler, the driver and all messages are real. The workers are Dask's own, but hundreds of them share a process,
and training is replaced: each waits for so many seconds per task and answers with trials that it made up. So it shows
what connections, images and messages cost, wherever the workers' own time is someone else's.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil

EPOCHS, PER_PROCESS = 20, 250
_UNWATCHED = {"DASK_DISTRIBUTED__WORKER__PROFILE__ENABLED": "False"}
"""Dask looks a hundred times a second at what each worker is doing: a thousand on two cores would do nothing else."""
SPACE = {
    "network": "mlp",
    "hidden_units": [5, 10, 20],
    "learning_rate": {"low": 3e-3, "high": 3e-2, "log": True},
    "epochs": EPOCHS,
}


async def run_workers(address: str, count: int, seconds: float) -> None:
    """Run workers in this process until it is ended."""
    from distributed import Worker

    import inklings.search.train_trials as train_trials
    from inklings.search.task import Job
    from inklings.search.trial import State, Trial

    def wait(
        trainer: Any,  # noqa: ANN401
        jobs: Sequence[Job],
        on_begin: Callable[[Sequence[Job]], None],
    ) -> Iterator[list[Trial]]:
        on_begin(jobs)
        time.sleep(seconds)
        curve = tuple(2.3 / (1 + epoch) for epoch in range(EPOCHS + 1))
        for job in jobs:
            trial = Trial(job.number, job.configuration, job.repeat, job.settings, job.seed, State.FINISHED)
            yield [replace(trial, validation_loss=curve, validation_accuracy=curve, epoch=EPOCHS, epochs=EPOCHS)]

    train_trials.TrialTrainer.train = wait  # type: ignore[method-assign, assignment]
    workers = [Worker(address, nthreads=1, dashboard=False, memory_limit=0) for _ in range(count)]
    for start in range(0, count, 25):
        await asyncio.gather(*workers[start : start + 25])
    await asyncio.gather(*(worker.finished() for worker in workers))


def main(arguments: Sequence[str]) -> None:
    """Start the scheduler and the workers, search, and print what it took."""
    if arguments[:1] == ["--workers"]:
        _, address, count, seconds = arguments
        asyncio.run(run_workers(address, int(count), float(seconds)))
        return
    count, seconds = (int(arguments[0]) if arguments else 1000), (float(arguments[1]) if arguments[1:] else 2.0)
    with tempfile.TemporaryDirectory() as folder:
        started = _start(Path(folder), count, seconds)
        try:
            _measure(Path(folder), started[0], count)
        finally:
            for process in started:
                process.kill()
                process.wait()


def _start(folder: Path, count: int, seconds: float) -> list[subprocess.Popen[bytes]]:
    port, quiet = 28786, {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    module = [sys.executable, "-m", "distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--no-dashboard"]
    started = [subprocess.Popen([*module, "--port", str(port)], cwd=folder, **quiet)]
    time.sleep(3)
    for begin in range(0, count, PER_PROCESS):
        own = min(PER_PROCESS, count - begin)
        command = [sys.executable, __file__, "--workers", f"tcp://127.0.0.1:{port}", str(own), str(seconds)]
        started.append(subprocess.Popen(command, cwd=folder, env={**os.environ, **_UNWATCHED}, **quiet))
    return started


def _measure(folder: Path, scheduler: subprocess.Popen[bytes], count: int) -> None:
    from distributed import Client

    from inklings.search import run_search

    address, watched, begun = "tcp://127.0.0.1:28786", psutil.Process(scheduler.pid), time.monotonic()
    with Client(address, set_as_default=False) as client:
        client.wait_for_workers(count, timeout=1800)
    idle = watched.memory_info().rss
    print(
        f"{count:,} workers after {time.monotonic() - begun:.0f} s; the scheduler has {idle / 1e6:.0f} MB, "
        f"{watched.num_fds():,} open files, {sum(watched.cpu_times()[:2]):.1f} s of processor time",
        flush=True,
    )
    trials, spent, own, begun = 32 * count, sum(watched.cpu_times()[:2]), time.process_time(), time.monotonic()
    first: list[tuple[float, float]] = []

    def watch(progress: Any) -> None:  # noqa: ANN401
        # Until the first trial ends, the scheduler is busy with images; after it, with tasks and their messages.
        if progress.ended and not first:
            first.append((time.monotonic() - begun, sum(watched.cpu_times()[:2]) - spent))

    search: dict[str, Any] = {"sampler": "random", "choose": 0, "cluster": address, "watch": watch}
    study = run_search(SPACE, out=folder / "study", trials=trials, **search)
    seconds = time.monotonic() - begun
    assert len(study.trials) == trials
    print(
        f"{trials:,} made-up trials in {seconds:.0f} s, the first after {first[0][0]:.0f} s; processor time: scheduler "
        f"{first[0][1]:.1f} s until then, {sum(watched.cpu_times()[:2]) - spent - first[0][1]:.1f} s after it, driver "
        f"{time.process_time() - own:.1f} s; the scheduler's peak {_peak(scheduler.pid) / 1e6:.0f} MB",
        flush=True,
    )


def _peak(process: int) -> int:
    """Return the most memory that a process has had; Linux alone says that of another process."""
    status = (Path("/proc") / str(process) / "status").read_text()
    return 1024 * int(status.split("VmHWM:")[1].split()[0])


if __name__ == "__main__":
    main(sys.argv[1:])
