"""The PostgreSQL JDBC driver, driven by a small Java program of ours that prints what it sees."""

from __future__ import annotations

import glob
import shutil
import subprocess
from pathlib import Path

import pytest
from tests.clients.conftest import DATABASE, PASSWORD, USER, Running

PROGRAM = Path(__file__).parent / "programs" / "Jdbc.java"
JARS = sorted(glob.glob("/usr/share/java/postgresql.jar"))

pytestmark = [
    pytest.mark.skipif(shutil.which("javac") is None, reason="no Java compiler (Debian: default-jdk-headless)"),
    pytest.mark.skipif(not JARS, reason="no JDBC driver (Debian: libpostgresql-jdbc-java)"),
]


@pytest.fixture(scope="module")
def seen(server: Running, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What the program printed: `what` → value."""
    run = subprocess.run(
        ["java", "-XX:TieredStopAtLevel=1", "-cp", JARS[0], str(PROGRAM),
         f"jdbc:postgresql://127.0.0.1:{server.port}/{DATABASE}", USER, PASSWORD],
        cwd=tmp_path_factory.mktemp("java"),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    return dict(line.split(": ", 1) for line in run.stdout.splitlines() if ": " in line)


@pytest.mark.parametrize(
    ("what", "value"),
    [
        ("types", "[7, 1099511627776, 1.50, 0.1, true, it's, 2024-02-29, 2024-02-29 12:30:15.25]"),
        ("described", "int2 10 2"),
        ("nulls", "null null"),
        ("valid", "true"),
    ],
)
def test_values_travel_as_their_types(seen: dict[str, str], what: str, value: str) -> None:
    assert seen.get(what) == value, seen


def test_a_fetch_size_reads_a_portal_in_portions_with_other_statements_between(seen: dict[str, str]) -> None:
    assert (seen.get("between portions"), seen.get("portions")) == ("1000", "1000 499500"), seen


def test_batches_are_counted_kept_and_undone(seen: dict[str, str]) -> None:
    assert (seen.get("batch"), seen.get("batch of statements"), seen.get("kept")) == ("300", "[1, 3]", "300"), seen


def test_a_prepared_statement_answers_the_same_when_it_turns_to_binary(seen: dict[str, str]) -> None:
    assert seen.get("prepared") == "0n00 1n11.5 2n23 3n34.5 4n46 5n57.5 6n69 7n710.5", seen
    assert seen.get("parameters") == "1 int4"


def test_transactions_errors_and_warnings(seen: dict[str, str]) -> None:
    assert (seen.get("transactions"), seen.get("isolation")) == ("2 false", "true"), seen
    assert (seen.get("error"), seen.get("warning")) == ("42P01", "true"), seen


@pytest.mark.parametrize(
    ("what", "value"),
    [
        ("product", "PostgreSQL 8.0.2"),
        ("catalogs", "[dev]"),
        ("schemas", "[jdbc_schema]"),
        ("tables", "[child/TABLE/null, parent/TABLE/the parents, shown/VIEW/null]"),
        ("columns", "[id/int4/10/0/NO/null, name/varchar/20/0/YES/'x', price/numeric/10/2/YES/null]"),
        ("table types", "true"),
        ("generated", "true"),
        ("type info", "true"),
        ("functions", "[]"),
        ("procedures", "[]"),
        ("table privileges", "true"),
        ("column privileges", "true"),
        ("row identifier", "[id]"),
        ("user types", "[]"),
        ("limits", "true"),
    ],
)
def test_the_database_is_described(seen: dict[str, str], what: str, value: str) -> None:
    assert seen.get(what) == value, {name: found for name, found in seen.items() if name.startswith(what)}


_KEYS = "[parent/id/child/a/1/to_parent/parent_pkey, parent/part/child/b/2/to_parent/parent_pkey]"


@pytest.mark.parametrize(
    ("what", "value"),
    [
        ("primary keys", "[id/1/parent_pkey, part/2/parent_pkey]"),
        ("imported keys", _KEYS),
        ("exported keys", _KEYS),
        ("cross reference", _KEYS),
        ("indexes", "[parent_name_key/name/1/f, parent_pkey/id/1/f, parent_pkey/part/2/f]"),
    ],
)
def test_keys_are_described_in_both_directions(seen: dict[str, str], what: str, value: str) -> None:
    assert seen.get(what) == value, {name: found for name, found in seen.items() if name.startswith(what)}


def test_a_procedure_is_called_and_postgresqls_own_questions_are_answered(seen: dict[str, str]) -> None:
    assert seen.get("call") == "42", seen
    assert seen.get("as postgres") == "15.0 true [a/id, b/part]"


def test_a_statement_is_cancelled(seen: dict[str, str]) -> None:
    assert seen.get("cancelled") == "57014", seen
