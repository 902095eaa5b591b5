"""What is remembered of statements and connections, and what never is: secrets."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.clients import raw_client as raw
from tests.clients.conftest import DATABASE, PASSWORD, USER, Running
from tests.clients.raw_client import RawClient, error, rows
from tests.clients.test_interruption import wait_until

SECRET = "Geheim9-Kennwort"
ACCESS_KEY = "AKIAABCDEFGHIJKLMNOP"
SECRET_STATEMENTS = [
    f"CREATE USER spy PASSWORD '{SECRET}'",
    f"CREATE USER spy PASSWORD '{SECRET[:8]}'\n  '{SECRET}'",
    f'ALTER USER admin PASSWORD "{SECRET}"',
    f"alter user admin /* why */ password\n'{SECRET}",
    f"CREATE USER x WITH PASSWORD = $${SECRET}$$",
    f"COPY nowhere FROM 's3://b/k' CREDENTIALS 'aws_access_key_id={ACCESS_KEY};aws_secret_access_key={SECRET}'",
    f"COPY nowhere FROM 's3://b/k' ACCESS_KEY_ID '{ACCESS_KEY}' SECRET_ACCESS_KEY '{SECRET}' SESSION_TOKEN '{SECRET}'",
    f"UNLOAD ('select 1') TO 's3://b/k' with credentials as 'aws_access_key_id={ACCESS_KEY};"
    f"aws_secret_access_key={SECRET};token={SECRET}' NOSUCHOPTION",
    f"COPY broken FROM 's3://b/k' SECRET_ACCESS_KEY '{SECRET}",
    f"SELECT 1; COPY x FROM 's3://b/k' CREDENTIALS 'aws_secret_access_key={SECRET}'; SELEC",
    f"PREPARE p AS SELECT 'password={SECRET}'",
    f"CREATE EXTERNAL SCHEMA s FROM POSTGRES DATABASE 'd' URI 'postgresql://joe:{SECRET}@host/d'",
    f"SET query_group TO 'password={SECRET}'",
]


def ask(client: RawClient, sql: str) -> list[list[str | None]]:
    return [[None if one is None else one.decode() for one in row] for row in rows(client.query(sql))]


def test_no_secret_reaches_a_system_table_or_a_file(server: Running) -> None:
    with server.raw(application_name=f"x password={SECRET}") as client:
        for text in SECRET_STATEMENTS:
            client.query(text)
            client.send(raw.parse(text), raw.SYNC)
            client.read_until(b"Z")
        found = ask(client, "SELECT count(*) FROM svl_statementtext WHERE pid = pg_backend_pid()")
        assert int(found[0][0] or 0) >= len(SECRET_STATEMENTS)
        logs = {"stl_query", "stl_querytext", "stl_ddltext", "stl_utilitytext", "svl_statementtext", "svl_qlog"}
        logs |= {"stl_error", "sys_query_history", "sys_query_text", "stv_recents", "stl_connection_log"}
        for name in logs:
            answers = client.query(f"SELECT * FROM {name}")
            assert answers[0].kind == b"T", name
            for row in rows(answers):
                for value in row:
                    assert value is None or (SECRET.encode() not in value and ACCESS_KEY.encode() not in value), name
    files = list((server.home / "history").iterdir())
    assert files
    for path in files:
        text = path.read_text(encoding="utf-8")
        assert SECRET not in text
        assert ACCESS_KEY not in text


def test_connections_tell_who_came_and_how(server: Running) -> None:
    with RawClient(server.port) as stranger, pytest.raises(PermissionError):
        stranger.log_in("nobody_here", "wrong")
    with RawClient(server.port) as client:
        client.start_tls(server.certificate)
        client.log_in(USER, PASSWORD, DATABASE, application_name="shop", driver_version="Pony 7", os_version="Linux 6")
        pid = client.key[0]
    wait_until(lambda: all(one.pid != pid for one in server.house.service.sessions()))
    with server.raw() as client:
        found = ask(
            client,
            "SELECT trim(event), trim(username), trim(authmethod), trim(application_name), trim(driver_version), "
            f"trim(os_version), sslversion LIKE 'TLS%', duration > 0, remoteport <> '' FROM stl_connection_log "
            f"WHERE pid = {pid} ORDER BY recordtime",
        )
        said = [USER, "scram-sha-256", "shop", "Pony 7", "Linux 6", "t"]
        assert found == [["initiating session", *said, "f", "t"], ["disconnecting session", *said, "t", "t"]]
        failed = ask(client, "SELECT trim(event), pid FROM stl_connection_log WHERE username = 'nobody_here'")
        assert failed == [["authentication failure", "0"]]
        ended = ask(client, f"SELECT trim(user_name), endtime >= starttime FROM stl_sessions WHERE process = {pid}")
        assert ended == [[USER, "t"]]


def test_a_load_and_its_errors_carry_the_number_of_the_log(server: Running) -> None:
    (server.home / "lake" / "numbered.csv").write_text("1\nx\n", encoding="utf-8")
    with server.raw() as client:
        client.query("CREATE TABLE numbered (a INTEGER)")
        assert error(client.query("COPY numbered FROM 'numbered.csv' CSV"))["C"] == "XX000"
        found = ask(
            client,
            "SELECT trim(querytxt), aborted, trim(err_reason) <> '' FROM stl_query q JOIN stl_load_errors e "
            "ON e.query = q.query WHERE q.pid = pg_backend_pid()",
        )
        assert found == [["COPY numbered FROM 'numbered.csv' CSV", "1", "t"]]
        client.query("COPY numbered FROM 'numbered.csv' CSV MAXERROR 5")
        found = ask(
            client, "SELECT trim(querytxt), pg_last_copy_count() FROM stl_query WHERE query = pg_last_copy_id()"
        )
        assert found == [["COPY numbered FROM 'numbered.csv' CSV MAXERROR 5", "1"]]
        client.query("DROP TABLE numbered")


def test_copy_from_the_client_and_results_nobody_pulled_end_in_the_log(server: Running) -> None:
    with server.raw() as client:
        client.query("CREATE TABLE fed (a INTEGER)")
        client.send(raw.query("COPY fed FROM STDIN"))
        assert client.read().kind == b"G"
        client.ask(raw.copy_data(b"1\n2\n"), raw.COPY_DONE)
        client.send(raw.query("COPY fed FROM STDIN"))
        assert client.read().kind == b"G"
        client.ask(raw.copy_fail("I changed my mind"))
        client.ask(raw.parse("SELECT a FROM fed"), raw.bind(), raw.execute(rows_max=1), raw.SYNC)
        found = ask(
            client,
            "SELECT trim(query_text), trim(status), returned_rows FROM sys_query_history "
            "WHERE session_id = pg_backend_pid() AND query_text LIKE '%fed%' AND query_type <> 'DDL' "
            "AND end_time IS NOT NULL ORDER BY query_id",
        )
        assert found == [
            ["COPY fed FROM STDIN", "success", "2"],
            ["COPY fed FROM STDIN", "canceled", None],
            ["SELECT a FROM fed", "success", "2"],
        ]
        client.query("DROP TABLE fed")


def test_old_segments_go_and_the_log_stays_readable(server: Running, tmp_path: Path) -> None:
    from boathouse.query.history.segments import SEGMENT_BYTES, Segments

    line = {"query": 1, "text": "x" * 1000}
    per_file = SEGMENT_BYTES // len(json.dumps(line)) + 1
    segments = Segments(tmp_path, "statements", 7.0, per_file, 10 * SEGMENT_BYTES)
    for number in range(4):
        segments.append([line | {"query": number * per_file + place} for place in range(per_file)])
    segments.close()
    kept = [row["query"] for row in segments.last_rows(99)]
    assert per_file <= len(kept) <= 2 * per_file
    assert kept[-1] == 4 * per_file - 1
    # What a crash tears off is one line, and the next run begins a line of its own.
    last = segments.paths()[-1]
    with last.open("ab") as file:
        file.write(b'{"query": 99')
    again = Segments(tmp_path, "statements", 7.0, per_file, 10 * SEGMENT_BYTES)
    again.append([line | {"query": -7}])
    again.close()
    assert [row["query"] for row in again.last_rows(99)][-1] == -7
