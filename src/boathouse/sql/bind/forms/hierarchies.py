"""START WITH … CONNECT BY as the recursive query that it stands for.

Received from `queries`: a SELECT with CONNECT BY, not yet bound; changed in place. Its source becomes a recursive CTE
that holds the rows of the source and LEVEL; WHERE and everything else then work on that.

Source: Redshift Developer Guide, "CONNECT BY clause" (r_CONNECT_BY_clause).
"""

from __future__ import annotations

from typing import Any

from sqlglot import exp

from boathouse.contracts.errors import FeatureNotSupported, SqlSyntaxError
from boathouse.sql.bind.bound import ENGINE_CALL
from boathouse.sql.bind.names import fold, ident, position_of

LEVELS_MAX = 1_000
"""Deeper is taken for a cycle in the data, which would never end."""
_LEVEL = "level"


def to_recursion(node: exp.Select) -> None:
    """Rewrite one SELECT in place.

    Raises:
        SqlSyntaxError: no PRIOR in CONNECT BY, or words that are Oracle's alone.
        FeatureNotSupported: CONNECT BY over a join.
    """
    connect: Any = node.args["connect"]
    source = _source(node, connect)
    alias = source.alias_or_name
    source.set("alias", exp.TableAlias(this=exp.to_identifier(alias), columns=_columns_of(source)))
    name = f"_hierarchy_of_{alias}"
    node.set("connect", None)
    first = exp.Select(expressions=[_star(alias), _named(exp.Literal.number(1), _LEVEL)])
    first.set("from_", exp.From(this=source))
    if connect.args.get("start") is not None:
        first.set("where", exp.Where(this=_qualified(connect.args["start"], alias, exp.Literal.number(1))))
    deeper = exp.Add(this=exp.column(_LEVEL, table=name), expression=exp.Literal.number(1))
    rest = exp.Select(expressions=[_star(alias), _named(_limited(deeper), _LEVEL)])
    rest.set("from_", exp.From(this=exp.to_table(f'"{name}"', dialect="redshift")))
    condition = _qualified(connect.args["connect"], alias, exp.Paren(this=deeper.copy()), parent=name)
    rest.set("joins", [exp.Join(this=source.copy(), on=condition)])
    union = exp.Union(this=first, expression=rest, distinct=False)
    with_ = node.args.get("with_") or exp.With(expressions=[])
    with_.set("recursive", True)
    with_.append("expressions", exp.CTE(this=union, alias=exp.TableAlias(this=ident(name))))
    node.set("with_", with_)
    rows = exp.Table(this=ident(name), alias=exp.TableAlias(this=exp.to_identifier(alias)))
    node.set("from_", exp.From(this=rows))
    _hide_level(node)


def _source(node: exp.Select, connect: Any) -> Any:
    if connect.args.get("nocycle"):
        raise SqlSyntaxError('syntax error at or near "nocycle"', hint="Redshift has no NOCYCLE: bound LEVEL in WHERE.")
    for word in node.find_all(exp.Anonymous, exp.ConnectByRoot):
        written = "connect_by_root" if isinstance(word, exp.ConnectByRoot) else str(word.this).lower()
        if written in ("connect_by_root", "sys_connect_by_path"):
            raise SqlSyntaxError(
                f'syntax error at or near "{written}"',
                position=position_of(word),
                hint="Redshift has LEVEL and PRIOR; carry the path along in WITH RECURSIVE.",
            )
    if connect.args["connect"].find(exp.Prior) is None:
        raise SqlSyntaxError("CONNECT BY needs a condition with PRIOR")
    from_: Any = node.args.get("from_")
    source = from_.this if from_ is not None else None
    if not isinstance(source, (exp.Table, exp.Subquery)) or source.args.get("joins") or node.args.get("joins"):
        raise FeatureNotSupported("CONNECT BY over a join is not supported", hint="Put the join into a sub-query.")
    if isinstance(source, exp.Subquery) and not source.alias:
        source.set("alias", exp.TableAlias(this=exp.to_identifier("_rows")))
    return source.pop()


def _columns_of(source: Any) -> Any:
    alias = source.args.get("alias")
    return alias.args.get("columns") if alias is not None else None


def _qualified(condition: Any, alias: str, level: exp.Expression | None, parent: str | None = None) -> Any:
    """A condition whose bare columns are the row's own, PRIOR's the parent's, and LEVEL a number."""
    holder = exp.Paren(this=condition.copy())
    for column in _own_columns(holder):
        prior = column.find_ancestor(exp.Prior)
        if prior is not None and parent is not None:
            column.set("table", ident(parent))
        elif not column.table and fold(column.name) == _LEVEL and level is not None:
            column.replace(level.copy())
        elif not column.table:
            column.set("table", exp.to_identifier(alias))
    for prior in [*holder.find_all(exp.Prior)]:
        prior.replace(prior.this)
    return holder.this


def _own_columns(root: exp.Expression) -> list[Any]:
    """Columns that stand in no sub-query below `root`."""
    found: list[Any] = []
    pending: list[Any] = [root]
    while pending:
        part = pending.pop()
        if isinstance(part, exp.Column):
            found.append(part)
        elif not isinstance(part, exp.Query):
            pending += list(part.iter_expressions())
    return found


def _star(alias: str) -> exp.Expression:
    return exp.Column(this=exp.Star(), table=exp.to_identifier(alias))


def _named(value: exp.Expression, name: str) -> exp.Expression:
    return exp.Alias(this=value, alias=ident(name))


def _limited(level: exp.Expression) -> exp.Expression:
    call = exp.Anonymous(this="memory.rs.level", expressions=[level, exp.Literal.number(LEVELS_MAX)])
    call.meta[ENGINE_CALL] = True
    return exp.Cast(this=call, to=exp.DataType.build("integer", dialect="redshift"))


def _hide_level(node: exp.Select) -> None:
    """Stars of the query show the source's columns only."""
    for item in node.expressions:
        star = item.this if isinstance(item, exp.Column) else item
        if isinstance(star, exp.Star):
            star.set("except_", [*(star.args.get("except_") or []), exp.column(_LEVEL)])
