"""Tables of other databases in a bound query become scans: sub-queries over what the other database is asked.

Receives the bound tree of each execution, after `islands` has taken whatever can be computed over there as a whole; hands
on a tree in which no such table is left. A scan asks for the columns that the query uses, for the rows that the query's
conditions on this table leave, and for no more rows than LIMIT wants where nothing else decides.
"""

from __future__ import annotations

import itertools
from contextlib import suppress
from dataclasses import dataclass

import pyarrow as pa
from sqlglot import exp

from boathouse.contracts.house import House
from boathouse.contracts.relations import Relation
from boathouse.contracts.session import Session
from boathouse.lake.federated.pushing.bounded import bounds
from boathouse.lake.federated.pushing.derived import open_up
from boathouse.lake.federated.pushing.dialects import DIALECTS
from boathouse.lake.federated.pushing.islands import find_islands
from boathouse.lake.federated.pushing.keys import KEYS, forget, with_keys, without_keys
from boathouse.lake.federated.pushing.push import NotPushed, Pusher
from boathouse.lake.federated.remote import BLOCKS_MIN, RemoteTable
from boathouse.lake.federated.schemas import FederatedSchema
from boathouse.lake.federated.sources import Asked, Parts
from boathouse.lake.federated.streams import Lent
from boathouse.lake.scans.partitions import alias_of, conditions_on
from boathouse.lake.scans.values import engine_type, lent_value, quoted
from boathouse.sql.bind.bound import put_in_place, relation_of

SENT = "sent"
"""Key of a scan node's meta under which its `Sent` lies, for EXPLAIN."""


@dataclass(frozen=True, slots=True)
class Sent:
    """What another database is asked: for EXPLAIN."""

    schema: FederatedSchema
    text: str


def expand(house: House, session: Session, tree: exp.Expression, relations: tuple[Relation, ...]) -> exp.Expression:
    """The tree with every table of another database replaced by a scan; the same tree where it has none."""
    if not any(isinstance(relation.live, RemoteTable) for relation in relations):
        return tree
    copy = tree.copy()
    asked = Asked(house, session, is_repeated=not isinstance(copy, exp.Query) or copy.find(exp.CTE) is not None)
    numbers = itertools.count()
    open_up(session, copy, house.settings["lake"].federated_keys_max if asked.sees_the_same() else 0)
    for island in find_islands(session, copy):
        schema = island.schema
        scan = _lend(session, asked, schema, island.text, island.arrives, island.values, next(numbers))
        island.put(scan)
    for node in list(copy.find_all(exp.Table)):
        relation = relation_of(node)
        if relation is not None and isinstance(relation.live, RemoteTable):
            put_in_place(node, _scan(session, asked, node, relation.live, copy, next(numbers)))
    forget(copy)
    _keep_parameters(tree, copy)
    return copy


def _keep_parameters(before: exp.Expression, after: exp.Expression) -> None:
    """Let the engine still see every `$n`, also those that only the other database needed: it counts them."""
    left = {one.name for one in after.find_all(exp.Parameter)}
    gone = sorted({one.name for one in before.find_all(exp.Parameter)} - left)
    scan = next((one for one in after.find_all(exp.Subquery) if SENT in one.meta), None)
    if gone and scan is not None:
        unused = " AND ".join(f"(true OR ${name} IS NULL)" for name in gone)
        scan.set("this", exp.Var(this=f"{scan.this.name} WHERE {unused}"))


def explain(tree: exp.Expression) -> list[str]:
    """What EXPLAIN says of an expanded tree's questions to other databases, a line each."""
    lines = []
    for node in tree.find_all(exp.Subquery):
        sent = node.meta.get(SENT)
        if isinstance(sent, Sent):
            name = {"postgres": "PG", "mysql": "MySQL"}[sent.schema.engine]
            lines.append(f"XN {name} Query Scan {sent.schema.name} (sent: {sent.text})")
    return lines


def _scan(
    session: Session, asked: Asked, node: exp.Table, table: RemoteTable, tree: exp.Expression, number: int
) -> exp.Subquery:
    alias = node.alias_or_name
    dialect = DIALECTS[table.schema.engine]
    pusher = Pusher(session, dialect, {alias: table})
    used = {one.name for one in tree.find_all(exp.Column) if one.table == alias}
    columns = [column for column in table.columns if column.name in used] or [*table.columns[:1]]
    named = [f"{dialect.quote(alias)}.{column.remote}" for column in columns]
    sent = ", ".join(column.sent.format(name) for column, name in zip(columns, named, strict=True))
    text = f"SELECT {sent} FROM {table.remote} AS {dialect.quote(alias)}"
    pushed, whole = [], True
    for condition in conditions_on(node):
        try:
            pushed.append(pusher.condition(condition))
        except NotPushed:
            whole = False
    for among in node.meta.get(KEYS, ()):
        with suppress(NotPushed):
            pushed.append(pusher.condition(among))
    if pushed:
        text += " WHERE " + " AND ".join(pushed)
    is_all = not pushed
    select = node.find_ancestor(exp.Select)
    if whole and select is not None and isinstance(node.parent, exp.From) and not select.args.get("joins"):
        bound = bounds(select, pusher)
        text, is_all = text + bound, is_all and not bound
    scan = _lend(
        session,
        asked,
        table.schema,
        text,
        [column.arrives for column in columns],
        [_shown(engine_type(column.type), column.name) for column in columns],
        number,
        (dialect.quote(alias), table.blocks) if is_all and table.blocks >= BLOCKS_MIN else None,
    )
    scan.set("alias", alias_of(node, alias))
    return scan


def _shown(kind: str, name: str) -> str:
    return f"{lent_value(f'CAST({{}} AS {kind})', kind)} AS {quoted(name)}"


def _lend(
    session: Session,
    asked: Asked,
    schema: FederatedSchema,
    text: str,
    arrives: list[pa.DataType],
    values: list[str],
    number: int,
    parts: Parts | None = None,
) -> exp.Subquery:
    """A sub-query over the lent answer; `values` make its columns of what arrives as c0, c1, …."""
    name = f"federated:{number}"
    fields = pa.schema([(f"c{place}", kind) for place, kind in enumerate(arrives)])
    begin = asked.question(schema, with_keys(text), without_keys(text), parts)
    session.engine.lend(name, Lent(session, begin, fields))
    shown = ", ".join(value.format(f"c{place}") for place, value in enumerate(values))
    scan = exp.Subquery(this=exp.Var(this=f"SELECT {shown} FROM temp.main.{quoted(name)}"))
    scan.meta[SENT] = Sent(schema, with_keys(text))
    return scan
