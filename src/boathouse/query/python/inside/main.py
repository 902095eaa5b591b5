"""The process in which Python functions run: one of a session and an owner of functions, behind a closed door.

Started by `query.python.process`, which sends requests and reads answers over the two pipes that are this process's
standard input and output. A frame is four bytes with its length, then itself: requests are marshalled tuples (`check`,
`define`, `call`), answers a letter (`H` ready, `O` done, `R` a column, `E` an error) and what belongs to it. The server
trusts no answer: see `query.python.columns`.
"""

from __future__ import annotations

import gc
import json
import marshal
import os
import struct
import sys
from collections.abc import Callable
from typing import Any

from boathouse.query.python.inside import bodies, door, meaning, values

_TEXT_MAX = 2000
_functions: dict[int, tuple[Callable[..., Any], tuple[Any, ...]]] = {}


class _Nowhere:
    """What stands for the standard streams: what is written is gone."""

    def write(self, text: str) -> int:
        return len(text)

    def flush(self) -> None:
        pass


def main(memory_bytes_max: int, life: int) -> None:
    """Close the door, then answer until there is nobody to ask."""
    meaning.load()
    for name in ("stdin", "stdout", "stderr", "__stdin__", "__stdout__", "__stderr__"):
        setattr(sys, name, _Nowhere())
    gc.collect()
    gc.freeze()
    sys.path.clear()
    try:
        door.close(memory_bytes_max, life)
    except (door.CannotClose, OSError, ValueError, AttributeError) as failure:
        _send(b"E" + _error(failure, str(failure)))
        return
    _send(b"H")
    while (request := _receive()) is not None:
        _send(_answer(marshal.loads(request)))  # noqa: S302  # the server's


def _receive() -> bytes | None:
    head = _read(4)
    return None if head is None else _read(*struct.unpack("<I", head))


def _read(size: int) -> bytes | None:
    parts = []
    while size:
        part = os.read(0, min(size, 1 << 20))
        if not part:
            return None
        parts.append(part)
        size -= len(part)
    return b"".join(parts)


def _send(frame: bytes) -> None:
    left = memoryview(struct.pack("<I", len(frame)) + frame)
    while left:
        left = left[os.write(1, left) :]


def _answer(request: tuple[Any, ...]) -> bytes:
    what, number, *rest = request
    try:
        if what == "call":
            return _called(number, *rest)
        arguments, body, returns = rest
        function = bodies.compiled(number, arguments, body)
        if what == "define":
            _functions[number] = (function, returns)
        return b"O"
    except bodies.WrongBody as wrong:
        return b"E" + _error(wrong, str(wrong.args[0]), wrong.args[1], "42601")
    except values.WrongValue as wrong:
        return b"E" + _error(wrong, wrong.args[1], None, wrong.args[0])
    except MemoryError as failure:
        return b"E" + _error(failure, "", None, "53200")
    except BaseException as failure:  # noqa: BLE001  # SystemExit, too, is the function's
        return b"E" + _error(failure, _text_of(failure), _line_of(failure, bodies.file_of(number)), "38000")


def _called(number: int, rows: int, columns: tuple[values.Column, ...]) -> bytes:
    function, returns = _functions[number]
    given = [values.read(column) for column in columns]
    found = [function(*row) for row in zip(*given, strict=True)] if given else [function() for _ in range(rows)]
    nulls, data, ends = values.write(returns, found)
    return b"".join((b"R", struct.pack("<II", len(nulls), len(data)), nulls, data, ends))


def _error(failure: BaseException, text: str, line: int | None = None, sqlstate: str = "") -> bytes:
    shown = {"kind": type(failure).__name__, "text": text[:_TEXT_MAX], "line": line, "sqlstate": sqlstate}
    return json.dumps(shown).encode()


def _text_of(failure: BaseException) -> str:
    try:
        return str(failure)
    except BaseException:  # noqa: BLE001  # an exception of the function's own making
        return ""


def _line_of(failure: BaseException, file: str) -> int | None:
    """The body's line that was running."""
    line, trace = None, failure.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == file:
            line = trace.tb_lineno - 1
        trace = trace.tb_next
    return line
