"""The schema store: every shape that a captured table had, from which place in the log on, as others read it.

Received from the runner, in the transaction of the first rows with the shape; shown by `svv_integration_schema`. Each event
names the version that it is to be read with.
"""

from __future__ import annotations

import json
from datetime import datetime

from boathouse.capture.changes import ChangeBatch, TablePath, TableSchema
from boathouse.capture.formats.schemas import avro_schema, json_schema
from boathouse.capture.output import SchemaVersion
from boathouse.contracts.engine import EngineSession

TABLES = (
    "CREATE TABLE IF NOT EXISTS boathouse.capture_schemas (id BIGINT NOT NULL, schema_name VARCHAR NOT NULL, "
    "table_name VARCHAR NOT NULL, version BIGINT NOT NULL, fingerprint VARCHAR NOT NULL, position VARCHAR, "
    "noted TIMESTAMP NOT NULL, json_schema VARCHAR NOT NULL, avro_schema VARCHAR NOT NULL)",
)


def latest(engine: EngineSession, number: int) -> dict[TablePath, tuple[int, str]]:
    """The newest version of each table of an integration, and its fingerprint."""
    rows = engine.fetch(
        "SELECT schema_name, table_name, version, fingerprint FROM boathouse.capture_schemas WHERE id = $1 ORDER BY version",
        (number,),
    )
    return {(str(schema), str(table)): (int(str(version)), str(mark)) for schema, table, version, mark in rows}


def columns(engine: EngineSession, number: int) -> dict[TablePath, dict[str, str]]:
    """The columns of each table's newest version, and their types at the source."""
    rows = engine.fetch(
        "SELECT schema_name, table_name, json_schema FROM boathouse.capture_schemas WHERE id = $1 ORDER BY version",
        (number,),
    )
    return {
        (str(schema), str(table)): {
            name: one["description"] for name, one in json.loads(str(told))["properties"].items()
        }
        for schema, table, told in rows
    }


def store(engine: EngineSession, number: int, found: tuple[SchemaVersion, ...], now: datetime) -> None:
    """Store versions, in the open transaction."""
    for one in found:
        engine.execute(
            "INSERT INTO boathouse.capture_schemas VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
            (number, *one.schema.path, one.number, one.schema.fingerprint, one.position, now.replace(tzinfo=None),
             json.dumps(json_schema(one.schema, one.number)), json.dumps(avro_schema(one.schema, one.number))),
        )  # fmt: skip


class Versions:
    """Gives each shape that is met its number.

    Args:
        known: from `latest`.
        told: from `columns`.
    """

    def __init__(self, known: dict[TablePath, tuple[int, str]], told: dict[TablePath, dict[str, str]]) -> None:
        self._known = known
        self._places = {path: list(names) for path, names in told.items()}
        self.new: list[SchemaVersion] = []

    def of(self, batch: ChangeBatch) -> int:
        """The version of a batch's shape; a shape that a table had before it had another is a version of its own."""
        path, mark = batch.schema.path, batch.schema.fingerprint
        number, known = self._known.get(path, (0, ""))
        if mark != known:
            number += 1
            position = str(batch.transactions[0].position) if batch.transactions else None
            self.new.append(SchemaVersion(batch.schema, number, position))
            self._known[path] = (number, mark)
        return number

    def has_moved(self, schema: TableSchema) -> bool:
        """True where columns that were there before stand in another order now. Of a rename the log tells only the new name,
        so that two that have traded names look as if they had traded places."""
        now = [column.name for column in schema.columns]
        before, self._places[schema.path] = self._places.get(schema.path, now), now
        return [name for name in before if name in now] != [name for name in now if name in before]

    def number(self, path: TablePath) -> int:
        """The version that a table has now; 0 for none."""
        return self._known.get(path, (0, ""))[0]
