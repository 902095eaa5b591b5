"""The tables and partitions of AWS Glue for the system views.

Asked by svv_external_* through a function of the engine, with the schemas that show a database of Glue; answers with JSON
rows like those of the warehouse's own catalog. Glue is asked at each look, in pages. Where it cannot be reached, its
tables are missing from the views and a warning is logged: pg_class and every client's browser stand on them.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from typing import Any

from boathouse.contracts.errors import BoathouseError
from boathouse.contracts.house import House
from boathouse.lake.catalogs.client import glue_client
from boathouse.lake.catalogs.glue import list_partitions, list_tables
from boathouse.lake.catalogs.glue_tables import table_from_glue
from boathouse.lake.tables import ExternalTable, format_to_json
from boathouse.sql.statements import Credentials

log = logging.getLogger(__name__)

_FUNCTION = "boathouse_glue"
_TABLES = {"schemaname": "VARCHAR", "name": "VARCHAR", "format": "VARCHAR", "location": "VARCHAR",
           "properties": "VARCHAR", "shown": "VARCHAR"}  # fmt: skip
_PARTITIONS = {"schemaname": "VARCHAR", "table_name": "VARCHAR", "key_values": "VARCHAR[]", "location": "VARCHAR"}
_SCHEMAS = "list({'name': name, 'database': database_name, 'secret': secret, 'region': region, 'glue': glue})"
_FROM = "FROM boathouse.external_schemas WHERE glue IS NOT NULL"


def provide(house: House) -> None:
    """Let the engine's SQL ask."""
    house.engine.provide(_FUNCTION, lambda asked: _answer(house, asked))


def _rows_sql(what: str, kinds: dict[str, str]) -> str:
    asked = f"(SELECT to_json({{'what': '{what}', 'schemas': {_SCHEMAS}}})::VARCHAR {_FROM})"
    return f"(SELECT unnest(from_json({_FUNCTION}({asked}), '{json.dumps([kinds])}'), recursive := true))"


TABLES_SQL = _rows_sql("tables", _TABLES)
PARTITIONS_SQL = _rows_sql("partitions", _PARTITIONS)


def _answer(house: House, asked: str) -> str:
    found = json.loads(asked)
    rows: list[dict[str, Any]] = []
    for schema in found.get("schemas") or ():
        try:
            access = Credentials(secret=schema.get("secret"), region=schema.get("region"))
            client = glue_client(house, access)
            where = {"CatalogId": schema["glue"]} if schema["glue"] else {}
            for table in _tables(client, schema["database"], where):
                if found["what"] == "tables":
                    rows.append(_table_row(schema["name"], table))
                elif table.partitions:
                    rows += _partition_rows(client, schema, table, where)
        except BoathouseError as failure:
            log.warning("the tables of external schema %s cannot be shown: %s", schema["name"], failure.message)
    return json.dumps(rows)


def _tables(client: Any, database: str, where: dict[str, Any]) -> Iterator[ExternalTable]:
    for entry in list_tables(client, database, where):
        try:
            yield table_from_glue(database, entry)
        except BoathouseError as failure:
            log.info("table %s.%s is not shown: %s", database, entry.get("Name"), failure.message)


def _table_row(schema: str, table: ExternalTable) -> dict[str, Any]:
    shown = [[name, str(kind), 0] for name, kind in table.columns]
    shown += [[name, str(kind), place] for place, (name, kind) in enumerate(table.partitions, 1)]
    values = (schema, table.name, format_to_json(table.format), table.location,
              json.dumps(table.properties), json.dumps(shown))  # fmt: skip
    return dict(zip(_TABLES, values, strict=True))


def _partition_rows(
    client: Any, schema: dict[str, Any], table: ExternalTable, where: dict[str, Any]
) -> Iterator[dict[str, Any]]:
    for one in list_partitions(client, schema["database"], table.name, where):
        values = (schema["name"], table.name, list(one.values), one.location)
        yield dict(zip(_PARTITIONS, values, strict=True))
