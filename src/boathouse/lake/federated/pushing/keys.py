"""Keys of a small local table that another database's table is joined with: sent along, so that only rows that match come back.

Found by `derived` on the bound tree: a join of a column of the other database's with a plain column of a local table. `push`
writes the keys where they can be said, between two marks; `scan` sends the text with them, or without, where data were
committed since they were read: the query sees a later moment then, which may have other keys.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from sqlglot import exp

from boathouse.contracts.errors import BoathouseError
from boathouse.contracts.session import Session
from boathouse.lake.federated.pushing.constants import Constant, fitting, in_engine
from boathouse.lake.federated.remote import Family
from boathouse.lake.scans.partitions import conditions_on
from boathouse.sql.bind.bound import relation_of

KEYS = "keys"
"""Key of a node's meta: the `Keys` that an IN means; of a table in FROM, those INs."""
_BEGIN, _END = "\0(", "\0)"
_MARKED = re.compile(re.escape(_BEGIN) + ".*?" + re.escape(_END), re.DOTALL)
_ROWS_PER_KEY = 100
"""A local table of more than so many rows for each key that may be sent is not looked through for its keys."""
_KINDS = ("smallint", "integer", "bigint", "numeric", "character varying", "date")


class Keys:
    """The values of a local column that may match, read when they are first asked for.

    Args:
        column: of a local table in FROM. conditions: that its rows must satisfy, over the table's own columns.
        keys_max: more than these are none.
    """

    def __init__(
        self, session: Session, table: exp.Table, column: exp.Column, conditions: list[exp.Expression], keys_max: int
    ) -> None:
        self._session = session
        self._table = table
        self._column = column
        self._conditions = conditions
        self._keys_max = keys_max
        self._found: list[tuple[str, str]] | None = None
        self._is_read = False

    def __deepcopy__(self, memo: dict[int, object]) -> Keys:
        """Itself: a tree that carries it is copied often."""
        return self

    def constants(self, family: Family) -> list[Constant] | None:
        """The keys beside a column of `family`; None where they are too many, or have no form that means the same."""
        if not self._is_read:
            self._found, self._is_read = self._read(), True
        if self._found is None:
            return None
        found = [fitting(text, kind, family) for text, kind in self._found]
        return None if any(one is None for one in found) else [one for one in found if one is not None]

    def _read(self) -> list[tuple[str, str]] | None:
        session = self._session
        key = exp.column(self._column.name, self._column.table, quoted=True)
        source = exp.select(exp.alias_(key, "k")).from_(self._table.copy())
        for one in self._conditions:
            source = source.where(one.copy(), copy=False)
        asked = in_engine(session, source)
        if asked is None:
            return None
        rows = self._keys_max * _ROWS_PER_KEY
        sql = (
            f"SELECT CAST(k AS VARCHAR), typeof(k), n FROM (SELECT k, sum(count(*)) OVER () AS n FROM "
            f"({asked[0]} LIMIT {rows + 1}) GROUP BY k LIMIT {self._keys_max + 2}) ORDER BY k"
        )
        try:
            found = session.engine.fetch(sql, asked[1])
        except BoathouseError:
            return None  # the query itself will tell, where a row that it wants is the cause
        if len(found) > self._keys_max + 1 or (found and int(str(found[0][2])) > rows):
            return None
        kept = [(str(text), str(kind)) for text, kind, _ in found if text is not None]
        return kept if len(kept) <= self._keys_max else None


def find_keys(
    session: Session, source: exp.Expression, around: dict[str, exp.Expression], keys_max: int
) -> Iterator[exp.In]:
    """What a join with local tables says of a source's rows: INs whose `Keys` lie in their meta.

    Args:
        around: what stands in the same FROM, by alias.
    """
    alias = source.alias_or_name
    for condition in conditions_on(source) if keys_max else ():
        if not isinstance(condition, exp.EQ):
            continue
        for mine, other in ((condition.this, condition.expression), (condition.expression, condition.this)):
            if not isinstance(mine, exp.Column) or not isinstance(other, exp.Column) or mine.table != alias:
                continue
            table = around.get(other.table)
            if other.table != alias and isinstance(table, exp.Table) and _is_local(table, other):
                own = [one for one in conditions_on(table) if _is_own(one, other.table)]
                found = exp.In(this=mine.copy(), expressions=[])
                found.meta[KEYS] = Keys(session, table, other, own, keys_max)
                yield found


def _is_local(table: exp.Table, column: exp.Column) -> bool:
    relation = relation_of(table)
    if relation is None or relation.kind not in ("table", "temporary", "materialized"):
        return False
    kept = table.args.get("alias")
    if isinstance(kept, exp.TableAlias) and kept.columns:
        return False
    found = relation.by_name.get(column.name)
    return found is not None and found.type.name in _KINDS and not found.type.insensitive


def _is_own(condition: exp.Expression, alias: str) -> bool:
    columns = list(condition.find_all(exp.Column))
    if any(call.name.lower() in ("random", "uuid", "nextval") for call in condition.find_all(exp.Anonymous)):
        return False
    is_plain = condition.find(exp.Query, exp.AggFunc, exp.Window, exp.Rand) is None
    return bool(columns) and is_plain and all(one.table == alias for one in columns)


def marked(text: str) -> str:
    """A condition that may be left out."""
    return _BEGIN + text + _END


def with_keys(text: str) -> str:
    """The question with its keys."""
    return text.replace(_BEGIN, "").replace(_END, "")


def without_keys(text: str) -> str:
    """The question without them."""
    return _MARKED.sub("TRUE", text)


def forget(tree: exp.Expression) -> None:
    """Take the keys out of what the engine runs."""
    for node in list(tree.find_all(exp.In)):
        if KEYS in node.meta:
            node.replace(exp.true())
