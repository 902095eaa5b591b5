"""AWS Glue as a data catalog: read when a statement needs it, in pages, and written at once.

Glue knows no transactions: definitions are refused inside a block, as on Redshift, and partitions that an INSERT adds are
taken back where its transaction is rolled back.
Source: AWS Glue API Reference, "Data Catalog".
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from typing import Any

from sqlglot import exp

from boathouse.contracts.errors import BoathouseError, StorageError, UndefinedDatabase
from boathouse.contracts.house import House
from boathouse.contracts.session import Session
from boathouse.lake.catalogs.client import found_or_none, glue_client, told
from boathouse.lake.catalogs.glue_filters import glue_expression
from boathouse.lake.catalogs.glue_tables import (
    partition_from_glue,
    partition_to_glue,
    partition_values,
    table_from_glue,
    table_to_glue,
)
from boathouse.lake.scans.partitions import needed_among
from boathouse.lake.tables import ExternalSchema, ExternalTable, Partition

log = logging.getLogger(__name__)

_ADDED_AT_ONCE, _REMOVED_AT_ONCE = 100, 25
"""Limits of Glue's batches."""


class GlueCatalog:
    """See `DataCatalog`.

    Args:
        schema: names the database, the access, and the account whose catalog it is (empty: the caller's own).
    """

    def __init__(self, house: House, session: Session, schema: ExternalSchema) -> None:
        self._session = session
        self._database = schema.database
        self._client = glue_client(house, schema.credentials)
        self._where: dict[str, Any] = {"CatalogId": schema.glue} if schema.glue else {}

    def exists(self) -> bool:
        """See `DataCatalog`."""
        return (
            found_or_none(
                lambda: self._client.get_database(Name=self._database, **self._where),
                f'read database "{self._database}"',
            )
            is not None
        )

    def create(self) -> None:
        """See `DataCatalog`."""
        if not self.exists():
            with told(f'create database "{self._database}"'):
                self._client.create_database(DatabaseInput={"Name": self._database}, **self._where)

    def drop(self) -> None:
        """See `DataCatalog`."""
        self._alone("DROP EXTERNAL DATABASE")
        with told(f'drop database "{self._database}"'):
            self._client.delete_database(Name=self._database, **self._where)

    def tables(self) -> list[ExternalTable]:
        """See `DataCatalog`. A table that cannot be read here is left out, and logged."""
        found = []
        for entry in list_tables(self._client, self._database, self._where):
            try:
                found.append(table_from_glue(self._database, entry))
            except BoathouseError as failure:
                log.info("table %s.%s is left out: %s", self._database, entry.get("Name"), failure)
        return found

    def find(self, name: str) -> ExternalTable | None:
        """See `DataCatalog`."""
        found = self._entry(name)
        return None if found is None else table_from_glue(self._database, found)

    def _entry(self, name: str) -> dict[str, Any] | None:
        answer = found_or_none(
            lambda: self._client.get_table(DatabaseName=self._database, Name=name, **self._where),
            f'read table "{self._database}.{name}"',
        )
        return None if answer is None else answer["Table"]

    def put(self, table: ExternalTable) -> None:
        """See `DataCatalog`."""
        self._alone("external DDL in AWS Glue")
        if not self.exists():
            raise UndefinedDatabase(
                f'AWS Glue has no database "{self._database}"',
                hint="CREATE EXTERNAL SCHEMA … CREATE EXTERNAL DATABASE IF NOT EXISTS makes it.",
            )
        where = {"DatabaseName": self._database, "TableInput": table_to_glue(table), **self._where}
        with told(f'write table "{self._database}.{table.name}"'):
            if self._entry(table.name) is None:
                self._client.create_table(**where)
            else:
                self._client.update_table(**where)
        self._session.catalog_changed()

    def remove(self, table: ExternalTable) -> None:
        """See `DataCatalog`."""
        self._alone("DROP TABLE in AWS Glue")
        with told(f'drop table "{self._database}.{table.name}"'):
            self._client.delete_table(DatabaseName=self._database, Name=table.name, **self._where)
        self._session.catalog_changed()

    def rename(self, table: ExternalTable, name: str) -> None:
        """See `DataCatalog`. Glue renames nothing: the table is made again, then its partitions, then the old one goes."""
        found = self.partitions(table)
        renamed = replace(table, name=name)
        self.put(renamed)
        self.add(renamed, found)
        self.remove(table)

    def partitions(self, table: ExternalTable) -> list[Partition]:
        """See `DataCatalog`."""
        return list(list_partitions(self._client, self._database, table.name, self._where))

    def needed(self, table: ExternalTable, alias: str, filters: Sequence[exp.Expression]) -> list[Partition]:
        """See `DataCatalog`. Glue chooses by what its expressions can say, the engine among what came."""
        expression = glue_expression(table, filters)
        candidates = []
        for one in list_partitions(self._client, self._database, table.name, self._where, expression):
            self._session.check_cancelled()
            candidates.append(one)
        return needed_among(self._session, table, alias, filters, candidates)

    def count(self, table: ExternalTable) -> int | None:
        """See `DataCatalog`."""
        return None

    def add(self, table: ExternalTable, partitions: Iterable[Partition]) -> None:
        """See `DataCatalog`."""
        added: list[Partition] = []
        self._session.at_end(lambda committed: None if committed else self._take_back(table, added))
        what = f'add partitions to table "{self._database}.{table.name}"'
        for some in _by(_ADDED_AT_ONCE, partitions):
            inputs = [partition_to_glue(table, one) for one in some]
            with told(what):
                answer = self._client.batch_create_partition(
                    DatabaseName=self._database, TableName=table.name, PartitionInputList=inputs, **self._where
                )
            # Somebody else may have added the same one meanwhile: then it is there.
            refused = [
                error
                for error in answer.get("Errors") or ()
                if (error.get("ErrorDetail") or {}).get("ErrorCode") != "AlreadyExistsException"
            ]
            if refused:
                raise StorageError(
                    f"AWS Glue could not {what}: {(refused[0].get('ErrorDetail') or {}).get('ErrorCode')}"
                )
            added += some

    def take_out(self, table: ExternalTable, partitions: Iterable[Partition]) -> None:
        """See `DataCatalog`."""
        for some in _by(_REMOVED_AT_ONCE, partitions):
            with told(f'drop partitions of table "{self._database}.{table.name}"'):
                self._client.batch_delete_partition(
                    DatabaseName=self._database,
                    TableName=table.name,
                    PartitionsToDelete=[{"Values": partition_values(one)} for one in some],
                    **self._where,
                )

    def _take_back(self, table: ExternalTable, added: list[Partition]) -> None:
        """Undo what a rolled back transaction added; an empty partition that is left does no harm."""
        try:
            self.take_out(table, added)
        except BoathouseError as failure:
            log.warning("partitions of a transaction that was rolled back stay in AWS Glue: %s", failure)

    def _alone(self, what: str) -> None:
        self._session.require_no_block(what)


def list_tables(client: Any, database: str, where: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """All tables of a database as Glue lists them, page by page."""
    with told(f'list the tables of database "{database}"'):
        for page in client.get_paginator("get_tables").paginate(DatabaseName=database, **where):
            yield from page["TableList"]


def list_partitions(
    client: Any, database: str, table: str, where: Mapping[str, Any], expression: str = ""
) -> Iterator[Partition]:
    """The partitions of a table, page by page; with an expression only those that satisfy it."""
    given = {"DatabaseName": database, "TableName": table, "ExcludeColumnSchema": True, **where}
    if expression:
        given["Expression"] = expression
    with told(f'list the partitions of table "{database}.{table}"'):
        for page in client.get_paginator("get_partitions").paginate(**given):
            yield from map(partition_from_glue, page["Partitions"])


def _by(count: int, partitions: Iterable[Partition]) -> Iterator[list[Partition]]:
    left = iter(partitions)
    while some := list(islice(left, count)):
        yield some
