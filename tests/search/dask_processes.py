"""A scheduler of Dask and its workers, in processes of their own."""

import os
import socket
import subprocess
import sys
import tempfile
import time


class DaskProcesses:
    """Started with the context and killed with it.

    Parameters
    ----------
    workers : int
    protocol : {"tcp", "tls"}
        For TLS, Dask's settings are looked for where DASK_CONFIG says.
    """

    def __init__(self, workers, protocol="tcp"):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.address, self._count = f"{protocol}://127.0.0.1:{self.port}", workers
        self._protocol = protocol
        self._folder = tempfile.TemporaryDirectory()
        self.workers = []

    def __enter__(self):
        place = "--protocol", self._protocol, "--host", "127.0.0.1", "--port", str(self.port)
        self.scheduler = self._start("dask_scheduler", *place)
        self.workers = [self.start_worker() for _ in range(self._count)]
        return self

    def start_worker(self):
        """Start another one: without a nanny, so that it is one process."""
        return self._start("dask_worker", self.address, "--nthreads", "1", "--no-nanny")

    def _start(self, program, *arguments):
        command = [sys.executable, "-m", f"distributed.cli.{program}", *arguments, "--no-dashboard"]
        path = os.pathsep.join(filter(None, (*sys.path, os.environ.get("PYTHONPATH"))))
        return subprocess.Popen(
            command,
            cwd=self._folder.name,
            env={**os.environ, "PYTHONPATH": path},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def __exit__(self, *_):
        for process in (*self.workers, self.scheduler):
            process.kill()
            process.wait()
        time.sleep(0.1)
        self._folder.cleanup()
