"""node-postgres, driven by a small program of ours that prints what it sees: queries, parameters, cursors, a pool."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from tests.clients.conftest import DATABASE, USER, Running

PROGRAM = Path(__file__).parent / "programs" / "node_postgres.js"
MODULES = Path(sys.prefix) / "clients" / "node" / "node_modules"

pytestmark = [
    pytest.mark.skipif(shutil.which("node") is None, reason="no Node.js (Debian: nodejs)"),
    pytest.mark.skipif(not (MODULES / "pg").exists(), reason="npm could not install pg (make programs)"),
]


@pytest.fixture(scope="module")
def seen(server: Running) -> dict[str, Any]:
    """What the program printed: `what` → value."""
    run = subprocess.run(
        ["node", str(PROGRAM)],
        env={
            "PATH": "/usr/bin:/bin:/usr/local/bin", "NODE_PATH": str(MODULES), "PGHOST": "127.0.0.1",
            "PGPORT": str(server.port), "PGUSER": USER, "PGDATABASE": DATABASE, "PGPASSWORD": server.keywords["password"],
        },
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    return {what: json.loads(value) for what, value in (line.split(": ", 1) for line in run.stdout.splitlines())}


def test_rows_have_names_and_types(seen: dict[str, Any]) -> None:
    (row,), fields = seen["simple"]
    assert row == {"one": 1, "two": "b", "day": "2024-02-29", "price": "1.50", "none": None}
    assert fields[:4] == [["one", 23], ["two", 1043], ["day", 1082], ["price", 1700]]


def test_parameters_named_statements_and_several_at_once(seen: dict[str, Any]) -> None:
    assert seen["inserted"] == ["INSERT", 2]
    assert seen["named"] == [[["it's"]], [["it's"]]]
    assert seen["several"] == [[{"a": 1}], [{"b": 2}]]


def test_a_cursor_reads_in_portions(seen: dict[str, Any]) -> None:
    assert seen["cursor"] == [[1, 2, 11], [12], []]


def test_transactions_errors_notices_and_a_pool(seen: dict[str, Any]) -> None:
    assert seen["after rollback"] == [{"n": "4"}]
    assert seen["error"] == ["42P01", "15", "ERROR"]
    assert seen["notice"] == ['table "node_never_there" does not exist, skipping']
    assert seen["pool"] == [2 * number for number in range(12)]
