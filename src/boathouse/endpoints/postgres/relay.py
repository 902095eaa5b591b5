"""A client whose statements go to a database behind this house: one loop that carries bytes both ways.

Runs on the connection's thread after the client has proved who it is. The passage looks at what goes by; here are the
sockets. Nothing is read from one side while the other does not take what there is, so that memory stays bounded: of the
client's bytes a few messages wait here, of the other side's one read.
"""

from __future__ import annotations

import select
from collections.abc import Callable
from time import monotonic

from boathouse.contracts.errors import RemoteDatabaseUnavailable
from boathouse.endpoints.postgres.channel import (
    LOOK_UP_SECONDS,
    Channel,
    ClientGone,
    DeadlinePassed,
    ServerStopping,
)
from boathouse.endpoints.postgres.conversation import Passage

_TERMINATE = ord("X")
_UNSENT_BYTES_MAX = 1 << 18
_HANGS_UP = getattr(select, "POLLRDHUP", 0)
_GONE = _HANGS_UP | select.POLLHUP | select.POLLERR | select.POLLNVAL


class Relay:
    """One client's.

    Args:
        channel, passage: its two sides.
        begin: called before the first message of a request goes on: it may be cancelled from then on.
        rest: called when the client waits for nothing, before it hears so; returns when it has been idle for too long
            (monotonic), or None.
        is_stopping: whether the server stops.
    """

    def __init__(
        self,
        channel: Channel,
        passage: Passage,
        begin: Callable[[], None],
        rest: Callable[[], float | None],
        is_stopping: Callable[[], bool],
    ) -> None:
        self._channel = channel
        self._passage = passage
        self._link = passage.link
        self._begin = begin
        self._rest = rest
        self._is_stopping = is_stopping
        self._client, self._upstream = channel.fileno(), passage.link.fileno()
        self._deadline: float | None = None
        self._poll = select.poll()
        self._masks: dict[int, int] = {}

    def serve(self) -> None:
        """Carry until either side ends it.

        Raises:
            ClientGone, DeadlinePassed, ServerStopping, ProtocolViolation: as `Channel.read`.
            RemoteDatabaseUnavailable: the other side is lost; the client has not been told.
        """
        self._deadline = self._rest()
        while self._carry_on():
            if not self._passage.is_busy and self._is_stopping():
                raise ServerStopping
            self._link.flush()
            ready = self._wait()
            try:
                if self._upstream in ready:
                    self._bring(self._link.receive())
            except RemoteDatabaseUnavailable:
                if self._passage.is_over:
                    return  # it has said so itself
                if self._passage.is_inside:
                    raise ClientGone("the other side was lost inside a message") from None
                raise
            if self._client in ready:
                self._channel.receive()

    def _carry_on(self) -> bool:
        """Hand the client's messages to the passage; False where it says good-bye."""
        while self._link.unsent < _UNSENT_BYTES_MAX:
            packet = self._channel.protocol.next_packet()
            if packet is None:
                break
            if packet[0] == _TERMINATE:
                return False
            if not self._passage.is_busy:
                self._begin()
            self._passage.take(*packet)
        return True

    def _bring(self, data: bytes) -> None:
        pieces = self._passage.give(data)
        if not self._passage.is_busy:
            self._deadline = self._rest()
        for piece in pieces:
            if piece:
                self._channel.send(piece)
        self._channel.flush()

    def _wait(self) -> set[int]:
        """Until one of the sides has something, or takes something."""
        link, channel = self._link, self._channel
        is_full = link.unsent >= _UNSENT_BYTES_MAX
        pending = {self._upstream} if link.has_pending else set()
        if channel.has_pending and not is_full:
            pending.add(self._client)
        busy, deadline = self._passage.is_busy, self._deadline
        self._listen(self._client, _HANGS_UP if is_full else select.POLLIN)
        self._listen(self._upstream, select.POLLIN | (select.POLLOUT if link.unsent else 0))
        self._listen(channel.stop_fd, 0 if busy else select.POLLIN)
        seconds = 0.0 if pending else LOOK_UP_SECONDS if busy else None
        if not (busy or pending) and deadline is not None:
            seconds = max(deadline - monotonic(), 0.0)
        try:
            events = dict(self._poll.poll(None if seconds is None else seconds * 1000))
        except (OSError, ValueError) as failure:
            raise ClientGone(str(failure)) from None
        if channel.stop_fd in events:
            raise ServerStopping
        if not events and not pending and not busy and deadline is not None:
            raise DeadlinePassed
        if not pending and not events:
            self._look_for_the_cancelled()
        ready = pending | {one for one in (self._client, self._upstream) if events.get(one, 0) & ~select.POLLOUT}
        if is_full and events.get(self._client, 0) & _GONE:
            raise ClientGone("connection closed by client")
        return ready

    def _listen(self, descriptor: int, mask: int) -> None:
        if self._masks.get(descriptor) != mask:
            self._poll.register(descriptor, mask)
            self._masks[descriptor] = mask

    def _look_for_the_cancelled(self) -> None:
        """A cancel that nobody answers: the other side is not there any more, whatever its socket says."""
        seconds_max = self._passage.upstream.cancel_seconds_max
        if seconds_max and self._passage.is_busy and self._link.cancelled_seconds > seconds_max:
            raise self._link.lost(f"a cancel has had no answer for {seconds_max:g} seconds")
