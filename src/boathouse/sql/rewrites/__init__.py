"""Redshift's meaning in the engine's words: a bound tree in, a bound tree out.

Received from `sql.bind`; handed on to `sql.targets`. Each rewrite is a function of one node, told bottom-up, that
returns the node itself or what replaces it; the order below matters only where two look at the same kind of node.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from sqlglot import exp

from boathouse.contracts.answers import Field
from boathouse.contracts.types import numeric
from boathouse.sql.bind.bound import Bound, type_of, with_type
from boathouse.sql.redshift.patterns.numbers import number_format
from boathouse.sql.rewrites.aggregates import rewrite_aggregate
from boathouse.sql.rewrites.assign import rewrite_assigned
from boathouse.sql.rewrites.calls import rewrite_call
from boathouse.sql.rewrites.casts import rewrite_cast
from boathouse.sql.rewrites.collations import rewrite_collation
from boathouse.sql.rewrites.forms import literal_text
from boathouse.sql.rewrites.functions.dates import rewrite_at_time_zone
from boathouse.sql.rewrites.intervals import rewrite_interval
from boathouse.sql.rewrites.literals import rewrite_literal
from boathouse.sql.rewrites.operators import rewrite_operator
from boathouse.sql.rewrites.patterns import rewrite_pattern
from boathouse.sql.rewrites.session_facts import rewrite_session_fact
from boathouse.sql.rewrites.spatial.casts import rewrite_parameter
from boathouse.sql.rewrites.super_groups import rewrite_super_groups
from boathouse.sql.rewrites.supers import rewrite_super

REWRITES: tuple[Callable[[exp.Expression], exp.Expression], ...] = (
    rewrite_session_fact,
    rewrite_super_groups,
    rewrite_super,
    rewrite_collation,
    rewrite_literal,
    rewrite_parameter,
    rewrite_aggregate,
    rewrite_cast,
    rewrite_interval,
    rewrite_pattern,
    rewrite_at_time_zone,
    rewrite_operator,
    rewrite_call,
)
"""The first that changes a node is the last that sees it."""


def rewrite(bound: Bound) -> Bound:
    """The same statement with the engine computing what Redshift would; the bound tree is used up.

    Raises:
        UndefinedFunction: a call that is not in the catalogue. FeatureNotSupported: known, but not here.
    """
    fields = _refined(bound)
    return replace(bound, tree=rewrite_tree(bound.tree), fields=fields)


def _refined(bound: Bound) -> tuple[Field, ...] | None:
    """The result's columns; TO_NUMBER's scale is known only from its format."""
    if bound.fields is None or not isinstance(bound.tree, exp.Select):
        return bound.fields
    found = list(bound.fields)
    for place, item in enumerate(bound.tree.expressions):
        value = item.this if isinstance(item, exp.Alias) else item
        if isinstance(value, exp.Anonymous) and str(value.this).lower() == "to_number" and len(value.expressions) == 2:
            form = literal_text(value.expressions[1])
            if form is not None:
                found[place] = replace(found[place], type=numeric(38, len(number_format(form).part)))
    return tuple(found)


def rewrite_tree(tree: exp.Expression) -> exp.Expression:
    """Rewrite a query, or one expression such as a default, in place; returns the new root."""
    for node in reversed([*tree.dfs()]):
        if not isinstance(node, exp.Expression):
            continue
        parent, key, index = node.parent, node.arg_key, node.index
        found = _first_change(node)
        found = rewrite_assigned(node, found)
        if found is node:
            continue
        if parent is None or key is None or node is tree:
            tree = found
        else:
            parent.set(key, found, index)
    return tree


def _first_change(node: exp.Expression) -> exp.Expression:
    before = type_of(node)
    for step in REWRITES:
        found = step(node)
        if found is not node:
            return with_type(found, before)
    return node
