"""Arguments of aggregates and window functions: how many, and of which kind.

Called by `expressions` once they are bound; scalar functions are looked at where they are rewritten.
"""

from __future__ import annotations

from sqlglot import exp

from boathouse.contracts.errors import UndefinedFunction
from boathouse.contracts.types import VARCHAR
from boathouse.sql.bind.bound import type_of
from boathouse.sql.bind.names import position_of
from boathouse.sql.redshift.argument_kinds import fits
from boathouse.sql.redshift.functions import FUNCTIONS

_AROUND = (exp.IgnoreNulls, exp.RespectNulls, exp.Order, exp.Ordered, exp.Having)


def check_arguments(name: str, arguments: list[exp.Expression], node: exp.Expression) -> None:
    """See the module.

    Raises:
        UndefinedFunction: no function of that name takes these.
    """
    function = FUNCTIONS.get(name)
    if function is None or function.kind not in ("aggregate", "window"):
        return
    found = [one for argument in arguments for one in _unwrapped(argument)]
    fit = all(
        fits(function.letter(place), VARCHAR if is_text(one) else type_of(one)) for place, one in enumerate(found)
    )
    if not fit or len(found) < function.least or (function.most is not None and len(found) > function.most):
        kinds = ", ".join(str(type_of(one)) for one in found)
        raise UndefinedFunction(
            f"function {name}({kinds}) does not exist",
            hint="No function matches the given name and argument types. You may need to add explicit type casts.",
            position=position_of(node),
        )


def is_text(node: exp.Expression) -> bool:
    """True for 'abc'."""
    return isinstance(node, exp.Literal) and bool(node.is_string)


def _unwrapped(argument: exp.Expression) -> list[exp.Expression]:
    """What stands inside DISTINCT, ORDER BY and IGNORE NULLS."""
    while isinstance(argument, _AROUND):
        argument = argument.this
    return list(argument.expressions) if isinstance(argument, exp.Distinct) else [argument]
