"""Captured changes into the warehouse's own tables: one MERGE a batch, in one transaction with where the capture stands.

Receives the runner's work; runs it as the integration's owner through the house's own door, so that a commit is one like
any other: results that are kept, materialized views and the log of statements know of it. The epoch in the progress row
is compared in that transaction, so that a writer that was overtaken cannot commit.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import cast

import pyarrow as pa

from boathouse.capture import catalog, dumps
from boathouse.capture.catalog import Integration
from boathouse.capture.changes import ChangeBatch, TablePath, TableSchema, Transaction
from boathouse.capture.output import Progress, Writer
from boathouse.capture.outputs import found, history
from boathouse.capture.outputs.compact import Compacted, compact
from boathouse.capture.outputs.complete import LENT, complete
from boathouse.capture.outputs.gathered import Gathered
from boathouse.capture.outputs.inserted import Inserted, is_insert
from boathouse.contracts.answers import Answer, Done
from boathouse.contracts.errors import UndefinedTable
from boathouse.contracts.house import House, in_turn
from boathouse.contracts.relations import Relation
from boathouse.contracts.rooms import RunAs
from boathouse.contracts.session import Session
from boathouse.contracts.source_errors import Fenced, SourceRefused
from boathouse.query.define import define
from boathouse.query.session import QuerySession
from boathouse.sql.parse import parse_statement
from boathouse.sql.redshift.types import quoted
from boathouse.sql.statements import ApplyChanges, Drop, Statement

MANY_ROWS = 40_000
"""Changed rows from which on they are deleted and written anew: what a row was before an update, the engine holds in memory until
the commit, about 50 bytes, and cannot spill; new rows it writes out as they come."""
_GIVE_BACK_ROWS = 100_000
"""Rows written after which memory goes back to the system: what a batch of them took lies between what stays."""


class WarehouseOutput:
    """See `capture.output.Output`.

    Args:
        house, run: as the room's background work gets them.
        integration: whose tables these are.
    """

    def __init__(self, house: House, run: RunAs, integration: Integration) -> None:
        self._house, self._run, self._integration = house, run, integration
        self._epoch = 0
        self._gathered = Gathered(house, integration.target)
        self._rows = 0

    @property
    def is_new(self) -> bool:
        """See `Output`; `open` says it."""
        return False

    @property
    def knows_rows(self) -> bool:
        """See `Output`."""
        return True

    def open(self) -> Progress | None:
        """See `Output`."""
        engine = self._house.engine.session()
        try:
            with in_turn(self._house.engine.history):
                self._epoch, progress = catalog.take_over(engine, self._integration.id)
            return progress
        finally:
            engine.close()

    def make(self, schema: TableSchema) -> bool:
        """See `Output`."""
        place = f"{quoted(self._integration.target)}.{quoted(schema.name.lower())}"
        keeps = self._integration.keeps_history(schema.path)
        names = [column.name.lower() for column in schema.columns] + [name for name, _ in history.COLUMNS if keeps]
        twice = next((name for name in names if names.count(name) > 1), None)
        if twice is not None:
            raise SourceRefused(f'{schema.schema}.{schema.name} has two columns that are "{twice}" in the warehouse')
        columns = ", ".join(
            f"{quoted(column.name.lower())} {column.type}{' NOT NULL' if index in schema.key else ''}"
            for index, column in enumerate(schema.columns)
        ) + "".join(f", {name} {type_}" for name, type_ in history.COLUMNS if keeps)
        owner, there = self._integration.owner, False

        def look(house: House, session: Session) -> None:
            nonlocal there
            relation = session.catalog.relation(self._integration.target, schema.name.lower())
            there = relation is not None
            if keeps and relation is not None and history.COLUMNS[0][0] not in relation.by_name:
                raise SourceRefused(f"{place} is there already, and keeps no history", hint="Rename or drop it.")

        self._apply(look)
        self._run(owner, parse_statement(f"CREATE SCHEMA IF NOT EXISTS {quoted(self._integration.target)}"))
        self._run(owner, parse_statement(f"CREATE TABLE IF NOT EXISTS {place} ({columns})"))
        return not there

    def capture(self, paths: list[TablePath]) -> None:
        """See `Output`."""

        def note(house: House, session: Session) -> None:
            if catalog.note_tables(session.engine, self._integration, paths):
                session.catalog_changed()  # the gate keeps everybody else from changing them

        self._apply(note)

    def sweep(self, dump: int, path: TablePath) -> bool:
        """See `Output`."""
        engine, keeps = self._house.engine.session(), self._integration.keeps_history(path)
        try:
            found.tidy(engine)
            has_rows = found.has_rows(engine, f"{quoted(self._integration.target)}.{quoted(path[1].lower())}", keeps)
            if has_rows:
                dumps.sweep(engine, dump)
            return has_rows
        finally:
            engine.close()

    def swept(self, dump: int) -> None:
        """See `Output`."""
        engine = self._house.engine.session()
        try:
            found.forget(engine, dump)
        finally:
            engine.close()

    def close(self) -> None:
        """See `Output`."""

    def transact(self, work: Callable[[Writer], Progress]) -> None:
        """See `Output`. The engine cannot change a table's rows and its columns in one transaction: until a new shape is
        made, what both shapes have is written, and the table is dumped again for the rest.
        """
        shapes: dict[TablePath, TableSchema] = {}
        written: set[str] = set()

        def apply(house: House, session: Session) -> None:
            shapes.clear()
            written.clear()
            now = house.clock.now()
            folder = house.home / "tmp"
            writer = _WarehouseWriter(cast(QuerySession, session), self._integration, shapes, now, folder, self._wrote)
            try:
                progress = work(writer)
                writer.apply_inserted()
                written.update(writer.written)
            finally:
                writer.close()
            if not catalog.store(session.engine, self._integration.id, self._epoch, progress, now):
                raise Fenced(f'a later writer of the integration "{self._integration.name}" has taken over')

        self._apply(apply)
        self._gathered.committed(written)
        for schema in shapes.values():
            self._reshape(schema)

    def _wrote(self, rows: int) -> None:
        self._rows += rows
        if self._rows >= _GIVE_BACK_ROWS:
            self._rows = 0
            self._house.give_back()

    def _apply(self, apply: Callable[[House, Session], None]) -> None:
        text = f"/* changes of integration {quoted(self._integration.name)} */"
        with in_turn(self._house.engine.history):
            self._run(self._integration.owner, ApplyChanges(text=text, apply=apply))

    def _reshape(self, schema: TableSchema) -> None:
        """Give a table another shape. A column whose type is another is a new one: its values may have been converted."""
        steps: list[str] = []

        def plan(house: House, session: Session) -> None:
            relation = _relation(session, self._integration, schema.path)
            place = f"{quoted(relation.schema)}.{quoted(relation.name)}"
            gone, come = _difference(relation, schema, history=self._integration.keeps_history(schema.path))
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
        for step in map(parse_statement, steps):
            self._run(self._integration.owner, step) if isinstance(step, Drop) else self._apply(_defines(step))
        if steps and steps[0].startswith("DROP"):
            self.make(schema)


def _defines(statement: Statement) -> Callable[[House, Session], None]:
    """Runs it past the gate, which lets nobody change a captured table."""

    def apply(house: House, session: Session) -> None:
        define(house, session, statement)

    return apply


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


def _difference(relation: Relation, schema: TableSchema, *, history: bool) -> tuple[list[str], list[str]]:
    """Columns that the table has to lose, and those that it has to get; of another type are both. A table with history
    loses none.

    Raises:
        SourceRefused: it would have to.
    """
    wanted = {column.name.lower(): str(column.type) for column in schema.columns}
    have = {column.name: str(column.type) for column in relation.columns}
    gone = [name for name, type_ in have.items() if wanted.get(name) != type_]
    come = [name for name, type_ in wanted.items() if have.get(name) != type_]
    if not history:
        return gone, come
    if set(gone) & set(come) or any(schema.columns[index].name.lower() in come for index in schema.key):
        raise SourceRefused(
            f"the key or a column's type of {schema.schema}.{schema.name} is another than that of its history here; "
            "rename the table here, then dump it"
        )
    return [], come


class _WarehouseWriter:
    """See `capture.output.Writer`; `shapes` collects those that the tables do not have yet."""

    def __init__(
        self,
        session: QuerySession,
        integration: Integration,
        shapes: dict[TablePath, TableSchema],
        now: datetime,
        folder: Path,
        wrote: Callable[[int], None],
    ) -> None:
        self._session, self._integration, self._shapes = session, integration, shapes
        self._now, self._folder, self._wrote = now, folder, wrote
        self._inserted: dict[TablePath, Inserted] = {}
        self.written: set[str] = set()
        """Names of the tables."""

    def write(self, batch: ChangeBatch) -> bool:
        """See `Writer`."""
        schema = batch.schema
        relation = self._shaped(schema)
        keeps = self._integration.keeps_history(schema.path)
        come = _difference(relation, schema, history=keeps)[1]
        if any(schema.columns[index].name.lower() in come for index in schema.key):
            return True  # the table is made and dumped anew
        self._session.relation_changed(relation)
        self.written.add(relation.name)
        if keeps:
            return history.write(self._session.engine, self._place(relation), batch, frozenset(come), self._now)
        if self._keep_inserted(batch, frozenset(come)):
            return True
        return self._merge(relation, schema, compact(batch), frozenset(come))

    def _keep_inserted(self, batch: ChangeBatch, without: frozenset[str]) -> bool:
        """True where the batch waits for more of its kind; else those before it have been applied."""
        path, known = batch.schema.path, self._inserted.get(batch.schema.path)
        inserts = is_insert(batch)
        if known is not None and inserts and (known.first.schema, known.without) == (batch.schema, without):
            known.add(batch)
            return True
        self.apply_inserted(path)
        if inserts:
            self._inserted[path] = Inserted(self._folder, batch, without)
        return inserts

    def apply_inserted(self, path: TablePath | None = None) -> None:
        """Write what waits, of a table or of all."""
        for one in [path] if path is not None else list(self._inserted):
            waiting = self._inserted.get(one)
            if waiting is None:
                continue
            schema, relation = waiting.first.schema, _relation(self._session, self._integration, one)
            if waiting.is_one:
                self._merge(relation, schema, compact(waiting.first), waiting.without)
            else:
                names = [quoted(column.name.lower()) for column in schema.columns]
                waiting.apply(self._session.engine, self._place(relation), names, self._wrote)
            self._inserted.pop(one).close()

    def close(self) -> None:
        """Forget what was not applied."""
        for waiting in self._inserted.values():
            waiting.close()

    def shape(self, schema: TableSchema) -> bool:
        """See `Writer`."""
        self._shaped(schema)
        return False

    def _shaped(self, schema: TableSchema) -> Relation:
        relation = _relation(self._session, self._integration, schema.path)
        if _difference(relation, schema, history=self._integration.keeps_history(schema.path)) != ([], []):
            self._shapes[schema.path] = schema
        else:
            self._shapes.pop(schema.path, None)
        return relation

    def truncate(self, path: TablePath, transaction: Transaction | None = None) -> None:
        """See `Writer`."""
        relation = _relation(self._session, self._integration, path)
        self.apply_inserted(path)
        if self._integration.keeps_history(path):
            history.end_all(self._session.engine, self._place(relation), transaction, self._now)
        else:
            self._session.engine.execute(f"DELETE FROM {self._place(relation)}")
        self._session.relation_changed(relation)

    def found(self, dump: int, schema: TableSchema, rows: pa.RecordBatch) -> None:
        """See `Writer`."""
        relation = _relation(self._session, self._integration, schema.path)
        come = _difference(relation, schema, history=self._integration.keeps_history(schema.path))[1]
        if any(schema.columns[index].name.lower() in come for index in schema.key):
            return  # the table is made and dumped anew
        found.add(self._session.engine, dump, self._place(relation), schema, rows)

    def ghosts(self, dump: int, schema: TableSchema) -> ChangeBatch | None:
        """See `Writer`."""
        relation = _relation(self._session, self._integration, schema.path)
        self.apply_inserted(schema.path)
        keeps = self._integration.keeps_history(schema.path)
        return found.ghosts(self._session.engine, dump, self._place(relation), schema, keeps)

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
            known_only = replace(compacted, missing=known)
            given, whole = complete(self._session.engine, self._place(relation), names, keys, given, known_only)
        place, on = (
            self._place(relation),
            " AND ".join(f"t.{key} = s.c{i}" for key, i in zip(keys, schema.key, strict=True)),
        )
        changed = [f"{names[index]} = s.c{index}" for index in there if index not in schema.key]
        update = f"WHEN MATCHED THEN UPDATE SET {', '.join(changed)} " if changed else ""
        columns, values = ", ".join(names[index] for index in there), ", ".join(f"s.c{index}" for index in there)
        insert = f"WHEN NOT MATCHED AND NOT s.deleted THEN INSERT ({columns}) VALUES ({values})"
        if len(there) < len(relation.columns):  # what the other columns have stays
            statements = [
                f"MERGE INTO {place} AS t USING (FROM {LENT} WHERE NOT deleted) AS s ON {on} {update}{insert}",
                f"DELETE FROM {place} AS t USING {LENT} AS s WHERE s.deleted AND {on}",
            ]
        elif given.num_rows < MANY_ROWS and self._session.engine.stored.merges_deletes:
            statements = [
                f"MERGE INTO {place} AS t USING {LENT} AS s ON {on} WHEN MATCHED AND s.deleted THEN DELETE {update}{insert}"
            ]
        else:
            statements = [
                f"DELETE FROM {place} AS t USING {LENT} AS s WHERE {on}",
                f"INSERT INTO {place} ({columns}) SELECT {values} FROM {LENT} AS s WHERE NOT s.deleted",
            ]
        self._session.engine.lend(LENT, given)
        try:
            for statement in statements:
                self._session.engine.execute(statement)
        finally:
            self._session.engine.take_back(LENT)
        self._wrote(given.num_rows)
        return whole
