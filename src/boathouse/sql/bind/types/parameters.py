"""Literals and `$n` whose type their context decides.

`settle` is called by `expressions`, `dml` and `queries` wherever a context knows the type; it notes the type on the
node and, for parameters, in the work at hand. Source: PostgreSQL "Type Conversion": unknown literals.
"""

from __future__ import annotations

from sqlglot import exp

from boathouse.contracts.errors import SqlSyntaxError
from boathouse.contracts.types import UNKNOWN, SqlType
from boathouse.sql.bind.bound import type_of, with_type
from boathouse.sql.bind.names import position_of
from boathouse.sql.bind.scopes import Work

_NUMBER = "parameter"


def number_of(node: exp.Expression, work: Work) -> int:
    """The number of a `$n`; `?` counts up."""
    known = node.meta.get(_NUMBER)
    if isinstance(known, int):
        return known
    text = node.this.name if isinstance(node.this, exp.Expression) else str(node.this or "")
    if not text and isinstance(node, exp.Placeholder):
        work.anonymous += 1
        number = work.anonymous
    elif text.isdigit() and int(text) > 0:
        number = int(text)
    else:
        raise SqlSyntaxError(f'syntax error at or near "{text}"', position=position_of(node))
    node.meta[_NUMBER] = number
    return number


def open_parameter(node: exp.Expression, work: Work) -> exp.Expression:
    """A parameter as `$n` with the client's type, or the type an earlier use gave it."""
    number = number_of(node, work)
    bound = exp.Parameter(this=exp.Literal.number(number))
    bound.meta.update(node.meta)
    given = work.given[number - 1] if number <= len(work.given) else UNKNOWN
    found = given if given != UNKNOWN else work.parameters.get(number, UNKNOWN)
    work.parameters.setdefault(number, found)
    return with_type(bound, found)


def settle(node: exp.Expression, wanted: SqlType, work: Work) -> None:
    """Give an open literal, NULL or parameter the type that its context wants; anything else stays as it is."""
    if wanted == UNKNOWN or type_of(node) != UNKNOWN:
        return
    if isinstance(node, exp.Parameter):
        number = number_of(node, work)
        plain = SqlType(wanted.name, fields=wanted.fields) if wanted.is_text or wanted.name == "numeric" else wanted
        if work.parameters.get(number, UNKNOWN) == UNKNOWN:
            work.parameters[number] = plain
        with_type(node, work.parameters[number])
    elif isinstance(node, (exp.Literal, exp.Null)):
        with_type(node, wanted)
    elif isinstance(node, (exp.Paren, exp.Neg)):
        settle(node.this, wanted, work)
        with_type(node, type_of(node.this))
    elif isinstance(node, exp.Case):
        for branch in node.args.get("ifs", ()):
            settle(branch.args["true"], wanted, work)
        if node.args.get("default") is not None:
            settle(node.args["default"], wanted, work)
        with_type(node, wanted)
    elif isinstance(node, exp.Coalesce):
        for part in (node.this, *node.expressions):
            settle(part, wanted, work)
        with_type(node, wanted)
