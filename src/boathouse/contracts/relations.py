"""Tables, views and external tables as the binder sees them; filled by the engine's and the lake's catalogs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

from boathouse.contracts.types import SqlType

RelationKind = Literal["table", "temporary", "view", "materialized", "external", "system"]
"""`materialized`: a table that the engine stores, filled by a query; read like a table, changed by REFRESH alone."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a relation.

    Attributes:
        name: folded to lower case unless it was quoted and case-sensitive identifiers are on.
        type: as declared (`character varying(20)`), not as stored.
        nullable: False for NOT NULL.
        default: the default's engine SQL, or None.
        identity: True for IDENTITY columns, which INSERT and COPY skip.
        encode, distkey, sortkey: kept and shown back; without effect on one machine. sortkey is the 1-based
            place in the sort key, 0 for none.
        partition: True for the partition key of an external table.
        hidden: True for pseudo-columns that `*` leaves out (`$path`, `$size`).
        identity_by_default: True for an IDENTITY column to which INSERT may give a value all the same.
    """

    name: str
    type: SqlType
    nullable: bool = True
    default: str | None = None
    identity: bool = False
    encode: str | None = None
    distkey: bool = False
    sortkey: int = 0
    partition: bool = False
    hidden: bool = False
    identity_by_default: bool = False

    def __deepcopy__(self, memo: dict[int, object]) -> Column:
        """Itself, being immutable: syntax trees that carry columns are copied often."""
        return self


@dataclass(frozen=True, slots=True)
class ViewDefinition:
    """What a view means; the binder puts its query in the view's place.

    Attributes:
        query: Redshift's text of the SELECT.
        columns: the view's column names, in order. The query's columns beyond them are not shown: a view made of
            `SELECT *` keeps the columns that it was made with. Empty: those of the query, whatever they are.
        search_path: where the text's unqualified names were found when the view was made.
        late_binding: WITH NO SCHEMA BINDING: looked up at every use, so that columns are those of the moment.
        case_sensitive: names in quotes keep their case in the text.
    """

    query: str
    columns: tuple[str, ...]
    search_path: tuple[str, ...]
    late_binding: bool = False
    case_sensitive: bool = False


@dataclass(frozen=True, slots=True)
class Relation:
    """Something that can stand in FROM.

    Attributes:
        schema, name: as the user writes them (folded).
        kind: `external` ones must be replaced by a scan before the engine sees them.
        columns: in order.
        engine_name: the quoted name under which the engine knows it, as `"dev"."public"."t"`; for `external`
            the quoted `"schema"."name"`, which no engine knows.
        view: for views, what they mean.
        owner, superusers_only, schema_column: of system relations, see `SystemRelation`.
        live: of a relation that another database keeps and may change at any time: what its room needs to read it. Such
            a relation is looked up anew at every use, and no plan over it is kept.
        database: the database through whose name it is read (CREATE DATABASE … FROM INTEGRATION); None for the house's own.
    """

    schema: str
    name: str
    kind: RelationKind
    columns: tuple[Column, ...]
    engine_name: str
    view: ViewDefinition | None = None
    owner: str | None = None
    superusers_only: bool = False
    schema_column: str | None = None
    live: object | None = field(default=None, repr=False, compare=False)
    database: str | None = None
    by_name: dict[str, Column] = field(init=False, repr=False, compare=False)

    def __deepcopy__(self, memo: dict[int, object]) -> Relation:
        """Itself, being immutable: syntax trees that carry relations are copied often."""
        return self

    def __post_init__(self) -> None:
        object.__setattr__(self, "by_name", {column.name: column for column in self.columns})


@dataclass(frozen=True, slots=True)
class Past:
    """Stands as `Relation.live` of a table that is read as it was.

    Attributes:
        commit: the number of the commit that is read; None where the moment is a parameter whose value is not known yet, and
            of a table in a file of its own.
        names: of those of its columns that are still there, the names then and now.
        shown: what it is of, as users are told; empty where that is not known yet.
    """

    commit: int | None
    names: Mapping[str, str]
    shown: str = ""


@dataclass(frozen=True, slots=True)
class SqlFunction:
    """A scalar function: in SQL, a call is its body's expression with the arguments in the places of `$1`, `$2`, …; in
    Python, its body runs for each row.

    Attributes:
        arguments: the types of the arguments.
        body: `select expression`, without FROM; or Python's statements.
        search_path: where the body's own functions were found when it was made.
        volatile: declared so: its results are never kept.
        language: `sql` or `plpythonu`.
        names: of the arguments, in Python.
        number: of this definition; another one has another.
        owner: the number of the user whose it is.
    """

    schema: str
    name: str
    arguments: tuple[SqlType, ...]
    returns: SqlType
    body: str
    search_path: tuple[str, ...]
    volatile: bool = False
    language: str = "sql"
    names: tuple[str, ...] = ()
    number: int = 0
    owner: int = 0

    @property
    def signature(self) -> str:
        """`name(type, type)`, without lengths: the function as grants know it."""
        return f"{self.name}({', '.join(one.name for one in self.arguments)})"


class Catalog(Protocol):
    """Names to relations, as one session sees them (its temporary tables, its own uncommitted DDL)."""

    def relation(self, schema: str | None, name: str) -> Relation | None:
        """The relation, by `search_path` where schema is None; None where there is none.

        Unqualified names are looked up among temporary tables, then along the search path, then among the
        system relations (`pg_catalog`), as in Redshift.
        """
        ...

    def functions(self, schema: str | None, name: str) -> Sequence[SqlFunction]:
        """The user-defined functions of that name, by `search_path` where schema is None, its first schemas first."""
        ...

    def within(self, search_path: tuple[str, ...]) -> Catalog:
        """The same catalog with another search path, for the names inside a view."""
        ...

    def has_schema(self, schema: str) -> bool:
        """True where the schema exists."""
        ...

    def has_database(self, database: str) -> bool:
        """True for a name over schemas of this house; the house's own database is none."""
        ...

    def in_database(self, database: str, schema: str, name: str) -> Relation | None:
        """The relation that such a database has under a schema and a name, with `Relation.database`."""
        ...


FILES = "files"
"""Key of a scan node's meta under which its `LakeFiles` lie, where another engine could read them by itself."""


@dataclass(frozen=True, slots=True)
class StorageKeys:
    """How files in S3 are reached. Holds keys: never log it.

    Attributes:
        key_id, secret, token: None for requests of nobody's.
        endpoint: as `http://host:port`; empty for AWS.
        is_path_style: buckets stand in the path, not in the host's name.
    """

    key_id: str | None = field(repr=False)
    secret: str | None = field(repr=False)
    token: str | None = field(repr=False)
    region: str
    endpoint: str
    is_path_style: bool


@dataclass(frozen=True, slots=True)
class Lines:
    """How rows stand in files of text, one a line.

    Attributes:
        names: of the declared columns, in their order.
        keys: of JSON's objects, in small letters, one for each column; empty for delimited text.
        delimiter, quote: one character each; a quote within quotes is doubled. An empty one: there are no quotes.
        null: what stands for NULL.
        skipped: lines that each file begins with and that are no rows.
    """

    names: tuple[str, ...]
    keys: tuple[str, ...] = ()
    delimiter: str = ","
    quote: str = ""
    null: str = "\\N"
    skipped: int = 0


@dataclass(frozen=True, slots=True)
class LakeFiles:
    """A lake table's files, as one statement reads them.

    Attributes:
        relation: the engine's name of the relation.
        format: `parquet`, or what else the declaration says.
        columns, partitions: names and types.
        files: path, bytes, and the values of the partition's key as text.
        is_cut: a text longer than its column is cut at the declared bytes.
        keys: by which files in S3 are read; None for local ones, and where they cannot be told.
        lines: of text, CSV and JSON in a form that others read as well; None for others.
        is_plain: nothing is declared but what the files hold themselves.
    """

    relation: str
    format: str
    columns: tuple[tuple[str, SqlType], ...]
    partitions: tuple[tuple[str, SqlType], ...]
    files: tuple[tuple[str, int, tuple[str | None, ...]], ...]
    is_cut: bool = True
    keys: StorageKeys | None = None
    lines: Lines | None = None
    is_plain: bool = False


@dataclass(frozen=True, slots=True)
class StoredFiles:
    """A table of the warehouse as Parquet files.

    Attributes:
        columns: by name the number by which files know a column, and the value (as text) where a file has not got it.
        files: path and bytes.
        deletes: files with the paths and the numbers of rows that are gone.
        lacking: by a column's number the names of the files that have not got it, where a value stands for it.
        keys: see `LakeFiles`.
    """

    columns: Mapping[str, tuple[int, str | None]]
    files: tuple[tuple[str, int], ...]
    deletes: tuple[str, ...]
    lacking: Mapping[int, tuple[str, ...]]
    keys: StorageKeys | None = None


@dataclass(frozen=True, slots=True)
class SparkTable:
    """Files under a name in a Spark session.

    Attributes:
        columns: name, Spark's type, and how a text is cut to its length, as SQL with `{0}` for the text; empty where it is not.
        partitions: name and Spark's type, of values that stand beside each file.
        files: path and values.
        keys: by which they are read in S3.
        format: `parquet`, `orc` or `text`.
        lines: of text, how rows stand in them.
        stored: of a table of the warehouse, what else its files need.
    """

    name: str
    columns: tuple[tuple[str, str, str], ...]
    partitions: tuple[tuple[str, str], ...]
    files: tuple[tuple[str, tuple[str | None, ...]], ...]
    keys: StorageKeys | None = None
    format: str = "parquet"
    lines: Lines | None = None
    stored: StoredFiles | None = None


@dataclass(frozen=True, slots=True)
class SparkRequest:
    """One query in Spark's SQL, and what it reads.

    Attributes:
        into: a folder in which Spark's executors write the rows as Parquet; empty where they come back.
    """

    sql: str
    tables: tuple[SparkTable, ...]
    into: str = ""
