"""Views, CTEs and sub-queries over another database's tables, taken apart so that what stands around them can be sent too.

Receives the bound tree (a copy, changed in place) before `islands` and `scan` look at it; hands on a tree of the same meaning:
CTEs that are named once stand where they are named; a sub-query that only picks rows and columns is merged into the SELECT
around it; conditions around the others are repeated inside, where they can be sent; columns that nobody wants are NULL. What
is repeated is tested outside as before.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

from sqlglot import exp

from boathouse.contracts.session import Session
from boathouse.lake.federated.pushing.dialects import DIALECTS
from boathouse.lake.federated.pushing.keys import KEYS, find_keys
from boathouse.lake.federated.pushing.push import NotPushed, Pusher
from boathouse.lake.federated.remote import RemoteTable
from boathouse.lake.scans.partitions import conditions_on
from boathouse.sql.bind.bound import relation_of, type_of, with_type

_PLAIN = frozenset({"expressions", "from", "from_", "joins", "where"})
_OWN_WAYS = ("limit", "offset", "laterals", "windows", "qualify", "connect", "match", "pivots", "sample", "kind")


def open_up(session: Session, tree: exp.Expression, keys_max: int) -> None:
    """Make the parts of the tree that read other databases say by themselves what is wanted of them.

    Args:
        keys_max: of a local table that may be sent along.
    """
    _put_ctes_in_place(tree)
    for select in reversed(list(tree.find_all(exp.Select))):
        for source in sources(select):
            _merge(session, select, source)
    for select in list(tree.find_all(exp.Select)):
        around = {one.alias_or_name: one for one in sources(select)}
        for source in around.values():
            if isinstance(source, exp.Subquery) and _is_remote(source):
                _prune(select, source)
                for condition in (*conditions_on(source), *find_keys(session, source, around, keys_max)):
                    _carry(session, source.this, condition, source.alias)
            elif remote_table(source) is not None:
                source.meta[KEYS] = [*find_keys(session, source, around, keys_max)]


def remote_table(node: exp.Expression) -> RemoteTable | None:
    """The table of another database that a source is."""
    relation = relation_of(node) if isinstance(node, exp.Table) else None
    return relation.live if relation is not None and isinstance(relation.live, RemoteTable) else None


def sources(select: exp.Select) -> list[exp.Expression]:
    """What stands in a SELECT's FROM."""
    start = select.args.get("from_") or select.args.get("from")
    return [] if start is None else [start.this, *(join.this for join in select.args.get("joins") or [])]


def _is_remote(node: exp.Expression) -> bool:
    return any(remote_table(one) is not None for one in node.find_all(exp.Table))


# -- CTEs ------------------------------------------------------------------------------------------------------


def _put_ctes_in_place(tree: exp.Expression) -> None:
    defined = Counter(one.alias for one in tree.find_all(exp.CTE))
    for clause in list(tree.find_all(exp.With)):
        if clause.args.get("recursive"):
            continue
        for cte in list(clause.expressions):
            named = [
                one
                for one in tree.find_all(exp.Table)
                if one.name == cte.alias and not one.db and relation_of(one) is None
            ]
            inside = {one.name for one in cte.this.find_all(exp.Table)}
            if (
                len(named) != 1
                or any(defined[name] > 1 for name in {cte.alias, *inside})
                or cte.args["alias"].columns
                or not isinstance(named[0].parent, exp.From | exp.Join)
                or not _is_alone(named[0])
                or not _is_remote(cte)
            ):
                continue
            alias = exp.TableAlias(this=exp.to_identifier(named[0].alias_or_name, quoted=True))
            named[0].replace(exp.Subquery(this=cte.this, alias=alias))
            clause.set("expressions", [one for one in clause.expressions if one is not cte])
        if not clause.expressions:
            clause.pop()


def _is_alone(table: exp.Table) -> bool:
    """True where nothing but an alias stands with the name."""
    kept = table.args.get("alias")
    return not (isinstance(kept, exp.TableAlias) and kept.columns) and not any(
        value for name, value in table.args.items() if name not in ("this", "alias", "db", "catalog")
    )


# -- sub-queries that only pick ---------------------------------------------------------------------------------


def _merge(session: Session, select: exp.Select, source: exp.Expression) -> None:
    """Put a sub-query's tables in its place, where that says the same."""
    inner = _picks(source)
    if inner is None or not isinstance(source.parent, exp.From | exp.Join) or source.parent.parent is not select:
        return
    alias, joins = source.alias, select.args.get("joins") or []
    join = source.parent if isinstance(source.parent, exp.Join) else None
    if any(one.side in ("RIGHT", "FULL") for one in joins) or (join is not None and (join.side or join.method)):
        return  # rows with NULLs may be added for it
    if join is not None and (inner.args.get("joins") or join.args.get("using")):
        return
    if any(one.method or one.args.get("using") for one in joins):
        return
    near = [one.alias_or_name for query in select.find_all(exp.Select) if query is not inner for one in sources(query)]
    if near.count(alias) != 1:
        return
    own = {id(one) for one in inner.find_all(exp.Column)}
    asked = [one for one in select.find_all(exp.Column) if one.table == alias and id(one) not in own]
    shown = {one.alias_or_name: one.unalias() for one in inner.expressions}
    used = {one.name for one in asked}
    if not used <= shown.keys() or not _may_move(session, inner, [shown[name] for name in used]):
        return
    _rename(inner, {one.table for one in select.root().find_all(exp.Column) if id(one) not in own} | {*near} - {alias})
    shown = {one.alias_or_name: one.unalias() for one in inner.expressions}
    for column in asked:
        column.replace(_put(shown[column.name]))
    start = inner.args.get("from_") or inner.args["from"]
    source.replace(start.this)
    if inner.args.get("joins"):
        select.set("joins", [*inner.args["joins"], *joins])
    if inner.args.get("where") is not None:
        select.where(inner.args["where"].this, copy=False)


def _picks(source: exp.Expression) -> exp.Select | None:
    """The SELECT of a sub-query that takes rows and columns of one other database's tables, and does nothing else."""
    if not isinstance(source, exp.Subquery) or not isinstance(source.this, exp.Select):
        return None
    kept = source.args.get("alias")
    inner = source.this
    if not isinstance(kept, exp.TableAlias) or kept.columns or any(
        value for name, value in source.args.items() if name not in ("this", "alias")
    ):  # fmt: skip
        return None
    if any(value for name, value in inner.args.items() if name not in _PLAIN):
        return None
    if inner.find(exp.AggFunc, exp.Window, exp.Unnest) or any(one is not inner for one in inner.find_all(exp.Query)):
        return None
    tables = [remote_table(one) for one in sources(inner)]
    if not tables or any(one is None for one in tables) or len({one.schema for one in tables if one is not None}) > 1:
        return None
    if any(
        one.side not in ("", "LEFT") or one.method or one.args.get("using") for one in inner.args.get("joins") or []
    ):
        return None
    return inner if all(_is_alone(one) for one in sources(inner) if isinstance(one, exp.Table)) else None


def _may_move(session: Session, inner: exp.Select, values: list[exp.Expression]) -> bool:
    """True where each value is a column or something that is computed there, so that it may stand anywhere, and often."""
    pusher = _pusher(session, inner)
    for value in values:
        if isinstance(value, exp.Column):
            continue
        try:
            assert pusher is not None
            pusher.value(value)
        except NotPushed:
            return False
    return True


def _pusher(session: Session, select: exp.Select) -> Pusher | None:
    """What can be said to the one other database whose tables stand in FROM; None where there is none, or there are two."""
    found = {one.alias_or_name: table for one in sources(select) if (table := remote_table(one)) is not None}
    if len({one.schema for one in found.values()}) != 1:
        return None
    return Pusher(session, DIALECTS[next(iter(found.values())).schema.engine], found)


def _rename(inner: exp.Select, taken: set[str]) -> None:
    """Give tables other aliases where the SELECT around them has these."""
    for table in sources(inner):
        old = table.alias_or_name
        new = next(name for name in (old, *(f"{old}_{n}" for n in range(len(taken) + 2))) if name not in taken)
        taken.add(new)
        if new == old:
            continue
        for column in inner.find_all(exp.Column):
            if column.table == old:
                column.set("table", exp.to_identifier(new, quoted=True))
        table.set("alias", exp.TableAlias(this=exp.to_identifier(new, quoted=True)))


def _put(value: exp.Expression) -> exp.Expression:
    copy = value.copy()
    if isinstance(copy, exp.Column):
        return copy
    return with_type(exp.Paren(this=copy), type_of(value))


# -- conditions around others -----------------------------------------------------------------------------------


def _carry(session: Session, query: exp.Expression, condition: exp.Expression, alias: str) -> None:
    """Repeat a condition on a sub-query's columns inside it, in each branch where it can be said."""
    columns = list(condition.find_all(exp.Column))
    if not columns or any(one.table != alias for one in columns) or condition.find(exp.Query, exp.AggFunc, exp.Window):
        return
    names = [one.alias_or_name for one in _first(query).expressions]
    if len(set(names)) < len(names):
        return
    for select in _branches(query):
        shown = dict(zip(names, (one.unalias() for one in select.expressions), strict=True))
        inside = _said(session, select, condition, shown)
        if inside is not None:
            select.where(inside, copy=False)


def _first(query: exp.Expression) -> exp.Select:
    while not isinstance(query, exp.Select):
        query = query.this
    return query


def _branches(query: exp.Expression) -> Iterator[exp.Select]:
    """The SELECTs whose rows are a query's rows; none behind what counts rows."""
    if any(query.args.get(part) for part in _OWN_WAYS):
        return
    if isinstance(query, exp.Select):
        distinct = query.args.get("distinct")
        if distinct is not None and distinct.args.get("on") is not None:
            return
        if query.find(exp.Window) is None and not any(one.find(exp.Unnest) for one in query.expressions):
            yield query
    elif isinstance(query, exp.SetOperation):
        yield from _branches(query.this)
        yield from _branches(query.expression)
    elif isinstance(query, exp.Subquery):
        yield from _branches(query.this)


def _said(
    session: Session, select: exp.Select, condition: exp.Expression, shown: Mapping[str, exp.Expression]
) -> exp.Expression | None:
    """The condition over a SELECT's own tables; None where it decides about something else, or goes nowhere."""
    group = select.args.get("group")
    is_grouped = group is not None or any(one.find(exp.AggFunc) for one in (*select.expressions, *_having(select)))
    keys: list[exp.Expression] | None = [] if is_grouped else None
    if keys is not None and group is not None:
        if any(group.args.get(part) for part in ("grouping_sets", "cube", "rollup", "totals", "all")):
            return None
        for key in group.expressions:
            keys.append(
                select.expressions[int(key.name) - 1].unalias() if isinstance(key, exp.Literal) and key.is_int else key
            )
    copy = exp.Paren(this=condition.copy())
    for column in list(copy.find_all(exp.Column)):
        value = shown.get(column.name)
        if value is None or value.find(exp.AggFunc, exp.Query) or (keys is not None and value not in keys):
            return None
        column.replace(_put(value))
    inside: exp.Expression = copy.this.copy()
    wanted = {one.table for one in inside.find_all(exp.Column)}
    found = {one.alias_or_name: one for one in sources(select)}
    if not wanted or not wanted <= found.keys():
        return None
    if all(isinstance(found[name], exp.Subquery) and _is_remote(found[name]) for name in wanted):
        return inside
    pusher = _pusher(session, select)
    if pusher is None:
        return None
    try:
        pusher.condition(inside)
    except NotPushed:
        return None
    return inside


def _having(select: exp.Select) -> tuple[exp.Expression, ...]:
    having = select.args.get("having")
    return () if having is None else (having,)


# -- columns ------------------------------------------------------------------------------------------------------


def _prune(select: exp.Select, source: exp.Subquery) -> None:
    """Ask a sub-query for no column that nobody wants."""
    branches = list(_all_branches(source.this))
    if any(one.method or one.args.get("using") for one in select.args.get("joins") or []):
        return
    if not branches or len({len(one.expressions) for one in branches}) > 1:
        return
    used = {one.name for one in select.find_all(exp.Column) if one.table == source.alias}
    for place, shown in enumerate(branches[0].expressions):
        for one in branches if shown.alias_or_name not in used else ():
            item = one.expressions[place]
            if isinstance(item, exp.Alias) and isinstance(item.this, exp.Column) and not _is_counted(one, place):
                item.set("this", exp.Null())


def _all_branches(query: exp.Expression) -> Iterator[exp.Select]:
    """The SELECTs of a query without DISTINCT and set operations that compare rows; none where there is one."""
    found: list[exp.Select] = []
    waiting = [query]
    while waiting:
        one = waiting.pop()
        if isinstance(one, exp.Select) and not one.args.get("distinct"):
            found.insert(0, one)
        elif isinstance(one, exp.Union) and one.args.get("distinct") is False and not one.args.get("order"):
            waiting += [one.this, one.expression]
        elif isinstance(one, exp.Subquery):
            waiting.append(one.this)
        else:
            return
    yield from found


def _is_counted(select: exp.Select, place: int) -> bool:
    """True where GROUP BY or ORDER BY mean a column by its number."""
    for part in (select.args.get("group"), select.args.get("order")):
        for one in part.expressions if part is not None else ():
            key = one.this if isinstance(one, exp.Ordered) else one
            if isinstance(key, exp.Literal) and key.name == str(place + 1):
                return True
    return False
