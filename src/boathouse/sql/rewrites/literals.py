"""Text literals that stand beside values of another type: in CASE, COALESCE, UNION.

Received: literals whose type the binder settled by their neighbours. Handed back: the literal converted, so that the
engine does not make text of all of them.

Source: PostgreSQL, "Type Conversion", "UNION, CASE, and Related Constructs".
"""

from __future__ import annotations

from sqlglot import exp

from boathouse.contracts import types as t
from boathouse.sql.bind.bound import type_of
from boathouse.sql.rewrites.casts import convert
from boathouse.sql.rewrites.forms import is_text_literal


def rewrite_literal(node: exp.Expression) -> exp.Expression:
    """Convert one such literal; comparisons, calls and assignments convert their own."""
    if not is_text_literal(node):
        return node
    wanted = type_of(node)
    if wanted == t.UNKNOWN or wanted.is_text or not _is_branch(node):
        return node
    return convert(node, wanted)


def _is_branch(node: exp.Expression) -> bool:
    parent = node.parent
    if isinstance(parent, exp.If):
        return node.arg_key == "true"
    if isinstance(parent, exp.Case):
        return node.arg_key == "default"
    if isinstance(parent, exp.Alias):
        query = parent.parent.parent if parent.parent is not None else None
        while isinstance(query, exp.Subquery):
            query = query.parent
        return isinstance(query, exp.SetOperation)
    return isinstance(parent, exp.Coalesce)
