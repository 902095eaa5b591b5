"""SHOW EXTERNAL TABLE: the CREATE EXTERNAL TABLE that would make a lake table again, and its partitions.

Receives the node from the journey; the table is read from `lake.catalog`.

Source: Redshift Developer Guide, "SHOW EXTERNAL TABLE".
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pyarrow as pa

from boathouse.contracts.answers import Answer, Field, Rows
from boathouse.contracts.errors import UndefinedTable, WrongObjectType
from boathouse.contracts.house import House
from boathouse.contracts.session import Session
from boathouse.contracts.types import VARCHAR, SqlType
from boathouse.lake.catalogs.choose import find_table
from boathouse.lake.tables import ExternalTable, Partition
from boathouse.sql.redshift.show_ddl import shown_name
from boathouse.sql.statements import ExternalFormat, ShowExternalTable

FIELDS = (Field("Show External Table DDL statement", VARCHAR),)


def show_external_table(house: House, session: Session, statement: ShowExternalTable) -> Answer:
    """SHOW EXTERNAL TABLE schema.table [PARTITION]."""
    relation = session.catalog.relation(statement.name.schema, statement.name.name)
    if relation is None:
        raise UndefinedTable(f'relation "{statement.name}" does not exist')
    found = find_table(house, session, relation.schema, relation.name) if relation.kind == "external" else None
    if found is None:
        raise WrongObjectType(f'"{relation.name}" is not an external table', hint="Use SHOW TABLE or SHOW VIEW.")
    name = shown_name(relation.schema, relation.name)
    texts = [external_ddl(name, found.table)]
    if statement.partitions:
        texts += [partition_ddl(name, found.table, one) for one in found.catalog.partitions(found.table)]

    def batches() -> Iterator[pa.RecordBatch]:
        yield pa.RecordBatch.from_arrays([pa.array(["\n".join(texts)], pa.string())], names=[FIELDS[0].name])

    return Rows(FIELDS, batches(), "SHOW")


def external_ddl(name: str, table: ExternalTable) -> str:
    """CREATE EXTERNAL TABLE under a schema's name for it."""
    lines = [f"CREATE EXTERNAL TABLE {name} ({_columns(table.columns)})"]
    if table.partitions:
        lines.append(f"PARTITIONED BY ({_columns(table.partitions)})")
    lines += _format(table.format)
    lines.append(f"LOCATION {_quoted(table.location)}")
    if table.properties:
        lines.append(f"TABLE PROPERTIES ({_pairs(table.properties, _quoted)})")
    return "\n".join(lines) + ";"


def partition_ddl(name: str, table: ExternalTable, partition: Partition) -> str:
    """ALTER TABLE … ADD PARTITION for one of a table's partitions."""
    pairs = zip(table.partitions, partition.values, strict=True)
    key = ", ".join(f"{shown_name(column)}={_quoted(value or '')}" for (column, _), value in pairs)
    return f"ALTER TABLE {name} ADD IF NOT EXISTS PARTITION ({key}) LOCATION {_quoted(partition.location)};"


def _columns(columns: tuple[tuple[str, SqlType], ...]) -> str:
    return "\n    " + ",\n    ".join(f"{shown_name(name)} {kind}" for name, kind in columns) + "\n"


def _format(found: ExternalFormat) -> list[str]:
    lines = []
    if found.serde:
        lines.append(f"ROW FORMAT SERDE {_quoted(found.serde)}")
        if found.serde_properties:
            lines.append(f"WITH SERDEPROPERTIES ({_pairs(found.serde_properties, _escaped)})")
    delimited = [
        f"{words} {_escaped(value)}"
        for words, value in (
            ("FIELDS TERMINATED BY", found.field_delimiter),
            ("ESCAPED BY", found.escape),
            ("LINES TERMINATED BY", found.line_delimiter),
            ("NULL DEFINED AS", found.null_as),
        )
        if value is not None
    ]
    if delimited:
        lines.append("ROW FORMAT DELIMITED " + " ".join(delimited))
    if found.input_format:
        output = f" OUTPUTFORMAT {_quoted(found.output_format)}" if found.output_format else ""
        lines.append(f"STORED AS INPUTFORMAT {_quoted(found.input_format)}{output}")
    else:
        lines.append(f"STORED AS {found.stored_as.upper()}")
    return lines


def _pairs(pairs: tuple[tuple[str, str], ...], quote: Callable[[str], str]) -> str:
    return ", ".join(f"{quote(key)}={quote(value)}" for key, value in pairs)


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _escaped(text: str) -> str:
    """A literal with Hive's escapes, which the grammar undoes in delimiters and SERDEPROPERTIES."""
    return _quoted("".join(f"\\{ord(one):03o}" if one < " " or one == "\\" else one for one in text))
