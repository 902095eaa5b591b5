"""A conversation that passes through unchanged, followed from outside: which answer belongs to which request.

Told of every message that a client's half sends; fed with whatever the server's half sends. Hands on the same bytes, whole
messages where they are not large, and tells its follower what they mean: how a statement ended, that the server is ready.
Rows are only counted over. Source: PostgreSQL documentation, chapter "Message Flow".
"""

from __future__ import annotations

import struct
from collections import deque
from dataclasses import dataclass
from typing import Any, Literal, Protocol, cast

LARGE_BYTES = 1 << 18
"""Larger messages pass in parts: what a lost connection has left of them cannot be taken back."""

_LENGTH = struct.Struct("!I").unpack_from
_QUERY, _PARSE, _BIND, _DESCRIBE, _EXECUTE, _CLOSE, _SYNC, _CALL = b"QPBDECSF"
_ANSWERED = frozenset((_QUERY, _PARSE, _BIND, _DESCRIBE, _EXECUTE, _CLOSE, _SYNC, _CALL))
_ENDED_BY_READY = frozenset((_QUERY, _SYNC, _CALL))
_COPY_ENDS = frozenset(b"cf")
_ROWS = frozenset(b"Dd")
_COMPLETE, _EMPTY, _SUSPENDED = b"CIs"
_ERROR, _READY, _SETTING, _COPY_IN = b"EZSG"
_DONE = {ord("1"): _PARSE, ord("2"): _BIND, ord("3"): _CLOSE, ord("T"): _DESCRIBE, ord("n"): _DESCRIBE}
"""Answer → the request that it is the last one of."""


class Follower(Protocol):
    """Whoever wants to know. `note` is what was given with the request."""

    def completed(self, note: Any, tag: str, *, is_last: bool) -> None:
        """A statement has run; more of the same request follow unless it is the last one."""
        ...

    def prepared(self, note: Any) -> None:
        """A statement was prepared."""
        ...

    def failed(self, note: Any, fields: dict[str, str]) -> bytes | None:
        """A request failed, with these fields of the ErrorResponse; a message that the client gets in its place, or None."""
        ...

    def skipped(self, note: Any) -> None:
        """An earlier request of its batch failed: the server has not looked at it."""
        ...

    def reported(self, name: str, value: str) -> None:
        """A setting has changed."""
        ...

    def ready(self) -> None:
        """The answer to a request is complete; `Exchange.is_busy` says whether others are awaited."""
        ...


@dataclass(slots=True)
class _Awaited:
    kind: int
    note: Any
    refusal: bytes | None


class Exchange:
    """One conversation.

    Attributes:
        status: of the last ReadyForQuery: idle, in a transaction block, in a failed one.
        is_copying_in: the server waits for the client's data.
        is_over: the server has said that it ends the connection.
    """

    def __init__(self, follower: Follower) -> None:
        self._follower = follower
        self._awaited: deque[_Awaited] = deque()
        self._tail = b""
        self._passing = 0
        self.is_copying_in = False
        self.status: Literal["I", "T", "E"] = "I"
        self.is_over = False

    @property
    def is_busy(self) -> bool:
        """True while an answer is awaited."""
        return bool(self._awaited)

    @property
    def is_inside(self) -> bool:
        """True while the client has part of a large message: nothing else can be told."""
        return self._passing > 0

    def forwarded(self, kind: int, note: Any = None, refusal: bytes | None = None) -> None:
        """A message of this type goes to the server.

        Args:
            note: told back with its answer.
            refusal: the ErrorResponse that the client gets in the place of the server's: the message is sure to fail.
        """
        if kind in _COPY_ENDS:
            self.is_copying_in = False
        elif kind in _ANSWERED and not (kind == _SYNC and self.is_copying_in):
            self._awaited.append(_Awaited(kind, note, refusal))

    def feed(self, data: bytes) -> list[bytes]:
        """What the client gets of these bytes, in pieces; what is left waits for the next ones."""
        pieces: list[bytes] = []
        if self._passing:
            pieces.append(data[: self._passing])
            at = len(pieces[0])
            self._passing -= at
            data = data[at:]
        if self._tail:
            data = self._tail + data
        start = at = 0
        size, length = len(data), _LENGTH
        while at + 5 <= size:
            kind = data[at]
            end = at + 1 + length(data, at + 1)[0]
            if kind in _ROWS:
                while end + 5 <= size and data[end] == kind:
                    at = end
                    end += 1 + length(data, at + 1)[0]
                if end > size:
                    if end - at > LARGE_BYTES:
                        self._passing, at = end - size, size
                    break
            elif end > size:
                break
            else:
                other = self._control(kind, data[at:end])
                if other is not None:
                    pieces += (data[start:at], other)
                    start = end
            at = end
        pieces.append(data[start:at] if start or at < size else data)
        self._tail = data[at:]
        return pieces

    # -- what the server says ----------------------------------------------------------------------------

    def _control(self, kind: int, message: bytes) -> bytes | None:
        """One message that is no row; another one for the client, or None."""
        head = self._awaited[0] if self._awaited else None
        if kind == _READY:
            self._ready(message)
        elif kind == _ERROR:
            return self._error(head, message)
        elif kind == _SETTING:
            name, value, _ = message[5:].split(b"\0", 2)
            self._follower.reported(name.decode(errors="replace"), value.decode(errors="replace"))
        elif head is None:
            return None
        elif kind in (_COMPLETE, _EMPTY, _SUSPENDED):
            tag = message[5:-1].decode(errors="replace") if kind == _COMPLETE else ""
            is_last = head.kind == _EXECUTE
            if is_last:
                self._awaited.popleft()
            self._follower.completed(head.note, tag, is_last=is_last)
        elif kind in _DONE:
            if head.kind == _DONE[kind]:
                self._awaited.popleft()
                if head.kind == _PARSE:
                    self._follower.prepared(head.note)
        elif kind == _COPY_IN:
            # The server takes no notice of a Sync that comes before the data.
            self.is_copying_in = True
            while len(self._awaited) > 1 and self._awaited[1].kind == _SYNC:
                del self._awaited[1]
        return None

    def _ready(self, message: bytes) -> None:
        self.status = cast('Literal["I", "T", "E"]', chr(message[5]))
        self.is_copying_in = False
        while self._awaited:
            found = self._awaited.popleft()
            if found.kind in _ENDED_BY_READY:
                break
            self._follower.skipped(found.note)
        self._follower.ready()

    def _error(self, head: _Awaited | None, message: bytes) -> bytes | None:
        fields = {part[:1].decode(): part[1:].decode(errors="replace") for part in message[5:].split(b"\0") if part}
        if fields.get("V", fields.get("S")) in ("FATAL", "PANIC"):
            self.is_over = True
        if head is None:
            return None
        self.is_copying_in = False
        other = head.refusal
        if other is None or self.is_over:
            other = self._follower.failed(head.note, fields)
        if head.kind not in _ENDED_BY_READY:
            self._awaited.popleft()
            while self._awaited and self._awaited[0].kind != _SYNC:
                self._follower.skipped(self._awaited.popleft().note)
        return other
