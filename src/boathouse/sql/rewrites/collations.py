"""Texts that are compared without case, where the engine's NOCASE does not reach.

Received: typed nodes. Comparisons, IN, LIKE, joins, sorting, grouping, windows, set operations, MIN and MAX follow the
collation of a column in the engine itself. Here the rest is given lower-case forms: distinct aggregates, rows, GREATEST
and LEAST, places of a text in another, regular expressions. Handed back: the same nodes, changed.

Source: Redshift Developer Guide, "CREATE DATABASE" (r_CREATE_DATABASE-collation).
"""

from __future__ import annotations

from sqlglot import exp

from boathouse.contracts import types as t
from boathouse.contracts.errors import FeatureNotSupported
from boathouse.sql.bind.bound import type_of, with_type
from boathouse.sql.bind.names import position_of
from boathouse.sql.rewrites.forms import call, text

_PLACES = ("strpos", "charindex", "position", "octetindex", "bpcharcmp", "bttext_pattern_cmp")
_EXPRESSIONS = ("regexp_count", "regexp_instr", "regexp_replace", "regexp_substr")
_COUNTS = ("approximate_count", "hll")


def rewrite_collation(node: exp.Expression) -> exp.Expression:
    """Rewrite one node that compares texts without case."""
    if isinstance(node, exp.Tuple):
        _lower_row(node)
    elif isinstance(node, exp.Distinct):
        _lower_distinct(node)
    elif isinstance(node, exp.RegexpLike) and type_of(node.this).insensitive:
        return exp.RegexpILike(this=node.this, expression=node.expression)
    elif isinstance(node, exp.StrPosition):
        _lower(node, "this", "substr")
    elif isinstance(node, exp.ApproxDistinct):
        _lower(node, "this")
    elif isinstance(node, exp.Anonymous):
        return _call_without_case(node, str(node.this).lower())
    return node


def _lower_form(one: exp.Expression) -> exp.Expression:
    return call("lower", one, of=type_of(one))


def _lower(node: exp.Expression, *keys: str) -> None:
    if any(type_of(node.args[key]).insensitive for key in keys):
        for key in keys:
            node.set(key, _lower_form(node.args[key]))


def _lower_row(node: exp.Tuple) -> None:
    """`(a, b) = (c, d)` and `(a, b) IN ((c, d), …)`: the engine compares rows by their bytes."""
    parent = node.parent
    if isinstance(parent, exp.Values) or not any(type_of(one).insensitive for one in _places(node)):
        return
    if isinstance(parent, exp.In) and parent.args.get("query") is not None:
        raise FeatureNotSupported(
            "a row with case-insensitive text is not supported in IN (SELECT …)",
            hint="Use EXISTS.",
            position=position_of(node),
        )
    flags = [type_of(one).insensitive for one in _places(node)]
    node.set(
        "expressions",
        [_lower_form(one) if flag else one for one, flag in zip(node.expressions, flags, strict=False)],
    )


def _places(node: exp.Tuple) -> list[exp.Expression]:
    """The row's own parts; of a row of constants, those of the row that it is compared with."""
    parent = node.parent
    if any(type_of(one).insensitive for one in node.expressions) or not isinstance(parent, exp.In | exp.Binary):
        return list(node.expressions)
    other = parent.this if node.arg_key != "this" else parent.args.get("expression")
    return list(other.expressions) if isinstance(other, exp.Tuple) else list(node.expressions)


def _lower_distinct(node: exp.Distinct) -> None:
    if not any(type_of(one).insensitive for one in node.expressions) or node.arg_key == "distinct":
        return
    if not isinstance(node.parent, exp.Count | exp.ApproxDistinct):
        raise FeatureNotSupported(
            "DISTINCT over case-insensitive text is supported in COUNT alone", position=position_of(node)
        )
    node.set("expressions", [_lower_form(one) if type_of(one).insensitive else one for one in node.expressions])


def _call_without_case(node: exp.Anonymous, name: str) -> exp.Expression:
    values = node.expressions
    if not any(type_of(one).insensitive for one in values):
        return node
    if name in _EXPRESSIONS:
        _ignore_case(values[1])
    elif name in (*_PLACES, *_COUNTS):
        node.set("expressions", [_lower_form(one) for one in values])
    elif name in ("greatest", "least"):
        # By the lower-case forms; the values themselves stand behind them.
        pairs = [call("rs.without_case", one) for one in values]
        return call("struct_extract", call(name, *pairs), text("v"), of=type_of(node))
    return node


def _ignore_case(pattern: exp.Expression) -> None:
    """The regular expression's own flag, in the engine's dialect and in Perl's."""
    literal = isinstance(pattern, exp.Literal)
    flagged = text(f"(?i){pattern.name}") if literal else exp.DPipe(this=text("(?i)"), expression=pattern.copy())
    pattern.replace(with_type(flagged, t.VARCHAR))
