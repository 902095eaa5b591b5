"""The forms that rewrites build: calls of the engine, casts, literals.

Received: nodes and types of a rewrite in progress. Handed back: new nodes, typed, that no rewrite visits again.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from sqlglot import exp

from boathouse.contracts import types as t
from boathouse.contracts.types import SqlType
from boathouse.sql.bind.bound import type_of, with_type
from boathouse.sql.redshift.catalogue.computed_values import COMPUTED_BYTES, COMPUTED_TEXTS
from boathouse.sql.redshift.types import duckdb_type

ENGINE_CALL = "engine_call"
"""The binder's mark on calls that already name the engine's function."""


def call(name: str, *arguments: exp.Expression, of: SqlType = t.UNKNOWN) -> exp.Expression:
    """A call of an engine function; `rs.name` and `sp.name` are macros of ours."""
    name = f"memory.{name}" if name.startswith("rs.") else f"memory_spatial.{name}" if name.startswith("sp.") else name
    node = exp.Anonymous(this=name, expressions=list(arguments))
    node.meta[ENGINE_CALL] = True
    if name in COMPUTED_TEXTS or name in COMPUTED_BYTES:
        kind = "VARCHAR" if name in COMPUTED_TEXTS else "BLOB"
        copied = exp.DPipe(this=node, expression=cast_as(exp.Literal.string(""), kind))
        return with_type(cast_as(copied, kind), of)  # nothing that the engine computes, but where all is NULL
    return with_type(node, of)


def cast(node: exp.Expression, of: SqlType, attempt: bool = False) -> exp.Expression:
    """A cast by the engine, without our rules; `attempt` gives NULL where it fails."""
    return with_type(cast_as(node, duckdb_type(of), attempt), of)


def cast_as(node: exp.Expression, engine_type: str, attempt: bool = False) -> exp.Expression:
    """A cast to a type that only the engine knows."""
    kind = exp.TryCast if attempt else exp.Cast
    return kind(this=node, to=_engine_type(engine_type).copy())


@lru_cache(maxsize=1024)
def _engine_type(name: str) -> exp.DataType:
    """The node of a type's name, read once: a bulk INSERT casts to the same few types thousands of times."""
    return exp.DataType.build(name, dialect="duckdb")


def text(value: str) -> exp.Expression:
    """A text literal."""
    return with_type(exp.Literal.string(value), t.VARCHAR)


def number(value: int) -> exp.Expression:
    """An integer literal."""
    return with_type(exp.Literal.number(value), t.INTEGER)


def is_text_literal(node: Any) -> bool:
    """True for 'abc'."""
    return isinstance(node, exp.Literal) and bool(node.is_string)


def literal_text(node: Any) -> str | None:
    """The text of a text literal (a cast of one to text included); None for anything else."""
    if isinstance(node, exp.Cast) and type_of(node).is_text:
        node = node.this
    return str(node.this) if is_text_literal(node) else None


def literal_number(node: Any) -> int | None:
    """The value of an integer literal with its sign; None for anything else."""
    if isinstance(node, exp.Paren):
        return literal_number(node.this)
    if isinstance(node, exp.Neg):
        inner = literal_number(node.this)
        return None if inner is None else -inner
    if isinstance(node, exp.Literal) and not node.is_string and str(node.this).isdigit():
        return int(str(node.this))
    return None


def is_nonzero_number(node: Any) -> bool:
    """True for a number literal other than zero, which needs no guard as a divisor."""
    if isinstance(node, exp.Paren | exp.Neg):
        return is_nonzero_number(node.this)
    if not isinstance(node, exp.Literal) or node.is_string:
        return False
    try:
        return float(str(node.this)) != 0
    except ValueError:
        return False


def grouped(node: exp.Expression) -> exp.Expression:
    """The node in parentheses where an operator around it could tear it apart."""
    if isinstance(node, exp.Binary | exp.Unary | exp.Between | exp.In | exp.Is) and not isinstance(node, exp.Paren):
        return with_type(exp.Paren(this=node), type_of(node))
    return node
