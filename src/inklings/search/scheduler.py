"""The scheduler of a cluster: how it is reached, whether its workers can train, and what is said when it is gone."""

from __future__ import annotations

import logging
import warnings
from typing import Any

from distributed import Client
from distributed.comm.addressing import get_address_host_port, parse_address
from distributed.comm.registry import get_backend
from distributed.security import Security

from inklings import __version__
from inklings.arguments import caller_stacklevel
from inklings.errors import RunError, TrainingWarning
from inklings.search.on_worker import version

_CONNECTING, _FIRST_WORKER = 15, 60
"""Seconds to wait for a scheduler, and for its first worker."""


def _check_tls(address: str) -> None:
    """Refuse settings for TLS that cannot be used.

    Before Dask tries: the client that it leaves behind half made waits for half a minute, and then prints a traceback.
    """
    hint = "they are distributed.comm.tls in ~/.config/dask/*.yaml: ca-file, client.cert and client.key"
    try:
        security = Security()
        context = security.get_connection_args("client").get("ssl_context")
    except (OSError, ValueError, TypeError, RuntimeError) as problem:  # among them what ssl says of a certificate
        raise RunError(f"Dask's settings for TLS cannot be used ({problem})", hint, found=address) from None
    is_tls = address.startswith("tls://")
    if is_tls and context is None:
        raise RunError(f"the scheduler at {address} needs TLS, for which Dask has no settings", hint, found=address)
    if security.require_encryption and not is_tls:
        told = f"Dask's settings require encryption, which the scheduler at {address} does not have"
        raise RunError(told, "its address begins with tls://", found=address)


def _check_address(address: str) -> None:
    """Raise a ValueError for what is no address of a scheduler elsewhere, such as tcp://host.

    Before Dask does: the client that it leaves behind half made waits for half a minute, and then prints a traceback.
    """
    scheme, _ = parse_address(address)
    get_backend(scheme)
    if scheme == "inproc":
        raise ValueError("inproc is within one process")
    host, port = get_address_host_port(address)
    if not host or not port:
        raise ValueError("host:port expected")


def connect(where: Any) -> Client:  # noqa: ANN401 - an address or a cluster
    """Return a client of a scheduler.

    Raises
    ------
    RunError
        There is none at the address, or it cannot be reached with Dask's settings.
    """
    if isinstance(where, str):
        _check_tls(where)
    try:
        if isinstance(where, str):
            _check_address(where)
        client = Client(where, timeout=_CONNECTING, set_as_default=False)
    except (OSError, ValueError, TypeError, RuntimeError) as problem:
        hint = "start one with `dask scheduler`; an address is tcp://host:8786, or tls://host:8786 for one that has TLS"
        raise RunError(f"no Dask scheduler can be reached at {where} ({problem})", hint, found=where) from None
    # What becomes of a lost scheduler or worker is said in the driver's own words.
    for part in ("client", "batched"):
        logging.getLogger(f"distributed.{part}").setLevel(logging.CRITICAL)
    return client


def is_connected(client: Client) -> bool:
    """Return whether a client has its scheduler."""
    return client.status == "running" and client.scheduler_comm is not None and not client.scheduler_comm.closed()


def check_workers(client: Client, address: str) -> None:
    """Wait for the first worker, and see that each can train.

    Raises
    ------
    RunError
        None comes, or one has no Inklings or another version.
    """
    if not client.nthreads():
        warnings.warn(
            f"the scheduler at {address} has no workers yet; waiting {_FIRST_WORKER} s for the first",
            TrainingWarning,
            stacklevel=caller_stacklevel(),
        )
    try:
        client.wait_for_workers(1, timeout=_FIRST_WORKER)
    except TimeoutError:
        hint = f"start some: dask worker {address} --nthreads 1"
        raise RunError(f"the scheduler at {address} has no workers", hint, found=address) from None
    try:
        found = client.run(version)
    except Exception as problem:  # whatever a worker without Inklings or with another Python makes of it
        told = f"the workers of {address} cannot train ({type(problem).__name__}: {problem})"
        raise RunError(told, "install the same Inklings there: pip install 'inklings[cluster]'") from None
    for worker, theirs in found.items():
        if theirs != __version__:
            told = f"the worker {worker} has Inklings {theirs}, expected {__version__} as here"
            raise RunError(told, "install the same version on all machines")


def gone(address: str | None) -> RunError:
    """Return what to say of a scheduler that does not come back."""
    where = f" at {address}" if address else ""
    return RunError(
        f"the Dask scheduler{where} is gone; what had ended is in the record",
        "once it is back, continue with --continue",
    )
