"""Snapshots of a lake: each is one of its commits, whose files are kept as long as somebody names it.

Nothing is copied: the catalog knows each commit until it is expired, and expiry (`LakeSession`) spares what is noted.
"""

from __future__ import annotations

from collections.abc import Callable, Collection

from boathouse.contracts.engine import EngineSession
from boathouse.contracts.errors import UndefinedTable
from boathouse.contracts.past.snapshots import Between, Kept, Restored
from boathouse.contracts.relations import Relation
from boathouse.engines.duckdb.keeping.lake_history import LakeHistory
from boathouse.engines.duckdb.keeping.past_lake import PastLake
from boathouse.engines.duckdb.keeping.restore import no_table, require_backup, restore


class LakeSnapshots:
    """See `contracts.past.snapshots.Snapshots`.

    Args:
        database: the lake's name.
        catalog: where the tables of its catalog are, quoted.
        history: knows its tables as they were.
    """

    def __init__(self, database: str, catalog: str, history: LakeHistory) -> None:
        self._database = database
        self._catalog = catalog
        self._history = history

    def watch(self, between: Between) -> None:
        """See the protocol. A commit has its own time."""

    def keep(self, session: EngineSession, check: Callable[[], None]) -> Kept:
        """See the protocol."""
        catalog = self._catalog
        ((version, size),) = session.fetch(
            f"SELECT s.version, (SELECT coalesce(sum(file_size_bytes), 0)::BIGINT FROM {catalog}.ducklake_data_file "
            "WHERE begin_snapshot <= s.version AND (end_snapshot IS NULL OR end_snapshot > s.version)) "
            f"FROM (SELECT max(snapshot_id) AS version FROM {catalog}.ducklake_snapshot) s"
        )
        return Kept(str(version), int(str(size)))

    def forget(self, place: str) -> None:
        """See the protocol. The next expiry no longer finds it noted."""

    def settle(self, place: str, *, committed: bool) -> None:
        """See the protocol."""

    def sweep(self, noted: Collection[str]) -> None:
        """See the protocol."""

    def restore(self, session: EngineSession, place: str, table: Restored) -> int | None:
        """See the protocol."""
        return restore(
            session, PastLake(session.fetch, self._database, int(place), self._catalog), self._database, table
        )

    def relation_at(self, session: EngineSession, relation: Relation, place: str) -> Relation:
        """See the protocol."""
        try:
            found, table = self._history.table_at(session, relation, int(place))
        except UndefinedTable:
            raise no_table(relation) from None
        require_backup(table)
        return found

    def release(self, place: str) -> None:
        """See the protocol. A transaction or an open result keeps the files that it reads."""

    def rest(self) -> None:
        """See the protocol."""
