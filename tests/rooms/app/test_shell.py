"""`boathouse sql` and `boathouse crawl` as their users run them: programs of their own, on a real home."""

from __future__ import annotations

import os
import select
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from boathouse.app.initialise import initialise

PASSWORD = "Correct-Horse-9"
LIMIT_SECONDS = 60


def boathouse(*arguments: object, given: str | None = None) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "BOATHOUSE_ADMIN_PASSWORD": PASSWORD}
    environment.pop("PGPASSWORD", None)
    return subprocess.run(
        [sys.executable, "-m", "boathouse.app.cli", *map(str, arguments)],
        input=given if given is not None else "",
        capture_output=True,
        text=True,
        timeout=LIMIT_SECONDS,
        env=environment,
        check=False,
    )


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("shell") / "home"
    initialise(home, "dev", PASSWORD)
    return home


@pytest.fixture(scope="module")
def server(home: Path) -> Iterator[int]:
    """A server that holds the home, on the port that the home's settings name."""
    config = home / "boathouse.toml"
    before = config.read_text()
    port = 20_000 + os.getpid() % 20_000
    config.write_text(before.replace("port = 5439", f"port = {port}").replace("http_port = 8439", "http_port = -1"))
    process = subprocess.Popen(
        [sys.executable, "-m", "boathouse.app.cli", "serve", str(home), "--tls", "off"],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    try:
        assert process.stdout is not None
        ready, _, _ = select.select([process.stdout], [], [], LIMIT_SECONDS)
        assert ready and process.poll() is None
        assert str(port).encode() in process.stdout.readline()
        yield port
    finally:
        process.terminate()
        process.wait(LIMIT_SECONDS)
        config.write_text(before)


def test_commands_print_tables_tags_and_the_time(home: Path) -> None:
    done = boathouse(
        "sql", home, "-c", "CREATE TABLE fish (id integer, name varchar(9))", "-c", "SELECT 1 AS a, 'x' AS b"
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == ["CREATE TABLE", " a | b", "---+---", " 1 | x", "(1 row)"]
    assert done.stderr.count("Time: ") == 2


def test_a_failing_command_is_told_and_makes_the_exit_status_1(home: Path) -> None:
    done = boathouse("sql", home, "-c", "SELECT * FROM nothing_there", "-c", "SELECT 2 AS later")
    assert done.returncode == 1
    assert 'ERROR:  relation "nothing_there" does not exist  [42P01]' in done.stderr
    assert "later" in done.stdout
    assert "Traceback" not in done.stderr


def test_a_file_is_run_whole_and_notices_come_beside_its_results(home: Path, tmp_path: Path) -> None:
    script = tmp_path / "job.sql"
    (home / "lake/in.txt").write_text("1|one\n2|zwei €\n")
    script.write_text(
        "-- a job\nCREATE TABLE IF NOT EXISTS words (n int, w varchar(20));\n"
        "COPY words FROM 'in.txt';\nSELECT count(*) AS many\nFROM words;\n"
    )
    done = boathouse("sql", home, "-f", script)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-3:] == ["------", "    2", "(1 row)"] or " many" in done.stdout
    assert "INFO:  Load into table 'words' completed, 2 record(s) loaded successfully." in done.stderr


def test_a_file_with_an_error_ends_in_1(home: Path, tmp_path: Path) -> None:
    script = tmp_path / "bad.sql"
    script.write_text("SELECT 1 AS n;\nSELEKT 2;\n")
    done = boathouse("sql", home, "-f", script)
    assert done.returncode == 1
    assert "42601" in done.stderr


def test_what_is_no_home_is_told_in_one_line_and_a_hint(tmp_path: Path) -> None:
    done = boathouse("sql", tmp_path / "none", "-c", "SELECT 1")
    assert done.returncode == 1
    first, second = done.stderr.splitlines()
    assert first.startswith("boathouse: ") and "neither a home nor a connection string" in first
    assert second.startswith("hint: ")


def test_statements_are_read_from_a_pipe(home: Path) -> None:
    done = boathouse("sql", home, given="SELECT\n 40 + 2\n AS answer;\n\\timing\nSELECT 7 AS n;\n\\q\nSELECT 8;\n")
    assert done.returncode == 0, done.stderr
    assert " answer" in done.stdout and "     42" in done.stdout
    assert " 7" in done.stdout and " 8" not in done.stdout
    assert done.stderr.count("Time: ") == 1


def test_a_crawl_of_a_place_outside_the_roots_changes_nothing(home: Path, tmp_path: Path) -> None:
    done = boathouse("crawl", home, tmp_path, "--database", "outside")
    assert done.returncode == 1
    assert "ERROR:" in done.stderr and "Traceback" not in done.stderr


def test_a_home_in_use_is_reached_through_the_server_that_holds_it(home: Path, server: int) -> None:
    done = boathouse("sql", home, "-c", "SELECT current_user AS me, 6 * 7 AS n")
    assert done.returncode == 0, done.stderr
    assert "admin" in done.stdout and "42" in done.stdout
    told = boathouse(
        "sql", f"postgresql://admin:{PASSWORD}@127.0.0.1:{server}/dev?sslmode=disable", "-c", "SELECT 5 AS n"
    )
    assert told.returncode == 0, told.stderr
    wrong = boathouse("sql", f"postgresql://admin:wrong@127.0.0.1:{server}/dev?sslmode=disable", "-c", "SELECT 5 AS n")
    assert wrong.returncode == 1
    assert "boathouse: cannot connect" in wrong.stderr and "Traceback" not in wrong.stderr


def test_a_crawl_shows_what_it_found_and_the_tables_answer(home: Path, server: int) -> None:
    """Through the server that holds the home, as it goes faster; a crawl that opens the home itself stands above."""
    for year in (2020, 2021):
        folder = home / f"lake/catch/fish/year={year}"
        folder.mkdir(parents=True)
        pq.write_table(pa.table({"kind": ["pike", "eel"], "grams": [900, 400]}), folder / "a.parquet")
    done = boathouse("crawl", home, "catch", "--database", "catches", "--prefix", "raw_")
    assert done.returncode == 0, done.stderr
    header, _, row, count = done.stdout.splitlines()
    assert [cell.strip() for cell in header.split("|")] == [
        "name",
        "action",
        "location",
        "format",
        "partitions",
        "files",
    ]
    assert [cell.strip() for cell in row.split("|")] == [
        "raw_fish", "created", str(home / "lake/catch/fish") + "/", "parquet", "2", "2",
    ]  # fmt: skip
    assert count == "(1 row)"
    assert "2 file(s) found" in done.stderr
    read = boathouse(
        "sql", home,
        "-c", "CREATE EXTERNAL SCHEMA c FROM DATA CATALOG DATABASE 'catches'",
        "-c", "SELECT year, sum(grams) AS total FROM c.raw_fish WHERE year = 2021 GROUP BY year",
        "-c", "CREATE EXTERNAL SCHEMA o FROM DATA CATALOG DATABASE 'outside'",
    )  # fmt: skip
    assert "2021 |  1300" in read.stdout, read.stderr
    assert 'external database "outside" does not exist' in read.stderr
    again = boathouse("crawl", home, "catch", "--database", "catches", "--prefix", "raw_")
    assert "unchanged" in again.stdout
