"""What a statement gives back to the endpoint: rows, a tag, or one half of a COPY conversation."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

import pyarrow as pa

from boathouse.contracts.errors import BoathouseError
from boathouse.contracts.types import SqlType


@dataclass(frozen=True, slots=True)
class Field:
    """A column of a result: its name and type as Redshift would report them."""

    name: str
    type: SqlType


@dataclass(frozen=True, slots=True)
class Done:
    """A statement without rows.

    Attributes:
        tag: the whole command tag: `CREATE TABLE`, `INSERT 0 5`, `SET`, `COPY`, `UNLOAD`.
    """

    tag: str


@dataclass(frozen=True, slots=True)
class Rows:
    """A statement with rows, not yet pulled.

    Attributes:
        fields: the columns; batch columns stand in this order and have `types.arrow_type(field.type)`.
        batches: pulled lazily by the endpoint, so that the socket's pace bounds memory. A generator: closing it
            frees the engine's result. Errors of the engine surface from `next`, as `BoathouseError`.
        verb: the tag's first word(s); the endpoint appends the count: `SELECT 5`, `FETCH 5`, `INSERT 0 5`.
            A verb that ends without counting (`SHOW`, `EXPLAIN`) is sent bare.
    """

    fields: tuple[Field, ...]
    batches: Iterator[pa.RecordBatch]
    verb: str = "SELECT"


CopyFormat = Literal["text", "csv", "binary"]


@dataclass(frozen=True, slots=True)
class CopyIn:
    """COPY t FROM STDIN: the endpoint feeds what the client sends.

    Attributes:
        format, columns: for the CopyInResponse.
        write: takes one CopyData payload; blocks for back-pressure.
        finish: on CopyDone; returns the command tag (`COPY 5`).
        fail: on CopyFail or a lost connection; discards everything. Never raises.
    """

    format: CopyFormat
    columns: int
    write: Callable[[bytes], None]
    finish: Callable[[], str]
    fail: Callable[[str], None]


@dataclass(frozen=True, slots=True)
class CopyOut:
    """COPY … TO STDOUT: encoded by the endpoint from rows.

    Attributes:
        rows: the query's answer.
        format: of the CopyOutResponse.
        header, delimiter, null, quote, escape: PostgreSQL's COPY options, defaults already filled in.
    """

    rows: Rows
    format: CopyFormat
    header: bool = False
    delimiter: str = "\t"
    null: str = "\\N"
    quote: str = '"'
    escape: str = '"'


@dataclass(frozen=True, slots=True)
class Passed:
    """A statement that may go to the database behind this house, whose answer comes from there.

    Attributes:
        finish: on its end there, once: rows where they are known, and what it failed with.
        release: when the client waits for nothing any more: its slot is free again.
        shown: the error that the client is told; a cancel says why it came.
    """

    finish: Callable[[int | None, BoathouseError | None], None] = lambda rows, failure: None
    release: Callable[[], None] = lambda: None
    shown: Callable[[BoathouseError], BoathouseError] = lambda failure: failure


Answer = Done | Rows | CopyIn | CopyOut | Passed


@dataclass(frozen=True, slots=True)
class Description:
    """What a statement takes and gives, known before it runs.

    Attributes:
        parameters: one type per `$n`, in order; the client's own where it named one, else inferred.
        fields: the result's columns, or None for a statement without rows.
    """

    parameters: tuple[SqlType, ...]
    fields: tuple[Field, ...] | None


@dataclass(frozen=True, slots=True)
class Notice:
    """A message beside the answer: `INFO`, `NOTICE`, `WARNING`."""

    severity: Literal["INFO", "NOTICE", "WARNING", "LOG"]
    message: str
    sqlstate: str = "00000"
    detail: str | None = None
    hint: str | None = None
