"""Who may send what to the PostgreSQL behind the house, and what the house knows of it."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from tests.clients.conftest import PASSWORD, USER, Running
from tests.clients.raw_client import (
    SYNC,
    RawClient,
    bind,
    cancel,
    describe,
    error,
    execute,
    kinds,
    parse,
    query,
    rows,
    startup,
    tags,
    typed,
)
from tests.clients.test_psql import PSQL
from tests.clients.upstream.conftest import through, until
from tests.clients.upstream.postgres_behind import ACCOUNT, PostgresBehind
from tests.clients.upstream.postgres_behind import PASSWORD as ACCOUNT_PASSWORD

from boathouse.workload.settings import WorkloadSettings


@pytest.fixture(scope="module")
def tables(postgres: PostgresBehind) -> None:
    with postgres.connect() as made:
        made.execute(
            "CREATE SCHEMA sales; CREATE TABLE sales.orders (id int, buyer text); INSERT INTO sales.orders VALUES (1, 'b');"
            "CREATE TABLE sales.secret (pin int); INSERT INTO sales.secret VALUES (4711);"
            "CREATE TABLE public.secret (pin int); CREATE TABLE public.open (a int); INSERT INTO public.open VALUES (5);"
            "CREATE FUNCTION public.peek() RETURNS int LANGUAGE sql AS 'SELECT pin FROM sales.secret'"
        )


@pytest.fixture(scope="module")
def admin(door: Running) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(**door.keywords, autocommit=True) as connection:
        yield connection


@pytest.fixture
def clerk(door: Running, admin: psycopg.Connection[Any], tables: None) -> Iterator[RawClient]:
    """Somebody with privileges on single tables."""
    admin.execute(f"CREATE USER clerk PASSWORD '{PASSWORD}'")
    admin.execute("GRANT USAGE ON DATABASE crm TO clerk")
    admin.execute("GRANT SELECT ON crm.sales.orders, crm.public.open TO clerk")
    try:
        with through(door, user="clerk") as client:
            yield client
    finally:
        admin.execute("REVOKE ALL ON DATABASE crm FROM clerk")
        admin.execute("REVOKE USAGE ON DATABASE crm FROM clerk")
        admin.execute("REVOKE ALL ON crm.sales.orders, crm.public.open FROM clerk")
        admin.execute("DROP USER clerk")


def test_only_who_was_let_in_comes_in(door: Running, admin: psycopg.Connection[Any]) -> None:
    admin.execute(f"CREATE USER stranger PASSWORD '{PASSWORD}'")
    try:
        with pytest.raises(psycopg.OperationalError, match="permission denied for database crm"):
            psycopg.connect(**(door.keywords | {"user": "stranger", "dbname": "crm"}))
        with pytest.raises(psycopg.OperationalError, match='database "nowhere" does not exist'):
            psycopg.connect(**(door.keywords | {"dbname": "nowhere"}))
    finally:
        admin.execute("DROP USER stranger")


def test_tables_that_were_granted_are_read_and_others_are_not(clerk: RawClient) -> None:
    assert rows(clerk.query("SELECT id, buyer FROM sales.orders")) == [[b"1", b"b"]]
    assert rows(clerk.query("SELECT a FROM open")) == [[b"5"]]
    refused = clerk.query("SELECT * FROM sales.secret")
    assert kinds(refused) == "EZ"
    assert (error(refused)["C"], error(refused)["M"]) == ("42501", "permission denied for table sales.secret")
    assert error(clerk.query("SELECT * FROM secret"))["M"] == "permission denied for table public.secret"
    assert error(clerk.query("INSERT INTO sales.orders VALUES (2, 'c')"))["C"] == "42501"
    assert error(clerk.query("SELECT id FROM sales.orders; SELECT pin FROM sales.secret"))["C"] == "42501"
    for text in (
        "SELECT public.peek()",
        "SET search_path = sales",
        "DO $$ BEGIN END $$",
        "COPY sales.secret TO STDOUT",
    ):
        assert error(clerk.query(text))["C"] == "42501", text
    assert rows(clerk.query("SHOW search_path")) == [[b"public"]]


def test_a_refusal_stands_where_the_servers_own_error_would(clerk: RawClient) -> None:
    clerk.query("BEGIN")
    assert clerk.query("SELECT * FROM sales.secret")[-1].body == b"E"
    assert error(clerk.query("SELECT id FROM sales.orders"))["C"] == "25P02"
    assert tags(clerk.query("ROLLBACK")) == ["ROLLBACK"]
    # In a batch: what came before is undone, what comes after is not looked at, and the order of answers stays.
    found = clerk.ask(
        parse("SELECT id FROM sales.orders", "good"), bind(statement="good"), execute(),
        parse("SELECT pin FROM sales.secret", "bad"), bind(statement="bad"), execute(), SYNC,
    )  # fmt: skip
    assert kinds(found) == "12DCEZ"
    assert error(found)["M"] == "permission denied for table sales.secret"
    assert kinds(clerk.ask(bind(statement="good"), execute(), SYNC)) == "2DCZ"
    assert error(clerk.ask(describe("S", "bad"), SYNC))["C"] == "26000"
    assert error(clerk.ask(typed(b"F", (89).to_bytes(4, "big") + bytes(6))))["C"] == "42501"


def test_psql_describes_for_who_may_read_single_tables(
    clerk: RawClient, door: Running, postgres: PostgresBehind, environment: dict[str, str]
) -> None:
    def printed(**target: object) -> str:
        words = ("\\d sales.orders", "\\d+ sales.orders", "\\dt sales.*", "\\dn", "\\du", "\\l", "TABLE sales.orders")
        conninfo = " ".join(f"{name}={value}" for name, value in target.items())
        found = subprocess.run(
            [PSQL, "-X", "-d", conninfo, *(one for word in words for one in ("-c", word))],
            env=environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        return found.stdout + found.stderr

    assert clerk
    direct = printed(host=postgres.folder, port=postgres.port, user="postgres", dbname="shop")
    through_door = printed(host="127.0.0.1", port=door.port, user="clerk", dbname="crm")
    assert through_door.partition("ERROR")[0] == direct.rpartition(" id |")[0]
    assert "TABLE takes a privilege on the whole database" in through_door


def test_what_was_revoked_stops_at_once(clerk: RawClient, admin: psycopg.Connection[Any]) -> None:
    clerk.ask(parse("SELECT id FROM sales.orders", "kept"), SYNC)
    admin.execute("REVOKE SELECT ON crm.sales.orders FROM clerk")
    found = clerk.ask(bind(statement="kept"), execute(), SYNC)
    assert kinds(found) == "2EZ"
    assert error(found)["M"] == "permission denied for table sales.orders"
    admin.execute("GRANT ALL ON DATABASE crm TO clerk")
    assert rows(clerk.query("SELECT pin FROM sales.secret")) == [[b"4711"]]
    clerk.query("SET search_path = sales")
    admin.execute("REVOKE ALL ON DATABASE crm FROM clerk")
    # Names mean something else over there by now.
    assert error(clerk.query("SELECT * FROM open"))["C"] == "42501"


def test_start_up_parameters_that_change_names_are_refused(door: Running, clerk: RawClient) -> None:
    keywords = door.keywords | {"user": "clerk", "dbname": "crm"}
    with pytest.raises(psycopg.OperationalError, match="permission denied to start with search_path = sales"):
        psycopg.connect(**keywords, options="-c search_path=sales")
    with psycopg.connect(**keywords, application_name="till") as connection:
        assert connection.execute("SELECT a FROM public.open").fetchall() == [(5,)]


def test_grants_are_checked(admin: psycopg.Connection[Any]) -> None:
    for text, state in (
        ("GRANT USAGE ON DATABASE dev TO PUBLIC", "0LP01"),
        ("GRANT USAGE ON DATABASE nowhere TO PUBLIC", "0LP01"),
        ("GRANT SELECT (a) ON crm.public.open TO PUBLIC", "0A000"),
        ("GRANT DROP ON crm.public.open TO PUBLIC", "0A000"),
        ("GRANT SELECT ON nowhere.public.open TO PUBLIC", "42P01"),
    ):
        with pytest.raises(psycopg.Error) as caught:
            admin.execute(text)
        assert caught.value.sqlstate == state, text


def test_what_passes_is_in_the_log_and_takes_a_slot(
    door: Running, admin: psycopg.Connection[Any], tables: None
) -> None:
    with through(door, application_name="till 9") as client:
        client.query("SELECT * FROM sales.orders /* one */")
        client.query("INSERT INTO public.open SELECT 1 FROM generate_series(1, 3) /* two */")
        client.query("SELECT 1 / 0 /* three */")
        client.ask(
            parse("SELECT 4 /* four */"), bind(), execute(), parse("SELECT 5 /* five */"), bind(), execute(), SYNC
        )
        client.query("BEGIN")
    found = admin.execute(
        "SELECT query_text, query_type, status, returned_rows, error_message, database_name FROM sys_query_history "
        "WHERE database_name = 'crm' ORDER BY query_id DESC LIMIT 6"
    ).fetchall()
    shown = [tuple(one.strip() if isinstance(one, str) else one for one in row) for row in found[1:]]
    assert [row[0].partition("/* ")[2] for row in shown] == ["five */", "four */", "three */", "two */", "one */"]
    assert [row[1] for row in shown] == ["SELECT", "SELECT", "SELECT", "INSERT", "SELECT"]
    assert [row[2] for row in shown] == ["success", "success", "failed", "success", "success"]
    assert "division by zero" in shown[2][4]
    assert {row[5] for row in shown} == {"crm"}
    queued = admin.execute(
        "SELECT count(*) FROM stl_wlm_query w JOIN sys_query_history h ON h.query_id = w.query "
        "WHERE h.database_name = 'crm' AND h.query_text LIKE '%/* one */%'"
    ).fetchall()
    assert queued == [(1,)]


def test_statements_wait_for_slots_and_are_stopped_by_their_queue(
    door: Running, admin: psycopg.Connection[Any], tables: None
) -> None:
    workload = door.house.service.workload

    def depth(state: str) -> int:
        asked = f"SELECT count(*) FROM stv_wlm_query_state WHERE state = '{state}' AND service_class > 5"
        return int(admin.execute(asked).fetchall()[0][0])

    try:
        workload.configure(WorkloadSettings('[{"query_concurrency": 1}]'))
        with through(door) as first, through(door) as second, through(door) as third:
            first.send(query("SELECT pg_sleep(600) FROM public.open"))
            until(lambda: depth("Running") == 1)
            second.send(parse("SELECT count(*) > 0 FROM public.open"), bind(), execute(), SYNC)
            until(lambda: depth("QueuedWaiting") == 1)
            assert rows(third.query("SELECT 3")) == [[b"3"]]  # no table, no slot
            cancel(door.port, first.key)
            assert error(first.read_until(b"Z"))["C"] == "57014"
            assert rows(second.read_until(b"Z")) == [[b"t"]]
            workload.configure(WorkloadSettings('[{"query_concurrency": 1, "max_execution_time": 100}]'))
            told = error(first.query("SELECT pg_sleep(600) FROM public.open"))
            assert (told["C"], "canceled by WLM timeout of queue" in told["M"]) == ("57014", True)
            assert rows(first.query("SELECT count(*) > 0 FROM public.open")) == [[b"t"]]
    finally:
        workload.configure(WorkloadSettings())


def test_sessions_are_shown_and_ended_from_here(door: Running, admin: psycopg.Connection[Any]) -> None:
    with through(door) as client:
        here = client.key[0]
        assert admin.execute(f"SELECT trim(db_name) FROM stv_sessions WHERE process = {here}").fetchall() == [("crm",)]
        client.send(query("SELECT pg_sleep(60)"))
        door_session = next(one for one in door.house.service.sessions() if one.pid == here)
        until(lambda: door_session.passage.is_busy)
        admin.execute(f"CANCEL {here} 'the till is closing'")
        assert error(client.read_until(b"Z"))["M"] == "the till is closing"
        assert rows(client.query("SELECT 7")) == [[b"7"]]
        admin.execute(f"SELECT pg_terminate_backend({here})")
        assert client.read().fields["C"] == "57P01"
        assert client.is_closed()


@pytest.mark.parametrize(("name", "state"), [("wrong", "08004"), ("absent", "08001"), ("strange", "08001")])
def test_the_account_is_in_no_error_and_no_log(
    name: str, state: str, door: Running, caplog: pytest.LogCaptureFixture
) -> None:
    with RawClient(door.port) as client:
        client.send(startup(user=USER, database=name))
        client.authenticate(PASSWORD)
        told = client.read_until(b"E")[-1].fields
    assert (told["S"], told["C"]) == ("FATAL", state)
    assert f'"{name}"' in told["M"]
    for secret in (ACCOUNT, ACCOUNT_PASSWORD, "Not-the-password"):
        assert secret not in str(told) + caplog.text


def test_no_more_connections_than_allowed(door: Running) -> None:
    with through(door, "few"), pytest.raises(psycopg.OperationalError, match='too many connections to database "few"'):
        psycopg.connect(**(door.keywords | {"dbname": "few"}))
    until(lambda: not [one for one in door.house.service.sessions() if one.observed.facts.database == "few"])
    with through(door, "few") as client:
        assert rows(client.query("SELECT 1")) == [[b"1"]]


@pytest.mark.parametrize("name", ["md5", "clear", "local"])
def test_ways_to_prove_the_accounts_password(name: str, door: Running) -> None:
    if name == "clear":
        with pytest.raises(psycopg.OperationalError, match="wants the password in clear over an open wire"):
            psycopg.connect(**(door.keywords | {"dbname": name}))
        return
    with through(door, name) as client:
        assert rows(client.query("SELECT 1")) == [[b"1"]]
