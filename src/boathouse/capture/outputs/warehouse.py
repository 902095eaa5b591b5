"""Captured changes into the warehouse's own tables: one MERGE a batch, in one transaction with where the capture stands.

Receives the runner's work; runs it as the integration's owner through the house's own door, so that a commit is one like
any other: results that are kept, materialized views and the log of statements know of it. The epoch in the progress row
is compared in that transaction, so that a writer that was overtaken cannot commit.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import cast

import pyarrow as pa

from boathouse.capture import catalog, dumps
from boathouse.capture.catalog import Integration
from boathouse.capture.changes import ChangeBatch, TablePath, TableSchema
from boathouse.capture.output import Progress, Writer
from boathouse.capture.outputs.compact import Compacted, compact
from boathouse.contracts.answers import Answer, Done
from boathouse.contracts.errors import InternalError, UndefinedTable
from boathouse.contracts.house import House
from boathouse.contracts.relations import Relation
from boathouse.contracts.rooms import RunAs
from boathouse.contracts.session import Session
from boathouse.contracts.source_errors import Fenced, SourceRefused
from boathouse.query.session import QuerySession
from boathouse.sql.parse import parse_statement
from boathouse.sql.redshift.types import quoted
from boathouse.sql.statements import ApplyChanges

_LENT = "captured_changes"


class WarehouseOutput:
    """See `capture.output.Output`.

    Args:
        house, run: as the room's background work gets them.
        integration: whose tables these are.
    """

    def __init__(self, house: House, run: RunAs, integration: Integration) -> None:
        self._house, self._run, self._integration = house, run, integration
        self._epoch = 0

    def open(self) -> Progress | None:
        """See `Output`."""
        engine = self._house.engine.session()
        try:
            self._epoch, progress = catalog.take_over(engine, self._integration.id)
            return progress
        finally:
            engine.close()

    def make(self, schema: TableSchema) -> bool:
        """See `Output`."""
        place = f"{quoted(self._integration.target)}.{quoted(schema.name.lower())}"
        names = [column.name.lower() for column in schema.columns]
        twice = next((name for name in names if names.count(name) > 1), None)
        if twice is not None:
            raise SourceRefused(f'{schema.schema}.{schema.name} has two columns that are "{twice}" in the warehouse')
        columns = ", ".join(
            f"{quoted(column.name.lower())} {column.type}{' NOT NULL' if index in schema.key else ''}"
            for index, column in enumerate(schema.columns)
        )
        owner, there = self._integration.owner, False

        def look(house: House, session: Session) -> None:
            nonlocal there
            there = session.catalog.relation(self._integration.target, schema.name.lower()) is not None

        self._apply(look)
        self._run(owner, parse_statement(f"CREATE SCHEMA IF NOT EXISTS {quoted(self._integration.target)}"))
        self._run(owner, parse_statement(f"CREATE TABLE IF NOT EXISTS {place} ({columns})"))
        return not there

    def transact(self, work: Callable[[Writer], Progress]) -> None:
        """See `Output`. The engine cannot change a table's rows and its columns in one transaction: until a new shape is
        made, what both shapes have is written, and the table is dumped again for the rest.
        """
        shapes: dict[TablePath, TableSchema] = {}

        def apply(house: House, session: Session) -> None:
            shapes.clear()
            progress = work(_WarehouseWriter(cast(QuerySession, session), self._integration, shapes))
            now = house.clock.now()
            if not catalog.store(session.engine, self._integration.id, self._epoch, progress, now):
                raise Fenced(f'a later writer of the integration "{self._integration.name}" has taken over')

        self._apply(apply)
        for schema in shapes.values():
            self._reshape(schema)

    def _apply(self, apply: Callable[[House, Session], None]) -> None:
        text = f"/* changes of integration {quoted(self._integration.name)} */"
        self._run(self._integration.owner, ApplyChanges(text=text, apply=apply))

    def _reshape(self, schema: TableSchema) -> None:
        """Give a table another shape. A column whose type is another is a new one: its values may have been converted."""
        steps: list[str] = []

        def plan(house: House, session: Session) -> None:
            relation = _relation(session, self._integration, schema.path)
            place = f"{quoted(relation.schema)}.{quoted(relation.name)}"
            gone, come = _difference(relation, schema)
            names = [column.name.lower() for column in schema.columns]
            if any(names[index] in come for index in schema.key) or len(gone) == len(relation.columns):
                steps.append(f"DROP TABLE {place}")
            else:
                steps.extend(f"ALTER TABLE {place} DROP COLUMN {quoted(name)}" for name in gone)
                steps.extend(
                    f"ALTER TABLE {place} ADD COLUMN {quoted(name)} {schema.columns[names.index(name)].type}"
                    for name in come
                )
            if come:
                dumps.begin(session.engine, self._integration.id, schema.path, house.clock.now())

        self._apply(plan)
        for step in steps:
            self._run(self._integration.owner, parse_statement(step))
        if steps and steps[0].startswith("DROP"):
            self.make(schema)


def apply_changes(house: House, session: Session, statement: ApplyChanges) -> Answer:
    """The handler: the work runs inside the transaction that the journey has opened."""
    statement.apply(house, session)
    return Done("APPLY")


def _relation(session: Session, integration: Integration, path: TablePath) -> Relation:
    schema, name = integration.target, path[1].lower()
    found = session.catalog.relation(schema, name)
    if found is None or found.kind != "table":
        raise UndefinedTable(
            f'table "{schema}"."{name}", into which changes are captured, is gone',
            hint="Drop the integration and create it again.",
        )
    return found


def _difference(relation: Relation, schema: TableSchema) -> tuple[list[str], list[str]]:
    """Columns that the table has to lose, and those that it has to get; of another type are both."""
    wanted = {column.name.lower(): str(column.type) for column in schema.columns}
    have = {column.name: str(column.type) for column in relation.columns}
    gone = [name for name, type_ in have.items() if wanted.get(name) != type_]
    return gone, [name for name, type_ in wanted.items() if have.get(name) != type_]


class _WarehouseWriter:
    """See `capture.output.Writer`; `shapes` collects those that the tables do not have yet."""

    def __init__(self, session: QuerySession, integration: Integration, shapes: dict[TablePath, TableSchema]) -> None:
        self._session, self._integration, self._shapes = session, integration, shapes

    def write(self, batch: ChangeBatch) -> bool:
        """See `Writer`."""
        schema = batch.schema
        relation = self.shape(schema)
        come = _difference(relation, schema)[1]
        if any(schema.columns[index].name.lower() in come for index in schema.key):
            return True  # the table is made and dumped anew
        self._session.relation_changed(relation)
        return self._merge(relation, schema, compact(batch), frozenset(come))

    def shape(self, schema: TableSchema) -> Relation:
        """See `Writer`."""
        relation = _relation(self._session, self._integration, schema.path)
        if _difference(relation, schema) != ([], []):
            self._shapes[schema.path] = schema
        else:
            self._shapes.pop(schema.path, None)
        return relation

    def truncate(self, path: TablePath) -> None:
        """See `Writer`."""
        relation = _relation(self._session, self._integration, path)
        self._session.engine.execute(f"DELETE FROM {self._place(relation)}")
        self._session.relation_changed(relation)

    def _place(self, relation: Relation) -> str:
        return f"{quoted(self._session.database)}.{quoted(relation.schema)}.{quoted(relation.name)}"

    def _merge(self, relation: Relation, schema: TableSchema, compacted: Compacted, without: frozenset[str]) -> bool:
        names = [quoted(column.name.lower()) for column in schema.columns]
        keys = [names[index] for index in schema.key]
        given = pa.Table.from_arrays(
            [*compacted.rows.columns, compacted.deleted],
            names=[*(f"c{index}" for index in range(len(names))), "deleted"],
        )
        whole = True
        there = [index for index, column in enumerate(schema.columns) if column.name.lower() not in without]
        if compacted.missing:
            known = {index: missing for index, missing in compacted.missing.items() if index in there}
            given, whole = self._complete(relation, names, keys, given, replace(compacted, missing=known))
        on = " AND ".join(f"t.{key} = s.c{index}" for key, index in zip(keys, schema.key, strict=True))
        changed = [f"{names[index]} = s.c{index}" for index in there if index not in schema.key]
        update = f"WHEN MATCHED THEN UPDATE SET {', '.join(changed)} " if changed else ""
        self._session.engine.lend(_LENT, given)
        try:
            self._session.engine.execute(
                f"MERGE INTO {self._place(relation)} AS t USING {_LENT} AS s ON {on} "
                f"WHEN MATCHED AND s.deleted THEN DELETE {update}"
                f"WHEN NOT MATCHED AND NOT s.deleted THEN INSERT ({', '.join(names[index] for index in there)}) "
                f"VALUES ({', '.join(f's.c{index}' for index in there)})"
            )
        finally:
            self._session.engine.take_back(_LENT)
        return whole

    def _complete(
        self, relation: Relation, names: list[str], keys: list[str], given: pa.Table, compacted: Compacted
    ) -> tuple[pa.Table, bool]:
        """Take what the changes do not tell from the table's rows; rows that are not there yet are left to the dump."""
        assert compacted.bases is not None and compacted.moved is not None
        for index, missing in compacted.missing.items():
            given = given.append_column(f"m{index}", missing)
        for place, base in enumerate(compacted.bases):
            given = given.append_column(f"b{place}", base)
        given = given.append_column("moved", compacted.moved)
        on = " AND ".join(f"t.{key} = s.b{place}" for place, key in enumerate(keys))
        lacking = " OR ".join(f"s.m{index}" for index in compacted.missing) or "false"
        columns = ", ".join(
            f"CASE WHEN s.m{index} THEN t.{name} ELSE s.c{index} END AS c{index}"
            if index in compacted.missing
            else f"s.c{index}"
            for index, name in enumerate(names)
        )
        lost = f"(({lacking}) AND t.{keys[0]} IS NULL)"
        self._session.engine.lend(_LENT, given)
        try:
            found = self._session.engine.query(
                f"SELECT {columns}, s.deleted, {lost} AS lost, s.moved FROM {_LENT} AS s "
                f"LEFT JOIN {self._place(relation)} AS t ON {on}"
            )
            table = pa.Table.from_batches(list(found.batches))
        finally:
            self._session.engine.take_back(_LENT)
        if table.num_rows != given.num_rows:
            raise InternalError(f'table "{relation.name}" has a key more than once')
        lost_rows, moved = table.column("lost").to_pylist(), table.column("moved").to_pylist()
        kept = table.filter(pa.array([not one for one in lost_rows])).drop_columns(["lost", "moved"])
        return kept, not any(a and b for a, b in zip(lost_rows, moved, strict=True))
