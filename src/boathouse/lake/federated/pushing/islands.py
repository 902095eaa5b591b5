"""Parts of a query that one other database can compute as a whole: joins of its tables, groups and their aggregates.

Receives the bound tree (a copy, changed in place); finds each SELECT whose FROM names tables of one source only, with
joins and conditions that mean the same over there. Where it groups, the groups are asked for; else the joined rows. What
is left of the SELECT, its expressions over the groups, HAVING, ORDER BY, LIMIT, is computed here over the answer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pyarrow as pa
from sqlglot import exp

from boathouse.contracts.session import Session
from boathouse.lake.federated.pushing.bounded import bounds
from boathouse.lake.federated.pushing.dialects import DIALECTS, Dialect
from boathouse.lake.federated.pushing.push import NotPushed, Pusher
from boathouse.lake.federated.remote import RemoteTable
from boathouse.lake.federated.schemas import FederatedSchema
from boathouse.lake.scans.partitions import conjuncts
from boathouse.lake.scans.values import engine_type, lent_value, quoted
from boathouse.sql.bind.bound import relation_of, type_of

_ALIAS = "federated"
_OWN_WAYS = ("laterals", "distinct_on", "windows", "qualify", "connect", "match", "pivots", "sample", "kind")


@dataclass(frozen=True)
class Island:
    """One question that stands for a SELECT's tables.

    Attributes:
        text: in the other database's SQL. arrives: the Arrow types of its columns.
        values: what each column becomes, `{}` being what arrived; named k0, k1, ….
        put: puts the scan in the place of the SELECT's tables.
    """

    schema: FederatedSchema
    text: str
    arrives: list[pa.DataType]
    values: list[str]
    put: Callable[[exp.Subquery], None]


def find_islands(session: Session, tree: exp.Expression) -> Iterator[Island]:
    """Every island of the tree, each to be put in its place before the next is asked for."""
    for select in list(tree.find_all(exp.Select)):
        tables = _tables(select)
        if tables is None:
            continue
        schema = next(iter(tables.values())).schema
        pusher = Pusher(session, DIALECTS[schema.engine], tables)
        try:
            found = _Question(select, pusher, schema)
        except NotPushed:
            continue
        yield Island(schema, found.text(), found.arrives, found.values, found.put)


def _tables(select: exp.Select) -> dict[str, RemoteTable] | None:
    """The SELECT's tables by alias, where all are one source's and it is worth a question of its own."""
    source = select.args.get("from_") or select.args.get("from")
    if source is None or any(select.args.get(part) for part in _OWN_WAYS):
        return None
    if any(one is not select for one in select.find_all(exp.Query)) or select.find(exp.Window) is not None:
        return None  # a sub-query may name these tables from inside, or have an alias of theirs
    nodes = [source.this, *(join.this for join in select.args.get("joins") or [])]
    found: dict[str, RemoteTable] = {}
    for node in nodes:
        relation = relation_of(node) if isinstance(node, exp.Table) else None
        if relation is None or not isinstance(relation.live, RemoteTable):
            return None
        found[node.alias_or_name] = relation.live
    if len(found) < len(nodes) or len({one.schema for one in found.values()}) > 1:
        return None
    grouped = select.args.get("group") is not None or _aggregates(select)
    return found if grouped or len(found) > 1 else None


def _aggregates(select: exp.Select) -> list[exp.Expression]:
    parts = [*select.expressions, select.args.get("having"), select.args.get("order")]
    return [one for part in parts if part is not None for one in part.find_all(exp.AggFunc)]


class _Question:
    """The making of one island; NotPushed from its constructor where the SELECT is none."""

    def __init__(self, select: exp.Select, pusher: Pusher, schema: FederatedSchema) -> None:
        self._select = select
        self._pusher = pusher
        self._dialect: Dialect = pusher.dialect
        self.arrives: list[pa.DataType] = []
        self.values: list[str] = []
        self._items: list[str] = []
        self._places: dict[str, int] = {}
        self._joins = self._from()
        aggregates = _aggregates(select)
        group = select.args.get("group")
        self._is_grouped = bool(aggregates) or group is not None
        self._where, self._kept = self._conditions()
        self._groups: list[str] = []
        self._answered: list[tuple[exp.Expression, int]] = []
        self._bounds = ""
        if self._is_grouped:
            self._ask_for_groups(group, aggregates)
        else:
            self._bounds = "" if self._kept else bounds(select, pusher)
            self._ask_for_rows()

    def text(self) -> str:
        """The question."""
        found = f"SELECT {', '.join(self._items)} FROM {self._joins}"
        if self._where:
            found += " WHERE " + " AND ".join(self._where)
        if self._groups:
            found += " GROUP BY " + ", ".join(self._groups)
        return found + self._bounds

    def put(self, scan: exp.Subquery) -> None:
        """Replace the tables, what was grouped, and what is answered by columns of the scan."""
        select = self._select
        for node, place in self._answered:
            column = exp.column(f"k{place}", _ALIAS, quoted=True)
            node.replace(column)
        scan.set("alias", exp.TableAlias(this=exp.to_identifier(_ALIAS, quoted=True)))
        source = select.args.get("from_") or select.args["from"]
        source.set("this", scan)
        select.set("joins", None)
        if not self._is_grouped:
            select.set("where", exp.Where(this=exp.and_(*self._kept, copy=False)) if self._kept else None)
            return
        having = select.args.get("having")
        select.set("where", exp.Where(this=having.this) if having is not None else None)
        select.set("having", None)
        select.set("group", None)

    def _from(self) -> str:
        source = self._select.args.get("from_") or self._select.args["from"]
        found = self._table(source.this)
        for join in self._select.args.get("joins") or []:
            kind = " ".join(part for part in (join.side, join.kind) if part).upper() or "INNER"
            if join.method or join.args.get("using") or kind not in ("INNER", "CROSS", "LEFT", "LEFT OUTER"):
                raise NotPushed
            on = join.args.get("on")
            if on is None:
                found += f" CROSS JOIN {self._table(join.this)}"
            else:
                word = "LEFT" if kind.startswith("LEFT") else "INNER"
                found += f" {word} JOIN {self._table(join.this)} ON {self._pusher.condition(on)}"
        return found

    def _table(self, node: exp.Table) -> str:
        alias = node.alias_or_name
        kept = node.args.get("alias")
        if isinstance(kept, exp.TableAlias) and kept.columns:
            raise NotPushed
        return f"{self._pusher.tables[alias].remote} AS {self._dialect.quote(alias)}"

    def _conditions(self) -> tuple[list[str], list[exp.Expression]]:
        where = self._select.args.get("where")
        sent: list[str] = []
        kept: list[exp.Expression] = []
        for one in conjuncts(where.this if where is not None else None):
            try:
                sent.append(self._pusher.condition(one))
            except NotPushed:
                if self._is_grouped:
                    raise
                kept.append(one)
        return sent, kept

    # -- rows --------------------------------------------------------------------------------------------

    def _ask_for_rows(self) -> None:
        parts = [
            one for one in self._select.iter_expressions() if one.arg_key not in ("from", "from_", "joins", "where")
        ]
        for part in (*parts, *self._kept):
            for column in part.find_all(exp.Column):
                if column.table in self._pusher.tables:
                    self._answered.append((column, self._column(column)))
        if not self._items:
            raise NotPushed

    def _column(self, node: exp.Column) -> int:
        found = self._pusher.column(node)
        name = self._pusher.named(node)
        return self._ask(found.sent.format(name), found.arrives, engine_type(found.type))

    def _ask(self, item: str, arrives: pa.DataType, kind: str) -> int:
        if item not in self._places:
            place = self._places[item] = len(self._items)
            self._items.append(item)
            self.arrives.append(arrives)
            self.values.append(f"{lent_value(f'CAST({{}} AS {kind})', kind)} AS {quoted(f'k{place}')}")
        return self._places[item]

    # -- groups ------------------------------------------------------------------------------------------

    def _ask_for_groups(self, group: exp.Group | None, aggregates: list[exp.Expression]) -> None:
        if self._select.args.get("distinct") is not None and not aggregates:
            raise NotPushed
        keys: dict[exp.Expression, int] = {}
        for key in group.expressions if group is not None else []:
            keys[self._resolved(key)] = self._key(self._resolved(key))
        if group is not None and any(
            group.args.get(part) for part in ("grouping_sets", "cube", "rollup", "totals", "all")
        ):
            raise NotPushed
        for aggregate in aggregates:
            self._answered.append((aggregate, self._aggregate(aggregate)))
        inside = {id(one) for aggregate in aggregates for one in aggregate.walk()}
        for part in (*self._select.expressions, self._select.args.get("having"), self._select.args.get("order")):
            if part is not None:
                self._answer_keys(part, keys, inside)

    def _resolved(self, key: exp.Expression) -> exp.Expression:
        if isinstance(key, exp.Literal) and key.is_int:
            item: exp.Expression = self._select.expressions[int(key.name) - 1]
            return item.this if isinstance(item, exp.Alias) else item
        return key

    def _key(self, key: exp.Expression) -> int:
        text = self._pusher.value(key)
        if isinstance(key, exp.Column):
            found = self._pusher.column(key)
            if found.family == "other" or not found.sorts:
                raise NotPushed
            name = self._pusher.named(key)
            if found.family == "text" and self._dialect.equal != "{}":
                # Grouped by bytes; a group's texts are all the same one.
                self._groups.append(self._dialect.equal.format(name))
                return self._ask(found.sent.format(f"min({name})"), found.arrives, engine_type(found.type))
            self._groups.append(name)
            return self._column(key)
        if self._pusher.family(key) != "timestamp":
            raise NotPushed
        self._groups.append(text)
        return self._ask(text, pa.timestamp("us"), "TIMESTAMP")

    def _answer_keys(self, part: exp.Expression, keys: dict[exp.Expression, int], inside: set[int]) -> None:
        """Every use of a key outside aggregates is answered; any other column cannot be."""
        if id(part) in inside:
            return
        if part in keys:
            self._answered.append((part, keys[part]))
            return
        if isinstance(part, exp.Column):
            raise NotPushed
        for child in part.iter_expressions():
            self._answer_keys(child, keys, inside)

    def _aggregate(self, node: exp.Expression) -> int:
        value = node.this
        distinct = isinstance(value, exp.Distinct)
        if distinct:
            if len(value.expressions) != 1:
                raise NotPushed
            value = value.expressions[0]
        if isinstance(node, exp.Count) and node.args.get("big_int") is not False:
            return self._count(value, distinct=distinct)
        if distinct or not isinstance(node, exp.Sum | exp.Min | exp.Max) or node.expressions:
            raise NotPushed
        family = self._pusher.family(value)
        text = self._pusher.value(value)
        if isinstance(node, exp.Sum):
            return self._sum(value, text, family)
        if not isinstance(value, exp.Column) or family == "boolean":
            raise NotPushed
        found = self._pusher.column(value)
        word = "min" if isinstance(node, exp.Min) else "max"
        ordered = self._dialect.ordered.format(text) if family == "text" else self._pusher.named(value)
        return self._ask(found.sent.format(f"{word}({ordered})"), found.arrives, engine_type(found.type))

    def _count(self, value: exp.Expression | None, *, distinct: bool) -> int:
        if value is None or isinstance(value, exp.Star):
            return self._ask("count(*)", pa.int64(), "BIGINT")
        family = self._pusher.family(value)
        text = self._pusher.value(value)
        if distinct and family == "text":
            if not self._pusher.column(value).sorts:
                raise NotPushed
            text = self._dialect.equal.format(text)
        return self._ask(f"count({'DISTINCT ' if distinct else ''}{text})", pa.int64(), "BIGINT")

    def _sum(self, value: exp.Expression, text: str, family: str) -> int:
        if family == "double":
            return self._ask(f"sum({text})", pa.float64(), "DOUBLE")
        if family not in ("integer", "numeric"):
            raise NotPushed
        kind = type_of(value)
        if kind.is_integer:
            wanted = "HUGEINT"
        elif kind.name == "numeric":
            wanted = f"DECIMAL(38, {kind.scale or 0})"
        else:
            raise NotPushed
        found = self._pusher.column(value) if isinstance(value, exp.Column) else None
        # A number whose decimal places are looked at before it is sent has a sum of which the same is true.
        sent = found.sent if found is not None and found.sent.startswith("CASE") else self._dialect.as_text
        return self._ask(sent.format(f"sum({text})"), pa.string(), wanted)
