"""dbt through both of its adapters: seed, view, table, incremental models of every strategy, one whose columns change,
snapshot, tests and documentation, run twice.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from tests.clients.conftest import PASSWORD, USER, Running

PROJECT = Path(__file__).parent / "programs" / "dbt"
PYTHON = Path(sys.prefix) / "clients" / "bin" / "python"
INSTALLED = list((Path(sys.prefix) / "clients").glob("lib/python*/site-packages/dbt/adapters/redshift"))

pytestmark = pytest.mark.skipif(not INSTALLED, reason="dbt is not installed (make programs)")

MODELS = {"paid", "totals", "best", "history", "appended", "merged", "batched"}
TESTS = {"unique_totals_customer", "not_null_totals_customer", "unique_history_id"}


@pytest.fixture(scope="module", params=["redshift", "postgres"])
def ran(server: Running, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Any]:
    """The adapter, and what each of its commands did."""
    folder = tmp_path_factory.mktemp("dbt") / "shop"
    shutil.copytree(PROJECT, folder)
    found = subprocess.run(
        [PYTHON, "run.py", request.param, "build", "build", "docs generate"],
        cwd=folder,
        env=os.environ
        | {
            "BOATHOUSE_PORT": str(server.port), "BOATHOUSE_USER": USER, "BOATHOUSE_PASSWORD": PASSWORD,
            "DBT_PROFILES_DIR": ".", "HOME": str(folder), "PYTHONPATH": "", "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        },
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )  # fmt: skip
    lines = [json.loads(line) for line in found.stdout.splitlines() if line.startswith('{"command"')]
    assert len(lines) == 3, found.stdout + found.stderr
    return request.param, [line | {"output": found.stdout} for line in lines]


def test_everything_is_built_and_built_again(ran: tuple[str, Any]) -> None:
    for build in ran[1][:2]:
        assert build["ok"], build["output"]
        assert set(build["nodes"]) == {"orders", "orders_snapshot", *MODELS, *TESTS}
        assert {build["nodes"][name] for name in TESTS} == {"pass"}
        assert {build["nodes"][name] for name in (*MODELS, "orders", "orders_snapshot")} == {"success"}


def test_the_warehouse_holds_what_the_models_say(server: Running, ran: tuple[str, Any]) -> None:
    schema = f"dbt_{ran[0]}"
    with server.raw() as client:

        def rows(sql: str) -> list[list[bytes | None]]:
            return [message.values for message in client.query(sql) if message.kind == b"D"]

        assert rows(f"SELECT customer, total::numeric(10,2), orders FROM {schema}.totals ORDER BY 1") == [
            [b"ann", b"10.50", b"1"],
            [b"bob", b"20.00", b"1"],
        ]
        assert rows(f"SELECT customer FROM {schema}.best") == [[b"bob"]]
        assert rows(f"SELECT count(*), count(DISTINCT id) FROM {schema}.history") == [[b"3", b"3"]]
        assert rows(f"SELECT count(*), count(DISTINCT id) FROM {schema}.appended") == [[b"4", b"3"]]
        last = "amount" if ran[0] == "redshift" else "placed"  # dbt-postgres adds and drops columns in one ALTER TABLE
        assert rows(f"SELECT count(*), count(DISTINCT id), count({last}) FROM {schema}.merged") == [[b"3", b"3", b"3"]]
        assert rows(f"SELECT count(*), count(DISTINCT id) FROM {schema}.batched") == [[b"3", b"3"]]
        assert rows(f"SELECT count(*) FROM {schema}.orders_snapshot WHERE dbt_valid_to IS NULL") == [[b"3"]]
        left = f"SELECT count(*) FROM svv_tables WHERE table_schema = '{schema}' AND table_name LIKE '%dbt\\_%'"
        assert rows(left) == [[b"0"]], "nothing half-built is left"


def test_the_documentation_knows_every_column(ran: tuple[str, Any]) -> None:
    docs = ran[1][2]
    assert docs["ok"], docs["output"]
    assert set(docs["nodes"]["totals"]) == {"customer", "total", "orders"}
    assert docs["nodes"]["totals"]["orders"] == "bigint"
    assert set(docs["nodes"]["best"]) == {"customer"}
