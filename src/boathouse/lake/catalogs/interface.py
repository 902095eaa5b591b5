"""A data catalog as the lake sees it: the tables of one external database, and their partitions.

Two keep it: the warehouse's own tables (`own`) and AWS Glue (`glue`). Which one a schema shows, `choose` says.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol

from sqlglot import exp

from boathouse.lake.tables import ExternalTable, Partition


class DataCatalog(Protocol):
    """One external database, for one statement of one session."""

    def exists(self) -> bool:
        """True where the database is there."""
        ...

    def create(self) -> None:
        """Make the database where it is not there yet."""
        ...

    def drop(self) -> None:
        """Forget the database and its tables; the files stay."""
        ...

    def tables(self) -> list[ExternalTable]:
        """All tables, by name."""
        ...

    def find(self, name: str) -> ExternalTable | None:
        """One table, or None."""
        ...

    def put(self, table: ExternalTable) -> None:
        """Store a table, new or changed; its partitions stay as they are."""
        ...

    def remove(self, table: ExternalTable) -> None:
        """Forget a table and its partitions; the files stay."""
        ...

    def rename(self, table: ExternalTable, name: str) -> None:
        """Call a table something else; its partitions come along."""
        ...

    def partitions(self, table: ExternalTable) -> list[Partition]:
        """All partitions of a table."""
        ...

    def needed(self, table: ExternalTable, alias: str, filters: Sequence[exp.Expression]) -> list[Partition]:
        """The partitions in which rows may satisfy every filter.

        Args:
            filters: conditions over `alias`'s partition columns and constants.
        """
        ...

    def count(self, table: ExternalTable) -> int | None:
        """How many partitions the table has; None where only listing them all would tell."""
        ...

    def add(self, table: ExternalTable, partitions: Iterable[Partition]) -> None:
        """Store partitions that are not there yet."""
        ...

    def take_out(self, table: ExternalTable, partitions: Iterable[Partition]) -> None:
        """Forget partitions."""
        ...
