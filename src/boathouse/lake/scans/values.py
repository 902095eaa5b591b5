"""Values of external columns: the engine's type of each declared type, and text turned into it.

Handed to `lake.scans.formats`. A text value that is no value of its column's type becomes NULL; a string longer than
the column is cut at its declared length. Source: Redshift Developer Guide, "CREATE EXTERNAL TABLE" (table properties
`data_cleansing_enabled`, `surplus_char_handling`).
"""

from __future__ import annotations

from boathouse.contracts.errors import FeatureNotSupported
from boathouse.contracts.types import SqlType
from boathouse.lake.scans.serdes import cleansing
from boathouse.lake.tables import ExternalTable

_ENGINE: dict[str, str] = {
    "boolean": "BOOLEAN",
    "smallint": "SMALLINT",
    "integer": "INTEGER",
    "bigint": "BIGINT",
    "real": "FLOAT",
    "double precision": "DOUBLE",
    "character": "VARCHAR",
    "character varying": "VARCHAR",
    "text": "VARCHAR",
    "date": "DATE",
    "time without time zone": "TIME",
    "timestamp without time zone": "TIMESTAMP",
    "timestamp with time zone": "TIMESTAMPTZ",
    "varbyte": "BLOB",
    "super": "JSON",
}


def quoted(name: str) -> str:
    """A name as the engine reads it."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """A string literal of the engine."""
    return "'" + text.replace("'", "''") + "'"


def engine_type(kind: SqlType) -> str:
    """The engine's type for a column's type; FeatureNotSupported where external tables cannot have it."""
    if kind.name == "numeric":
        return f"DECIMAL({kind.precision or 18}, {kind.scale or 0})"
    if kind.name == "array":
        return engine_type(kind.element) + "[]"
    if kind.name == "map":
        return f"MAP({engine_type(kind.fields[0][1])}, {engine_type(kind.fields[1][1])})"
    if kind.name == "struct":
        return "STRUCT(" + ", ".join(f"{quoted(name)} {engine_type(inner)}" for name, inner in kind.fields) + ")"
    found = _ENGINE.get(kind.name)
    if found is None:
        raise FeatureNotSupported(f"external columns of type {kind} are not supported")
    return found


def lent_value(text: str, kind: str) -> str:
    """A column of a lent stream as the engine's type. Fractions are kept from the engine's reader of Arrow, which takes filters
    along: there NaN is greater than nothing.
    """
    return f"coalesce({text}, NULL)" if kind.startswith(("DOUBLE", "FLOAT", "STRUCT")) else text


def from_text(text: str, kind: SqlType) -> str:
    """SQL that makes the typed value of a VARCHAR expression; NULL where it is malformed."""
    if kind.is_text:
        return text
    if kind.is_integer:
        # The engine would round 1.7 and read 1e3; neither is an integer's text.
        return f"CASE WHEN NOT regexp_matches({text}, '[.eExX_]') THEN TRY_CAST({text} AS {engine_type(kind)}) END"
    if kind.name in ("struct", "array", "map", "super"):
        return f"TRY_CAST(TRY_CAST({text} AS JSON) AS {engine_type(kind)})"
    return f"TRY_CAST({text} AS {engine_type(kind)})"


def fitted(value: str, kind: SqlType, table: ExternalTable) -> str:
    """SQL for a string that keeps to its declared length in bytes, CHAR without its blanks; other values as they are."""
    if kind.name == "character":
        value = f"rtrim({value}, ' ')"
        return f"rtrim({_fitted(value, kind, table)}, ' ')"
    return _fitted(value, kind, table)


def _fitted(value: str, kind: SqlType, table: ExternalTable) -> str:
    if not kind.is_text or kind.length is None or kind.length >= 65535:
        return value
    length = kind.length
    surplus = cleansing(table, "surplus_char_handling", "TRUNCATE")
    if surplus == "DISABLED":
        return value
    if surplus == "SET_TO_NULL":
        return f"CASE WHEN strlen({value}) <= {length} THEN {value} END"
    if surplus == "FAIL":
        told = literal(f"BH22001|value too long for type {kind}")
        return f"CASE WHEN strlen({value}) > {length} THEN error({told}) ELSE {value} END"
    # A cut in the middle of a multi-byte character would leave half of it: the longest prefix that fits.
    cut = (
        f"CASE WHEN strlen({value}) = length({value}) THEN left({value}, {length}) ELSE left({value}, "
        f"len(list_filter(range(1, {length + 1}), lambda k: strlen(left({value}, k)) <= {length}))) END"
    )
    return f"CASE WHEN strlen({value}) > {length} THEN {cut} ELSE {value} END"
