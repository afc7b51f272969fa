"""A lab as a user starts it: the real command, in a process of its own, asked over real connections."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qs, urlsplit


@dataclass
class Answer:
    """What the server said."""

    status: int
    headers: http.client.HTTPMessage
    body: bytes

    def json(self):
        return json.loads(self.body)


@dataclass
class Lab:
    """A running lab."""

    process: subprocess.Popen
    address: str
    folder: Path
    port: int = field(init=False)
    token: str = field(init=False)

    def __post_init__(self):
        parts = urlsplit(self.address)
        self.port, self.token = parts.port, parse_qs(parts.query)["token"][0]

    @property
    def host(self):
        return f"127.0.0.1:{self.port}"

    @property
    def cookie(self):
        return f"inklings-lab-{self.port}={self.token}"

    @property
    def own(self):
        """The headers of the lab's own page."""
        return {"Host": self.host, "Cookie": self.cookie, "Origin": f"http://{self.host}"}

    def ask(self, method, path, body=None, headers=None, *, timeout=30):
        """Ask as the lab's own page does, or with exactly the headers given."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        try:
            connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
            for name, value in (self.own if headers is None else headers).items():
                connection.putheader(name, value)
            if body is not None:
                connection.putheader("Content-Length", str(len(body)))
            connection.endheaders(body)
            answer = connection.getresponse()
            return Answer(answer.status, answer.headers, answer.read())
        finally:
            connection.close()

    def get(self, path):
        answer = self.ask("GET", path)
        assert answer.status == 200, answer.body
        return answer

    def post(self, path, values=None, body=None):
        return self.ask("POST", path, json.dumps(values).encode() if values is not None else body or b"")

    @contextmanager
    def follow(self, id):
        """Follow a training's events, as the page does."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        connection.request("GET", f"/api/trainings/{id}/events", headers=self.own)
        answer = connection.getresponse()
        assert answer.status == 200, answer.read()
        try:
            yield events_of(answer, until=time.monotonic() + 60)
        finally:
            connection.close()

    def raw(self, content, *, seconds=5.0):
        """Send bytes as they are, and return what comes back until the connection ends or so long."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=seconds) as connection:
            connection.sendall(content)
            return read_all(connection, seconds)

    def wait_for(self, id, *states, seconds=60):
        """Wait until a training is in one of these states, and return all of it."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            found = self.get(f"/api/trainings/{id}").json()
            if found["state"] in states:
                return found
            time.sleep(0.05)
        told = found.get("message") or found.get("problem") or ""
        raise AssertionError(f"{id} is {found['state']}, expected {states}: {told}")

    def stop(self, number=signal.SIGINT, *, seconds=30):
        """End it as Ctrl-C does, and return the exit code and what it printed."""
        self.process.send_signal(number)
        out, err = self.process.communicate(timeout=seconds)
        return self.process.returncode, out, err


def events_of(answer, *, until):
    """Yield a stream's events; a stream that is silent for too long shows that what was waited for never comes."""
    for line in answer:  # every few seconds at least, since the lab sends signs of life
        if line.startswith(b"data: "):
            yield json.loads(line[6:])
        elif time.monotonic() > until:
            raise AssertionError("no event for so long")


def read_all(connection, seconds):
    found, until = b"", time.monotonic() + seconds
    while time.monotonic() < until:
        connection.settimeout(max(0.01, until - time.monotonic()))
        try:
            part = connection.recv(65536)
        except TimeoutError:
            break
        except ConnectionError:
            break
        if not part:
            break
        found += part
    return found


def start_lab(folder, *arguments, browser=None):
    """Start the command, and wait for the address that it prints."""
    quiet = ["--no-browser"] if browser is None else []
    command = [sys.executable, "-m", "inklings", "lab", *quiet, "--port", "0", *arguments]
    env = {**os.environ, "INKLINGS_DATA": str(folder), "OMP_NUM_THREADS": "1", "BROWSER": browser or ""}
    pipe = subprocess.PIPE
    process = subprocess.Popen(command, cwd=folder, env=env, stdout=pipe, stderr=pipe, text=True)
    address = process.stdout.readline().strip()
    if not address.startswith("http://"):
        process.kill()
        raise AssertionError(process.communicate()[1])
    return Lab(process, address, folder)
