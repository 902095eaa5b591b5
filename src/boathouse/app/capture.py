"""`boathouse capture …`: what stands in the way of capturing a database, how the integrations go, and steering their dumps.

Received: a home and a secret's name, or a home or connection string. `check` only reads at the source, and needs no server;
everything else asks the system views, and gives statements, through the same door as any client.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from boathouse.app.home import require_home
from boathouse.app.instance import asked
from boathouse.app.settings import load_secrets
from boathouse.app.shell import Console, connected
from boathouse.capture.delivery.registered import registered
from boathouse.capture.instances.definition import path_of
from boathouse.capture.instances.status import newest_schema
from boathouse.capture.sources import SOURCES
from boathouse.capture.steering import table_path
from boathouse.contracts.errors import UndefinedObject

_DUMP = "integration_id, dump_id, schema_name, table_name, dump_state, chunks, rows, rows_estimated, seconds_left"


def check(home: Path, secret: str, kind: str, tables: Sequence[str], as_json: bool) -> int:
    """Print what is found; 0 where nothing forbids to begin, else 1.

    Args:
        kind: `postgres`, `mysql`, or one that somebody has registered.
        tables: as schema.name; none for all.
    """
    require_home(home)
    found = load_secrets(home).get(secret.lower())
    if found is None:
        raise UndefinedObject(f'secret "{secret}" does not exist', hint="Secrets stand in the home's secrets.toml.")
    paths = [table_path(table) for table in tables] or None
    source = registered(SOURCES, kind, "capturing from")("check", found, paths)
    try:
        findings = source.check()
        captured = [f"{schema.schema}.{schema.name}" for schema in source.tables()]
    finally:
        source.close()
    if as_json:
        shown = [{"level": f.level, "subject": f.subject, "message": f.message, "mend": f.mend} for f in findings]
        print(json.dumps({"findings": shown, "tables": captured}, indent=2))
    else:
        for one in findings:
            print(f"{one.level}: {one.subject}: {one.message}" + (f"\n    {one.mend}" if one.mend else ""))
        print(f"tables that can be captured: {', '.join(captured) or 'none'}")
    return 1 if not captured or any(one.level == "error" for one in findings) else 0


def status(target: str, name: str | None) -> int:
    """Print the state of integrations and of their tables; or of the capture without a warehouse that a home defines."""
    if name is not None:
        capture = asked(Path(target), name)
        for view in ("svv_integration", "svv_integration_lag", "svv_integration_table_state", "svv_integration_output"):
            _print(capture.rows(view, {}))
        _print([one for one in capture.rows("svv_integration_dump", {}) if one["ended"] is None])
        return 0
    with connected(target) as connection:
        console = Console(connection, timing=False)
        integrations = console.run("SELECT * FROM svv_integration ORDER BY 1")
        integrations = integrations and console.run("SELECT * FROM svv_integration_lag ORDER BY 1")
        tables = integrations and console.run("SELECT * FROM svv_integration_table_state ORDER BY 1, 3, 4")
        running = f"SELECT {_DUMP} FROM svv_integration_dump WHERE ended IS NULL ORDER BY dump_id"
        return 0 if tables and console.run(running) else 1


def steer(target: str, statement: str, integration: str) -> int:
    """Run a statement; or ask the instance that captures without a warehouse, where a home defines one of that name."""
    if path_of(Path(target), integration).is_file():
        asked(Path(target), integration).give(statement)
        return 0
    with connected(target) as connection:
        return 0 if Console(connection, timing=False).run(statement) else 1


def schema(target: str, integration: str, table: str, version: int | None, kind: str) -> int:
    """Print a version of a captured table's shape.

    Args:
        version: None for the newest.
        kind: `json-schema` or `avro`.

    Raises:
        UndefinedObject: there is none.
    """
    column = "avro_schema" if kind == "avro" else "json_schema"
    if path_of(Path(target), integration).is_file():
        known = asked(Path(target), integration).rows("svv_integration_schema", {})
        return _print_schema(newest_schema(known, table_path(table), version, column), integration, table, version)
    with connected(target) as connection:
        found = connection.execute(
            f"SELECT {column} FROM svv_integration_schema WHERE integration_id = %s AND schema_name = %s AND "
            "table_name = %s AND version = coalesce(%s::bigint, version) ORDER BY version DESC LIMIT 1",
            (integration, *table_path(table), version),
        ).fetchone()
    return _print_schema(None if found is None else json.loads(str(found[0])), integration, table, version)


def waiting(home: Path, name: str, output: str) -> int:
    """Print what the journal keeps for an output of a capture without a warehouse."""
    shown = [
        {"entry": entry, "table": table, "first": first, "changes": changes}
        for entry, table, first, changes in asked(home, name).waiting(output)
    ]
    _print(shown)
    return 0


def anew(home: Path, name: str) -> int:
    """Let a capture without a warehouse begin anew, as after a gap in the source's log."""
    asked(home, name).begin_anew()
    print("it begins anew with the next instance that is active: everything is dumped")
    return 0


def send_again(home: Path, name: str, output: str) -> int:
    """Let a parked output be tried at once, and one that was given up begin anew."""
    print(asked(home, name).send_again(output))
    return 0


def _print(rows: Sequence[Mapping[str, Any]]) -> None:
    """Each row as lines of a name and a value: some of them are long."""
    for row in rows:
        print(
            "\n".join(f"{name}: {'' if value is None else str(value).strip()}" for name, value in row.items()),
            end="\n\n",
        )


def _print_schema(shape: Any, integration: str, table: str, version: int | None) -> int:
    if shape is None:
        which = "" if version is None else f" {version}"
        raise UndefinedObject(f'no version{which} of table "{table}" of integration "{integration}" is known')
    print(json.dumps(shape, indent=2, ensure_ascii=False))
    return 0
