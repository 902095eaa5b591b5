"""Snapshots of a lake: each is one of its commits, whose files are kept as long as somebody names it.

Nothing is copied: the catalog knows each commit until it is expired, and expiry (`LakeSession`) spares what is noted.
"""

from __future__ import annotations

from collections.abc import Callable, Collection

from boathouse.contracts.engine import EngineSession, Kept, Restored
from boathouse.engines.duckdb.keeping.past_lake import PastLake
from boathouse.engines.duckdb.keeping.restore import restore


class LakeSnapshots:
    """See `contracts.engine.Snapshots`.

    Args:
        database: the lake's name.
        catalog: where the tables of its catalog are, quoted.
    """

    def __init__(self, database: str, catalog: str) -> None:
        self._database = database
        self._catalog = catalog

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
