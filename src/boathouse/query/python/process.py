"""One process that runs Python functions: started when it is first needed, spoken to over two pipes, killed at once.

Received from `workers`: requests for `inside.main`, which runs there. Handed back: answers, or a `BoathouseError` in the
words of the statement that called. The process knows nothing of this one: it is started anew, without environment, files or
arguments but those below.
"""

from __future__ import annotations

import json
import marshal
import os
import signal
import struct
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import boathouse
from boathouse.contracts.errors import BoathouseError, FeatureNotSupported, RoutineFailed
from boathouse.query.python.columns import Request

_START = (
    "import sys; sys.path.append(sys.argv[1]); from boathouse.query.python.inside.main import main; "
    "main(int(sys.argv[2]), int(sys.argv[3]))"
)
_CHUNK = 1 << 20


class FunctionFailed(RoutineFailed):
    """What a function, or the text of one, did wrong; `line` is that of its body, None where none is known."""

    line: int | None = None


class Process:
    """A running process.

    Args:
        memory_bytes_max: of address space; also what an answer may take.

    Raises:
        FeatureNotSupported: here no process can be closed in; the text says why.
    """

    def __init__(self, memory_bytes_max: int) -> None:
        self._memory_bytes_max = memory_bytes_max
        theirs, self._life = os.pipe()
        place = str(Path(boathouse.__file__).parents[1])
        try:
            self._process = subprocess.Popen(  # noqa: S603
                [sys.executable, "-I", "-S", "-B", "-X", "utf8", "-c", _START, place, str(memory_bytes_max), str(theirs)],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env={}, cwd="/", bufsize=0,
                pass_fds=(theirs,), start_new_session=True,
            )  # fmt: skip
        except OSError as failure:
            os.close(self._life)
            raise _unsupported(f"the process cannot be started: {os.strerror(failure.errno or 0).lower()}") from failure
        finally:
            os.close(theirs)

    def greet(self) -> None:
        """Wait until its door is closed.

        Raises:
            FeatureNotSupported. EOFError: it was killed.
        """
        answer = self._receive()
        if answer[:1] != b"H":
            raise _unsupported(str(json.loads(answer[1:])["text"]))

    def ask(self, request: Request) -> bytes:
        """The answer, its letter first.

        Raises:
            EOFError: it has ended. BoathouseError: what the function did wrong, or what was wrong with the answer.
        """
        frame = marshal.dumps(request)
        left = memoryview(struct.pack("<I", len(frame)) + frame)
        try:
            while left:
                left = left[os.write(self._fd(self._process.stdin), left) :]
        except BrokenPipeError:
            raise EOFError from None
        answer = self._receive()
        if answer[:1] == b"E":
            raise _failure(answer[1:])
        return answer

    def kill(self) -> None:
        """End it, from any thread; whoever waits for an answer gets EOFError."""
        with suppress(OSError):
            self._process.kill()

    def close(self) -> str:
        """End it and free what it held; how it had ended, in words."""
        with suppress(OSError):
            self._process.kill()
        status = self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()
        os.close(self._life)
        if status >= 0:
            return f"exit status {status}"
        with suppress(ValueError):
            return signal.Signals(-status).name
        return f"signal {-status}"

    def ended(self) -> str:
        """How it came to its end by itself, freed as by `close`."""
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(timeout=1)
        return self.close()

    def _receive(self) -> bytes:
        (size,) = struct.unpack("<I", self._read(4))
        if size > self._memory_bytes_max:
            raise broken()
        return self._read(size)

    def _read(self, size: int) -> bytes:
        parts = []
        while size:
            part = os.read(self._fd(self._process.stdout), min(size, _CHUNK))
            if not part:
                raise EOFError
            parts.append(part)
            size -= len(part)
        return b"".join(parts)

    @staticmethod
    def _fd(pipe: object) -> int:
        return pipe.fileno()  # type: ignore[attr-defined, no-any-return]


def broken() -> RoutineFailed:
    """The error for an answer that the process cannot have meant."""
    return RoutineFailed("a Python function has broken the process that it ran in")


def _unsupported(reason: str) -> FeatureNotSupported:
    return FeatureNotSupported(
        f"Python functions are not supported on this machine: {reason}",
        hint="They run only where the kernel (Linux on x86_64 or aarch64) lets a process filter its system calls.",
    )


def _failure(text: bytes) -> BoathouseError:
    """What the process says that went wrong; it may say anything."""
    try:
        told = json.loads(text)
        kind, shown, line, sqlstate = str(told["kind"]), str(told["text"]), told["line"], str(told["sqlstate"])
    except (ValueError, TypeError, KeyError, RecursionError):
        return broken()
    if len(sqlstate) != 5 or not sqlstate.isalnum() or not (line is None or isinstance(line, int)):
        return broken()
    shown = " ".join("".join(one if one.isprintable() else " " for one in shown).split())
    if sqlstate == "53200":
        return RoutineFailed(
            "out of memory", sqlstate=sqlstate, hint="Raise python_memory_bytes_max in boathouse.toml."
        )
    if sqlstate == "38000":
        shown = f"{kind}: {shown}" if shown else kind
    failed = FunctionFailed(shown, sqlstate=sqlstate)
    failed.line = line
    return failed
