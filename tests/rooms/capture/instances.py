"""Processes that capture without a warehouse, and servers that stand by: real programs: stopped, continued, killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

from tests.rooms.capture.postgres_server import PostgresUnderTest

from boathouse.app.home import create_home
from boathouse.app.instance import defined
from boathouse.capture.instances.instance import Instance


class Running:
    """A process of the command line's, and the lines that it prints."""

    def __init__(self, *arguments: str) -> None:
        self.lines: list[str] = []
        self._heard = threading.Condition()
        environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "boathouse.app.cli", *arguments],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment,
        )  # fmt: skip
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            with self._heard:
                self.lines.append(line.strip())
                self._heard.notify_all()
        with self._heard:
            self.lines.append("(ended)")
            self._heard.notify_all()

    def until(self, what: str, seen: int = 0, seconds: float = 60.0) -> int:
        """Until it says something, behind as many lines as were seen; how many there are then."""

        def found() -> int | None:
            return next((n + 1 for n, line in enumerate(self.lines) if n >= seen and what in line), None)

        with self._heard:
            assert self._heard.wait_for(lambda: found() is not None, seconds), (what, self.lines)
            return found() or 0

    def send(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    def end(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Let it end, and wait for it."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGCONT)
            self.process.send_signal(number)
        try:
            return self.process.wait(60)
        finally:
            self.process.kill()


class InProcess:
    """An instance in a thread, while this is open; what it failed by is raised at the end."""

    def __init__(self, home: Path, name: str = "shop") -> None:
        self._instance = Instance(*defined(home, name), lambda what: print(what, flush=True))
        self._failure: BaseException | None = None
        self._thread = threading.Thread(target=self._run)

    def _run(self) -> None:
        try:
            self._instance.run()
        except BaseException as failure:
            self._failure = failure

    def wait(self) -> None:
        """Until it ends by itself."""
        self._thread.join(60)

    def __enter__(self) -> InProcess:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._instance.stop()
        self._thread.join(60)
        if self._failure is not None:
            raise self._failure


def instance_home(home: Path, postgres: PostgresUnderTest, place: Path, sections: str) -> Path:
    """A home of an instance's own, that defines the capture `shop` into files of a place that instances share."""
    create_home(home, "dev")
    config = home / "boathouse.toml"
    config.write_text(
        f'[lake]\nroots = ["{place}"]\n[capture]\ncommit_seconds = 0.3\nchunk_rows = 200\nretry_seconds_max = 1.0\n'
    )
    secret = "\n".join(f'{name} = "{value}"' for name, value in postgres.secret.items())
    (home / "secrets.toml").write_text(f"[shop]\n{secret}\n")
    (home / "shop.toml").write_text(
        f'from = "postgres"\nsecret = "shop"\n{sections}\n[[output]]\nname = "lake"\nto = "{place}"\nformat = "parquet"\n'
    )
    return home
