"""DuckDB's type names to ours, for results and catalog rows that carry no declared type."""

from __future__ import annotations

import re
from functools import lru_cache

from boathouse.contracts import types as t
from boathouse.contracts.types import SqlType

_PLAIN: dict[str, SqlType] = {
    "BOOLEAN": t.BOOLEAN,
    "TINYINT": t.SMALLINT,
    "SMALLINT": t.SMALLINT,
    "INTEGER": t.INTEGER,
    "BIGINT": t.BIGINT,
    "HUGEINT": t.numeric(38, 0),
    "UTINYINT": t.SMALLINT,
    "USMALLINT": t.INTEGER,
    "UINTEGER": t.BIGINT,
    "UBIGINT": t.numeric(38, 0),
    "UHUGEINT": t.numeric(38, 0),
    "FLOAT": t.REAL,
    "DOUBLE": t.DOUBLE,
    "VARCHAR": t.VARCHAR,
    "BLOB": t.VARBYTE,
    "DATE": t.DATE,
    "TIME": t.TIME,
    "TIME WITH TIME ZONE": t.TIMETZ,
    "TIMESTAMP": t.TIMESTAMP,
    "TIMESTAMP_S": t.TIMESTAMP,
    "TIMESTAMP_MS": t.TIMESTAMP,
    "TIMESTAMP_NS": t.TIMESTAMP,
    "TIMESTAMP WITH TIME ZONE": t.TIMESTAMPTZ,
    "INTERVAL": t.INTERVAL,
    "UUID": t.UUID,
    "JSON": t.SUPER,
    "VARIANT": t.SUPER,
    '"NULL"': t.VARCHAR,
}
_DECIMAL = re.compile(r"DECIMAL\((\d+),\s*(\d+)\)$")


@lru_cache(4096)
def from_duckdb(text: str) -> SqlType:
    """The SQL type of a DuckDB type name; types without a counterpart travel as SUPER (JSON text)."""
    plain = _PLAIN.get(text)
    if plain is not None:
        return plain
    decimal = _DECIMAL.match(text)
    if decimal:
        return t.numeric(int(decimal[1]), int(decimal[2]))
    if text.endswith("[]"):
        return t.array_of(from_duckdb(text[:-2]))
    if text.startswith("MAP("):
        key, value = _split(text[4:-1])
        return t.map_of(from_duckdb(key), from_duckdb(value))
    if text.startswith("STRUCT("):
        return t.struct_of(*(_field(part) for part in _split(text[7:-1])))
    if text.startswith("ENUM("):
        return t.VARCHAR
    return t.SUPER


def _field(text: str) -> tuple[str, SqlType]:
    if text.startswith('"'):
        end = re.match(r'"((?:[^"]|"")*)"\s+', text)
        if end is not None:
            return end[1].replace('""', '"'), from_duckdb(text[end.end() :])
    name, _, rest = text.partition(" ")
    return name, from_duckdb(rest)


def _split(text: str) -> list[str]:
    """Split at commas outside parentheses and quotes."""
    parts, depth, quoted, start = [], 0, False, 0
    for at, char in enumerate(text):
        if char == '"':
            quoted = not quoted
        elif quoted:
            continue
        elif char == "(":
            depth += 1
        elif char == ")":
            depth -= 1
        elif char == "," and depth == 0:
            parts.append(text[start:at].strip())
            start = at + 1
    parts.append(text[start:].strip())
    return parts
