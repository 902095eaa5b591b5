"""What only queries of the system catalog write: OPERATOR(pg_catalog.~), COLLATE, ARRAY[…], ARRAY(SELECT …).

Called by `expressions` by the node's class; handed back: the bound expression, in a form that everything after knows.
Source: PostgreSQL "Value Expressions" (OPERATOR, COLLATE, array constructors).
"""

from __future__ import annotations

from collections.abc import Callable

from sqlglot import exp

from boathouse.contracts.errors import FeatureNotSupported, UndefinedFunction
from boathouse.contracts.types import SUPER, TEXT, UNKNOWN, sql_array_of
from boathouse.sql.bind.bound import ENGINE_CALL, call, with_type
from boathouse.sql.bind.names import fold, position_of
from boathouse.sql.bind.scopes import Scope, Work
from boathouse.sql.bind.types import operands
from boathouse.sql.bind.types.collations import collated

_OPERATORS: dict[str, Callable[..., exp.Expression]] = {
    "=": exp.EQ, "<>": exp.NEQ, "!=": exp.NEQ, "<": exp.LT, "<=": exp.LTE, ">": exp.GT, ">=": exp.GTE, "+": exp.Add,
    "-": exp.Sub, "*": exp.Mul, "/": exp.Div, "%": exp.Mod, "||": exp.DPipe, "~": exp.RegexpLike,
    "~*": exp.RegexpILike, "~~": exp.Like, "~~*": exp.ILike,
}  # fmt: skip
_COLLATIONS = ("default", "c", "posix", "ucs_basic")


def _operator(node: exp.Expression, scope: Scope, work: Work) -> exp.Expression:
    name = str(node.args["operator"]).lower().removeprefix("pg_catalog.")
    negated = name.startswith("!") and name != "!="
    kind = _OPERATORS.get(name[1:] if negated else name)
    if kind is None:
        raise UndefinedFunction(f"operator does not exist: {name}", position=position_of(node))
    plain = kind(this=node.this, expression=node.expression)
    return work.expression(exp.Not(this=exp.Paren(this=plain)) if negated else plain, scope, work)


def _collate(node: exp.Expression, scope: Scope, work: Work) -> exp.Expression:
    """Text is compared by its bytes, so the collations that mean this change nothing; COLLATE(x, 'case_insensitive')
    is a function of Redshift's.
    """
    assert isinstance(node, exp.Collate)
    if isinstance(node.expression, exp.Literal):
        node.set("this", work.expression(node.this, scope, work))
        return collated(node)
    name = fold(node.expression.name)
    if name not in _COLLATIONS:
        raise FeatureNotSupported(f'COLLATE "{name}" is not supported', position=position_of(node))
    return work.expression(node.this, scope, work)


def _array(node: exp.Expression, scope: Scope, work: Work) -> exp.Expression:
    items = list(node.expressions)
    if len(items) == 1 and isinstance(items[0], exp.Query):
        holder = exp.Subquery(this=items[0])
        (output,) = work.query(holder, scope, work)
        of = sql_array_of(output.type)
        listed = exp.Array(expressions=[holder.this.pop()])
        listed.meta[ENGINE_CALL] = True
        nothing = call("list_value", of)
        return with_type(exp.Coalesce(this=with_type(listed, of), expressions=[nothing]), of)
    bound = [work.expression(item, scope, work) for item in items]
    if not node.args.get("bracket_notation"):
        node.set("expressions", bound)
        return with_type(node, SUPER)
    found = operands.unify(bound, work)
    for item in bound:
        if found == UNKNOWN and isinstance(item, exp.Literal):
            with_type(item, TEXT)
    return call("list_value", sql_array_of(TEXT if found == UNKNOWN else found), *bound)


FORMS: dict[type[exp.Expression], Callable[[exp.Expression, Scope, Work], exp.Expression]] = {
    exp.Operator: _operator,
    exp.Collate: _collate,
    exp.Array: _array,
}
