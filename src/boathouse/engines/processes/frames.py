"""Frames between the house and a process that queries burst to: a letter, a length, bytes.

To the process: `L` its limits, `Q` a query, `I` the number of one to be interrupted. From it: `H` it is ready, `S` a result's
schema, `B` a batch, `D` the end of a result, `E` what went wrong instead.
"""

from __future__ import annotations

import socket
import struct
from collections.abc import Callable
from typing import Any

_HEAD = struct.Struct("<cQ")
NUMBER = struct.Struct("<Q")
"""A query's number, by which an interrupt that comes late does not hit the next one."""


def send(to: socket.socket, letter: bytes, *parts: Any) -> None:
    """Send one frame; waits while the other side is slow.

    Raises:
        OSError: the other side has ended.
    """
    views = [memoryview(part).cast("B") for part in parts]
    to.sendall(_HEAD.pack(letter, sum(map(len, views))))
    for view in views:
        to.sendall(view)


def receive(of: socket.socket, attend: Callable[[], None] = lambda: None) -> tuple[bytes, bytearray]:
    """The next frame's letter and bytes; `attend` is called before each wait.

    Raises:
        EOFError: the other side has ended.
    """
    letter, size = _HEAD.unpack(_exactly(of, _HEAD.size, attend))
    return letter, _exactly(of, size, attend)


def _exactly(of: socket.socket, size: int, attend: Callable[[], None]) -> bytearray:
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
