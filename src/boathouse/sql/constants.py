"""Constant expressions to Python values, for EXECUTE's arguments."""

from __future__ import annotations

from decimal import Decimal

from sqlglot import exp

from boathouse.contracts.errors import FeatureNotSupported


def constant_value(node: exp.Expression) -> object:
    """The value of a literal, a signed number, TRUE, FALSE, NULL, or a cast of one (whose type is left to its use).

    Raises:
        FeatureNotSupported: anything else.
    """
    if isinstance(node, exp.Paren | exp.Cast):
        return constant_value(node.this)
    if isinstance(node, exp.Neg):
        value = constant_value(node.this)
        if isinstance(value, int | Decimal):
            return -value
    if isinstance(node, exp.Null):
        return None
    if isinstance(node, exp.Boolean):
        return bool(node.this)
    if isinstance(node, exp.Literal):
        text = str(node.this)
        if node.is_string:
            return text
        return int(text) if text.isdigit() else Decimal(text)
    raise FeatureNotSupported(
        "EXECUTE takes constants only", hint="Use the driver's own parameters for computed values."
    )
