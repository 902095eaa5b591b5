"""How another database's SQL writes names, constants and comparisons so that they mean what they mean here.

Text compares by its bytes here: PostgreSQL does that under the collation "C", MySQL as BINARY.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from boathouse.lake.federated.pushing.constants import Constant
from boathouse.lake.federated.remote import Family
from boathouse.lake.scans.values import literal


@dataclass(frozen=True)
class Dialect:
    """What differs between the databases.

    Attributes:
        quote: a name as it is written.
        typed: a constant that is neither NULL nor an exact number, as it is written.
        ordered: a text expression that `<` and `>` order by bytes. equal: one that `=` compares by bytes.
        as_text: an expression cast to text. as_numeric: to a number that sums without overflow.
        truncations: units of date_trunc that it computes as we do.
        by_bytes: text patterns of LIKE take bytes, not characters, for `_`.
        nulls: what sorts by whether a value is NULL; empty where ORDER BY has words for it.
    """

    quote: Callable[[str], str]
    typed: Callable[[Family, str], str]
    ordered: str
    equal: str
    as_text: str
    as_numeric: str
    truncations: frozenset[str] = frozenset()
    by_bytes: bool = False
    nulls: str = ""

    def sorted(self, text: str, is_descending: bool, nulls_first: bool) -> str:
        """A key of ORDER BY as it is written."""
        word = "DESC" if is_descending else "ASC"
        if self.nulls:
            return f"{self.nulls.format(text)} {'DESC' if nulls_first else 'ASC'}, {text} {word}"
        return f"{text} {word} NULLS {'FIRST' if nulls_first else 'LAST'}"

    def constant(self, found: Constant) -> str:
        """A constant as it is written."""
        if found.text is None:
            return "NULL"
        if found.kind == "numeric":
            return f"({found.text})" if found.text.startswith("-") else found.text
        return self.typed(found.kind, found.text)


_POSTGRES_TYPES: Mapping[str, str] = {
    "double": "float8",
    "date": "date",
    "timestamp": "timestamp",
    "timestamptz": "timestamptz",
    "boolean": "boolean",
}


def _postgres_constant(kind: Family, text: str) -> str:
    if kind == "text":
        if "\\" in text:
            return "E" + literal(text.replace("\\", "\\\\"))
        return literal(text)
    return f"{literal(text)}::{_POSTGRES_TYPES[kind]}"


POSTGRES = Dialect(
    quote=lambda name: '"' + name.replace('"', '""') + '"',
    typed=_postgres_constant,
    ordered='({}) COLLATE "C"',
    equal="{}",
    as_text="({})::text",
    as_numeric="({})::numeric",
    truncations=frozenset({"year", "quarter", "month", "week", "day", "hour", "minute", "second"}),
)


def _mysql_constant(kind: Family, text: str) -> str:
    if kind == "double":
        return f"CAST({literal(text)} AS DOUBLE)"
    if kind == "boolean":
        return "1" if text == "true" else "0"
    if kind in ("date", "timestamp"):
        return f"{kind.upper()} {literal(text)}"
    return "'" + text.replace("\\", "\\\\").replace("'", "''") + "'"


MYSQL = Dialect(
    quote=lambda name: "`" + name.replace("`", "``") + "`",
    typed=_mysql_constant,
    ordered="BINARY CONVERT({} USING utf8mb4)",
    equal="BINARY CONVERT({} USING utf8mb4)",
    as_text="CAST({} AS CHAR)",
    as_numeric="({} + 0.0)",
    by_bytes=True,
    nulls="({} IS NULL)",
)

DIALECTS: Mapping[Literal["postgres", "mysql"], Dialect] = {"postgres": POSTGRES, "mysql": MYSQL}
