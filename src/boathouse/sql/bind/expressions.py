"""Expressions: every name resolved, every node typed, bottom up.

Received from `select`, `sources` and `dml`: an expression as parsed and the scope it stands in. Handed back: the bound
expression, possibly another node, its type noted by `with_type`. Sub-queries go back through `Work.query`.
"""

from __future__ import annotations

from collections.abc import Callable

from sqlglot import exp

from boathouse.contracts.errors import DatatypeMismatch, SqlSyntaxError, UndefinedFunction
from boathouse.contracts.types import (
    BIGINT,
    BOOLEAN,
    DATE,
    INTEGER,
    INTERVAL,
    SUPER,
    TIMESTAMP,
    TIMESTAMPTZ,
    UNKNOWN,
    VARCHAR,
)
from boathouse.sql.bind import columns
from boathouse.sql.bind.bound import type_of, with_type
from boathouse.sql.bind.forms.catalog import FORMS
from boathouse.sql.bind.forms.rows import as_series
from boathouse.sql.bind.names import fold, function_name, position_of
from boathouse.sql.bind.scopes import Scope, Work
from boathouse.sql.bind.types import operands
from boathouse.sql.bind.types.calls import cast_target, check_arguments, numeric_size
from boathouse.sql.bind.types.collations import collate, first_outputs, insensitive
from boathouse.sql.bind.types.opaque import refuse_window
from boathouse.sql.bind.types.parameters import number_of, open_parameter, settle
from boathouse.sql.bind.types.returns import result_type
from boathouse.sql.bind.types.rules import common_type, concatenation
from boathouse.sql.redshift.functions import FUNCTIONS

_PATTERNS = (exp.Like, exp.ILike, exp.SimilarTo, exp.RegexpLike, exp.RegexpILike)
_BARE_FUNCTIONS = ("user", "current_user", "current_user_id", "session_user", "sysdate", "current_schema",
                   "current_database")  # fmt: skip
_PART_FIRST = ("date_part", "date_trunc", "dateadd", "date_add", "datediff", "date_diff", "extract", "pgdate_part")
_MOMENTS = ("date", "timestamp without time zone", "timestamp with time zone")
_LEAVES = (exp.Var, exp.DataType, exp.Identifier, exp.Star, exp.WindowSpec, exp.Placeholder)


def expression(node: exp.Expression, scope: Scope, work: Work) -> exp.Expression:
    """Bind one expression; see the module."""
    special = _SPECIAL.get(type(node))
    if special is not None:
        return special(node, scope, work)
    if isinstance(node, (exp.Query, exp.Values)):
        return _subquery(exp.Subquery(this=node), scope, work)
    children(node, scope, work)
    return _typed(node, scope, work)


def children(node: exp.Expression, scope: Scope, work: Work) -> None:
    """Bind all of a node's arguments in place."""
    for key, value in list(node.args.items()):
        if isinstance(value, exp.Expression):
            if not isinstance(value, _LEAVES) or isinstance(value, exp.Placeholder):
                node.set(key, expression(value, scope, work))
        elif isinstance(value, list):
            node.set(
                key,
                [
                    expression(part, scope, work)
                    if isinstance(part, exp.Expression) and not (isinstance(part, _LEAVES) and not _is_open(part))
                    else part
                    for part in value
                ],
            )


def _is_open(node: exp.Expression) -> bool:
    return isinstance(node, exp.Placeholder)


# -- names and values ------------------------------------------------------------------------------------


def _column(node: exp.Expression, scope: Scope, work: Work) -> exp.Expression:
    parts = columns.path_of(node)
    if parts is None:
        if isinstance(node, exp.Column) and isinstance(node.this, exp.Star):
            return exp.Star()
        base = expression(node.this, scope, work)
        if isinstance(node, exp.Dot) and isinstance(node.expression, exp.Identifier):
            return columns.navigate(base, [node.expression])
        if isinstance(node, exp.Dot) and isinstance(node.expression, exp.Func):
            return _schema_function(node, scope, work)
        raise SqlSyntaxError("syntax error in a dotted name", position=position_of(node))
    found = work.named(*(fold(part.name) for part in parts)) or columns.try_resolve(parts, scope)
    if found is not None:
        return found
    if len(parts) == 1:
        name = fold(parts[0].name)
        if name in scope.outputs:
            return _copied(scope.outputs[name])
        if name in _BARE_FUNCTIONS and not parts[0].args.get("quoted"):
            return with_type(exp.Anonymous(this=name.upper()), result_type(name, []))
    return columns.resolve(parts, scope)


def _schema_function(node: exp.Dot, scope: Scope, work: Work) -> exp.Expression:
    """`pg_catalog.f(x)`: the schema of built-in functions is dropped; others have user-defined ones."""
    schema = node.this.name.lower() if isinstance(node.this, (exp.Column, exp.Identifier)) else ""
    if schema not in ("pg_catalog", "information_schema"):
        children(node.expression, scope, work)
        return work.inlined(node.expression, schema, function_name(node.expression, work.text)) or node
    return expression(as_series(node.expression), scope, work)


def _copied(bound: exp.Expression) -> exp.Expression:
    copy = bound.copy()
    if isinstance(copy, (exp.Column, exp.Literal, exp.Paren, exp.Func, exp.Dot)):
        return copy
    return with_type(exp.Paren(this=copy), type_of(copy))


def _dot(node: exp.Expression, scope: Scope, work: Work) -> exp.Expression:
    if columns.path_of(node) is not None:
        return _column(node, scope, work)
    if isinstance(node.expression, exp.Func):
        return _schema_function(node, scope, work) if isinstance(node, exp.Dot) else node
    if not isinstance(node.expression, exp.Identifier):
        raise SqlSyntaxError("syntax error in a dotted name", position=position_of(node))
    return columns.navigate(expression(node.this, scope, work), [node.expression])


def _bracket(node: exp.Expression, scope: Scope, work: Work) -> exp.Expression:
    if len(node.expressions) != 1 or isinstance(node.expressions[0], exp.Slice):
        raise SqlSyntaxError("array slices are not supported", position=position_of(node), sqlstate="0A000")
    value = expression(node.this, scope, work)
    key = expression(node.expressions[0], scope, work)
    settle(key, INTEGER if not (isinstance(key, exp.Literal) and key.is_string) else VARCHAR, work)
    assert isinstance(node, exp.Bracket)
    return columns.bracket(node, value, key)


def _literal(node: exp.Expression, scope: Scope, work: Work) -> exp.Expression:
    assert isinstance(node, exp.Literal)
    return with_type(node, UNKNOWN if node.is_string else operands.number_type(str(node.this)))


def _open(node: exp.Expression, scope: Scope, work: Work) -> exp.Expression:
    return work.named(f"${number_of(node, work)}") or open_parameter(node, work)


def _subquery(node: exp.Expression, scope: Scope, work: Work) -> exp.Expression:
    outputs = work.query(node, scope, work)
    if len(outputs) != 1:
        raise SqlSyntaxError("subquery must return only one column", position=position_of(node))
    return with_type(node, outputs[0].type)


def _exists(node: exp.Expression, scope: Scope, work: Work) -> exp.Expression:
    work.query(node.this, scope, work)
    return with_type(node, BOOLEAN)


# -- casts, CASE, IN, windows ----------------------------------------------------------------------------


def _cast(node: exp.Expression, scope: Scope, work: Work) -> exp.Expression:
    target = cast_target(node)
    node.set("this", expression(node.this, scope, work))
    target = collate(target, [node.this])
    if isinstance(node.this, exp.Parameter):
        settle(node.this, target, work)
    return with_type(node, target)


def _case(node: exp.Expression, scope: Scope, work: Work) -> exp.Expression:
    children(node, scope, work)
    subject = node.args.get("this")
    branches = node.args.get("ifs", [])
    for branch in branches:
        if subject is not None:
            operands.match(node.this, branch.this, "=", work)
        else:
            check_boolean(branch.this, "CASE/WHEN", work)
    values = [branch.args["true"] for branch in branches]
    if node.args.get("default") is not None:
        values.append(node.args["default"])
    return with_type(node, operands.unify(values, work))


def _in(node: exp.Expression, scope: Scope, work: Work) -> exp.Expression:
    query = node.args.get("query")
    node.set("this", expression(node.this, scope, work))
    if query is not None:
        outputs = work.query(query, scope, work)
        wanted = len(node.this.expressions) if isinstance(node.this, exp.Tuple) else 1
        if len(outputs) != wanted:
            few = "too many" if len(outputs) > wanted else "too few"
            raise SqlSyntaxError(f"subquery has {few} columns", position=position_of(query))
        if wanted == 1:
            settle(node.this, outputs[0].type, work)
            insensitive([node.this, *first_outputs(query)])
        return with_type(node, BOOLEAN)
    if node.args.get("field") is not None or node.args.get("unnest") is not None:
        raise SqlSyntaxError("IN needs a list in parentheses or a sub-query", position=position_of(node))
    node.set("expressions", [expression(part, scope, work) for part in node.expressions])
    parts = node.expressions
    if isinstance(node.this, exp.Tuple):
        for part in parts:
            if isinstance(part, exp.Tuple):
                for left, right in zip(node.this.expressions, part.expressions, strict=False):
                    operands.match(left, right, "=", work)
        return with_type(node, BOOLEAN)
    subject = type_of(node.this)
    if subject == UNKNOWN:
        settle(node.this, common_type(type_of(part) for part in parts) or VARCHAR, work)
    for part in parts:
        operands.match(node.this, part, "=", work)
    return with_type(node, BOOLEAN)


def _window(node: exp.Expression, scope: Scope, work: Work) -> exp.Expression:
    for key in ("this", "order"):
        if isinstance(node.args.get(key), exp.Expression) and not isinstance(node.args[key], exp.Identifier):
            node.set(key, expression(node.args[key], scope, work))
    node.set("partition_by", [expression(part, scope, work) for part in node.args.get("partition_by") or []])
    spec = node.args.get("spec")
    if spec is not None:
        for side in ("start", "end"):
            if isinstance(spec.args.get(side), exp.Expression):
                spec.set(side, expression(spec.args[side], scope, work))
                settle(spec.args[side], BIGINT, work)
    return with_type(refuse_window(node), type_of(node.this))


def _within_group(node: exp.Expression, scope: Scope, work: Work) -> exp.Expression:
    children(node, scope, work)
    name = function_name(node.this, work.text)
    if name.startswith(("percentile", "approximate")) and isinstance(node.expression, exp.Order):
        return with_type(node, result_type(name, [type_of(node.expression.expressions[0].this)]))
    return with_type(node, type_of(node.this))


# -- operators and functions -----------------------------------------------------------------------------


def _typed(node: exp.Expression, scope: Scope, work: Work) -> exp.Expression:
    if isinstance(node, (exp.Add, exp.Sub, exp.Mul, exp.Div, exp.Mod)):
        return operands.operate(node, work)
    if type(node) in operands.SYMBOLS:
        operands.match_sides(node, operands.SYMBOLS[type(node)], work)
        return with_type(node, BOOLEAN)
    if isinstance(node, (exp.And, exp.Or, exp.Not, exp.Xor)):
        for part in (node.this, node.args.get("expression")):
            if part is not None:
                settle(part, BOOLEAN, work)
        return with_type(node, BOOLEAN)
    if isinstance(node, exp.Between):
        for side in ("low", "high"):
            operands.match(node.this, node.args[side], "between", work)
        return with_type(node, BOOLEAN)
    if isinstance(node, _PATTERNS):
        settle(node.this, VARCHAR, work)
        settle(node.expression, VARCHAR, work)
        return with_type(node, collate(BOOLEAN, [node.this, node.expression]))
    if isinstance(node, (exp.Is, exp.Exists, exp.Overlaps)):
        return with_type(node, BOOLEAN)
    if isinstance(node, (exp.DPipe, exp.Concat)) and isinstance(node, exp.DPipe):
        settle(node.this, VARCHAR, work)
        settle(node.expression, VARCHAR, work)
        found = concatenation(type_of(node.this), type_of(node.expression))
        return with_type(node, collate(found, [node.this, node.expression]))
    return _typed_other(node, work)


def _typed_other(node: exp.Expression, work: Work) -> exp.Expression:
    if isinstance(node, (exp.Paren, exp.Neg, exp.BitwiseNot, exp.Filter, exp.IgnoreNulls, exp.RespectNulls)):
        return with_type(node, type_of(node.this))
    if isinstance(node, (exp.BitwiseAnd, exp.BitwiseOr, exp.BitwiseXor, exp.BitwiseLeftShift, exp.BitwiseRightShift)):
        operands.unify([node.this, node.expression], work)
        return with_type(node, type_of(node.this))
    if isinstance(node, exp.Distinct) and node.expressions:
        return with_type(node, type_of(node.expressions[0]))
    if isinstance(node, exp.AtTimeZone):
        return with_type(node, TIMESTAMP if type_of(node.this) == TIMESTAMPTZ else TIMESTAMPTZ)
    if isinstance(node, (exp.Any, exp.All, exp.Ordered, exp.Order, exp.Escape)):
        return with_type(node, type_of(node.this)) if isinstance(node.this, exp.Expression) else node
    if isinstance(node, exp.Boolean):
        return with_type(node, BOOLEAN)
    if isinstance(node, exp.Interval):
        return with_type(node, INTERVAL)
    if isinstance(node, exp.CurrentDate):
        return with_type(node, DATE)
    if isinstance(node, exp.If):
        return with_type(node, type_of(node.args["true"]))
    return _function(node, work) if isinstance(node, exp.Func) else node


def _function(node: exp.Expression, work: Work) -> exp.Expression:
    name = "extract" if isinstance(node, exp.Extract) else function_name(node, work.text)
    arguments = [part for part in _arguments(node) if not isinstance(part, exp.Var)]
    check_arguments(name, arguments, node)
    if isinstance(node, exp.Coalesce) or name in ("greatest", "least", "nvl", "coalesce"):
        return with_type(node, operands.unify(arguments, work))
    if isinstance(node, exp.DecodeCase):
        return with_type(node, operands.decode(arguments, work))
    if isinstance(node, exp.Nvl2) or name == "nvl2":
        return with_type(node, operands.unify(arguments[1:], work))
    if isinstance(node, exp.Nullif):
        operands.match(arguments[0], arguments[1], "=", work)
        return with_type(node, type_of(arguments[0]))
    operands.settle_arguments(name, arguments, work)
    types = [type_of(part) for part in arguments]
    if name in ("first_value", "last_value", "lag", "lead") and arguments and isinstance(arguments[0], exp.IgnoreNulls):
        types[0] = type_of(arguments[0].this)
    if isinstance(node, exp.Extract) and node.this.name.lower() == "epoch" and types[-1] != TIMESTAMPTZ:
        return with_type(node, BIGINT)  # as INTEGER it would end in 2038
    found = numeric_size(arguments) if name == "text_to_numeric_alt" else result_type(name, types)
    return with_type(node, collate(found, arguments))


def _arguments(node: exp.Expression) -> list[exp.Expression]:
    found: list[exp.Expression] = []
    for value in node.args.values():
        if isinstance(value, exp.Expression):
            found.append(value)
        elif isinstance(value, list):
            found += [part for part in value if isinstance(part, exp.Expression)]
    return found


def _anonymous(node: exp.Expression, scope: Scope, work: Work) -> exp.Expression:
    name = function_name(node, work.text)
    if name in _PART_FIRST and node.expressions:
        first = node.expressions[0]
        if isinstance(first, exp.Column) and len(first.parts) == 1:
            node.expressions[0].replace(exp.Var(this=first.name.upper()))
    children(node, scope, work)
    return (work.inlined(node, None, name) if name not in FUNCTIONS else None) or _function(node, work)


def _refuse_engine_syntax(node: exp.Expression, scope: Scope, work: Work) -> exp.Expression:
    """What the parser knows of other dialects and Redshift has not."""
    if isinstance(node, exp.Func):
        raise UndefinedFunction(f"function {function_name(node, work.text)} does not exist", position=position_of(node))
    raise SqlSyntaxError("syntax error: this is not Redshift's SQL", position=position_of(node))


def _refuse_lambda(node: exp.Expression, scope: Scope, work: Work) -> exp.Expression:
    raise SqlSyntaxError('syntax error at or near "->"', position=position_of(node))


def _null(node: exp.Expression, scope: Scope, work: Work) -> exp.Expression:
    return with_type(node, UNKNOWN)


def check_boolean(node: exp.Expression, clause: str, work: Work) -> None:
    """WHERE, HAVING, ON and QUALIFY take a boolean.

    Raises:
        DatatypeMismatch: 42804, in PostgreSQL's words.
    """
    settle(node, BOOLEAN, work)
    found = type_of(node)
    if found not in (BOOLEAN, UNKNOWN, SUPER):
        raise DatatypeMismatch(
            f"argument of {clause} must be type boolean, not type {found.name}", position=position_of(node)
        )


_SPECIAL: dict[type[exp.Expression], Callable[[exp.Expression, Scope, Work], exp.Expression]] = {
    exp.Column: _column,
    exp.Dot: _dot,
    exp.Bracket: _bracket,
    exp.Literal: _literal,
    exp.Null: _null,
    exp.Parameter: _open,
    exp.Placeholder: _open,
    exp.Subquery: _subquery,
    exp.Exists: _exists,
    exp.Cast: _cast,
    exp.TryCast: _cast,
    exp.Case: _case,
    exp.In: _in,
    exp.Window: _window,
    exp.WithinGroup: _within_group,
    exp.Anonymous: _anonymous,
    exp.Lambda: _refuse_lambda,
    **FORMS,
    **dict.fromkeys(
        (exp.Unnest, exp.Explode, exp.Posexplode, exp.Struct, exp.Comprehension, exp.HexString, exp.BitString),
        _refuse_engine_syntax,
    ),
}
