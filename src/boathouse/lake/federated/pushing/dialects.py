"""How another database's SQL writes names, constants and comparisons so that they mean what they mean here.

Text compares by its bytes here: PostgreSQL does that under the collation "C", MySQL as BINARY.
"""

from __future__ import annotations

import math
import re
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
        missing: tells whether a date that is never NULL is NULL; for MySQL's IS NULL, 0000-00-00 is.
        knows: whether it has the constant at all. holds: whether a column of that collation could hold the text.
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
    missing: str = "{} IS NULL"
    knows: Callable[[Constant], bool] = lambda found: True
    holds: Callable[[str, Constant], bool] = lambda collation, found: True

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
        return f"({literal(text)} + 0e0)"
    if kind == "boolean":
        return "1" if text == "true" else "0"
    if kind in ("date", "timestamp"):
        return f"{kind.upper()} {literal(text)}"
    return "'" + text.replace("\\", "\\\\").replace("'", "''") + "'"


def _mysql_knows(found: Constant) -> bool:
    """Neither infinity nor NaN, nor a year of more than four digits."""
    if found.text is None or found.kind not in ("double", "date", "timestamp"):
        return True
    if found.kind == "double":
        return math.isfinite(float(found.text))
    return _YEAR.match(found.text) is not None


_YEAR = re.compile(r"\d{4}-")


def _mysql_holds(collation: str, found: Constant) -> bool:
    """A text that a column's character set lacks is no text to compare with: "Illegal mix of collations"."""
    text, charset = found.text or "", collation.partition("_")[0]
    if text.isascii() or charset in ("utf8mb4", "utf16", "utf16le", "utf32"):
        return True
    if charset == "latin1":
        return len(text.encode("cp1252", "ignore")) == len(text)
    return charset in ("utf8", "utf8mb3", "ucs2") and max(text) <= "\uffff"


MYSQL = Dialect(
    quote=lambda name: "`" + name.replace("`", "``") + "`",
    typed=_mysql_constant,
    ordered="BINARY CONVERT({} USING utf8mb4)",
    equal="BINARY CONVERT({} USING utf8mb4)",
    as_text="CAST({} AS CHAR)",
    as_numeric="({} + 0.0)",
    by_bytes=True,
    nulls="({} IS NULL)",
    missing="{} <=> NULL",
    knows=_mysql_knows,
    holds=_mysql_holds,
)

DIALECTS: Mapping[Literal["postgres", "mysql"], Dialect] = {"postgres": POSTGRES, "mysql": MYSQL}
