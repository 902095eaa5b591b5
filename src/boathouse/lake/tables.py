"""External tables as data: what a table of the lake's catalog is, and how it is kept as JSON in the warehouse.

Handed from `lake.catalog` to the scan, the crawler and the binder (as a `Relation`).
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from functools import lru_cache

from boathouse.contracts.relations import Column, Relation
from boathouse.contracts.types import BIGINT, SqlType, varchar
from boathouse.sql.statements import Credentials, ExternalFormat

Columns = tuple[tuple[str, SqlType], ...]

PATH_COLUMN = "$path"
SIZE_COLUMN = "$size"


@dataclass(frozen=True, slots=True)
class ExternalTable:
    """A table of an external database.

    Attributes:
        database, name: where it stands in the data catalog; several external schemas may show it.
        columns: of the files, in declared order.
        partitions: the partition key, in order; after the columns for `SELECT *`.
        location: absolute path or s3 URL; a folder, or a manifest file.
        properties: TABLE PROPERTIES, keys folded.
    """

    database: str
    name: str
    columns: Columns
    partitions: Columns
    format: ExternalFormat
    location: str
    properties: tuple[tuple[str, str], ...] = ()

    def property(self, name: str, default: str = "") -> str:
        """A table property's value."""
        return dict(self.properties).get(name, default)


@dataclass(frozen=True, slots=True)
class Partition:
    """One partition: its key's values as text (None for NULL) and the folder with its files."""

    values: tuple[str | None, ...]
    location: str


@dataclass(frozen=True, slots=True)
class ExternalSchema:
    """A schema that shows an external database, and the access it reads with."""

    name: str
    database: str
    credentials: Credentials
    glue: str | None = None
    """The account whose AWS Glue catalog has the database, empty for the caller's own; None: the warehouse has it."""


def relation_of_table(schema: str, table: ExternalTable) -> Relation:
    """The table as the binder sees it under a schema's name."""
    columns = [Column(name, kind) for name, kind in table.columns]
    columns += [Column(name, kind, partition=True) for name, kind in table.partitions]
    columns += [Column(PATH_COLUMN, varchar(), hidden=True), Column(SIZE_COLUMN, BIGINT, hidden=True)]
    quoted = ".".join('"' + part.replace('"', '""') + '"' for part in (schema, table.name))
    return Relation(schema, table.name, "external", tuple(columns), quoted)


def columns_to_json(columns: Columns) -> str:
    """Columns as JSON text."""
    return json.dumps([[name, _type_out(kind)] for name, kind in columns], ensure_ascii=False)


@lru_cache(1024)
def columns_from_json(text: str) -> Columns:
    """Columns from the text of `columns_to_json`."""
    return tuple((name, _type_in(kind)) for name, kind in json.loads(text))


def format_to_json(file_format: ExternalFormat) -> str:
    """A format as JSON text; what is absent is left out."""
    return json.dumps({key: value for key, value in asdict(file_format).items() if value}, ensure_ascii=False)


def format_from_json(text: str) -> ExternalFormat:
    """A format from the text of `format_to_json`."""
    found = json.loads(text)
    found["serde_properties"] = tuple((key, value) for key, value in found.get("serde_properties", ()))
    return ExternalFormat(**found)


def _type_out(kind: SqlType) -> list[object]:
    fields = [[name, _type_out(inner)] for name, inner in kind.fields]
    return [kind.name, kind.length, kind.precision, kind.scale, fields]


def _type_in(parts: list[object]) -> SqlType:
    name, length, precision, scale, fields = parts
    inner = tuple((field, _type_in(kind)) for field, kind in fields)  # type: ignore[attr-defined]
    return SqlType(name, length, precision, scale, inner)  # type: ignore[arg-type]
