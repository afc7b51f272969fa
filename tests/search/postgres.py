"""A PostgreSQL server of a test's own, in a folder of its own, as the system's package brings it."""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path


def programs():
    """Return the folder with ``initdb`` and ``pg_ctl``; None where there is no server."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    on_path = shutil.which("initdb")
    return Path(on_path).parent if on_path else found[-1].parent if found else None


class Postgres:
    """Started with the context, stopped and removed with it.

    It refuses to run as root, who starts it as the user that the package made for it.
    """

    def __enter__(self):
        self._folder = Path(tempfile.mkdtemp(prefix="inklings-pg-", dir="/tmp"))
        self._user = None
        if os.geteuid() == 0:
            self._user = pwd.getpwnam("postgres")
            os.chown(self._folder, self._user.pw_uid, self._user.pw_gid)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self._run("initdb", "--pgdata", self._data, "--auth", "trust", "--username", "tester", "--no-sync")
        options = f"-p {self.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={self._folder} -c fsync=off"
        self._run(
            "pg_ctl", "--pgdata", self._data, "--wait", "--log", str(self._folder / "log"), "-o", options, "start"
        )
        self.url = f"postgresql://tester@127.0.0.1:{self.port}/postgres"
        return self

    @property
    def _data(self):
        return str(self._folder / "data")

    def _run(self, program, *arguments):
        as_user = (
            {} if self._user is None else {"user": self._user.pw_uid, "group": self._user.pw_gid, "extra_groups": []}
        )
        subprocess.run(
            [str(programs() / program), *arguments], check=True, cwd=self._folder, stdout=subprocess.DEVNULL, **as_user
        )

    def __exit__(self, *_):
        self._run("pg_ctl", "--pgdata", self._data, "--mode", "immediate", "stop")
        shutil.rmtree(self._folder, ignore_errors=True)
