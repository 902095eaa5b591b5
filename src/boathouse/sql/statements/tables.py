"""Nodes of local DDL and maintenance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from sqlglot import exp

from boathouse.contracts.types import SqlType
from boathouse.sql.statements.relational import QualifiedName, Relational, Statement


@dataclass(frozen=True, slots=True)
class ColumnDefinition:
    """A column in CREATE TABLE or ALTER TABLE ADD COLUMN; `identity` is (seed, step), `default_text` the default as
    it was written."""

    name: str
    type: SqlType
    nullable: bool = True
    default: exp.Expression | None = None
    default_text: str | None = None
    identity: tuple[int, int] | None = None
    identity_by_default: bool = False
    encode: str | None = None
    distkey: bool = False
    sortkey: bool = False
    primary_key: bool = False
    unique: bool = False
    references: str | None = None


@dataclass(frozen=True, slots=True)
class TableAttributes:
    """DISTSTYLE, DISTKEY, SORTKEY, BACKUP, ENCODE AUTO of a table; kept and shown back, without effect here.

    `constraints` are table constraints as text (PRIMARY KEY, UNIQUE, FOREIGN KEY): informational, as in Redshift.
    """

    diststyle: str | None = None
    distkey: str | None = None
    sortkey: tuple[str, ...] = ()
    sortstyle: Literal["compound", "interleaved", "auto"] | None = None
    backup: bool = True
    constraints: tuple[str, ...] = ()


class KeyNumber(str):
    """A key column that stands by its number, from 1, where the columns are a query's: `DISTKEY(1)`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateTable(Statement):
    """CREATE [TEMP] TABLE [IF NOT EXISTS] name (columns) attributes; `like` holds LIKE parents and their options."""

    name: QualifiedName
    columns: tuple[ColumnDefinition, ...]
    like: tuple[tuple[QualifiedName, bool], ...] = ()
    """(parent, INCLUDING DEFAULTS)"""
    attributes: TableAttributes = TableAttributes()
    temporary: bool = False
    if_not_exists: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateTableAs(Statement):
    """CREATE [TEMP] TABLE name [(columns)] attributes AS query; SELECT … INTO becomes this too."""

    name: QualifiedName
    query: Relational
    columns: tuple[str, ...] = ()
    attributes: TableAttributes = TableAttributes()
    temporary: bool = False
    if_not_exists: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateView(Statement):
    """CREATE [OR REPLACE] VIEW name [(columns)] AS query [WITH NO SCHEMA BINDING]."""

    name: QualifiedName
    query: Relational
    columns: tuple[str, ...] = ()
    or_replace: bool = False
    late_binding: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateSchema(Statement):
    """CREATE SCHEMA [IF NOT EXISTS] name [AUTHORIZATION owner] [QUOTA …]."""

    name: str
    if_not_exists: bool = False
    owner: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Drop(Statement):
    """DROP TABLE | VIEW | SCHEMA | MATERIALIZED VIEW [IF EXISTS] names [CASCADE | RESTRICT] [DROP EXTERNAL DATABASE]."""

    kind: Literal["table", "view", "schema", "materialized view"]
    names: tuple[QualifiedName, ...]
    if_exists: bool = False
    cascade: bool = False
    external_database: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AlterTable(Statement):
    """ALTER TABLE name action.

    `action` is one of the words below; the other fields belong to it: `add_column` (column), `drop_column` (target,
    cascade), `rename_column` (target, new_name), `rename` (new_name), `alter_type` (target, type), `encode` (encodings: each a
    column and its encoding), `attributes` (attributes: ALTER DISTKEY/DISTSTYLE/SORTKEY), `append` (source, append_option),
    `owner` (new_name), `add_constraint`/`drop_constraint` (constraint text, informational).
    """

    name: QualifiedName
    action: str
    column: ColumnDefinition | None = None
    target: str | None = None
    new_name: str | None = None
    type: SqlType | None = None
    encodings: tuple[tuple[str, str], ...] = ()
    cascade: bool = False
    attributes: TableAttributes | None = None
    source: QualifiedName | None = None
    append_option: Literal["ignoreextra", "filltarget"] | None = None
    constraint: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Truncate(Statement):
    """TRUNCATE [TABLE] name. Commits at once in Redshift; here it stays inside the transaction (documented)."""

    name: QualifiedName


@dataclass(frozen=True, slots=True, kw_only=True)
class Comment(Statement):
    """COMMENT ON TABLE | COLUMN | VIEW | SCHEMA | DATABASE | CONSTRAINT name [ON table] IS 'text' | NULL.

    `name` is the table's where a column or a constraint of it is meant.
    """

    kind: Literal["table", "view", "column", "schema", "database", "constraint"]
    name: QualifiedName
    column: str | None
    constraint: str | None = None
    comment: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Maintain(Statement):
    """VACUUM, ANALYZE, LOCK: accepted; ANALYZE refreshes statistics, the others have nothing to do here."""

    verb: Literal["VACUUM", "ANALYZE", "LOCK TABLE"]
    names: tuple[QualifiedName, ...] = ()
    sorts: bool = False
    """VACUUM FULL, SORT ONLY, REINDEX, RECLUSTER, by name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AnalyzeCompression(Statement):
    """ANALYZE COMPRESSION table [(columns)] [COMPROWS n].

    Attributes:
        columns: those to report, all where empty.
        rows: how many to sample; None: Redshift's default.
    """

    name: QualifiedName
    columns: tuple[str, ...] = ()
    rows: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateSnapshot(Statement):
    """CREATE SNAPSHOT name [RETENTION n [DAYS]].

    Attributes:
        retention_days: -1: until it is dropped; None: as the settings say.
    """

    name: str
    retention_days: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DropSnapshot(Statement):
    """DROP SNAPSHOT [IF EXISTS] name."""

    name: str
    if_exists: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RestoreTable(Statement):
    """RESTORE TABLE name FROM SNAPSHOT name [AS name]."""

    name: QualifiedName
    snapshot: str
    new_name: QualifiedName | None = None
