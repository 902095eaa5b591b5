"""Names: folding, positions in the text, functions as written, and the name of an output column.

Received: sqlglot nodes as parsed; handed to every other module of the binder. Folding follows Redshift's default
(`enable_case_sensitive_identifier` off: quoted identifiers fold as well, see `sql.exact_names`); output names follow
PostgreSQL's FigureColname.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable

from sqlglot import exp

from boathouse.contracts.errors import FeatureNotSupported
from boathouse.contracts.types import SqlType
from boathouse.sql import exact_names
from boathouse.sql.bind.bound import type_of

UNNAMED = "?column?"
_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_$]*\Z")
_WRITTEN = "written"

_TYPE_NAMES = {
    "smallint": "int2",
    "integer": "int4",
    "bigint": "int8",
    "real": "float4",
    "double precision": "float8",
    "boolean": "bool",
    "character varying": "varchar",
    "character": "bpchar",
    "timestamp without time zone": "timestamp",
    "timestamp with time zone": "timestamptz",
    "time without time zone": "time",
    "time with time zone": "timetz",
}

_CLASS_NAMES: dict[type[exp.Expr], str] = {
    exp.Coalesce: "coalesce",
    exp.Count: "count",
    exp.GroupConcat: "listagg",
    exp.CurrentDate: "date",
    exp.ApproxDistinct: "count",
    exp.StrPosition: "position",
    exp.Extract: "date_part",
    exp.TimestampTrunc: "date_trunc",
    exp.Trim: "btrim",
    exp.Array: "array",
}


def read_only(database: str, name: str, position: int | None = None) -> FeatureNotSupported:
    """The error for what would change something through the name of another database."""
    return FeatureNotSupported(
        f"cross-database writes are not supported: {name}",
        hint=f'"{database}" is a name over what an integration keeps like its source.',
        position=position,
    )


EXACT = "exact"
"""Key in an identifier's meta: as an attribute of SUPER it keeps its case."""


def attribute(part: exp.Identifier) -> str:
    """The attribute of a SUPER object that an identifier names."""
    return part.name if part.meta.get(EXACT) else fold(part.name)


_WRITTEN_OUTPUTS = {
    "sysdate": "timestamp", "current_timestamp": "timestamptz", "current_date": "date", "dateadd": "date_add",
    "datediff": "date_diff", "date_part": "pgdate_part", "approximate_percentile_disc": "percentile_disc",
    "approx_quantile": "percentile_disc",
    "decode": "case", "decode_case": "case",
}  # fmt: skip
"""What is named otherwise than it is written: words that are casts of now() underneath, and functions that are another
name of the one that runs."""


def fold(name: str) -> str:
    """The name as the catalog knows it."""
    return exact_names.fold(name)


def ident(name: str) -> exp.Identifier:
    """A quoted identifier, of a name as the catalog or the binder has it."""
    return exp.Identifier(this=exact_names.ExactName(name), quoted=True)


def position_of(node: exp.Expr | None) -> int | None:
    """1-based position of a node in the statement's text, of its first token that is known; None where none is."""
    if node is None:
        return None
    start = node.meta.get("start")
    if isinstance(start, int):
        return start + 1
    starts = [found.meta["start"] for found in node.walk() if isinstance(found.meta.get("start"), int)]
    return min(starts) + 1 if starts else None


def did_you_mean(name: str, candidates: Iterable[str]) -> str | None:
    """A hint that names the most similar candidate."""
    close = difflib.get_close_matches(name, [*dict.fromkeys(candidates)], n=1, cutoff=0.6)
    return f'Did you mean "{close[0]}"?' if close else None


def function_name(node: exp.Expr, text: str) -> str:
    """A function's name as the user wrote it, folded; its class's name where the text does not tell."""
    known = node.meta.get(_WRITTEN)
    if isinstance(known, str):
        return known
    name = _read_name(node, text)
    node.meta[_WRITTEN] = name
    return name


def _read_name(node: exp.Expr, text: str) -> str:
    start, end = node.meta.get("start"), node.meta.get("end")
    if isinstance(start, int) and isinstance(end, int):
        word = text[start : end + 1]
        if _WORD.match(word):
            return word.lower()
    if isinstance(node, exp.CurrentTimestamp):
        return "sysdate" if node.args.get("sysdate") else "current_timestamp"
    if isinstance(node, (exp.Anonymous, exp.AnonymousAggFunc)):
        return str(node.this).lower()
    if type(node) in _CLASS_NAMES:
        return _CLASS_NAMES[type(node)]
    return node.sql_name().lower() if isinstance(node, exp.Func) else type(node).__name__.lower()


def type_name(sql_type: SqlType) -> str:
    """The short internal name under which PostgreSQL names a column that is only a cast."""
    if sql_type.is_catalog_array:
        return type_name(sql_type.element)
    return _TYPE_NAMES.get(sql_type.name, sql_type.name.strip('"'))


def output_name(node: exp.Expression, text: str) -> str:
    """The name of an output column, asked of the expression before it is bound."""
    if isinstance(node, exp.Alias):
        return fold(node.alias)
    if isinstance(node, (exp.Column, exp.Dot)):
        return fold(node.name) or UNNAMED
    if isinstance(node, exp.Bracket):
        return _bracket_name(node, text)
    if isinstance(node, (exp.Paren, exp.Window, exp.WithinGroup, exp.Filter, exp.IgnoreNulls, exp.RespectNulls)):
        return output_name(node.this, text)
    if isinstance(node, exp.Cast):
        return _cast_name(node, text)
    if isinstance(node, exp.Subquery):
        return _query_name(node, text)
    if isinstance(node, exp.Case):
        return "case"
    if isinstance(node, exp.Extract):
        return "date_part"
    if isinstance(node, exp.Exists):
        return "exists"
    if isinstance(node, exp.Boolean):
        return "bool"
    if isinstance(node, exp.Func) and not isinstance(node, (exp.Binary, exp.Connector)):
        return _WRITTEN_OUTPUTS.get(function_name(node, text), function_name(node, text))
    return UNNAMED


def _bracket_name(node: exp.Bracket, text: str) -> str:
    key = node.expressions[0] if node.expressions else None
    if isinstance(key, exp.Literal) and key.is_string:
        return str(key.this)
    return output_name(node.this, text)


def _cast_name(node: exp.Cast, text: str) -> str:
    inner = output_name(node.this, text)
    if inner not in (UNNAMED, "case"):
        return inner
    return type_name(type_of(node)) if type_of(node).name != "unknown" else inner


def _query_name(node: exp.Subquery, text: str) -> str:
    query = node.this
    while isinstance(query, (exp.Subquery, exp.SetOperation)):
        query = query.this
    if isinstance(query, exp.Select) and query.expressions:
        return output_name(query.expressions[0], text)
    return UNNAMED
