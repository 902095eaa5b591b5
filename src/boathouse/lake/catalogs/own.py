"""The warehouse's own tables as a data catalog: what is changed belongs to the session's transaction."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from sqlglot import exp

from boathouse.contracts.session import Session
from boathouse.lake import catalog
from boathouse.lake.scans.partitions import count_partitions, needed_partitions
from boathouse.lake.tables import ExternalTable, Partition


class OwnCatalog:
    """See `DataCatalog`."""

    def __init__(self, session: Session, database: str) -> None:
        self._session = session
        self._database = database

    def exists(self) -> bool:
        """See `DataCatalog`."""
        return catalog.has_database(self._session, self._database)

    def create(self) -> None:
        """See `DataCatalog`."""
        catalog.ensure_database(self._session, self._database)

    def drop(self) -> None:
        """See `DataCatalog`."""
        catalog.remove_database(self._session, self._database)

    def tables(self) -> list[ExternalTable]:
        """See `DataCatalog`."""
        return catalog.tables_in(self._session, self._database)

    def find(self, name: str) -> ExternalTable | None:
        """See `DataCatalog`."""
        return catalog.table_of(self._session, self._database, name)

    def put(self, table: ExternalTable) -> None:
        """See `DataCatalog`."""
        catalog.put_table(self._session, table)

    def remove(self, table: ExternalTable) -> None:
        """See `DataCatalog`."""
        catalog.remove_table(self._session, table)

    def rename(self, table: ExternalTable, name: str) -> None:
        """See `DataCatalog`."""
        found = self.partitions(table)
        renamed = replace(table, name=name)
        self.remove(table)
        self.put(renamed)
        self.add(renamed, found)

    def partitions(self, table: ExternalTable) -> list[Partition]:
        """See `DataCatalog`."""
        return catalog.partitions_of(self._session, table)

    def needed(self, table: ExternalTable, alias: str, filters: Sequence[exp.Expression]) -> list[Partition]:
        """See `DataCatalog`."""
        return needed_partitions(self._session, table, alias, filters)

    def count(self, table: ExternalTable) -> int | None:
        """See `DataCatalog`."""
        return count_partitions(self._session, table)

    def add(self, table: ExternalTable, partitions: Iterable[Partition]) -> None:
        """See `DataCatalog`."""
        catalog.add_partitions(self._session, table, partitions)

    def take_out(self, table: ExternalTable, partitions: Iterable[Partition]) -> None:
        """See `DataCatalog`."""
        catalog.remove_partitions(self._session, table, partitions)
