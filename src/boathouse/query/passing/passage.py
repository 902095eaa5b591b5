"""The narrow place that all bytes of a passing session go through, in both directions.

From the endpoint come the client's messages, whole; those that run something are told to the session first, which asks the
gate, waits for a slot and writes the log. What is refused is replaced by a message that fails over there, and that failure by
the refusal: so order, transaction state and skipping stay exactly those of the other side. From the link come the
other side's bytes; they go on as they are.
"""

from __future__ import annotations

from codecs import lookup
from contextlib import suppress
from dataclasses import dataclass
from time import monotonic
from typing import TYPE_CHECKING, Literal

from boathouse.contracts.answers import Answer, Passed
from boathouse.contracts.errors import AdminShutdown, BoathouseError, InputError, QueryCanceled, RemoteDatabaseError
from boathouse.contracts.upstream import Link, Upstream
from boathouse.sql.passing.classify import classify
from boathouse.sql.statements import PassOn
from boathouse.wire.postgres import client, messages
from boathouse.wire.postgres.exchange import Exchange

if TYPE_CHECKING:
    from boathouse.query.passing.session import PassingSession

_QUERY, _PARSE, _BIND, _EXECUTE, _CLOSE, _CALL = b"QPBECF"
_REFUSED = b"refused by Boathouse, the client has been told why"
"""No statement of any SQL, and no portal's name."""
_CANCELS_MAX, _ANSWER_SECONDS = 4, 0.5


@dataclass(slots=True)
class _Running:
    """A statement over there."""

    statement: PassOn
    passed: Passed
    rows: int | None = None
    is_ended: bool = False

    def end(self, failure: BoathouseError | None = None) -> None:
        if not self.is_ended:
            self.is_ended = True
            self.passed.finish(self.rows, failure)


@dataclass(slots=True)
class _Prepared:
    """A statement that is prepared over there under a name, as soon as it says so."""

    name: bytes
    statement: PassOn


class Passage:
    """One session's.

    Args:
        session: whose it is.
        upstream, link: where its bytes go.
    """

    def __init__(self, session: PassingSession, upstream: Upstream, link: Link) -> None:
        self._session = session
        self.upstream = upstream
        self.link = link
        self._exchange = Exchange(self)
        self._statements: dict[bytes, PassOn] = {}
        self._portals: dict[bytes, PassOn] = {}
        self._open: list[_Running] = []
        self._encoding = _codec(link.parameters.get("client_encoding", "UTF8"))

    @property
    def status(self) -> Literal["I", "T", "E"]:
        """Idle, in a transaction block, or in a failed one."""
        return self._exchange.status

    @property
    def is_busy(self) -> bool:
        """True while the client waits for an answer."""
        return self._exchange.is_busy

    @property
    def is_inside(self) -> bool:
        """True while the client has part of a message: it cannot be told anything else."""
        return self._exchange.is_inside

    @property
    def is_over(self) -> bool:
        """True once the other side has said that it ends the connection, and the client has been told."""
        return self._exchange.is_over

    # -- from the client ---------------------------------------------------------------------------------

    def take(self, kind: int, message: bytes) -> None:
        """One message, whole: it goes to the link, or another one in its place."""
        if kind == _QUERY:
            self._run(kind, message, self._classified(message[5:-1]), client.query(_REFUSED))
        elif kind == _EXECUTE:
            portal = message[5:].split(b"\0", 1)[0]
            statement = self._portals.get(portal) or self._classified(b"FETCH ALL FROM " + portal)
            self._run(kind, message, statement, client.execute(_REFUSED))
        elif kind == _PARSE:
            self._prepare(message)
        elif kind == _CALL:
            self._run(kind, message, self._classified(b"CALL /* a function, by message */"), client.query(_REFUSED))
        else:
            if kind == _BIND:
                portal, name = message[5:].split(b"\0", 2)[:2]
                self._portals.pop(portal, None)
                if name in self._statements:
                    self._portals[portal] = self._statements[name]
            elif kind == _CLOSE:
                (self._statements if message[5:6] == b"S" else self._portals).pop(message[6:-1], None)
            self._exchange.forwarded(kind)
            self.link.send(message)

    def _run(self, kind: int, message: bytes, statement: PassOn, refused: bytes) -> None:
        if not self.is_busy:
            self.link.settle()
        try:
            answer: Answer = self._session.run(statement)
        except BoathouseError as refusal:
            self._exchange.forwarded(kind, refusal=messages.error_of(refusal))
            self.link.send(refused)
            return
        assert isinstance(answer, Passed)
        running = _Running(statement, answer)
        self._open.append(running)
        self._exchange.forwarded(kind, running)
        self.link.send(message)

    def _prepare(self, message: bytes) -> None:
        name, text = message[5:].split(b"\0", 2)[:2]
        statement = self._classified(text)
        try:
            self._session.require(statement)
        except BoathouseError as refusal:
            self._exchange.forwarded(_PARSE, refusal=messages.error_of(refusal))
            self.link.send(client.parse(name, _REFUSED))
            return
        # A name in use stays what it is until the other side says otherwise.
        if not name or name not in self._statements:
            self._statements[name] = statement
        self._exchange.forwarded(_PARSE, _Prepared(name, statement))
        self.link.send(message)

    def _classified(self, text: bytes) -> PassOn:
        return classify(text, self.upstream.name, self._encoding)

    # -- from the other side -----------------------------------------------------------------------------

    def give(self, data: bytes) -> list[bytes]:
        """What the client gets of these bytes."""
        return self._exchange.feed(data)

    def completed(self, note: object, tag: str, *, is_last: bool) -> None:
        """See `exchange.Follower`."""
        if isinstance(note, _Running):
            with suppress(ValueError):
                note.rows = (note.rows or 0) + int(tag.rpartition(" ")[2])
            if is_last:
                note.end()

    def prepared(self, note: object) -> None:
        """See `exchange.Follower`."""
        if isinstance(note, _Prepared):
            self._statements[note.name] = note.statement

    def failed(self, note: object, fields: dict[str, str]) -> bytes | None:
        """See `exchange.Follower`. A cancel of ours says why it came."""
        if isinstance(note, _Prepared) and self._statements.get(note.name) is note.statement:
            del self._statements[note.name]
        if not isinstance(note, _Running):
            return None
        failure = BoathouseError(fields.get("M", ""), detail=fields.get("D"), sqlstate=fields.get("C"))
        if failure.sqlstate != QueryCanceled.sqlstate:
            note.end(failure)
            return None
        shown = note.passed.shown(QueryCanceled(failure.message))
        note.end(shown)
        return None if shown.message == failure.message else messages.error_of(shown)

    def skipped(self, note: object) -> None:
        """See `exchange.Follower`."""
        if isinstance(note, _Running):
            note.end(RemoteDatabaseError("skipped: an earlier statement of its batch failed", sqlstate="25P02"))

    def reported(self, name: str, value: str) -> None:
        """See `exchange.Follower`: the log shows the application's name, and reads texts in their encoding."""
        if name == "application_name":
            with suppress(InputError):
                self._session.start_with(name, value)
        elif name == "client_encoding":
            self._encoding = _codec(value)

    def ready(self) -> None:
        """See `exchange.Follower`."""
        if not self.is_busy:
            self._release(None)
            if self.status == "I":
                self._portals.clear()

    # -- ending ------------------------------------------------------------------------------------------

    def close(self) -> None:
        """Nobody listens any more: what runs there is cancelled."""
        if not (self.is_over or self._exchange.is_copying_in or all(one.is_ended for one in self._open)):
            with suppress(RemoteDatabaseError):
                self._stop()
        self.link.close()
        self._release(AdminShutdown("the session ended"))

    def _stop(self) -> None:
        """Cancel until it says that it has ended: a cancel that comes before its statement begins hits nothing."""
        self.link.send(client.SYNC)
        for _ in range(_CANCELS_MAX):
            self.link.cancel()
            self.link.settle()
            until = monotonic() + _ANSWER_SECONDS
            while self.is_busy and (left := until - monotonic()) > 0:
                self.link.flush()
                self.link.wait(left)
                self._exchange.feed(self.link.receive())
            if not self.is_busy:
                return

    def _release(self, failure: BoathouseError | None) -> None:
        for running in self._open:
            running.end(failure)
            running.passed.release()
        self._open.clear()


def _codec(encoding: str) -> str:
    """Python's name for an encoding of PostgreSQL's."""
    name = {"UNICODE": "utf-8", "SQL_ASCII": "utf-8", "MULE_INTERNAL": "utf-8"}.get(encoding.upper(), encoding)
    with suppress(LookupError):
        return lookup(name.replace("WIN", "cp")).name
    return "utf-8"
