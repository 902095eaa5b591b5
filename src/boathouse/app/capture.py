"""`boathouse capture check` and `status`: what stands in the way of capturing a database, and how the integrations go.

Received: a home and a secret's name, or a home or connection string. `check` only reads at the source, and needs no server;
`status` asks the system views through the same door as any client.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from boathouse.app.home import require_home
from boathouse.app.settings import load_secrets
from boathouse.app.shell import Console, connected
from boathouse.contracts.errors import InvalidParameterValue, UndefinedObject


def check(home: Path, secret: str, tables: Sequence[str], as_json: bool) -> int:
    """Print what is found; 0 where nothing forbids to begin, else 1.

    Args:
        tables: as schema.name; none for all.
    """
    from boathouse.capture.postgres.source import PostgresSource  # here: no other command needs its driver

    require_home(home)
    found = load_secrets(home).get(secret.lower())
    if found is None:
        raise UndefinedObject(f'secret "{secret}" does not exist', hint="Secrets stand in the home's secrets.toml.")
    source = PostgresSource("check", found, [_path(table) for table in tables] or None)
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


def status(target: str) -> int:
    """Print the state of integrations and of their tables."""
    with connected(target) as connection:
        console = Console(connection, timing=False)
        integrations = console.run("SELECT * FROM svv_integration ORDER BY 1")
        return 0 if integrations and console.run("SELECT * FROM svv_integration_table_state ORDER BY 1, 3, 4") else 1


def _path(table: str) -> tuple[str, str]:
    schema, dot, name = table.partition(".")
    if not dot:
        raise InvalidParameterValue(f'"{table}" is no schema.table')
    return schema, name
