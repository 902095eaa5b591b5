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
from boathouse.contracts.types import SqlType
from boathouse.sql.bind.bound import Bound
from boathouse.sql.targets.spark import aggregates, calls, casts, nested, operators, queries
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
    **nested.WRITERS,
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
            return _stored(written, bound.fields, words)
        return _leaving(written, bound.fields)
    except RecursionError:
        raise FeatureNotSupported("the statement is nested too deep for the engine spark") from None


def _stored(sql: str, fields: Sequence[Field], words: Words) -> str:
    names = [name(f"c{place}") for place in range(len(fields))]
    items = []
    for column, field in zip(names, fields, strict=True):
        if field.type.is_nested:
            raise refused(f"a table's column of type {field.type}")
        items.append(f"CAST({column} AS {words.type_name(field.type)}) AS {column}")
    return f"SELECT {', '.join(items)} FROM ({sql}) AS `_result`({', '.join(names)})"


def _leaving(sql: str, fields: Sequence[Field]) -> str:
    """CHAR with its blanks, nested values as JSON."""
    names = [name(f"c{place}") for place in range(len(fields))]
    items = [_item(column, field.type) for column, field in zip(names, fields, strict=True)]
    if items == names:
        return sql
    shown = [f"{item} AS {column}" if item != column else column for item, column in zip(items, names, strict=True)]
    return f"SELECT {', '.join(shown)} FROM ({sql}) AS `_result`({', '.join(names)})"


def _item(column: str, of: SqlType) -> str:
    if of.is_nested:
        return nested.leaving(column, of)
    if of.name != "character" or not of.length:
        return column
    blanks = f"space({of.length} - octet_length({column}))"
    return f"CASE WHEN octet_length({column}) < {of.length} THEN concat({column}, {blanks}) ELSE {column} END"
