"""ibis over its PostgreSQL backend, in an environment of its own: expressions in, pandas and Arrow out, tables written."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from tests.clients.conftest import PASSWORD, USER, Running

PROGRAM = Path(__file__).parent / "programs" / "ibis_shop.py"
PYTHON = Path(sys.prefix) / "clients" / "bin" / "python"
INSTALLED = list((Path(sys.prefix) / "clients").glob("lib/python*/site-packages/ibis"))

pytestmark = pytest.mark.skipif(not INSTALLED, reason="ibis is not installed (make programs)")


@pytest.fixture(scope="module")
def seen(server: Running) -> Any:
    """What the program printed."""
    ran = subprocess.run(
        [PYTHON, "-W", "ignore", PROGRAM],
        env=os.environ
        | {
            "BOATHOUSE_PORT": str(server.port),
            "BOATHOUSE_USER": USER,
            "BOATHOUSE_PASSWORD": PASSWORD,
            "PYTHONPATH": "",
        },
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout.splitlines()[-1])


def test_the_catalog_is_read(seen: Any) -> None:
    assert seen["version"] == "8.2"  # two numbers of 8.0.2
    assert seen["databases"] == ["ibis_shop"]
    assert seen["tables"] == ["sold"]
    assert seen["schema"] == {
        "id": "int32", "name": "string(10)", "price": "decimal(10, 2)", "at": "timestamp(6)", "day": "date",
        "ok": "boolean", "x": "float64",
    }  # fmt: skip


def test_expressions_answer(seen: Any) -> None:
    assert seen["filtered"] == [[2, "b"], [3, "a"]]
    assert seen["grouped"] == [["a", 2, "5.50"], ["b", 1, "2.25"]]
    assert seen["made"] == [
        ["A", 2024.0, "2024-01-01T00:00:00.000", "2024-02-01T00:00:00.000", 0, "1.50", "one", True],
        ["B", None, None, None, 1, "3.75", "more", False],
        ["A", 2024.0, "2024-02-01T00:00:00.000", "2024-03-01T00:00:00.000", 2, "7.75", "more", True],
    ]
    assert seen["joined"] == 5
    assert seen["memory"] == [[1, "first"], [3, "first"]]
    assert sum(seen["batches"]) == 3


def test_tables_and_views_are_written(seen: Any) -> None:
    assert seen["written"] == [3, 6]
    assert seen["view"] == 6
    assert seen["truncated"] == 0
    assert seen["left"] == ["frames", "sold"]
