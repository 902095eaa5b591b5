"""DuckDB's exceptions in Redshift's words.

Receives whatever DuckDB or Arrow's stream reader raised; hands back a `BoathouseError` whose text is ours. Errors that
our own SQL raises with `error('BH22012|Divide by zero')` carry their SQLSTATE before the bar.
"""

from __future__ import annotations

import functools
import logging
import os
import re
from collections.abc import Callable

import duckdb
import pyarrow as pa

from boathouse.contracts import errors
from boathouse.contracts.source_errors import WarehouseUnavailable

log = logging.getLogger(__name__)

_RAISED = re.compile(r"(?:^|Error: )BH([0-9A-Z]{5})\|([^\n]*)")
_PARTS = "\x1f"
"""Between an error's message, detail and hint where a function in Python raises it."""
_FATAL = re.compile(r"FATAL Error|database has been invalidated|Failed to create checkpoint")
_PREFIX = re.compile(r"^(?:Invalid (?:Input|Error): )?([A-Za-z ]+?)(?: Error|Exception)?: ")


def _first_line(text: str) -> str:
    return text.split("\n", 1)[0].strip()


def _build(
    kind: Callable[[str], errors.BoathouseError], template: str
) -> Callable[[re.Match[str]], errors.BoathouseError]:
    return lambda found: kind(template.format(*found.groups()))


# Order matters: the first pattern found anywhere in the text wins.
_RULES: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], errors.BoathouseError]], ...] = tuple(
    (re.compile(pattern), _build(kind, template))
    for pattern, kind, template in (
        (r"INTERRUPT|Interrupted", errors.QueryCanceled, "canceling statement due to user request"),
        # The PostgreSQL that holds a lake's catalog.
        (r"nable to connect to Postgres|server closed the connection|no connection to the server|server terminated abnormally|"
         r"Failed to execute query \"(?:BEGIN|COMMIT|ROLLBACK)[^\"]*\"|terminating connection due|the database system is|"
         r"could not (?:receive|send) data (?:from|to) server|SSL connection has been closed", WarehouseUnavailable,
         "the lake's catalog in PostgreSQL went away"),
        (r"Conflict on|conflict on|write-write conflict|Conflict error", errors.SerializationFailure,
         "1023: serializable isolation violation: another transaction changed the same rows"),
        # A lake finds out when it commits, and by table.
        (r"Transaction conflict - attempting|Exceeded the maximum retry count|could not serialize access",
         errors.SerializationFailure,
         "1023: serializable isolation violation: another transaction changed the same table"),
        (r"DuckTransaction::Get called on non-DuckDB transaction", errors.FeatureNotSupported,
         "txid_current() is not supported in a warehouse that is stored as a lake"),
        (r"SET DEFAULT is not yet supported for updates of a DuckLake table", errors.FeatureNotSupported,
         "UPDATE ... SET column = DEFAULT is not supported in a warehouse that is stored as a lake"),
        (r"Failed to commit DuckLake transaction[\s\S]*file \"([^\"]+)\"[^\n]*No space left on device", errors.DiskFull,
         'no space left on device to write "{0}"'),
        (r"Failed to commit DuckLake transaction", errors.StorageError,
         "the transaction could not be written to the warehouse and was rolled back"),
        (r"LIMIT/OFFSET cannot be negative", errors.InvalidParameterValue, "LIMIT and OFFSET must not be negative"),
        (r"Cannot drop entry \"([^\"]+)\" because there are entries that depend on it", errors.DependentObjects,
         'cannot drop "{0}" because other objects depend on it'),
        (r"Cannot (?:create|drop|alter|delete|add).*(?:altered|dropped|changed|modified)", errors.SerializationFailure,
         "1023: serializable isolation violation: another transaction changed the table"),
        (r"Table with name \"?([^\"\s]+)\"? already exists", errors.DuplicateTable, 'relation "{0}" already exists'),
        (r"View with name \"?([^\"\s]+)\"? already exists", errors.DuplicateTable, 'relation "{0}" already exists'),
        (r"Schema with name \"?([^\"\s]+)\"? already exists", errors.DuplicateSchema, 'schema "{0}" already exists'),
        (r"(?:Table|View) with name \"?([^\"\s]+)\"? does not exist", errors.UndefinedTable,
         'relation "{0}" does not exist'),
        (r"Schema with name \"?([^\"\s]+)\"? does not exist", errors.UndefinedSchema, 'schema "{0}" does not exist'),
        (r"(?:Scalar|Aggregate|Table|Macro) Function with name \"?([^\"\s]+)\"? does not exist",
         errors.UndefinedFunction, "function {0} does not exist"),
        (r"No function matches the given name and argument types '(?:bh_)?([^'(]+)", errors.UndefinedFunction,
         "function {0} does not exist for arguments of these types"),
        (r"Argument for ntile must be greater than zero", errors.InvalidParameterValue,
         "argument of ntile must be greater than zero"),
        (r"(?:QUANTILE|PERCENTILE).*(?:range|NULL|constant)", errors.InvalidParameterValue, "a percentile is between 0 and 1"),
        (r"Unknown TimeZone '([^']*)'", errors.InvalidParameterValue, 'time zone "{0}" not recognized'),
        (r"Like pattern must not end with escape", functools.partial(errors.InvalidParameterValue, sqlstate="22025"),
         "LIKE pattern must not end with escape character"),
        (r"Invalid escape string", errors.InvalidParameterValue, "invalid escape string"),
        (r"Type with name \"?([^\"\s]+)\"? does not exist", errors.UndefinedObject, 'type "{0}" does not exist'),
        (r"Referenced column \"([^\"]+)\" not found", errors.UndefinedColumn, 'column "{0}" does not exist'),
        (r"does not have a column named \"([^\"]+)\"", errors.UndefinedColumn, 'column "{0}" does not exist'),
        (r"Could not find key \"([^\"]+)\" in struct", errors.UndefinedColumn, 'field "{0}" does not exist'),
        (r"Ambiguous reference to column name \"([^\"]+)\"", errors.AmbiguousColumn,
         'column reference "{0}" is ambiguous'),
        (r"column \"?([^\"\s]+)\"? must appear in the GROUP BY", errors.GroupingError,
         'column "{0}" must appear in the GROUP BY clause or be used in an aggregate function'),
        (r"NOT NULL constraint failed: (?:[^.\s]+\.)*([^.\s]+)", errors.NotNullViolation,
         'null value in column "{0}" violates not-null constraint'),
        (r"convert blob to UTF8", functools.partial(errors.DataError, sqlstate="22021"),
         'invalid byte sequence for encoding "UTF8"'),
        (r"Could not convert string '\s*([-+]?\d+)\s*' to U?INT(?:8|16|32|64|128)", errors.NumericOutOfRange,
         'value "{0}" is out of range for its type'),
        (r"Could not convert string '(.*?)' to U?INT(?:8|16|32|64|128)", errors.InvalidText,
         'invalid input syntax for integer: "{0}"'),
        (r"Could not convert string '(.*?)' to (?:DOUBLE|FLOAT)", errors.InvalidText,
         'invalid input syntax for type double precision: "{0}"'),
        (r"Could not convert string '(.*?)' to BOOL", errors.InvalidText, 'invalid input syntax for type boolean: "{0}"'),
        (r"Could not convert string \"(.*?)\" to DECIMAL", errors.InvalidText,
         'invalid input syntax for type numeric: "{0}"'),
        (r"Could not cast value (\S+) to DECIMAL\((\d+),(\d+)\)", errors.NumericOutOfRange,
         "numeric field overflow: {0} does not fit numeric({1},{2})"),
        (r"invalid date field format: \"([^\"]*)\"", errors.InvalidDatetime, 'invalid input syntax for type date: "{0}"'),
        (r"invalid timestamp field format: \"([^\"]*)\"", errors.InvalidDatetime,
         'invalid input syntax for type timestamp: "{0}"'),
        (r"(date|timestamp|time) field value out of range: \"([^\"]*)\"", errors.DatetimeOverflow,
         "{0} field value out of range: \"{1}\""),
        (r"not in timestamp range|date out of range|out of range for.*TIMESTAMP", errors.DatetimeOverflow,
         "timestamp out of range"),
        (r"Overflow|out of range|Out of Range|can't be cast because the value is out of range",
         errors.NumericOutOfRange, "numeric value out of range"),
        (r"[Dd]ivi(?:de|sion) by zero", errors.DivisionByZero, "Divide by zero"),
        (r"More than one row returned by a subquery", errors.CardinalityViolation,
         "more than one row returned by a subquery used as an expression"),
        (r"Could not write (?:all bytes to )?file \"([^\"]+)\":.*No space left on device", errors.DiskFull,
         'no space left on device to write "{0}"'),
        (r"No space left on device|Could not write.*space", errors.DiskFull, "no space left on device"),
        (r"failed to offload|max_temp_directory_size", errors.DiskFull,
         "the statement spills more than temp_directory_size_max allows"),
        (r"Out of Memory|could not allocate|Allocation failure|failed to allocate", errors.OutOfMemory,
         "the statement needs more memory than memory_limit"),
        (r"((?:missing [)\]]|missing argument to repetition operator|bad repetition operator|invalid (?:escape sequence"
         r"|character class(?: range)?|perl operator|named capture group|repetition size|UTF-8)|trailing \\|unexpected \)).*)",
         errors.InvalidRegex, "invalid regular expression: {0}"),
        (r"Cannot compare values of type \S+ and", errors.DatatypeMismatch,
         "values of these types cannot be compared"),
        (r"Mismatch Type Error|Type mismatch|Cannot mix values of type", errors.DatatypeMismatch,
         "the expression has the wrong type"),
        (r"Malformed JSON", errors.InvalidText, "invalid input syntax for type json"),
        (r"Unimplemented type for cast|Unsupported.*cast|No conversion", errors.DatatypeMismatch,
         "cannot cast between these types"),
        (r"IO Error: No files found that match the pattern \"([^\"]*)\"", errors.StorageError,
         'no file found at "{0}"'),
        (r"error for HTTP (?:PUT|POST|DELETE)|Unable to (?:PUT|POST|upload)", errors.StorageUnavailable,
         "the object store could not be written"),
        (r"error for HTTP |HTTP Error|Connection error|Could not establish connection|Request returned HTTP",
         errors.StorageUnavailable,
         "the object store could not be read"),
        (r"IO Error", errors.StorageError, "a file could not be read"),
        (r"Not implemented Error", errors.FeatureNotSupported, "the statement uses something that is not supported"),
        (r"Parser Error|syntax error", errors.SqlSyntaxError, "syntax error"),
    )
)  # fmt: skip


def translate(failure: BaseException) -> errors.BoathouseError:
    """The error that a user may see for what DuckDB raised; unknown ones are logged and become InternalError."""
    if isinstance(failure, errors.BoathouseError):
        return failure
    text = str(failure)
    told = _RAISED.search(text)
    if told is not None:
        message, *more = told.group(2).strip(" ").split(_PARTS)
        known = by_sqlstate(told.group(1), message.strip())
        if len(more) == 2:
            known.detail, known.hint = more[0] or None, more[1] or None
        return known
    if isinstance(failure, duckdb.InterruptException):
        return errors.QueryCanceled("canceling statement due to user request")
    for pattern, build in _RULES:
        found = pattern.search(text)
        if found is not None:
            return build(found)
    if isinstance(failure, duckdb.TransactionException) and re.search(
        "open files?|[Cc]ould not (?:write|open|sync)", text
    ):
        # Not a conflict: run again at once it would fail again.
        log.error("a transaction could not be written: %s", _first_line(text))
        return errors.StorageError("the transaction could not be written to the warehouse and was rolled back")
    if isinstance(failure, duckdb.TransactionException):
        return errors.SerializationFailure("the transaction was rolled back by a conflict")
    if isinstance(failure, duckdb.ConversionException):
        return errors.InvalidText("a value cannot be converted to the type that it needs here")
    if isinstance(failure, duckdb.InvalidInputException) and "Python exception" not in text:
        log.warning("the engine refused a value: %s", _first_line(text))
        return errors.DataError("an argument is outside of what its function takes")
    if isinstance(failure, duckdb.BinderException):
        log.warning("the engine could not bind a statement: %s", _first_line(text))
        return errors.FeatureNotSupported("the statement combines expressions in a way that is not supported")
    if isinstance(failure, pa.ArrowInvalid):  # a column of the result, brought to its type
        return errors.NumericOutOfRange("a value does not fit its column's type")
    if isinstance(failure, OSError):
        return errors.StorageError(f"a file could not be written or read: {os.strerror(failure.errno or 5).lower()}")
    # Logged with its cause by whoever tells the client, under a reference that the client sees.
    return errors.InternalError("internal error in the query engine")


def is_fatal(failure: BaseException) -> bool:
    """True where the engine has ended with it: all of its connections fail from here on."""
    return isinstance(failure, duckdb.FatalException) or _FATAL.search(str(failure)) is not None


def raised(failure: errors.BoathouseError) -> str:
    """An error as the text of the exception by which it passes through the engine."""
    return f"BH{failure.sqlstate}|{_PARTS.join((failure.message, failure.detail or '', failure.hint or ''))}"


_BY_SQLSTATE: dict[str, type[errors.BoathouseError]] = {}


def by_sqlstate(sqlstate: str, message: str) -> errors.BoathouseError:
    """The class whose SQLSTATE this is, or the root of data errors with that SQLSTATE."""
    if not _BY_SQLSTATE:
        for kind in vars(errors).values():
            if isinstance(kind, type) and issubclass(kind, errors.BoathouseError):
                _BY_SQLSTATE.setdefault(kind.sqlstate, kind)
    found = _BY_SQLSTATE.get(sqlstate)
    return found(message) if found else errors.DataError(message, sqlstate=sqlstate)
