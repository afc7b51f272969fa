"""The processes of one training: who takes part, and how they meet before JAX connects them.

JAX alone ends a process by a signal when another does not come, with a page of C++ frames; and it trains on what two
processes do not agree about. So they meet here first: process 0 waits at the coordinator's address until all others
said who they are and what they are about to train. Only then does JAX take over the address.
"""

from __future__ import annotations

import json
import os
import re
import socket
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from time import monotonic, sleep
from typing import Any

from inklings.errors import RecipeError
from inklings.extras import importing

SECONDS_TO_MEET = 120.0
"""How long a process waits for the others: queues start the parts of a job some time apart."""
_SECONDS_BETWEEN_TRIES = 0.2
_PORTS = 61440, 4096
"""The first of the ports that jobs are spread over by their number, and how many there are."""
_SECONDS_TO_SPEAK = 5.0
_LONGEST = 1 << 16
"""Bytes of what a process says of itself; more is none of ours."""


@dataclass(frozen=True)
class Processes:
    """A training's processes, as one of them sees it.

    Parameters
    ----------
    coordinator : str
        Host and port where process 0 waits for the others.
    number, count : int
        Which this is, from 0, and how many there are.
    found_by : str
        ``"Slurm"`` or ``"Open MPI"``, if its environment tells what was not typed.
    """

    coordinator: str
    number: int
    count: int
    found_by: str = ""

    @property
    def address(self) -> tuple[str, int]:
        """Host and port."""
        host, _, port = self.coordinator.rpartition(":")
        return host.strip("[]"), int(port)


_IN_WORDS = {
    "coordinator": "the coordinator's address",
    "process_id": "this process's number",
    "num_processes": "how many processes there are",
}
"""What is given, in Python and on the command line alike."""


def find_processes(
    coordinator: str | None = None,
    process_id: int | None = None,
    num_processes: int | None = None,
    environment: Mapping[str, str] = os.environ,
) -> Processes | None:
    """Return who trains together: what was typed, and for what was not, what Slurm or Open MPI says.

    Returns
    -------
    Processes or None
        None if this process trains alone.

    Raises
    ------
    RecipeError
        Something is missing, or does not fit together.
    """
    if num_processes == 1:
        return None
    found_by, launched = _launched(environment)
    typed = {"coordinator": coordinator, "process_id": process_id, "num_processes": num_processes}
    settings: dict[str, Any] = {name: launched.get(name) if value is None else value for name, value in typed.items()}
    if not any(value is not None for value in typed.values()) and settings["num_processes"] in (None, 1):
        return None
    for name, value in settings.items():
        if value is None:
            where = f"; {found_by} does not say it" if found_by else ""
            given = " and ".join(_IN_WORDS[each] for each in settings if settings[each] is not None)
            raise RecipeError(f"is missing, found {given}{where}", "several processes need all three", setting=name)
    processes = Processes(str(settings["coordinator"]), settings["process_id"], settings["num_processes"], found_by)
    if not re.fullmatch(r".+:\d{1,5}", processes.coordinator) or not 0 < processes.address[1] < 65536:
        problem = f"is '{processes.coordinator}', expected process 0's host and a free port, such as node1:9876"
        raise RecipeError(problem, setting="coordinator", found=processes.coordinator)
    if not 0 <= processes.number < processes.count:
        problem = (
            f"is {processes.number}, expected 0 to {processes.count - 1}, as there are {processes.count} processes"
        )
        raise RecipeError(problem, setting="process_id", found=processes.number)
    return processes


def _launched(environment: Mapping[str, str]) -> tuple[str, dict[str, Any]]:
    """Return which launcher started this process, and what its environment says."""
    get = environment.get
    if "OMPI_COMM_WORLD_SIZE" in environment:
        # Of mpirun itself: "1531576320.0;tcp://10.96.0.1,10.148.0.1:34911".
        uri = re.match(r"(\d+)\.\d+;tcp://([^,:]+)", get("OMPI_MCA_orte_hnp_uri", ""))
        address = f"{uri[2]}:{_port(int(uri[1]) >> 12)}" if uri else None  # its lower 12 bits are 0
        number, count = get("OMPI_COMM_WORLD_RANK", "0"), get("OMPI_COMM_WORLD_SIZE", "1")
        return "Open MPI", {"coordinator": address, "process_id": int(number), "num_processes": int(count)}
    if "SLURM_PROCID" in environment and "SLURM_STEP_NODELIST" in environment:
        # "node7", "node[001-004],gpu2" or "node[001,007]": process 0 is on the first.
        first = re.match(r"([^,\[]+)(?:\[(\d+))?", get("SLURM_STEP_NODELIST", ""))
        job = int(get("SLURM_JOB_ID", "0")) + int(get("SLURM_STEP_ID", "0"))  # steps of one job do not meet each other
        address = f"{first[1]}{first[2] or ''}:{_port(job)}" if first else None
        number, count = get("SLURM_PROCID", "0"), get("SLURM_STEP_NUM_TASKS", get("SLURM_NTASKS", "1"))
        return "Slurm", {"coordinator": address, "process_id": int(number), "num_processes": int(count)}
    return "", {}


def _port(job: int) -> int:
    return _PORTS[0] + job % _PORTS[1]


def join(processes: Processes, about: Mapping[str, str], seconds: float = SECONDS_TO_MEET) -> None:
    """Wait for the other processes, and let JAX connect them; before anything is computed with JAX.

    Parameters
    ----------
    processes : Processes
    about : mapping of str to str
        What all have to agree about, and how to say it: ``{"recipe": "3fa1..."}``.
    seconds : float
        How long to wait.

    Raises
    ------
    RecipeError
        Not all came in time, or they do not agree.
    """
    (_receive if processes.number == 0 else _report)(processes, dict(about), monotonic() + seconds)
    with importing("jax", "several processes need JAX", "'inklings[jax]'"):
        import jax

    try:
        jax.distributed.initialize(
            processes.coordinator,
            processes.count,
            processes.number,
            # Deactivated, since it would look for Slurm by itself, and give each process one of its host's devices.
            cluster_detection_method="deactivate",
            # At this address alone, where JAX would listen at all that the machine has.
            coordinator_bind_address=processes.coordinator if processes.number == 0 else None,
            initialization_timeout=int(max(30, seconds)),
        )
    except (RuntimeError, ValueError) as problem:
        first_line = str(problem).splitlines()[0]
        raise _refused(processes, f"JAX could not connect the processes there ({first_line})") from None
    _connect()


def _connect() -> None:
    """Let the processes compute something together for the first time."""
    from jax.experimental import multihost_utils

    # The library that connects processors says on the standard output that it does, which is for results. It prints
    # from C++, so the file itself is exchanged.
    sys.stdout.flush()
    kept, nowhere = os.dup(1), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    try:
        multihost_utils.sync_global_devices("connected")
    finally:
        os.dup2(kept, 1)
        os.close(kept)
        os.close(nowhere)


def _receive(processes: Processes, about: dict[str, str], deadline: float) -> None:
    """Wait as process 0 until each of the others came, and answer them all with what is wrong, or nothing."""
    try:
        listener = socket.create_server(processes.address)
    except OSError as problem:
        reason = problem.strerror or problem
        raise _refused(
            processes, f"process 0 cannot wait there ({reason}); it has to be an address of its own"
        ) from None
    came: dict[int, socket.socket] = {}
    answer: dict[str, str] = {}
    try:
        with listener:
            while len(came) < processes.count - 1:
                listener.settimeout(max(0.01, deadline - monotonic()))
                try:
                    connection = listener.accept()[0]
                except TimeoutError:
                    missing = sorted(set(range(1, processes.count)) - came.keys())
                    raise _refused(processes, f"waited for process {_listed(missing)}, which did not come") from None
                said = _read(connection, min(deadline, monotonic() + _SECONDS_TO_SPEAK))
                if said is None or not _is_a_process(said):
                    connection.close()  # whoever it was, it is none of ours
                    continue
                wrong = _what_is_wrong(processes, about, said, came)
                # Kept in either case, since it too is told what is wrong.
                came[-1 if wrong else said["process_id"]] = connection
                if wrong:
                    raise _refused(processes, wrong)
    except RecipeError as error:
        answer = {"problem": error.message}
        raise
    finally:
        # Closed by the others first, so that the address is free at once for JAX.
        for connection in came.values():
            _write(connection, answer)
            connection.settimeout(5)
            with suppress(OSError):
                connection.recv(1)
            connection.close()


def _is_a_process(said: Mapping[str, Any]) -> bool:
    """Return whether what was said is what a process says: anyone may speak at an open port."""
    numbers = (said.get("process_id"), said.get("num_processes"))
    return all(isinstance(each, int) for each in numbers) and isinstance(said.get("about"), dict)


def _what_is_wrong(
    processes: Processes, about: dict[str, str], said: dict[str, Any], came: Mapping[int, object]
) -> str:
    """Return what keeps a process from taking part, if anything."""
    number = said["process_id"]
    if said["num_processes"] != processes.count:
        return f"process {number} expects {said['num_processes']} processes, process 0 expects {processes.count}"
    if number in came or not 0 < number < processes.count:
        return f"two processes came as process {number}"
    differing = [name for name, value in about.items() if said["about"].get(name) != value]
    return f"processes 0 and {number} differ in {_listed(differing)}: start all alike" if differing else ""


def _report(processes: Processes, about: dict[str, str], deadline: float) -> None:
    """Say who this is to process 0, as soon as that waits."""
    said = {"process_id": processes.number, "num_processes": processes.count, "about": about}
    problem: object = "timed out"
    while monotonic() < deadline:
        try:
            connection = socket.create_connection(processes.address, max(0.01, deadline - monotonic()))
        except OSError as error:
            problem = error.strerror or error
            sleep(_SECONDS_BETWEEN_TRIES)
            continue
        with connection:
            _write(connection, said)
            # Something else may listen there until process 0 does: tried again.
            if (answer := _read(connection, deadline)) is None:
                problem = "it hung up"
                continue
        if "problem" in answer:
            raise RecipeError(str(answer["problem"]), setting="coordinator", found=processes.coordinator)
        return
    raise _refused(processes, f"process 0 did not answer there in time ({problem})")


def _read(connection: socket.socket, deadline: float) -> dict[str, Any] | None:
    """Read a line of JSON; None if it is something else, or does not come."""
    line = b""
    try:
        while not line.endswith(b"\n") and len(line) < _LONGEST:
            connection.settimeout(max(0.01, deadline - monotonic()))
            if not (part := connection.recv(4096)):
                return None
            line += part
        said = json.loads(line)
    except (OSError, ValueError):
        return None
    return said if isinstance(said, dict) else None


def _write(connection: socket.socket, said: Mapping[str, Any]) -> None:
    with suppress(OSError):  # the other one may be gone: then it waits for no answer
        connection.sendall(json.dumps(said).encode() + b"\n")


def _refused(processes: Processes, problem: str) -> RecipeError:
    return RecipeError(f"{processes.coordinator}: {problem}", setting="coordinator", found=processes.coordinator)


def _listed(names: list[Any]) -> str:
    return ", ".join(map(str, names[:-1])) + (" and " if len(names) > 1 else "") + str(names[-1])
