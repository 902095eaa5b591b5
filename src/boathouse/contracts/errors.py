"""Every error a user can meet, in one tree.

Rooms raise these; the endpoint that holds the socket turns them into its protocol's error message. Each class carries
the SQLSTATE that clients map to their exceptions, and answers its reader's question: retry, mend your input, or report.

SQLSTATE values: PostgreSQL documentation, appendix "Error Codes".
"""

from __future__ import annotations

from typing import Literal

Remedy = Literal["retry", "mend", "report"]


class BoathouseError(Exception):
    """The root: an error with everything a client can show.

    Args:
        message: one line, lower case start, no trailing period; never holds a secret.
        detail: more facts, may be several lines.
        hint: what to do about it; falls back to the class's own hint.
        position: 1-based character position in the statement's own text (`Statement.text`).
        sqlstate: overrides the class's SQLSTATE where one class serves several codes.
    """

    sqlstate: str = "XX000"
    remedy: Remedy = "report"
    hint: str | None = None

    def __init__(
        self,
        message: str,
        *,
        detail: str | None = None,
        hint: str | None = None,
        position: int | None = None,
        sqlstate: str | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.detail = detail
        self.position = position
        self.context: str | None = None  # where in a procedure: PostgreSQL's CONTEXT
        if hint is not None:
            self.hint = hint
        if sqlstate is not None:
            self.sqlstate = sqlstate

    @property
    def retryable(self) -> bool:
        """True where the same statement may succeed when sent again."""
        return self.remedy == "retry"


class InternalError(BoathouseError):
    """A bug of ours; the log holds the trace, the client gets only this sentence."""

    hint = "This is a defect in Boathouse. The server log has the details; please report it."


class InputError(BoathouseError):
    """The statement or its data must change."""

    sqlstate = "42000"
    remedy: Remedy = "mend"


class SqlSyntaxError(InputError):
    """The text is not a statement."""

    sqlstate = "42601"


class FeatureNotSupported(InputError):
    """Known, but not supported here; never silently ignored."""

    sqlstate = "0A000"


class StatementTooComplex(InputError):
    """A text nested or chained too deep to be read."""

    sqlstate = "54001"
    hint = "Nest less deeply, or write long chains of operators as IN lists or smaller steps."


class UndefinedTable(InputError):
    """A relation that is not in the catalog."""

    sqlstate = "42P01"


class UndefinedColumn(InputError):
    """A column that none of the relations in scope has."""

    sqlstate = "42703"


class AmbiguousColumn(InputError):
    """A column that several relations in scope have."""

    sqlstate = "42702"


class UndefinedFunction(InputError):
    """No function of that name takes these arguments."""

    sqlstate = "42883"


class UndefinedObject(InputError):
    """A type, user, setting, crawler or other object that does not exist."""

    sqlstate = "42704"


class UndefinedSchema(InputError):
    """A schema that does not exist."""

    sqlstate = "3F000"


class UndefinedDatabase(InputError):
    """A database that does not exist."""

    sqlstate = "3D000"


class UndefinedStatement(InputError):
    """A prepared statement that does not exist."""

    sqlstate = "26000"


class UndefinedCursor(InputError):
    """A portal or cursor that does not exist."""

    sqlstate = "34000"


class DuplicateTable(InputError):
    """The relation exists already."""

    sqlstate = "42P07"


class DuplicateSchema(InputError):
    """The schema exists already."""

    sqlstate = "42P06"


class DuplicateColumn(InputError):
    """The column is named twice, or exists already."""

    sqlstate = "42701"


class DuplicateAlias(InputError):
    """A table name or alias is used twice in one FROM clause."""

    sqlstate = "42712"


class DuplicateObject(InputError):
    """Another object of that name exists already."""

    sqlstate = "42710"


class DuplicateStatement(InputError):
    """The prepared statement exists already."""

    sqlstate = "42P05"


class DependentObjects(InputError):
    """Others depend on the object; CASCADE drops them too."""

    sqlstate = "2BP01"
    hint = "Use DROP ... CASCADE to drop the dependent objects too."


class GroupingError(InputError):
    """A column outside GROUP BY and outside an aggregate."""

    sqlstate = "42803"


class DatatypeMismatch(InputError):
    """An expression of the wrong type."""

    sqlstate = "42804"


class WrongObjectType(InputError):
    """The object exists but is of another kind."""

    sqlstate = "42809"


class InvalidTableDefinition(InputError):
    """A CREATE TABLE that contradicts itself."""

    sqlstate = "42P16"


class InvalidParameterValue(InputError):
    """A setting, option or argument outside its domain."""

    sqlstate = "22023"


class DataError(InputError):
    """A value that does not fit."""

    sqlstate = "22000"


class InvalidText(DataError):
    """Text that is not a value of the type, as "Invalid digit"."""

    sqlstate = "22P02"


class NumericOutOfRange(DataError):
    """A number outside its type's range."""

    sqlstate = "22003"


class DivisionByZero(DataError):
    """Division or modulus by zero."""

    sqlstate = "22012"


class StringTooLong(DataError):
    """More bytes than the column's declared length."""

    sqlstate = "22001"


class InvalidDatetime(DataError):
    """Text that is not a date or time."""

    sqlstate = "22007"


class DatetimeOverflow(DataError):
    """A date or time outside its range."""

    sqlstate = "22008"


class InvalidRegex(DataError):
    """The pattern is no regular expression."""

    sqlstate = "2201B"


class RoutineFailed(DataError):
    """A Python function raised an exception, or returned what its type does not hold."""

    sqlstate = "38000"


class CardinalityViolation(DataError):
    """A scalar sub-query returned more than one row."""

    sqlstate = "21000"


class NotNullViolation(InputError):
    """NULL for a NOT NULL column."""

    sqlstate = "23502"


class InsufficientPrivilege(InputError):
    """The user may not."""

    sqlstate = "42501"


class InvalidAuthorization(InputError):
    """Unknown user or wrong password; the message never says which."""

    sqlstate = "28P01"


class ProtocolViolation(InputError):
    """Bytes that are not the protocol."""

    sqlstate = "08P01"


class ObjectNotInPrerequisiteState(InputError):
    """The operation needs another state first: a non-empty UNLOAD target, a running crawler, a commit that is kept."""

    sqlstate = "55000"


class InFailedTransaction(InputError):
    """The transaction failed already; only its end is accepted."""

    sqlstate = "25P02"


class ActiveTransaction(InputError):
    """The statement cannot run inside a transaction."""

    sqlstate = "25001"


class SerializationFailure(BoathouseError):
    """Two transactions changed the same rows; the later one lost."""

    sqlstate = "40001"
    remedy: Remedy = "retry"
    hint = "Run the transaction again."


class LoadFailed(InputError):
    """COPY stopped; `stl_load_errors` says at which file, line and column."""

    sqlstate = "XX000"


class StorageError(BoathouseError):
    """A path that cannot be read or written."""

    sqlstate = "58030"
    remedy: Remedy = "mend"


class StorageUnavailable(StorageError):
    """Throttled, refused or cut off; the same request may succeed later."""

    remedy: Remedy = "retry"


class RemoteDatabaseError(BoathouseError):
    """Another database, of an external schema or behind the house, refused or failed; carries the SQLSTATE that it gave."""

    sqlstate = "HV000"
    remedy: Remedy = "mend"


class RemoteDatabaseUnavailable(RemoteDatabaseError):
    """Another database cannot be reached, or went away."""

    sqlstate = "08001"
    remedy: Remedy = "retry"


class QueryCanceled(BoathouseError):
    """The user, a timeout or an administrator cancelled the statement."""

    sqlstate = "57014"
    remedy: Remedy = "retry"


class AdminShutdown(BoathouseError):
    """The server is stopping."""

    sqlstate = "57P01"
    remedy: Remedy = "retry"


class TooManyConnections(BoathouseError):
    """All connection slots are taken, or too many snapshots are being read."""

    sqlstate = "53300"
    remedy: Remedy = "retry"


class OutOfMemory(BoathouseError):
    """The statement needs more than `memory_limit`, even after spilling."""

    sqlstate = "53200"
    remedy: Remedy = "mend"
    hint = "Raise memory_limit in boathouse.toml, or reduce the statement."


class DiskFull(BoathouseError):
    """No room to spill or to write."""

    sqlstate = "53100"
    remedy: Remedy = "retry"


class HomeInUse(InputError):
    """Another server holds this home."""

    sqlstate = "55006"
