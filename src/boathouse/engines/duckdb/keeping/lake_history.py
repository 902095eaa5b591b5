"""Tables of a lake as they were: which commit was the newest at a moment, and what columns a table had then.

Asked by the query room for `FROM t FOR SYSTEM_TIME AS OF …`. The engine reads a table of then by `AT (VERSION => n)`. Its own
`AT (TIMESTAMP => …)` goes by the time at which a commit's transaction began, so that rows would show up before anybody could
have seen them; sessions therefore note the time of each COMMIT beside it (`stamp`).

A history belongs to a table, through all its names; another one that had the name before is another table.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from boathouse.contracts.engine import EngineSession
from boathouse.contracts.errors import InvalidParameterValue, ObjectNotInPrerequisiteState, UndefinedTable
from boathouse.contracts.relations import Past, Relation, StorageKeys, StoredFiles
from boathouse.engines.duckdb.catalog import column_of
from boathouse.engines.duckdb.keeping.changes import Commits, Moves, Watched
from boathouse.engines.duckdb.keeping.definitions import StoredTable
from boathouse.engines.duckdb.keeping.lake_files import files_at
from boathouse.engines.duckdb.keeping.lake_upkeep import LakeUpkeep, Upkeep
from boathouse.engines.duckdb.keeping.past_lake import PastLake
from boathouse.sql.redshift.types import quoted

COMMITS = (
    "SELECT snapshot_id AS commit_id, coalesce(TRY_CAST(commit_extra_info AS TIMESTAMPTZ), snapshot_time) AS committed, "
    "to_json(changes)::VARCHAR AS changes FROM {lake}.snapshots()"
)
"""As the session's open transaction sees them."""


def stamp(lake: str, message: str | None) -> str:
    """The engine's statement, just before a COMMIT, that has its time kept.

    Args:
        lake: its name, quoted.
        message: what else is told of the commit.
    """
    told = "NULL" if message is None else f"'{message}'"
    return f"CALL {lake}.set_commit_message('boathouse', {told}, extra_info => '{datetime.now(UTC).isoformat()}')"


class LakeHistory(LakeUpkeep):
    """See `contracts.past.history.History`.

    Args:
        database, catalog, data, upkeep, oldest: as the parent's.
        keys: by which others read the lake's files; None for local ones, and where that cannot be told.
        commits: gives those after a number; where nobody else commits, what tells of this server's.
    """

    def __init__(
        self,
        database: str,
        catalog: str,
        data: str,
        upkeep: Upkeep,
        oldest: Callable[[], datetime | None],
        commits: Moves | Callable[[int], Commits],
        keys: StorageKeys | None = None,
    ) -> None:
        super().__init__(database, catalog, data, upkeep, oldest)
        self._database = database
        self._keys = keys
        self._commits = commits
        self._turn = threading.RLock()

    def newest(self, session: EngineSession) -> int:
        """See the protocol."""
        return int(str(session.fetch(f"SELECT id FROM {quoted(self._database)}.current_snapshot()")[0][0]))

    def changes(self, session: EngineSession, tables: Collection[str]) -> Watched:
        """See the protocol."""
        return Watched(session, self._catalog, {("boathouse", name) for name in tables}, self._commits)

    @contextmanager
    def turn(self, patience: float = math.inf) -> Iterator[None]:
        """See the protocol."""
        taken = self._turn.acquire(timeout=min(patience, threading.TIMEOUT_MAX))
        try:
            yield
        finally:
            if taken:
                self._turn.release()

    def files_at(self, session: EngineSession, relation: Relation, commit: int) -> StoredFiles | None:
        """See the protocol."""
        place = (relation.schema, relation.name)
        found = files_at(session.fetch, self._database, self._catalog, place, commit)
        return None if found is None else replace(found, keys=self._keys)

    def commit_at(self, session: EngineSession, moment: datetime | int) -> int:
        """See the protocol."""
        # The commits of two servers may bear times in another order than their numbers.
        by_time = "coalesce((SELECT min(commit_id) - 1 FROM t WHERE committed > $1), (SELECT max(commit_id) FROM t))"
        condition = "$1" if isinstance(moment, int) else by_time
        ((commit, kept, newest),) = session.fetch(
            f"WITH t AS (FROM memory.rs.stored_commits()), wanted AS (SELECT {condition}::BIGINT AS id) "
            "SELECT id, EXISTS (SELECT 1 FROM t WHERE commit_id = id), (SELECT max(commit_id) FROM t) FROM wanted",
            (moment,),
        )
        is_ahead = isinstance(moment, datetime) and moment > datetime.now(UTC)
        if is_ahead or int(str(commit)) > int(str(newest)):
            raise InvalidParameterValue(f"{_shown(moment)} has not come yet", hint=f"The newest commit is {newest}.")
        if not kept:
            raise ObjectNotInPrerequisiteState(
                f"the warehouse as of {_shown(moment)} is not kept",
                hint="CREATE SNAPSHOT keeps a moment for longer than [storage] history_hours.",
            )
        return int(str(commit))

    def relation_at(self, session: EngineSession, relation: Relation, commit: int) -> Relation:
        """See the protocol."""
        return self.table_at(session, relation, commit)[0]

    def table_at(self, session: EngineSession, relation: Relation, commit: int) -> tuple[Relation, StoredTable]:
        """The same, and the table of then."""
        catalog = self._catalog
        here = (relation.schema, relation.name)
        then = f"t.begin_snapshot <= {commit} AND (t.end_snapshot IS NULL OR t.end_snapshot > {commit})"
        rows = session.fetch(
            "SELECT s.schema_name, t.table_name, t.table_id FROM "
            f"{catalog}.ducklake_table t JOIN {catalog}.ducklake_schema s USING (schema_id) WHERE {then} "
            f"AND s.begin_snapshot <= {commit} AND (s.end_snapshot IS NULL OR s.end_snapshot > {commit}) AND t.table_id = "
            f"(SELECT t.table_id FROM {catalog}.ducklake_table t JOIN {catalog}.ducklake_schema s USING (schema_id) "
            "WHERE s.schema_name = $1 AND t.table_name = $2 AND t.end_snapshot IS NULL AND s.end_snapshot IS NULL)",
            here,
        )
        if not rows:
            raise UndefinedTable(
                f'relation "{relation.name}" did not exist as of commit {commit}',
                hint="A table that was dropped and made again has no history from before.",
            )
        place, number = (str(rows[0][0]), str(rows[0][1])), int(str(rows[0][2]))
        table = PastLake(session.fetch, self._database, commit, catalog).table(place)
        assert table is not None
        columns = tuple(column_of((one.name, one.type, one.nullable, one.default, one.note)) for one in table.columns)
        named = session.fetch(
            f"SELECT c.column_name, n.column_name FROM {catalog}.ducklake_column c JOIN {catalog}.ducklake_column n "
            f"USING (table_id, column_id) WHERE c.table_id = {number} AND c.parent_column IS NULL AND n.end_snapshot IS NULL "
            f"AND c.begin_snapshot <= {commit} AND (c.end_snapshot IS NULL OR c.end_snapshot > {commit})"
        )
        past = Past(commit, {str(name): str(now) for name, now in named}, f"commit {commit}")
        engine_name = f"{'.'.join(map(quoted, (self._database, *place)))} AT (VERSION => {commit})"
        return Relation(*here, relation.kind, columns, engine_name, live=past), table


def _shown(moment: Any) -> str:
    return (
        f"commit {moment}" if isinstance(moment, int) else moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f UTC")
    )
