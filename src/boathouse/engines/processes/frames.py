"""Frames between the house and a process that queries burst to: a letter, a length, bytes.

To the process: `L` its limits, `Q` a query, `I` the number of one to be interrupted. From it: `H` it is ready, and of which
version, `S` a result's schema, `B` a batch, `D` the end of a result, `E` what went wrong instead.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Callable
from typing import Any, Protocol

_HEAD = struct.Struct("<cQ")
NUMBER = struct.Struct("<Q")
"""A query's number, by which an interrupt that comes late does not hit the next one."""
_SIZE_MAX = 1 << 40
"""Bytes of a frame. More is no frame: a shell on another host that says something by itself, say."""


class Wire(Protocol):
    """What frames go over: a socket, or `Pipes`."""

    def sendall(self, data: memoryview | bytes, /) -> None: ...

    def recv_into(self, buffer: memoryview, /) -> int: ...


class Pipes:
    """A wire of two file descriptors, where there is no socket: a process that was started over ssh."""

    def __init__(self, incoming: int, outgoing: int) -> None:
        self._incoming = incoming
        self._outgoing = outgoing

    def sendall(self, data: memoryview | bytes) -> None:
        """As a socket's. Raises OSError."""
        left = memoryview(data)
        while left:
            left = left[os.write(self._outgoing, left) :]

    def recv_into(self, buffer: memoryview) -> int:
        """As a socket's. Raises OSError."""
        return os.readv(self._incoming, [buffer])


def send(to: Wire, letter: bytes, *parts: Any) -> None:
    """Send one frame; waits while the other side is slow.

    Raises:
        OSError: the other side has ended.
    """
    views = [memoryview(part).cast("B") for part in parts]
    to.sendall(_HEAD.pack(letter, sum(map(len, views))))
    for view in views:
        to.sendall(view)


def receive(of: Wire, attend: Callable[[], None] = lambda: None) -> tuple[bytes, bytearray]:
    """The next frame's letter and bytes; `attend` is called before each wait.

    Raises:
        EOFError: the other side has ended.
    """
    letter, size = _HEAD.unpack(_exactly(of, _HEAD.size, attend))
    if size > _SIZE_MAX:
        raise EOFError
    return letter, _exactly(of, size, attend)


def _exactly(of: Wire, size: int, attend: Callable[[], None]) -> bytearray:
    found = bytearray(size)
    left = memoryview(found)
    while left:
        attend()
        try:
            count = of.recv_into(left)
        except OSError:
            count = 0
        if not count:
            raise EOFError
        left = left[count:]
    return found
