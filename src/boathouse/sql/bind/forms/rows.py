"""Functions that give rows, in FROM: UNNEST, GENERATE_SUBSCRIPTS, PG_OPTIONS_TO_TABLE, each seeing what stands before it.

Received from `sources`: the function and its alias. Handed back: `(SELECT unnest(…) AS "x") AS "x"`, as for nested values.
Source: PostgreSQL "Table Functions", WITH ORDINALITY.
"""

from __future__ import annotations

from sqlglot import exp

from boathouse.contracts.types import BIGINT, BOOLEAN, TEXT, UNKNOWN, array_of, sql_array_of
from boathouse.sql.bind.bound import call, type_of, with_type
from boathouse.sql.bind.names import fold, ident
from boathouse.sql.bind.scopes import RESOLVED, Scope, Source, SourceColumn, Work

ROW_FUNCTIONS = ("unnest", "explode", "generate_subscripts", "_pg_expandarray", "pg_options_to_table",
                 "pg_partition_ancestors")  # fmt: skip


def function_of(node: exp.Expression) -> exp.Expression | None:
    """The call that an item of FROM makes, as an expression; None where it makes none of these."""
    if isinstance(node, exp.Unnest) and len(node.expressions) == 1:
        return exp.Anonymous(this="unnest", expressions=[node.expressions[0]])
    inner = node.this if isinstance(node, exp.Table) else None
    if isinstance(inner, (exp.Explode, exp.Unnest)):
        return exp.Anonymous(this="unnest", expressions=[inner.this] if inner.this else inner.expressions)
    if isinstance(inner, exp.Anonymous) and str(inner.this).lower() in ROW_FUNCTIONS:
        return inner
    series = as_series(inner) if isinstance(inner, exp.Expression) else None
    # The engine's own table function takes no columns of what stands around it.
    is_open = isinstance(series, exp.ExplodingGenerateSeries) and series.find(exp.Column) is not None
    return series if is_open else None


ARGUMENT = "argument"
"""Key in the meta of a system function's node in FROM: the text that the function was given."""


def system_function(call_: exp.Expr, work: Work) -> str | None:
    """`name()` where the catalog has a system relation of that name: a function that gives rows; its one argument, a
    literal, is noted.
    """
    if not isinstance(call_, exp.Anonymous) or len(call_.expressions) > 1:
        return None
    argument = call_.expressions[0] if call_.expressions else None
    if argument is not None and not (isinstance(argument, exp.Literal) and argument.is_string):
        return None
    name = f"{str(call_.this).lower()}({'' if argument is None else '…'})"
    if work.catalog.relation("pg_catalog", name) is None:
        return None
    if argument is not None and call_.parent is not None:
        call_.parent.meta[ARGUMENT] = argument.name
    return name


def as_records(node: exp.Select, work: Work) -> None:
    """`SELECT f()` of a function that gives rows, and nothing else: each row as one text, `(a,"b c",1)`."""
    item = node.expressions[0] if len(node.expressions) == 1 else None
    name = system_function(item, work) if isinstance(item, exp.Anonymous) and node.args.get("from_") is None else None
    relation = None if name is None or item is None else work.catalog.relation("pg_catalog", name)
    if relation is None or item is None or not isinstance(item, exp.Anonymous):
        return
    shown = str(item.this).lower()
    texts: list[exp.Expression] = []
    for one in relation.columns:
        field = exp.Column(this=ident(one.name), table=ident(shown))
        letter = exp.Case().when(field, exp.Literal.string("t")).else_(exp.Literal.string("f"))
        texts.append(letter if one.type == BOOLEAN else exp.Cast(this=field, to=exp.DataType.build("varchar")))
    record = call("memory.rs.record", TEXT, call("list_value", sql_array_of(TEXT), *texts))
    node.set("expressions", [exp.Alias(this=record, alias=ident(shown))])
    node.set("from_", exp.From(this=exp.Table(this=item, alias=exp.TableAlias(this=ident(shown)))))


def as_series(function: exp.Expression) -> exp.Expression:
    """`pg_catalog.generate_series(…)`, which the parser leaves unread behind its schema, as the series that it is."""
    if not isinstance(function, exp.Anonymous) or str(function.this).lower() != "generate_series":
        return function
    parts = dict(zip(("start", "end", "step"), function.expressions, strict=False))
    series = exp.ExplodingGenerateSeries(**parts)
    series.meta.update(function.meta)
    return series


def rows_of(function: exp.Expression, node: exp.Expression, scope: Scope, work: Work) -> exp.Expression:
    """The function's rows as a source of the scope."""
    bound = work.expression(function, scope, work)
    of = type_of(bound)
    if isinstance(bound, exp.ExplodingGenerateSeries):
        of = BIGINT if of == UNKNOWN else of
        parts = [bound.args[key] for key in ("start", "end", "step") if bound.args.get(key) is not None]
        bound = call("unnest", of, call("generate_series", of, *parts))
    alias_node = node.args.get("alias")
    alias = fold(alias_node.name) if alias_node is not None and alias_node.this is not None else _name(function)
    names = [fold(part.name) for part in (alias_node.args.get("columns") or [])] if alias_node is not None else []
    offset = node.args.get("offset") or node.args.get("ordinality")
    unique = scope.unique_alias(alias)
    if of.name == "struct":
        inner = exp.Subquery(
            this=exp.Select(expressions=[exp.alias_(bound, ident("row"))]), alias=exp.TableAlias(this=ident("rows"))
        )
        parts = [
            with_type(exp.Dot(this=exp.Column(this=ident("row"), table=ident("rows")), expression=ident(field)), kind)
            for field, kind in of.fields
        ]
        offered = [
            SourceColumn(name, kind, name) for name, (_, kind) in zip(_filled(names, of.fields), of.fields, strict=True)
        ]
        query = exp.Select(
            expressions=[exp.alias_(part, ident(one.engine_name)) for part, one in zip(parts, offered, strict=True)]
        )
        query.set("from_", exp.From(this=inner))
    else:
        name = names[0] if names else alias
        offered = [SourceColumn(name, of, name)]
        query = exp.Select(expressions=[exp.alias_(bound, ident(name))])
        if offset:
            place = (
                names[1]
                if len(names) > 1
                else fold(offset.name)
                if isinstance(offset, exp.Identifier)
                else "ordinality"
            )
            listed = bound.expressions[0] if isinstance(bound, exp.Anonymous) and bound.expressions else exp.Null()
            length = call("len", BIGINT, listed.copy()) if type_of(listed).is_list else exp.Literal.number(0)
            query.append("expressions", exp.alias_(call("unnest", BIGINT, _places(length)), ident(place)))
            offered.append(SourceColumn(place, BIGINT, place))
    scope.sources.append(Source(unique, alias, offered))
    query.meta[RESOLVED] = True
    return exp.Subquery(this=query, alias=exp.TableAlias(this=ident(unique)))


def _name(function: exp.Expression) -> str:
    return str(function.this).lower() if isinstance(function, exp.Anonymous) else "generate_series"


def _filled(names: list[str], fields: tuple[tuple[str, object], ...]) -> list[str]:
    return [*names, *(field for field, _ in fields[len(names) :])]


def _places(length: exp.Expression) -> exp.Expression:
    one = with_type(exp.Literal.number(1), BIGINT)
    return call("range", array_of(BIGINT), one, exp.Add(this=length, expression=one.copy()))
