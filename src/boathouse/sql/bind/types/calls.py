"""Calls: names that are known, and how many arguments of which kind aggregates and window functions take.

Called by `expressions` once arguments are bound; those of scalar functions are looked at where they are rewritten.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from boathouse.contracts.errors import FeatureNotSupported, InputError, InvalidParameterValue, UndefinedFunction
from boathouse.contracts.types import VARCHAR, SqlType, numeric
from boathouse.sql.bind.bound import type_of
from boathouse.sql.bind.names import position_of
from boathouse.sql.bind.types.opaque import refuse_arguments
from boathouse.sql.redshift.catalogue.argument_kinds import fits
from boathouse.sql.redshift.catalogue.known_functions import KNOWN
from boathouse.sql.redshift.functions import FUNCTIONS
from boathouse.sql.redshift.types import from_sqlglot

_AROUND = (exp.IgnoreNulls, exp.RespectNulls, exp.Order, exp.Ordered, exp.Having)


def check_arguments(name: str, arguments: list[exp.Expression], node: exp.Expression) -> None:
    """See the module.

    Raises:
        UndefinedFunction: no function of that name takes these. FeatureNotSupported: Redshift has it, we have not.
    """
    function = FUNCTIONS.get(name)
    if function is None:
        _refuse(name, arguments, node)
    else:
        refuse_arguments(name, function.takes, arguments, node)
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


def numeric_size(arguments: Sequence[exp.Expression]) -> SqlType:
    """The result of TEXT_TO_NUMERIC_ALT(text [, precision, scale]).

    Raises:
        FeatureNotSupported: a format, or sizes that are no literals. InvalidParameterValue: sizes out of their bounds.
    """
    if len(arguments) == 1 or len(arguments) > 4:  # of too many, others speak
        return numeric(38, 0)
    sizes = [
        one.name for one in arguments[1:] if isinstance(one, exp.Literal) and not one.is_string and one.name.isdigit()
    ]
    if len(sizes) != len(arguments) - 1 or len(sizes) != 2:
        raise FeatureNotSupported(
            "TEXT_TO_NUMERIC_ALT takes a text, and a precision and a scale as literals; formats are not supported",
            position=position_of(arguments[1]),
        )
    precision, scale = map(int, sizes)
    if not 1 <= precision <= 38 or scale > precision:
        raise InvalidParameterValue(
            f"NUMERIC({precision},{scale}) has no such precision or scale", position=position_of(arguments[1])
        )
    return numeric(precision, scale)


def cast_target(node: exp.Expression) -> SqlType:
    """The type that CAST names; its errors have the cast's place."""
    try:
        return from_sqlglot(node.args["to"])
    except InputError as refused:
        refused.position = position_of(node)
        raise


def _refuse(name: str, arguments: list[exp.Expression], node: exp.Expression) -> None:
    if name in KNOWN:
        raise FeatureNotSupported(
            f"the function {name.upper()} is not supported: {KNOWN[name]}", position=position_of(node)
        )
    if isinstance(node, exp.AggFunc) and not name.startswith(("grouping", "approx")):
        kinds = ", ".join(str(type_of(part)) for part in arguments)
        raise UndefinedFunction(f"function {name}({kinds}) does not exist", position=position_of(node))


def is_text(node: exp.Expression) -> bool:
    """True for 'abc'."""
    return isinstance(node, exp.Literal) and bool(node.is_string)


def _unwrapped(argument: exp.Expression) -> list[exp.Expression]:
    """What stands inside DISTINCT, ORDER BY and IGNORE NULLS."""
    while isinstance(argument, _AROUND):
        argument = argument.this
    return list(argument.expressions) if isinstance(argument, exp.Distinct) else [argument]
