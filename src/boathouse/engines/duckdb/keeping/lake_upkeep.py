"""A lake kept in order: few files for many, and an end for commits that nobody asks for any more.

Received: a session of the lake, by VACUUM or by the work in the background. Nothing goes that somebody may still read. A commit
stays as long as it was the newest one at any moment within the history that is kept, or at the beginning of a transaction that
is still open here or on another server: its reader needs the files, and the catalog finds conflicts by the commits since. The
same moment bounds which files are removed: those that nothing has named since before it, and those that no commit ever
named, left by a crash or a rollback, which are older.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from boathouse.contracts.engine import EngineSession
from boathouse.engines.duckdb.keeping.lake_claims import give_up, identity, is_alone
from boathouse.sql.redshift.types import quoted

_EXPIRED_AT_ONCE = 1000
_GATHERED_AT_ONCE = 1000
"""Files that one transaction writes anew."""
_DELETED_SHARE_MAX = 0.1
"""A file of which more has been deleted is written anew."""
_SMALL_FILES_MAX = 8
_IMPATIENT_FILES = 100
"""So many small files are gathered even where rows have just been added: a transaction that removes some may conflict."""
_SMALL_SHARE = 4
"""A file is small below this part of the size that files are to have."""
_DELETED_ROWS_MIN = 10_000
_AGAIN = 'temp.main."boathouse sorted"'
_MTIME = timedelta(seconds=3)
"""The engine reads the times of files in whole seconds: one that an open transaction has just written looks older than it."""


@dataclass(frozen=True, slots=True)
class Upkeep:
    """What is kept, and how.

    Attributes:
        history: for how long every commit is.
        file_bytes: the size that files are to have.
        quiet: a table is left alone so long after a change.
        owns_folder: no other lake, none that was replaced either, has files in the same place: those that no commit names may go.
            Elsewhere `lake_claims` says so.
        skew: by how much clocks of servers and of the files' place may differ.
        patience: for where other servers have the lake. A transaction whose COMMIT the engine tries again is seen to begin
            anew, so that no look removes what was not old enough for one so long before; more than the engine tries.
    """

    history: timedelta = timedelta(days=1)
    file_bytes: int = 256_000_000
    quiet: timedelta = timedelta(minutes=1)
    skew: timedelta = timedelta(0)
    owns_folder: bool = False
    patience: timedelta = timedelta(0)


class LakeUpkeep:
    """Keeps one lake.

    Args:
        database: the lake's name.
        catalog: where the tables of its catalog are, quoted.
        data: the place of its files.
        oldest: when the oldest of the transactions that are open on it began; None where there is none.
    """

    def __init__(
        self, database: str, catalog: str, data: str, upkeep: Upkeep, oldest: Callable[[], datetime | None]
    ) -> None:
        self._lake = _literal(database)
        self._name = quoted(database)
        self._catalog = catalog
        self._data = data
        self._oldest = oldest
        self._looks: deque[tuple[datetime, datetime]] = deque()
        """When each of the last looks was, and how old a file had to be for it."""
        self.upkeep = upkeep

    def crowded(self, session: EngineSession) -> Sequence[tuple[str, str]]:
        """See `contracts.past.history.History`."""
        catalog, small = self._catalog, self.upkeep.file_bytes // _SMALL_SHARE
        rows = session.fetch(
            "SELECT s.schema_name, t.table_name FROM "
            f"(SELECT table_id, count(*) FILTER (file_size_bytes < {small}) AS small, sum(record_count) AS held, "
            f"max(begin_snapshot) AS added FROM {catalog}.ducklake_data_file WHERE end_snapshot IS NULL GROUP BY 1) f "
            "LEFT JOIN (SELECT table_id, sum(delete_count) AS deleted, max(begin_snapshot) AS removed "
            f"FROM {catalog}.ducklake_delete_file WHERE end_snapshot IS NULL GROUP BY 1) d USING (table_id) "
            f"JOIN {catalog}.ducklake_table t USING (table_id) JOIN {catalog}.ducklake_schema s USING (schema_id) "
            f"JOIN {catalog}.ducklake_snapshot c ON c.snapshot_id = greatest(f.added, coalesce(d.removed, 0)) "
            "WHERE t.end_snapshot IS NULL AND s.end_snapshot IS NULL AND "
            f"((f.small >= {_SMALL_FILES_MAX} AND c.snapshot_time <= $1) OR f.small >= {_IMPATIENT_FILES} OR "
            f"(d.deleted >= {_DELETED_ROWS_MIN} AND d.deleted > f.held * {_DELETED_SHARE_MAX} AND c.snapshot_time <= $1)) "
            "ORDER BY f.small DESC, 1, 2",
            (datetime.now(UTC) - self.upkeep.quiet,),
        )
        return [(str(schema), str(name)) for schema, name in rows]

    def gather(self, session: EngineSession, place: tuple[str, str] | None) -> None:
        """See `contracts.past.history.History`."""
        table = "" if place is None else f", {_literal(place[1])}, schema => {_literal(place[0])}"
        session.fetch(
            f"CALL ducklake_rewrite_data_files({self._lake}{table}, delete_threshold => {_DELETED_SHARE_MAX})"
        )
        session.fetch(
            f"CALL ducklake_merge_adjacent_files({self._lake}{table}, max_compacted_files => {_GATHERED_AT_ONCE})"
        )

    def sort(self, session: EngineSession, place: tuple[str, str] | None, *, every: bool) -> None:
        """Store the rows of a table that has a sort key, or of all such, in its order.

        Args:
            every: also where each file is in order by itself, so that together they are.
        """
        catalog = self._catalog
        where = "" if place is None else "AND s.schema_name = $1 AND t.table_name = $2 "
        found = session.fetch(
            f"SELECT s.schema_name, t.table_name FROM {catalog}.ducklake_sort_info i "
            f"JOIN {catalog}.ducklake_table t USING (table_id) JOIN {catalog}.ducklake_schema s USING (schema_id) "
            f"JOIN {catalog}.ducklake_data_file f USING (table_id) WHERE i.end_snapshot IS NULL AND f.end_snapshot IS NULL "
            f"AND t.end_snapshot IS NULL AND s.end_snapshot IS NULL {where}GROUP BY ALL "
            f"HAVING min(f.begin_snapshot) < min(i.begin_snapshot){' OR count(*) > 1' if every else ''} ORDER BY ALL",
            place or (),
        )
        for schema, name in found:
            table = f"{self._name}.{quoted(str(schema))}.{quoted(str(name))}"
            session.execute(f"CREATE OR REPLACE TEMP TABLE {_AGAIN} AS SELECT * FROM {table}")
            session.execute(f"DELETE FROM {table}")
            session.execute(f"INSERT INTO {table} SELECT * FROM {_AGAIN}")
            session.execute(f"DROP TABLE {_AGAIN}")

    def forget(self, session: EngineSession) -> tuple[int, int]:
        """See `contracts.past.history.History`."""
        until = datetime.now(UTC) - self.upkeep.history
        oldest = self._oldest()
        if oldest is not None:
            until = min(until, oldest - self.upkeep.skew)
        forgotten = self._expire(session, until)
        bound = f"older_than => TIMESTAMPTZ {_literal(until.isoformat())}"
        removed = session.fetch(f"CALL ducklake_cleanup_old_files({self._lake}, {bound})")
        old = self._old_enough(until - _MTIME - self.upkeep.skew)
        if old is not None and (self.upkeep.owns_folder or self._is_alone(session)):
            bound = f"older_than => TIMESTAMPTZ {_literal(old.isoformat())}"
            removed += session.fetch(f"CALL ducklake_delete_orphaned_files({self._lake}, {bound})")
        return forgotten, len(removed)

    def _old_enough(self, until: datetime) -> datetime | None:
        """What the newest look asked for that was long enough ago; None where none was."""
        now = datetime.now(UTC)
        self._looks.append((now, until))
        while len(self._looks) > 1 and now - self._looks[1][0] >= self.upkeep.patience:
            self._looks.popleft()
        looked, old = self._looks[0]
        return old if now - looked >= self.upkeep.patience else None

    def _is_alone(self, session: EngineSession) -> bool:
        return is_alone(session.fetch, self._data, self._number(session))

    def _number(self, session: EngineSession) -> str:
        return str(session.fetch(identity(self._catalog))[0][0])

    def vanish(self, session: EngineSession) -> None:
        """Let all files go of a lake that nobody has open and nobody will open again."""
        session.begin()
        for schema, name in session.fetch(
            "SELECT schema_name, table_name FROM memory.rs.stored_tables() WHERE database_name = current_database()"
        ):
            session.execute(f"DROP TABLE {quoted(str(schema))}.{quoted(str(name))}")
        session.commit()
        session.execute(f"CALL ducklake_expire_snapshots({self._lake}, older_than => now() + INTERVAL '1 day')")
        session.execute(f"CALL ducklake_cleanup_old_files({self._lake}, cleanup_all => true)")
        if self.upkeep.owns_folder or self._is_alone(session):
            session.execute(f"CALL ducklake_delete_orphaned_files({self._lake}, cleanup_all => true)")
        if not self.upkeep.owns_folder:
            give_up(session.fetch, self._data, self._number(session))

    def _expire(self, session: EngineSession, until: datetime) -> int:
        """Forget the commits that were over at a moment, but for those that `boathouse.snapshots` names."""
        spared = ""
        noted = "SELECT 1 FROM duckdb_columns() WHERE schema_name = 'boathouse' AND table_name = 'snapshots'"
        if session.fetch(f"{noted} AND database_name = current_database()"):
            spared = "AND commit_id::VARCHAR NOT IN (SELECT place FROM boathouse.snapshots)"
        old = session.fetch(
            "WITH t AS (SELECT commit_id, committed FROM memory.rs.stored_commits()) "
            "SELECT commit_id FROM t WHERE commit_id < least((SELECT max(commit_id) FROM t WHERE committed <= $1), "
            f"(SELECT min(commit_id) - 1 FROM t WHERE committed > $1)) {spared} ORDER BY 1",
            (until,),
        )
        for start in range(0, len(old), _EXPIRED_AT_ONCE):
            versions = ", ".join(str(one[0]) for one in old[start : start + _EXPIRED_AT_ONCE])
            session.fetch(f"CALL ducklake_expire_snapshots({self._lake}, versions => [{versions}])")
        return len(old)


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
