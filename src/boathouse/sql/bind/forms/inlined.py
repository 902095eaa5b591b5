"""A user-defined function at its call: the body's expression, its `$n` replaced by the bound arguments; one in Python is
called.

Called by the binder for names that are no built-in function's. Arguments are cast to the declared types, the result to
the declared one, so that the call means the same wherever it stands.
Source: Redshift Developer Guide, "Scalar SQL UDFs", "CREATE FUNCTION".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sqlglot import exp

from boathouse.contracts.errors import InputError, InternalError, UndefinedFunction
from boathouse.contracts.relations import SqlFunction
from boathouse.contracts.types import SqlType
from boathouse.sql.bind.bound import Called, type_of, with_type
from boathouse.sql.bind.forms.python_calls import python_call
from boathouse.sql.bind.names import position_of
from boathouse.sql.bind.scopes import Work
from boathouse.sql.bind.types.overloads import fit
from boathouse.sql.bind.types.parameters import settle
from boathouse.sql.parse import parse_statement
from boathouse.sql.statements import Relational

DEPTH_MAX = 32
"""Functions inside functions."""


def inline(node: exp.Expression, schema: str | None, name: str, work: Work) -> exp.Expression | None:
    """What stands in the place of a call whose arguments are bound; None where no function has that name.

    Raises:
        UndefinedFunction: none of that name takes these arguments. InputError: too deep.
    """
    known = work.catalog.functions(schema, name)
    if not known and schema is not None:
        raise UndefinedFunction(f"function {schema}.{name} does not exist", position=position_of(node))
    if not known:
        return None
    arguments = [part for part in node.expressions if isinstance(part, exp.Expression)]
    function = _chosen(known, arguments, node)
    work.calls[Called(function, work.beneath)] = None
    if len(work.views) >= DEPTH_MAX:
        raise InputError(f"function {name} is nested too deeply", position=position_of(node), sqlstate="54001")
    given = [_cast(argument, of, work) for argument, of in zip(arguments, function.arguments, strict=True)]
    if function.language == "plpythonu":
        return _cast(python_call(function, given), function.returns, work)

    def named(path: tuple[str, ...], _: Work) -> exp.Expression | None:
        place = path[0][1:] if len(path) == 1 and path[0].startswith("$") else ""
        return given[int(place) - 1].copy() if place.isdigit() and 0 < int(place) <= len(given) else None

    statement = parse_statement(function.body)
    if not isinstance(statement, Relational) or not isinstance(statement.tree, exp.Select):
        raise InternalError("a function's body is no SELECT")
    inner = replace(
        work,
        catalog=work.catalog.within(function.search_path),
        text=function.body,
        given=(),
        parameters={},
        names=named,
        views=[*work.views, f"function {name}"],
    )
    value = statement.tree.expressions[0].copy()
    value = value.this if isinstance(value, exp.Alias) else value
    try:
        bound = work.expression(value, inner.scope(None), inner)
    except InputError as broken:
        broken.position = position_of(node)
        broken.detail = f'In function "{function.schema}.{function.name}".'
        raise
    work.scopes = inner.scopes
    settle(bound, function.returns, work)
    return _cast(bound, function.returns, work)


def _cast(value: exp.Expression, of: SqlType, work: Work) -> exp.Expression:
    settle(value, of, work)
    inner = with_type(exp.Paren(this=value), type_of(value))
    return with_type(exp.Cast(this=inner, to=exp.DataType.build(str(of), dialect="redshift")), of)


def _chosen(known: Sequence[SqlFunction], arguments: list[exp.Expression], node: exp.Expression) -> SqlFunction:
    types = [type_of(part) for part in arguments]
    scored = [(score, one) for one in known if (score := fit(types, one.arguments)) is not None]
    if not scored:
        shown = ", ".join(of.name for of in types)
        raise UndefinedFunction(
            f"function {known[0].name}({shown}) does not exist",
            hint="No function matches the given name and argument types. You may need to add explicit type casts.",
            position=position_of(node),
        )
    return max(scored, key=lambda pair: pair[0])[1]
