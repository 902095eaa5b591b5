"""The extended query protocol: prepared statements and portals, one request at a time.

Called by the connection with each Parse, Bind, Describe, Execute and Close; sends their answers. Errors are raised to
the connection, which discards until Sync. Source: PostgreSQL protocol, chapter "Extended Query".
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from boathouse.contracts.answers import Answer, CopyIn, CopyOut, Done, Field, Rows
from boathouse.contracts.errors import (
    BoathouseError,
    DuplicateObject,
    DuplicateStatement,
    FeatureNotSupported,
    InFailedTransaction,
    ObjectNotInPrerequisiteState,
    ProtocolViolation,
    SqlSyntaxError,
    UndefinedCursor,
    UndefinedStatement,
)
from boathouse.contracts.types import TEXT, TYPE_OF_OID, UNKNOWN, SqlType
from boathouse.endpoints.postgres.channel import Channel
from boathouse.endpoints.postgres.conversation import QuerySession
from boathouse.endpoints.postgres.deliver import Delivery, Portion
from boathouse.sql.statements import Commit, Discard, Relational, Rollback, Statement
from boathouse.wire.postgres import messages
from boathouse.wire.postgres.requests import Bind, Close, Describe, Execute, Parse
from boathouse.wire.postgres.values import decode_parameter

Runner = Callable[[Statement, Sequence[object], Sequence[SqlType]], Answer]


@dataclass(slots=True)
class Prepared:
    """A prepared statement.

    Attributes:
        statement: None for an empty text.
        oids: as the client gave them; 0 and missing ones are inferred.
        types: of every parameter, once known.
        fields, described_at: the result's columns, and the moment (see `ExtendedQuery.pass_moment`) they hold for.
    """

    statement: Statement | None
    oids: tuple[int, ...] = ()
    types: tuple[SqlType, ...] | None = None
    fields: tuple[Field, ...] | None = None
    described_at: int = -1
    told: tuple[Field, ...] | None = None
    """The columns that Describe has told the client; it takes every later result to be like that."""

    @property
    def client_types(self) -> tuple[SqlType, ...]:
        """The client's own types; UNKNOWN where it left them open or named one that is not known here."""
        return tuple(TYPE_OF_OID.get(oid, UNKNOWN) for oid in self.oids)


@dataclass(slots=True)
class Portal:
    """A statement with its values, and what is left of its result."""

    prepared: Prepared
    values: tuple[object, ...] = ()
    result_formats: tuple[int, ...] = ()
    portion: Portion | None = None
    has_run: bool = field(default=False)
    told: bool = field(default=False)
    """True once Describe has told the client the columns of this very portal."""

    def close(self) -> None:
        """Free the engine's result."""
        if self.portion is not None:
            self.portion.close()
            self.portion = None


class ExtendedQuery:
    """One connection's statements and portals.

    Args:
        channel, session, delivery: the connection's.
        run: runs a statement, as the simple protocol does.
    """

    def __init__(self, channel: Channel, session: QuerySession, delivery: Delivery, run: Runner) -> None:
        self._channel = channel
        self._session = session
        self._delivery = delivery
        self._run = run
        self._statements: dict[str, Prepared] = {}
        self._portals: dict[str, Portal] = {}
        self._moment = 0

    # -- requests --------------------------------------------------------------------------------------

    def parse(self, request: Parse) -> None:
        """Prepare a statement; the unnamed one is replaced.

        What it names is looked up now, so that a wrong one is refused here, and its name stays free: drivers use it
        again.
        """
        statements = self._session.parse(request.text)
        if len(statements) > 1:
            raise SqlSyntaxError("cannot insert multiple commands into a prepared statement")
        statement = statements[0] if statements else None
        self._admit(statement)
        prepared = Prepared(statement, request.parameter_oids)
        if isinstance(statement, Relational):
            self._fields(prepared)
        if request.name and request.name in self._statements:
            raise DuplicateStatement(f'prepared statement "{request.name}" already exists')
        self._statements[request.name] = prepared
        self._channel.send(messages.PARSE_COMPLETE)

    def bind(self, request: Bind) -> None:
        """Make a portal of a statement and values; the unnamed one is replaced."""
        prepared = self._statement(request.statement)
        self._admit(prepared.statement, or_none=False)
        if request.portal and request.portal in self._portals:
            raise DuplicateObject(f'cursor "{request.portal}" already exists', sqlstate="42P03")
        values = self._values(prepared, request)
        self.close_portal(request.portal)
        self._portals[request.portal] = Portal(prepared, values, request.result_formats)
        self._channel.send(messages.BIND_COMPLETE)

    def describe(self, request: Describe) -> None:
        """Say what a statement takes and gives, or what a portal gives."""
        if request.kind == "S":
            prepared = self._statement(request.name)
            fields = self._fields(prepared)
            types = prepared.types or ()
            self._channel.send(
                messages.parameter_description([(TEXT if kind == UNKNOWN else kind).oid for kind in types])
            )
            self._send_description(fields, ())
            prepared.told = fields
            return
        if request.name not in self._portals and (declared := self._session.cursor_fields(request.name)) is not None:
            self._send_description(declared, ())
            return
        portal = self._portal(request.name)
        portal.told = True
        fields = portal.portion.fields if portal.portion is not None else self._fields(portal.prepared)
        self._send_description(fields, portal.result_formats)

    def execute(self, request: Execute) -> None:
        """Run a portal, or go on with one that was suspended."""
        portal = self._portal(request.portal)
        statement = portal.prepared.statement
        if statement is None:
            self._channel.send(messages.EMPTY_QUERY_RESPONSE)
            return
        if portal.portion is None:
            if portal.has_run:
                raise ObjectNotInPrerequisiteState(f'portal "{request.portal}" cannot be run')
            portal.has_run = True
            self._start(portal, statement)
            if isinstance(statement, Commit | Rollback):
                self.close_portals()
        if portal.portion is not None:
            try:
                portal.portion.send(self._channel, self._delivery, request.rows_max)
            except BaseException:
                portal.close()
                raise

    def close(self, request: Close) -> None:
        """Forget a statement or a portal; one that does not exist is no error."""
        if request.kind == "S":
            self._statements.pop(request.name, None)
        else:
            self.close_portal(request.name)
        self._channel.send(messages.CLOSE_COMPLETE)

    # -- what else ends statements and portals -----------------------------------------------------------

    def close_portal(self, name: str) -> None:
        """Forget one portal."""
        portal = self._portals.pop(name, None)
        if portal is not None:
            portal.close()

    def close_portals(self) -> None:
        """The transaction has ended, and every portal with it."""
        while self._portals:
            _, portal = self._portals.popitem()
            portal.close()

    def pass_moment(self) -> None:
        """A statement has run or a batch has ended: tables may have changed, so what was described no longer counts."""
        self._moment += 1

    def discard(self, statement: Discard) -> bool:
        """What DEALLOCATE, DISCARD ALL and CLOSE ALL in SQL do to the protocol's own statements and portals.

        Returns:
            True where it was all about one of them, and the session has nothing left to do.
        """
        if statement.what == "deallocate" and statement.name is not None:
            return self._statements.pop(statement.name, None) is not None
        if statement.what in ("deallocate", "all"):
            self._statements.clear()
        if statement.what == "close":
            self.close_portals()
        return False

    # -- parts -------------------------------------------------------------------------------------------

    def _start(self, portal: Portal, statement: Statement) -> None:
        answer = self._run(statement, portal.values, portal.prepared.types or portal.prepared.client_types)
        if isinstance(answer, Done):
            self._channel.send(messages.command_complete(answer.tag))
        elif isinstance(answer, CopyIn):
            self._delivery.copy_in(answer)
        elif isinstance(answer, CopyOut):
            self._delivery.copy_out(answer)
        elif isinstance(answer, Rows):
            told = portal.prepared.fields if portal.told else portal.prepared.told
            if told is not None and isinstance(statement, Relational) and _shape(told) != _shape(answer.fields):
                Portion(answer, (0,) * len(answer.fields), self._session.setting("timezone")).close()
                raise FeatureNotSupported(
                    "cached plan must not change result type", hint="Its tables have changed: prepare it again."
                )
            formats = _per_column(portal.result_formats, len(answer.fields), "result")
            portal.portion = Portion(answer, formats, self._session.setting("timezone"))

    def _values(self, prepared: Prepared, request: Bind) -> tuple[object, ...]:
        count = self._parameter_count(prepared)
        if len(request.values) != count:
            raise ProtocolViolation(
                f"bind message supplies {len(request.values)} parameters, "
                f'but prepared statement "{request.statement}" requires {count}'
            )
        formats = _per_column(request.parameter_formats, count, "parameter")
        if not count:
            return ()
        types = prepared.types or ()
        timezone = self._session.setting("timezone")
        decoded: list[object] = []
        for place, (value, form, kind) in enumerate(zip(request.values, formats, types, strict=True)):
            oid = prepared.oids[place] if place < len(prepared.oids) else 0
            if form == 1 and oid and oid not in TYPE_OF_OID:
                raise ProtocolViolation(
                    f"parameter ${place + 1} has type {oid}, whose binary format is not known here",
                    hint="Send it as text.",
                    sqlstate="0A000",
                )
            # The bytes are in the client's own type, whatever the statement makes of them.
            named = TYPE_OF_OID.get(oid, UNKNOWN)
            decoded.append(decode_parameter(value, form, kind if named == UNKNOWN else named, timezone))
        return tuple(decoded)

    def _parameter_count(self, prepared: Prepared) -> int:
        if prepared.types is None:
            self._fields(prepared)
        return len(prepared.types or ())

    def _fields(self, prepared: Prepared) -> tuple[Field, ...] | None:
        """The result's columns, None without any; learns the parameters' types on the way."""
        statement = prepared.statement
        if statement is None:
            return None
        if prepared.described_at == self._moment:
            return prepared.fields
        try:
            found = self._session.describe(statement, prepared.client_types)
        except BoathouseError as error:
            raise located(error, statement) from error
        if prepared.types is None:
            prepared.types = found.parameters
        prepared.fields, prepared.described_at = found.fields, self._moment
        return found.fields

    def _send_description(self, fields: tuple[Field, ...] | None, formats: tuple[int, ...]) -> None:
        if fields is None:
            self._channel.send(messages.NO_DATA)
        else:
            self._channel.send(messages.row_description(fields, _per_column(formats, len(fields), "result")))

    def _statement(self, name: str) -> Prepared:
        found = self._statements.get(name)
        if found is None:
            shown = f'prepared statement "{name}"' if name else "unnamed prepared statement"
            raise UndefinedStatement(f"{shown} does not exist")
        return found

    def _portal(self, name: str) -> Portal:
        found = self._portals.get(name)
        if found is None:
            raise UndefinedCursor(f'portal "{name}" does not exist')
        return found

    def _admit(self, statement: Statement | None, *, or_none: bool = True) -> None:
        """In a failed block nothing but its end can be prepared; an empty text can, but is not bound."""
        if self._session.status == "E" and not isinstance(statement, Commit | Rollback):
            if statement is None and or_none:
                return
            raise InFailedTransaction(
                "current transaction is aborted, commands ignored until end of transaction block",
                hint="Send ROLLBACK, then start again.",
            )


def located(error: BoathouseError, statement: Statement) -> BoathouseError:
    """The same error, its position moved from the statement's text to the whole string that the client sent."""
    if error.position is not None and statement.offset:
        error.position += statement.offset
    return error


def _shape(fields: tuple[Field, ...]) -> list[tuple[str, int]]:
    """What of the columns a client relies on."""
    return [(one.name, one.type.oid) for one in fields]


def _per_column(formats: tuple[int, ...], count: int, what: Literal["parameter", "result"]) -> tuple[int, ...]:
    """One format code per column: none given means text, one stands for all."""
    if not formats:
        return (0,) * count
    if len(formats) == 1:
        return formats * count
    if len(formats) != count:
        raise ProtocolViolation(f"bind message has {len(formats)} {what} formats but {count} {what} columns")
    return formats
