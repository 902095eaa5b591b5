"""Nested values in FROM: arrays, maps and SUPER iterated as lateral sub-queries.

Received from `sources`: the bound value, the user's alias, the join it stands in. Handed back: `(SELECT
unnest(value) AS "o") AS "o"`, a form that the engine runs as a streaming unnest, in array order; `unnest(…) AS _(o)`
and WITH ORDINALITY become a join that reverses rows. Source: Redshift "Querying nested data with Redshift Spectrum",
"Querying semistructured data" (unnesting, AT, UNPIVOT).
"""

from __future__ import annotations

from sqlglot import exp

from boathouse.contracts.errors import DatatypeMismatch, DuplicateAlias, FeatureNotSupported, SqlSyntaxError
from boathouse.contracts.types import BIGINT, SUPER, UNKNOWN, SqlType, array_of
from boathouse.sql.bind import columns
from boathouse.sql.bind.bound import call, type_of, with_type
from boathouse.sql.bind.names import fold, ident, position_of
from boathouse.sql.bind.scopes import Scope, Source, SourceColumn, Work


def element(
    value: exp.Expression,
    alias: str,
    index: str | None,
    scope: Scope,
    join: exp.Expression | None,
    position: int | None,
) -> exp.Expression:
    """Iterate over `value`; `alias` names the element, `index` its place from 0.

    Raises:
        DatatypeMismatch: where the value is nothing to iterate over.
    """
    if any(source.name == alias for source in scope.sources):
        raise DuplicateAlias(f'table name "{alias}" specified more than once', position=position)
    items, of = _items(value, position)
    if join is not None and str(join.args.get("side") or "").upper() == "LEFT" and _is_true(join.args.get("on")):
        items = _at_least_one(items, of)
        for key in ("side", "on"):
            join.set(key, None)
        join.set("kind", "CROSS")
    elif join is not None and str(join.args.get("side") or "").upper() in ("RIGHT", "FULL"):
        raise FeatureNotSupported("a nested value can be joined with LEFT or INNER JOIN only", position=position)
    outputs = [exp.alias_(call("unnest", of, items), ident(alias))]
    offered = [SourceColumn(alias, of, alias)]
    if index is not None:
        length = call("len", BIGINT, items.copy())
        places = call("range", array_of(BIGINT), length)
        outputs.append(exp.alias_(call("unnest", BIGINT, places), ident(index)))
        offered.append(SourceColumn(index, BIGINT, index))
    scope.sources.append(Source(scope.unique_alias(alias), alias, offered, element=True))
    return exp.Subquery(this=exp.Select(expressions=outputs), alias=exp.TableAlias(this=ident(scope.sources[-1].alias)))


def _items(value: exp.Expression, position: int | None) -> tuple[exp.Expression, SqlType]:
    sql_type = type_of(value)
    if sql_type.name == "array":
        return value, sql_type.element
    if sql_type.name == "map":
        entry = columns.entry_of(sql_type)
        return call("map_entries", array_of(entry), value), entry
    if sql_type == SUPER:
        return call("memory.rs.items", array_of(SUPER), value), SUPER
    raise DatatypeMismatch(
        f"cannot iterate over a value of type {sql_type}",
        position=position,
        hint="Only arrays, maps and SUPER values can stand in FROM.",
    )


def _at_least_one(items: exp.Expression, of: SqlType) -> exp.Expression:
    """The items, or one NULL where there is none, so that the parent's row stays."""
    length = call("len", BIGINT, items.copy())
    some = exp.GT(this=length, expression=with_type(exp.Literal.number(0), BIGINT))
    nothing = call("list_value", array_of(of), with_type(exp.Null(), of))
    return with_type(exp.Case(ifs=[exp.If(this=some, true=items)], default=nothing), array_of(of))


def _is_true(on: exp.Expression | None) -> bool:
    return isinstance(on, exp.Boolean) and bool(on.this)


def at_index(node: exp.Expression, scope: Scope, work: Work, join: exp.Expression | None) -> exp.Expression:
    """`FROM t, t.arr AS v AT i` and `UNPIVOT t.obj AS v AT k`."""
    unpivot = isinstance(node, exp.Pivot)
    inner = node.this if unpivot else node
    key = None
    if isinstance(inner, exp.AtIndex):
        key = fold(inner.expression.name)
        inner = inner.this
    alias = fold(inner.alias) if isinstance(inner, exp.Alias) else None
    value, last = nested_value(inner.this if isinstance(inner, exp.Alias) else inner, scope, work)
    name = alias or fold(last.name)
    if not unpivot:
        return element(value, name, key, scope, join, position_of(last))
    return _unpivot(value, name, key or f"{name}_key", scope, position_of(last))


def nested_value(node: exp.Expression, scope: Scope, work: Work) -> tuple[exp.Expression, exp.Expression]:
    """The value that an item of FROM names, bound, and the last name in it.

    Raises:
        SqlSyntaxError: neither a dotted name nor a way through arrays.
    """
    path = columns.path_of(node)
    if path is not None:
        return columns.resolve(path, scope), path[-1]
    names = list(node.find_all(exp.Identifier, bfs=False)) if isinstance(node, (exp.Bracket, exp.Dot)) else []
    if not names:
        raise SqlSyntaxError("a nested value in FROM must be a dotted name", position=position_of(node))
    return work.expression(node, scope, work), names[-1]


def _unpivot(value: exp.Expression, name: str, key: str, scope: Scope, position: int | None) -> exp.Expression:
    """An object's attributes as rows: `name` is the value, `key` its attribute."""
    if type_of(value) != SUPER:
        raise DatatypeMismatch(f"UNPIVOT needs a SUPER object, not {type_of(value)}", position=position)
    text = SqlType("character varying")
    entries = call("memory.rs.entries", UNKNOWN, value)
    keys = call("unnest", text, call("map_keys", array_of(text), entries))
    values = call("unnest", SUPER, call("map_values", array_of(SUPER), entries.copy()))
    outputs = [exp.alias_(values, ident(name)), exp.alias_(keys, ident(key))]
    offered = [SourceColumn(name, SUPER, name), SourceColumn(key, text, key)]
    scope.sources.append(Source(scope.unique_alias(name), name, offered, element=True))
    return exp.Subquery(this=exp.Select(expressions=outputs), alias=exp.TableAlias(this=ident(scope.sources[-1].alias)))
