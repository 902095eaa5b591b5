"""A `serve` process of its own for tests that kill it, starve it or attack it: started, watched and stopped here."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg

from boathouse.app.initialise import initialise

USER, PASSWORD, DATABASE = "admin", "Correct-Horse-9", "dev"


def make_home(home: Path) -> Path:
    """A home with an administrator."""
    initialise(home, DATABASE, PASSWORD)
    return home


class ServerProcess:
    """A running server.

    Args:
        home: made by `make_home`.
        options: further options of `serve`.
        environment: further variables.
    """

    def __init__(self, home: Path, *options: str, environment: Mapping[str, str] | None = None) -> None:
        self.home = home
        command = [sys.executable, "-m", "boathouse.app.cli", "serve", str(home), "--port", "0", "--http-port", "-1"]
        self._process = subprocess.Popen(
            [*command, *options],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, **(environment or {})},
        )
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        found = re.search(r"postgres port (\d+)", line)
        assert found is not None, f"the server did not start: {line!r} {self._stderr()}"
        self.port = int(found.group(1))
        self.pid = self._process.pid

    def _stderr(self) -> str:
        assert self._process.stderr is not None
        self._process.kill()
        return self._process.stderr.read()

    def connect(self, **keywords: Any) -> psycopg.Connection[Any]:
        """A client, committing each statement by itself unless told otherwise."""
        wanted: dict[str, Any] = {"autocommit": True, "sslmode": "disable", "connect_timeout": 20}
        wanted |= {"password": PASSWORD, **keywords}
        return psycopg.connect(host="127.0.0.1", port=self.port, user=USER, dbname=DATABASE, **wanted)

    def kill(self) -> None:
        """SIGKILL: no good-bye, no flush."""
        self._process.send_signal(signal.SIGKILL)
        self._process.wait(30)
        self._close_pipes()

    def stop(self) -> int:
        """SIGTERM; the exit status."""
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
        status = self._process.wait(60)
        self._close_pipes()
        return status

    def _close_pipes(self) -> None:
        for pipe in (self._process.stdout, self._process.stderr):
            if pipe is not None:
                pipe.close()

    @property
    def lives(self) -> bool:
        return self._process.poll() is None

    def status(self, name: str) -> int:
        """A number of /proc/<pid>/status: VmRSS in kB, Threads."""
        text = Path(f"/proc/{self.pid}/status").read_text(encoding="ascii")
        found = re.search(rf"^{name}:\s+(\d+)", text, re.MULTILINE)
        assert found is not None
        return int(found.group(1))

    def descriptors(self) -> int:
        """Open files and sockets."""
        return len(os.listdir(f"/proc/{self.pid}/fd"))

    def log(self) -> str:
        """What the server has logged."""
        path = self.home / "logs" / "boathouse.log"
        return path.read_text(encoding="utf-8") if path.exists() else ""


@contextmanager
def serving(home: Path, *options: str, environment: Mapping[str, str] | None = None) -> Iterator[ServerProcess]:
    """A server that is stopped at the end."""
    server = ServerProcess(home, *options, environment=environment)
    try:
        yield server
    finally:
        if server.lives:
            server.stop()
