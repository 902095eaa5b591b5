"""The session parameters that say how SUPER values are read: laxly or strictly, with or without the case of attributes.

Received from `bind`: the tree before and after its names are resolved, and the session's choice. Changed in place: before,
identifiers that keep their case as attributes are marked; after, navigation, casts and JSON_PARSE do what was chosen.

Source: Redshift Developer Guide, "SUPER configurations" (super-configurations).
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlglot import exp

from boathouse.contracts.types import BIGINT, SUPER, VARCHAR, SqlType
from boathouse.sql.bind.bound import call, type_of, with_type
from boathouse.sql.bind.names import EXACT

STRICT = "strict"
"""Key in the meta of a cast out of SUPER that fails where the value is of another kind."""


@dataclass(frozen=True, slots=True)
class SuperModes:
    """One session's choice; part of a plan's key.

    Attributes:
        lax_navigation: `navigate_super_null_on_error`: a path that leads nowhere is NULL.
        lax_casts: `cast_super_null_on_error`: a value of another kind is NULL.
        lax_parsing: `parse_super_null_on_error`: what is no JSON is NULL.
        exact_attributes: `enable_case_sensitive_super_attribute`.
    """

    lax_navigation: bool = True
    lax_casts: bool = True
    lax_parsing: bool = False
    exact_attributes: bool = False


def mark_attributes(tree: exp.Expression, modes: SuperModes) -> None:
    """Let every identifier keep its case, should it turn out to be an attribute."""
    if modes.exact_attributes:
        for identifier in tree.find_all(exp.Identifier):
            identifier.meta[EXACT] = True


def apply_modes(tree: exp.Expression, modes: SuperModes) -> None:
    """What differs from the parameters' defaults."""
    if modes.lax_navigation and modes.lax_casts and not modes.lax_parsing:
        return
    for node in reversed([*tree.walk()]):
        if isinstance(node, (exp.Dot, exp.Bracket)) and not modes.lax_navigation and type_of(node.this) == SUPER:
            _check_step(node)
        elif isinstance(node, exp.Cast) and not modes.lax_casts and type_of(node.this) == SUPER:
            node.meta[STRICT] = True
        elif isinstance(node, exp.Anonymous) and modes.lax_parsing and str(node.this).lower() == "json_parse":
            node.replace(call("memory.rs.json_parse_lax", SUPER, *node.expressions))


def _check_step(node: exp.Dot | exp.Bracket) -> None:
    """`x.a` as `CASE WHEN (x has a, or an error) IS NULL THEN x.a END`."""
    value: exp.Expression = node.this
    if isinstance(node, exp.Dot):
        checked = call("memory.rs.super_attribute", VARCHAR, value.copy(), _text(node.expression.name))
    else:
        place = int(node.expressions[0].name) - 1  # the engine counts from 1
        checked = call("memory.rs.super_element", VARCHAR, value.copy(), _number(place))
    found = exp.Case()
    node.replace(found)
    nothing = exp.Is(this=checked, expression=exp.Null())
    found.set("ifs", [exp.If(this=nothing, true=node)])
    with_type(found, SUPER)


def _text(value: str) -> exp.Expression:
    return with_type(exp.Literal.string(value), VARCHAR)


def _number(value: int) -> exp.Expression:
    return with_type(exp.Literal.number(value), SqlType(BIGINT.name))
