"""The house's rules, held by tests: sizes, names, docstrings, import contracts."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[2] / "src" / "boathouse"
FILES = sorted(SOURCE.rglob("*.py"))
FORBIDDEN_NAMES = {"utils", "util", "common", "helpers", "helper", "misc", "base", "manager", "managers"}

FILE_LINES_MAX = 400
FUNCTION_LINES_MAX = 70
FOLDER_FILES_MAX = 14
DECLARATIONS = {"__init__", "room", "settings"}
"""Modules that only declare; every room has them."""


def _name(path: Path) -> str:
    return str(path.relative_to(SOURCE))


@pytest.mark.parametrize("path", FILES, ids=_name)
def test_a_file_holds_one_idea(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").count("\n")
    assert lines <= FILE_LINES_MAX, f"{_name(path)} has {lines} lines: a second idea lives in it"


@pytest.mark.parametrize("path", FILES, ids=_name)
def test_functions_fit_on_a_page_and_modules_say_what_they_are_for(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    if tree.body:
        assert ast.get_docstring(tree), f"{_name(path)} has no docstring"
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno
            assert length <= FUNCTION_LINES_MAX, f"{_name(path)}:{node.lineno} {node.name} has {length} lines"


def test_nothing_is_called_by_a_name_that_says_nothing() -> None:
    found = [_name(path) for path in FILES if path.stem in FORBIDDEN_NAMES or path.parent.name in FORBIDDEN_NAMES]
    assert not found


def test_folders_stay_small() -> None:
    for folder in {path.parent for path in FILES}:
        modules = [path for path in folder.glob("*.py") if path.stem not in DECLARATIONS]
        assert len(modules) <= FOLDER_FILES_MAX, f"{folder.relative_to(SOURCE)} has {len(modules)} modules"


def test_the_journey_reads_as_one_page() -> None:
    journey = (SOURCE / "query" / "journey.py").read_text(encoding="utf-8")
    assert journey.count("\n") < 70


def test_water_runs_downhill() -> None:
    program = Path(sys.executable).parent / "lint-imports"
    found = subprocess.run([program], cwd=SOURCE.parents[1], capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stdout[-4000:] + found.stderr[-2000:]


LISTED = ("duckdb_tables()", "duckdb_columns()", " nextval('boathouse")


@pytest.mark.parametrize("path", FILES, ids=_name)
def test_the_rooms_know_no_storage(path: Path) -> None:
    """What lists tables and gives numbers differs with the warehouse's storage: `memory.rs.stored_tables()` and its like."""
    if path.parent.name not in ("storage", "keeping"):
        text = path.read_text(encoding="utf-8")
        assert not [one for one in LISTED if one in text], f"{_name(path)} would fail, or be slow, over a lake"


def test_a_server_loads_nothing_large_that_few_need():
    """Memory that every server would hold: what makes certificates 9 MB, readers of files and clients of clouds 15."""
    spared = {"cryptography", "fastavro", "pyarrow.fs", "pyarrow.parquet", "pyarrow.orc", "lzallright", "pyspark"}
    asked = (
        "import sys, boathouse.app.serve; from boathouse.app.discover import discover_rooms; discover_rooms(); "
        f"print(*{spared} & {{*sys.modules}})"
    )
    told = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert told.stdout.split() == []
