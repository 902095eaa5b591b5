"""One process that runs queries, as the house sees it: started, spoken to, interrupted, ended.

The process is told everything over one socket, keys too: its arguments and environment say nothing. When that socket closes,
because we close it or because this process is no more, it ends. One on another host is started by a command, ssh as a rule, whose
standard input and output are the socket: what it goes over is then encrypted, and both ends are who they say.
"""

from __future__ import annotations

import os
import pickle
import select
import shutil
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boathouse
from boathouse.engines.processes.frames import NUMBER, receive, send
from boathouse.engines.results import Translate

_START = "import sys; sys.path[:0] = sys.argv[3:]; import importlib; importlib.import_module(sys.argv[2]).main(int(sys.argv[1]))"
_LOOK_MILLISECONDS = 250
_SAID = "said"
"""The file in its folder with what the command that starts it says."""


@dataclass(frozen=True)
class Program:
    """What the processes of a pool are.

    Attributes:
        python: the interpreter.
        module: whose `main` takes the number of its end of the socket.
        limits: told to it when it starts.
        translate: what Arrow or the disk raises when its rows are read, in Redshift's words.
        places: where it finds modules, behind Boathouse's own.
        idle_seconds: for which it waits for more.
        start_seconds: after which it counts as one that does not start.
        insist_seconds: what it has to stop when it is interrupted; then it is killed.
        command: what starts it on another host, instead of the interpreter here.
        fits: whether a request may be sent there.
    """

    python: str
    module: str
    limits: object
    translate: Translate
    places: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    idle_seconds: float = 60.0
    start_seconds: float = 60.0
    insist_seconds: float = 1.0
    command: tuple[str, ...] = ()
    fits: Callable[[Any], bool] = bool


class Process:
    """A running process. Its user is one thread at a time, but for `interrupt`.

    Args:
        number: no other process of this home has it.
        spool: a folder for what it spills, made here.
    """

    def __init__(self, number: int, program: Program, spool: Path) -> None:
        self.program = program
        self.number = number
        self.idle_since = 0.0
        self._spool = spool
        self._sending = threading.Lock()
        self._query = 0
        self._kill_at: float | None = time.monotonic() + program.start_seconds
        self.is_ready = False
        self.is_interrupted = False
        spool.mkdir(mode=0o700)
        self._socket, theirs = socket.socketpair()
        try:
            self._process = self._start_elsewhere(theirs) if program.command else self._start(theirs)
        except OSError:
            self._socket.close()
            shutil.rmtree(spool, ignore_errors=True)
            raise
        finally:
            theirs.close()
        self._poll = select.poll()
        self._poll.register(self._socket, select.POLLIN)
        try:
            self._send(b"L", pickle.dumps((program.limits, "" if program.command else str(spool))))
        except EOFError:
            said = self._said()
            self.close()
            raise EOFError(said) from None

    def _start(self, theirs: socket.socket) -> subprocess.Popen[bytes]:
        places = [str(Path(boathouse.__file__).parents[1]), *self.program.places]
        return subprocess.Popen(  # noqa: S603
            [self.program.python, "-B", "-P", "-X", "utf8", "-c", _START, str(theirs.fileno()), self.program.module, *places],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=dict(self.program.environment),
            cwd="/", pass_fds=(theirs.fileno(),), start_new_session=True,
        )  # fmt: skip

    def _start_elsewhere(self, theirs: socket.socket) -> subprocess.Popen[bytes]:
        with (self._spool / _SAID).open("wb") as said:
            return subprocess.Popen(  # noqa: S603
                self.program.command, stdin=theirs.fileno(), stdout=theirs.fileno(), stderr=said,
                env=dict(self.program.environment), cwd="/", start_new_session=True,
            )  # fmt: skip

    def ask(self, request: object) -> None:
        """Begin a query; its frames come by `receive`.

        Raises:
            EOFError: it has ended.
        """
        frame = pickle.dumps(request)
        if not self.is_ready:
            self.greet()
        with self._sending:
            if self.is_interrupted:
                raise EOFError
            self._query += 1
        self._send(b"Q", NUMBER.pack(self._query), frame)

    def greet(self) -> None:
        """Wait until it is ready. Before the first `ask`; else that does.

        Raises:
            EOFError: it does not become so, and why where that is known.
        """
        try:
            letter, version = self.receive()
        except EOFError:
            raise EOFError(self._said()) from None
        if letter != b"H":
            raise EOFError("it says what is none of Boathouse's words")
        if bytes(version) != boathouse.__version__.encode():
            raise EOFError(f"it is Boathouse {bytes(version[:40])!r}, and here is {boathouse.__version__}")
        self.is_ready, self._kill_at = True, None

    def _said(self) -> str:
        """The last line that the command which starts it said."""
        try:
            lines = (self._spool / _SAID).read_text("utf-8", "replace").strip().splitlines()
        except OSError:
            lines = []
        return lines[-1][:200] if lines else "it has ended"

    def receive(self) -> tuple[bytes, bytearray]:
        """The next frame.

        Raises:
            EOFError: it has ended, of itself or because it did not heed an interrupt.
        """
        return receive(self._socket, self._attend)

    def _attend(self) -> None:
        """Wait until something comes; kill it where it has been told to stop and does not."""
        while not self._poll.poll(_LOOK_MILLISECONDS):
            if self._kill_at is not None and time.monotonic() > self._kill_at:
                self.kill()

    def interrupt(self) -> None:
        """Stop what it does, from any thread."""
        with self._sending:
            self.is_interrupted = True
            if not self.is_ready:
                self.kill()
                return
            self._kill_at = self._kill_at or time.monotonic() + self.program.insist_seconds
            with suppress(OSError):
                send(self._socket, b"I", NUMBER.pack(self._query))

    def rested(self) -> None:
        """What it did has ended; it may be asked again."""
        with self._sending:
            self._kill_at, self.is_interrupted = None, False

    def kill(self) -> None:
        """End it now, from any thread; whoever waits for a frame gets EOFError."""
        with suppress(OSError):
            os.killpg(self._process.pid, signal.SIGKILL)  # with what it has started

    def close(self) -> None:
        """End it and free what it held."""
        self.kill()
        self._socket.close()
        self._process.wait()
        shutil.rmtree(self._spool, ignore_errors=True)

    def _send(self, letter: bytes, *parts: bytes) -> None:
        try:
            with self._sending:
                send(self._socket, letter, *parts)
        except OSError:
            raise EOFError from None
