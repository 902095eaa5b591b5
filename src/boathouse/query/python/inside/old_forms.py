"""Python 2's forms in a body's tree, where Python 3 would answer otherwise or know no such method.

Called by `bodies` with the parsed body. `/` of integers is whole; a text was bytes in UTF-8, so it has `decode`; dicts have
`has_key` and `iteritems` and its like.
"""

from __future__ import annotations

import ast
from typing import Any

_ITERATORS = {"iteritems": "items", "itervalues": "values", "iterkeys": "keys"}


def divide(left: Any, right: Any) -> Any:
    """`left / right`; of two integers the whole part, rounded down."""
    return left // right if isinstance(left, int) and isinstance(right, int) else left / right


class Divisor:
    """What stands to the right of `/=`: the left side asks it to divide."""

    def __init__(self, value: Any) -> None:
        self._value = value

    def __rtruediv__(self, left: Any) -> Any:
        return divide(left, self._value)


def decode(value: Any, *how: Any, **more: Any) -> Any:
    """`value.decode(…)`; of a text, of its bytes."""
    return value.encode().decode(*(how or ("ascii",)), **more) if isinstance(value, str) else value.decode(*how, **more)


def has_key(value: Any, key: Any) -> Any:
    """`value.has_key(key)`."""
    return key in value if isinstance(value, dict) else value.has_key(key)


NAMES = {"__divide": divide, "__Divisor": Divisor, "__decode": decode, "__has_key": has_key}
"""What the forms call."""


class OldForms(ast.NodeTransformer):
    """Puts those functions in the places of the forms."""

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        self.generic_visit(node)
        return _called("divide", node, [node.left, node.right]) if isinstance(node.op, ast.Div) else node

    def visit_AugAssign(self, node: ast.AugAssign) -> ast.AST:
        self.generic_visit(node)
        if isinstance(node.op, ast.Div):
            node.value = _called("Divisor", node.value, [node.value])
        return node

    def visit_Call(self, node: ast.Call) -> ast.AST:
        self.generic_visit(node)
        method = node.func
        if isinstance(method, ast.Attribute) and method.attr in ("decode", "has_key"):
            return _called(method.attr, node, [method.value, *node.args], node.keywords)
        if isinstance(method, ast.Attribute) and not (node.args or node.keywords):
            method.attr = _ITERATORS.get(method.attr, method.attr)
        return node


def _called(
    name: str, place: ast.expr, arguments: list[ast.expr], keywords: list[ast.keyword] | None = None
) -> ast.Call:
    made = ast.Call(func=ast.Name(id=f"__{name}", ctx=ast.Load()), args=arguments, keywords=keywords or [])
    return ast.copy_location(made, place)
