"""One process that queries burst to, as the house sees it: started, spoken to, interrupted, ended.

The process is told everything over one socket, keys too: its arguments and environment say nothing. When that socket closes,
because we close it or because this process is no more, it ends.
"""

from __future__ import annotations

import pickle
import select
import shutil
import socket
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path

import boathouse
from boathouse.contracts.engine import BurstLimits, Request
from boathouse.engines.duckdb.burst.frames import NUMBER, receive, send

_START = "import sys; sys.path[:0] = sys.argv[2:]; from boathouse.engines.duckdb.burst.worker import main; main(int(sys.argv[1]))"
INSIST_SECONDS = 1.0
"""What an interrupted process has to stop; then it is killed."""
START_SECONDS = 60.0
_LOOK_MILLISECONDS = 250


class Process:
    """A running process. Its user is one thread at a time, but for `interrupt`.

    Args:
        number: no other process of this home has it.
        spool: a folder for what it spills, made here.
    """

    def __init__(self, number: int, limits: BurstLimits, spool: Path) -> None:
        self.number = number
        self.idle_since = 0.0
        self._spool = spool
        self._sending = threading.Lock()
        self._query = 0
        self._kill_at: float | None = time.monotonic() + START_SECONDS
        self._is_ready = False
        self.is_interrupted = False
        spool.mkdir(mode=0o700)
        self._socket, theirs = socket.socketpair()
        places = [str(Path(boathouse.__file__).parents[1]), *(one for one in sys.path if one)]
        try:
            self._process = subprocess.Popen(  # noqa: S603
                [sys.executable, "-B", "-P", "-X", "utf8", "-c", _START, str(theirs.fileno()), *places],
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env={}, cwd="/",
                pass_fds=(theirs.fileno(),), start_new_session=True,
            )  # fmt: skip
        except OSError:
            self._socket.close()
            shutil.rmtree(spool, ignore_errors=True)
            raise
        finally:
            theirs.close()
        self._poll = select.poll()
        self._poll.register(self._socket, select.POLLIN)
        self._send(b"L", pickle.dumps((limits, str(spool))))

    def ask(self, request: Request) -> None:
        """Begin a query; its frames come by `receive`.

        Raises:
            EOFError: it has ended.
        """
        frame = pickle.dumps(request)
        if not self._is_ready:
            self.receive()
            self._is_ready, self._kill_at = True, None
        with self._sending:
            if self.is_interrupted:
                raise EOFError
            self._query += 1
        self._send(b"Q", NUMBER.pack(self._query), frame)

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
            if not self._is_ready:
                self.kill()
                return
            self._kill_at = self._kill_at or time.monotonic() + INSIST_SECONDS
            with suppress(OSError):
                send(self._socket, b"I", NUMBER.pack(self._query))

    def rested(self) -> None:
        """What it did has ended; it may be asked again."""
        with self._sending:
            self._kill_at, self.is_interrupted = None, False

    def kill(self) -> None:
        """End it now, from any thread; whoever waits for a frame gets EOFError."""
        with suppress(OSError):
            self._process.kill()

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
