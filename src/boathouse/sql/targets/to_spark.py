"""A bound query as Spark's SQL text.

Received from `sql.bind`, before any rewrite for the house's own engine: names resolved, types noted. Handed to the engine
Spark by `query`. What is not known to mean the same there is refused by its name; nothing is passed on unread.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlglot import exp

from boathouse.contracts.answers import Field
from boathouse.contracts.errors import FeatureNotSupported
from boathouse.sql.bind.bound import Bound
from boathouse.sql.targets.spark import aggregates, calls, casts, operators, queries
from boathouse.sql.targets.spark.words import Words, name, refused

_CALLS = dict.fromkeys(
    one for one in exp.ALL_FUNCTIONS if not issubclass(one, exp.AggFunc | exp.Cast | exp.Case | exp.Connector)
)
_WRITERS: Mapping[Any, Any] = {
    **dict.fromkeys((*_CALLS, exp.Anonymous), calls.write_call),
    **casts.WRITERS,
    **operators.WRITERS,
    **aggregates.WRITERS,
    **queries.WRITERS,
}


def to_spark(bound: Bound, tables: Mapping[str, str], values: Sequence[object] = (), *, stored: bool = False) -> str:
    """The query's text for Spark.

    Args:
        stored: the rows go into files: columns `c0`, `c1`, … in exactly their types, CHAR without its blanks.
        tables: the name in Spark of each relation, by the engine's name of it.
        values: of `$1`, `$2`, …

    Raises:
        FeatureNotSupported: something in it has no words there that mean the same.
    """
    if bound.fields is None or bound.target is not None:
        raise refused("a statement that changes tables")
    words = Words(_WRITERS, tables, tuple(values), bound.parameters)
    for field in bound.fields:
        words.type_name(field.type)
    try:
        written = words.write(bound.tree)
        if stored:
            return _stored(written, [words.type_name(one.type) for one in bound.fields])
        return _leaving(written, bound.fields)
    except RecursionError:
        raise FeatureNotSupported("the statement is nested too deep for the engine spark") from None


def _stored(sql: str, types: Sequence[str]) -> str:
    names = [name(f"c{place}") for place in range(len(types))]
    items = [f"CAST({column} AS {of}) AS {column}" for column, of in zip(names, types, strict=True)]
    return f"SELECT {', '.join(items)} FROM ({sql}) AS `_result`({', '.join(names)})"


def _leaving(sql: str, fields: Sequence[Field]) -> str:
    """CHAR with its blanks."""
    if not any(one.type.name == "character" and one.type.length for one in fields):
        return sql
    names = [f"c{place}" for place in range(len(fields))]
    items = [
        f"CASE WHEN octet_length({name(column)}) < {field.type.length} THEN concat({name(column)}, "
        f"space({field.type.length} - octet_length({name(column)}))) ELSE {name(column)} END AS {name(column)}"
        if field.type.name == "character" and field.type.length
        else name(column)
        for column, field in zip(names, fields, strict=True)
    ]
    return f"SELECT {', '.join(items)} FROM ({sql}) AS `_result`({', '.join(map(name, names))})"
