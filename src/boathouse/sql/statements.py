"""Our own statement nodes: what `sql.parse` makes of one statement's text.

Queries and DML keep sqlglot's tree; everything that sqlglot leaves opaque or misreads (COPY, UNLOAD, external
tables, DDL attributes, session and transaction statements) has a node of its own here. Names in nodes are folded:
lower case unless quoted and case-sensitive. Handed to `query`, which finds the room that claims the node's class.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from sqlglot import exp

from boathouse.contracts.types import SqlType


@dataclass(frozen=True, slots=True)
class QualifiedName:
    """`[database.][schema.]name`, folded."""

    name: str
    schema: str | None = None
    database: str | None = None

    def __str__(self) -> str:
        return ".".join(part for part in (self.database, self.schema, self.name) if part is not None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """Any statement.

    Attributes:
        text: the statement's own text without the closing semicolon.
        offset: characters before `text` in the string that the client sent, so that an error's position can be
            moved to the whole string.
    """

    text: str
    offset: int = 0


# -- queries and DML (bound, rewritten, run by an engine) ----------------------------------------------

Verb = Literal["SELECT", "INSERT", "UPDATE", "DELETE", "MERGE"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Relational(Statement):
    """SELECT, VALUES, WITH …, INSERT, UPDATE, DELETE, MERGE.

    Attributes:
        tree: sqlglot's tree in the Redshift dialect, names not yet resolved.
        parameters: the highest `$n` in the text.
    """

    tree: exp.Expression
    verb: Verb
    parameters: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Explain(Statement):
    """EXPLAIN [VERBOSE] [ANALYZE] statement."""

    statement: Statement
    verbose: bool = False
    analyze: bool = False


# -- local DDL -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ColumnDefinition:
    """A column in CREATE TABLE or ALTER TABLE ADD COLUMN; `identity` is (seed, step)."""

    name: str
    type: SqlType
    nullable: bool = True
    default: exp.Expression | None = None
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
    """DROP TABLE | VIEW | SCHEMA [IF EXISTS] names [CASCADE | RESTRICT] [DROP EXTERNAL DATABASE]."""

    kind: Literal["table", "view", "schema"]
    names: tuple[QualifiedName, ...]
    if_exists: bool = False
    cascade: bool = False
    external_database: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AlterTable(Statement):
    """ALTER TABLE name action.

    `action` is one of the words below; the other fields belong to it: `add_column` (column), `drop_column` (target),
    `rename_column` (target, new_name), `rename` (new_name), `alter_type` (target, type), `encode` (target, encode),
    `attributes` (attributes: ALTER DISTKEY/DISTSTYLE/SORTKEY), `append` (source), `owner` (new_name),
    `add_constraint`/`drop_constraint` (constraint text, informational).
    """

    name: QualifiedName
    action: str
    column: ColumnDefinition | None = None
    target: str | None = None
    new_name: str | None = None
    type: SqlType | None = None
    encode: str | None = None
    attributes: TableAttributes | None = None
    source: QualifiedName | None = None
    constraint: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Truncate(Statement):
    """TRUNCATE [TABLE] name. Commits at once in Redshift; here it stays inside the transaction (documented)."""

    name: QualifiedName


@dataclass(frozen=True, slots=True, kw_only=True)
class Comment(Statement):
    """COMMENT ON TABLE | COLUMN | VIEW | SCHEMA name IS 'text' | NULL."""

    kind: Literal["table", "view", "column", "schema"]
    name: QualifiedName
    column: str | None
    comment: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Maintain(Statement):
    """VACUUM, ANALYZE, LOCK: accepted; ANALYZE refreshes statistics, the others have nothing to do here."""

    verb: Literal["VACUUM", "ANALYZE", "LOCK TABLE"]
    names: tuple[QualifiedName, ...] = ()


# -- transactions and session ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Begin(Statement):
    """BEGIN | START TRANSACTION [isolation] [READ ONLY]."""

    read_only: bool = False
    tag: str = "BEGIN"


@dataclass(frozen=True, slots=True, kw_only=True)
class Commit(Statement):
    """COMMIT | END."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rollback(Statement):
    """ROLLBACK | ABORT."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Set(Statement):
    """SET [SESSION | LOCAL] name { TO | = } value; value None is DEFAULT. Lists keep their text, joined by ', '."""

    name: str
    value: str | None
    local: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Reset(Statement):
    """RESET name | ALL (name None)."""

    name: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Show(Statement):
    """SHOW name | ALL (name None)."""

    name: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Discard(Statement):
    """DISCARD ALL | DEALLOCATE [PREPARE] name | ALL | UNLISTEN * | CLOSE ALL; `tag` is what PostgreSQL answers."""

    what: Literal["all", "deallocate", "unlisten", "close"]
    tag: str
    name: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepare(Statement):
    """PREPARE name [(types)] AS statement."""

    name: str
    types: tuple[SqlType, ...]
    statement: Statement


@dataclass(frozen=True, slots=True, kw_only=True)
class Execute(Statement):
    """EXECUTE name [(values)]; values are constant expressions."""

    name: str
    values: tuple[exp.Expression, ...]


# -- COPY and UNLOAD ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Credentials:
    """Where access to a place comes from. At most one of role and keys. `repr` never shows a secret."""

    iam_role: str | None = None
    access_key_id: str | None = None
    secret_access_key: str | None = None
    session_token: str | None = None
    region: str | None = None
    secret: str | None = None
    """A named secret of the house: `SECRET 'name'`."""

    def __repr__(self) -> str:
        kind = "keys" if self.access_key_id else "role" if self.iam_role else "secret" if self.secret else "none"
        return f"Credentials({kind}, region={self.region!r})"


@dataclass(frozen=True, slots=True, kw_only=True)
class CopyFrom(Statement):
    """COPY table [(columns)] FROM 'place' authorization options.

    Attributes:
        options: option name in upper case → its value: True for a bare word, the string or int where it has one;
            each checked by `sql.redshift.copy_options` for existence, argument and combination.
            Keys: FORMAT ('text', 'csv', 'json', 'parquet', …), DELIMITER, QUOTE, JSON ('auto', …), COMPRESSION
            ('gzip', 'zstd', …), MANIFEST, IGNOREHEADER, NULL, DATEFORMAT, TIMEFORMAT, MAXERROR, and so on by
            Redshift's own word.
    """

    table: QualifiedName
    columns: tuple[str, ...]
    source: str
    credentials: Credentials
    options: dict[str, str | int | bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class CopyStdin(Statement):
    """COPY table [(columns)] FROM STDIN [WITH] (options): PostgreSQL's, for `\\copy` and drivers.

    options: PostgreSQL's names in lower case: format, header, delimiter, null, quote, escape.
    """

    table: QualifiedName
    columns: tuple[str, ...]
    options: dict[str, str | bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class CopyStdout(Statement):
    """COPY { table [(columns)] | (query) } TO STDOUT [WITH] (options)."""

    query: Relational
    options: dict[str, str | bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class Unload(Statement):
    """UNLOAD ('query') TO 'place' authorization options.

    Attributes:
        query: the SELECT's text, quotes undone.
        options: as in `CopyFrom`: FORMAT ('text', 'csv', 'parquet', 'json'), PARTITION BY (tuple of columns),
            INCLUDE, MANIFEST, VERBOSE, HEADER, DELIMITER, ADDQUOTES, NULL, ESCAPE, COMPRESSION, ALLOWOVERWRITE,
            CLEANPATH, PARALLEL, MAXFILESIZE (bytes), ROWGROUPSIZE (bytes), EXTENSION, FIXEDWIDTH.
    """

    query: str
    destination: str
    credentials: Credentials
    options: dict[str, str | int | bool | tuple[str, ...]]


# -- the lake -------------------------------------------------------------------------------------------


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
class CreateExternalTable(Statement):
    """CREATE EXTERNAL TABLE schema.name (columns) [PARTITIONED BY (…)] format LOCATION 'place' [TABLE PROPERTIES]."""

    name: QualifiedName
    columns: tuple[tuple[str, SqlType], ...]
    partitions: tuple[tuple[str, SqlType], ...]
    format: ExternalFormat
    location: str
    properties: tuple[tuple[str, str], ...] = ()
    if_not_exists: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AddPartitions(Statement):
    """ALTER TABLE schema.name ADD [IF NOT EXISTS] PARTITION (k='v', …) LOCATION 'place' […]."""

    name: QualifiedName
    partitions: tuple[tuple[tuple[tuple[str, str], ...], str], ...]
    """(((key, value), …), location) each; values as text."""
    if_not_exists: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DropPartition(Statement):
    """ALTER TABLE schema.name DROP PARTITION (k='v', …)."""

    name: QualifiedName
    values: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SetLocation(Statement):
    """ALTER TABLE schema.name [PARTITION (k='v', …)] SET LOCATION 'place'."""

    name: QualifiedName
    location: str
    values: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateCrawler(Statement):
    """CREATE CRAWLER [IF NOT EXISTS] name DATABASE 'db' TARGETS ('place', …) [TABLE PREFIX 'p'] [IAM_ROLE …]."""

    name: str
    catalog_database: str
    targets: tuple[str, ...]
    table_prefix: str = ""
    credentials: Credentials = Credentials()
    if_not_exists: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class StartCrawler(Statement):
    """START CRAWLER name: runs it and returns a row per table (name, action, location, format, partitions, files)."""

    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DropCrawler(Statement):
    """DROP CRAWLER [IF EXISTS] name."""

    name: str
    if_exists: bool = False
