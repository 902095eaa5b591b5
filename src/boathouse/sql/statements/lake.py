"""Nodes of external schemas and tables."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from boathouse.contracts.types import SqlType
from boathouse.sql.statements.copies import Credentials
from boathouse.sql.statements.relational import QualifiedName, Relational, Statement


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateExternalSchema(Statement):
    """CREATE EXTERNAL SCHEMA [IF NOT EXISTS] name FROM DATA CATALOG DATABASE 'db' … [CREATE EXTERNAL DATABASE …].

    `source` is 'data catalog'; hive metastore, postgres, mysql, kinesis and redshift are refused by the parser
    (0A000) until they exist.
    """

    name: str
    source: str
    catalog_database: str
    credentials: Credentials
    if_not_exists: bool = False
    create_database: bool = False
    catalog_id: str | None = None
    """The account whose AWS Glue catalog has the database; None where the house's settings say which catalog does."""


@dataclass(frozen=True, slots=True)
class ExternalFormat:
    """ROW FORMAT and STORED AS.

    Attributes:
        stored_as: 'textfile', 'parquet', 'orc', 'avro', … lower case; 'textfile' by default.
        serde: the class name of ROW FORMAT SERDE, or None for DELIMITED.
        serde_properties: WITH SERDEPROPERTIES.
        field_delimiter, line_delimiter, …: ROW FORMAT DELIMITED's clauses, None where absent.
        input_format, output_format: of STORED AS INPUTFORMAT … OUTPUTFORMAT ….
    """

    stored_as: str = "textfile"
    serde: str | None = None
    serde_properties: tuple[tuple[str, str], ...] = ()
    field_delimiter: str | None = None
    line_delimiter: str | None = None
    escape: str | None = None
    null_as: str | None = None
    input_format: str | None = None
    output_format: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateFederatedSchema(Statement):
    """CREATE EXTERNAL SCHEMA [IF NOT EXISTS] name FROM POSTGRES | MYSQL DATABASE 'db' [SCHEMA 's'] URI 'host' ….

    Attributes:
        secret: a secret's name, or the ARN of one.
    """

    name: str
    engine: Literal["postgres", "mysql"]
    remote_database: str
    remote_schema: str | None
    uri: str
    port: int | None
    iam_role: str | None
    secret: str
    if_not_exists: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateExternalTable(Statement):
    """CREATE EXTERNAL TABLE schema.name (columns) [PARTITIONED BY (…)] format LOCATION 'place' [TABLE PROPERTIES].

    With AS query there are no columns but the query's, whose last ones are the partition key, named in `keys`.
    """

    name: QualifiedName
    columns: tuple[tuple[str, SqlType], ...]
    partitions: tuple[tuple[str, SqlType], ...]
    format: ExternalFormat
    location: str
    properties: tuple[tuple[str, str], ...] = ()
    if_not_exists: bool = False
    query: Relational | None = None
    keys: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AddPartitions(Statement):
    """ALTER TABLE schema.name ADD [IF NOT EXISTS] PARTITION (k='v', …) LOCATION 'place' […]."""

    name: QualifiedName
    partitions: tuple[tuple[tuple[tuple[str, str], ...], str], ...]
    """(((key, value), …), location) each; values as text."""
    if_not_exists: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DropPartitions(Statement):
    """ALTER TABLE schema.name DROP [IF EXISTS] PARTITION (k='v', …)[[,] PARTITION …]."""

    name: QualifiedName
    partitions: tuple[tuple[tuple[str, str], ...], ...]
    if_exists: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SetLocation(Statement):
    """ALTER TABLE schema.name [PARTITION (k='v', …)] SET LOCATION 'place'."""

    name: QualifiedName
    location: str
    values: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AlterExternalTable(Statement):
    """ALTER TABLE schema.name SET FILE FORMAT format, or SET TABLE PROPERTIES ('k'='v', …)."""

    name: QualifiedName
    format: ExternalFormat | None = None
    properties: tuple[tuple[str, str], ...] = ()
