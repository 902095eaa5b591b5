"""Nodes of COPY and UNLOAD."""

from __future__ import annotations

from dataclasses import dataclass

from boathouse.sql.statements.relational import QualifiedName, Relational, Statement


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
        options: as in `CopyFrom`: FORMAT ('text', 'csv', 'parquet', 'json', 'iceberg'), PARTITION BY (tuple of columns),
            INCLUDE, MANIFEST, VERBOSE, HEADER, DELIMITER, ADDQUOTES, NULL, ESCAPE, COMPRESSION, ALLOWOVERWRITE,
            CLEANPATH, PARALLEL, MAXFILESIZE (bytes), ROWGROUPSIZE (bytes), EXTENSION, FIXEDWIDTH.
    """

    query: str
    destination: str
    credentials: Credentials
    options: dict[str, str | int | bool | tuple[str, ...]]
