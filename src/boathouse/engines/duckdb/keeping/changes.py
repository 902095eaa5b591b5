"""What commits of a lake have touched, as its catalog tells it.

Asked by the copies near the engine, and for tables that somebody looks at again and again (`History.changes`): to read a table
of the lake costs a multiple of asking whether it is the same.

Source: the table `ducklake_snapshot_changes` of DuckLake's specification, version 1.0.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Collection, Sequence

from boathouse.contracts.engine import EngineSession

QUOTED = r'"(?:[^"]|"")*"'
_CHANGE = re.compile(rf"(\w+):(?:(\d+)|({QUOTED})(?:\.({QUOTED}))?)(?:,|$)")
_WITHOUT_MEANING = frozenset(
    {"merge_adjacent", "rewrite_delete", "inline_flush", "created_schema", "dropped_schema", "created_view", "altered_view",
     "dropped_view"}
)  # fmt: skip
"""Changes after which every table has the rows it had."""

COMMITS = (
    "SELECT c.snapshot_id, c.changes_made || coalesce((SELECT string_agg(',ended_table:' || t.table_id, '') "
    "FROM {catalog}.ducklake_table t WHERE t.end_snapshot = c.snapshot_id), '') "
    "FROM {catalog}.ducklake_snapshot_changes c WHERE c.snapshot_id > "
)
"""Commits after a number and what each changed, for DuckDB and PostgreSQL; a table's new name ends it as it was."""

Place = tuple[str, str]
"""Schema and name."""
Commits = Sequence[tuple[int, str | None]]
"""Numbers, and what each changed."""


def touched_by(commits: Commits) -> set[int | Place] | None:
    """Numbers and places of tables whose rows or columns may be others; None where that cannot be told."""
    touched: set[int | Place] = set()
    for _, made in commits:
        end = 0
        for found in _CHANGE.finditer(made or ""):
            if found.start() != end:
                return None
            end = found.end()
            if found[1] in _WITHOUT_MEANING:
                continue
            if found[2]:
                touched.add(int(found[2]))
            elif found[4]:
                touched.add((found[3][1:-1].replace('""', '"'), found[4][1:-1].replace('""', '"')))
            else:
                return None
        if end != len(made or ""):
            return None
    return touched


class Moves:
    """Counts what this server may have committed; from any thread."""

    def __init__(self) -> None:
        self.count = 0
        self._lock = threading.Lock()

    def add(self) -> None:
        """One more, before whoever committed it goes on."""
        with self._lock:
            self.count += 1


class Watched:
    """Some tables, looked at call by call: see `contracts.past.history.History.changes`.

    Args:
        session: asks, where `commits` does not.
        catalog: where the catalog's tables are, quoted.
        tables: schemas and names.
        commits: as of `LakeHistory`.
    """

    def __init__(
        self,
        session: EngineSession,
        catalog: str,
        tables: Collection[Place],
        commits: Moves | Callable[[int], Commits],
    ) -> None:
        self._session, self._catalog, self._tables = session, catalog, frozenset(tables)
        self._commits = self._asked if isinstance(commits, Moves) else commits
        self._moves = commits if isinstance(commits, Moves) else None
        self._known: int | None = None
        self._seen: int | None = None
        self._watched: frozenset[int | Place] = frozenset()

    def __call__(self) -> bool:
        """True where their rows may be others than at the call before."""
        moves = None if self._moves is None else self._moves.count
        if self._seen is None:
            self._begin()
            changed = True
        else:
            changed = (moves is None or moves != self._known) and self._follow(self._seen)
        self._known = moves
        return changed

    def _follow(self, seen: int) -> bool:
        commits = self._commits(seen)
        if not commits:
            return False
        newest = max(number for number, _ in commits)
        # One that is missing has been forgotten: it may have been anything.
        touched = touched_by(commits) if len(commits) == newest - seen else None
        self._seen = newest
        return touched is None or not touched.isdisjoint(self._watched)

    def _begin(self) -> None:
        rows = self._session.fetch(
            f"SELECT (SELECT max(snapshot_id) FROM {self._catalog}.ducklake_snapshot), s.schema_name, t.table_name, t.table_id "
            f"FROM {self._catalog}.ducklake_table t JOIN {self._catalog}.ducklake_schema s USING (schema_id) "
            "WHERE t.end_snapshot IS NULL AND s.end_snapshot IS NULL"
        )
        numbers = {int(str(number)) for _, schema, name, number in rows if (schema, name) in self._tables}
        if len(numbers) == len(self._tables):  # else one is still to be made, under a number that nobody knows
            self._seen, self._watched = int(str(rows[0][0])), self._tables | numbers

    def _asked(self, since: int) -> Commits:
        rows = self._session.fetch(COMMITS.format(catalog=self._catalog) + str(since))
        return [(int(str(number)), None if made is None else str(made)) for number, made in rows]
