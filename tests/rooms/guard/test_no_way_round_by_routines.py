"""Procedures and functions open nothing that their user's, or with SECURITY DEFINER their owner's, rights do not."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.clients.conftest import DATABASE, PASSWORD, Running, running
from tests.clients.raw_client import SYNC, RawClient, describe, error, parse
from tests.rooms.guard.test_no_way_round import FORMS, SECRET
from tests.statements.scripts import ask

from boathouse.app.assemble import open_house
from boathouse.app.initialise import initialise

MALLORY = ("mallory", "Mallory1Pass")
OWNED = (
    "CREATE TABLE own (id integer, v varchar(40))",
    "INSERT INTO own VALUES (1, 'mine')",
    "CREATE PROCEDURE public.as_caller(text varchar(max)) AS $$ BEGIN EXECUTE text; END; $$ LANGUAGE plpgsql",
    "CREATE PROCEDURE public.as_owner(text varchar(max)) SECURITY DEFINER AS "
    "$$ BEGIN EXECUTE text; END; $$ LANGUAGE plpgsql",
    "CREATE PROCEDURE public.deeper(text varchar(max)) SECURITY DEFINER AS "
    "$$ BEGIN CALL public.as_caller(text); END; $$ LANGUAGE plpgsql",
    "CREATE PROCEDURE public.after_commit(text varchar(max)) SECURITY DEFINER AS "
    "$$ BEGIN COMMIT; EXECUTE text; END; $$ LANGUAGE plpgsql",
    "CREATE PROCEDURE public.in_handler(text varchar(max)) SECURITY DEFINER AS "
    "$$ BEGIN PERFORM 1 / 0; EXCEPTION WHEN OTHERS THEN EXECUTE text; END; $$ LANGUAGE plpgsql",
    "CREATE PROCEDURE public.looping(text varchar(max)) SECURITY DEFINER AS "
    "$$ DECLARE r record; BEGIN FOR r IN EXECUTE text LOOP RAISE INFO '%', r.v; END LOOP; END; $$ LANGUAGE plpgsql",
    "CREATE PROCEDURE public.opening(text varchar(max), c INOUT refcursor) SECURITY DEFINER AS "
    "$$ BEGIN OPEN c FOR EXECUTE text; END; $$ LANGUAGE plpgsql",
)
CLOSED = ("closed.secret", "opened.secret", "opened.shown", "lake.far")
CALLS = ("as_owner", "deeper", "after_commit", "in_handler")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    home = tmp_path_factory.mktemp("routines") / "h"
    initialise(home, DATABASE, PASSWORD)
    house = open_house(home)
    with running(house) as found:
        with found.raw() as admin:
            _made(admin, (
                "CREATE SCHEMA closed",
                "CREATE SCHEMA opened",
                "CREATE TABLE closed.secret (id integer, v varchar(40))",
                "CREATE TABLE opened.secret (id integer, v varchar(40))",
                f"INSERT INTO closed.secret VALUES (1, '{SECRET}')",
                f"INSERT INTO opened.secret VALUES (1, '{SECRET}')",
                "CREATE VIEW opened.shown AS SELECT * FROM opened.secret",
                "CREATE EXTERNAL SCHEMA lake FROM DATA CATALOG DATABASE 'lakes' CREATE EXTERNAL DATABASE IF NOT EXISTS",
                "CREATE EXTERNAL TABLE lake.far (id integer, v varchar(40)) STORED AS PARQUET LOCATION 'far/'",
                "CREATE FUNCTION opened.f_secret() RETURNS varchar(40) STABLE AS "
                "$$ select (select max(v) from closed.secret) $$ LANGUAGE sql",
                "CREATE VIEW opened.told AS SELECT upper(opened.f_secret()) AS told",
                "CREATE PROCEDURE opened.tells(v OUT varchar(40)) SECURITY DEFINER AS "
                "$$ BEGIN SELECT INTO v max(s.v) FROM closed.secret s; END; $$ LANGUAGE plpgsql",
                "CREATE PROCEDURE opened.asks(v OUT varchar(40)) AS "
                "$$ BEGIN SELECT INTO v max(s.v) FROM closed.secret s; END; $$ LANGUAGE plpgsql",
                f"CREATE USER {MALLORY[0]} PASSWORD '{MALLORY[1]}'",
                "GRANT USAGE ON SCHEMA opened TO PUBLIC",
                "GRANT EXECUTE ON PROCEDURE opened.asks() TO mallory",
            ))  # fmt: skip
        with _logged_in(found) as mallory:
            _made(mallory, OWNED)
        yield found
    house.close()


def _logged_in(server: Running) -> RawClient:
    client = RawClient(server.port)
    client.log_in(*MALLORY, DATABASE)
    return client


def _made(client: RawClient, statements: tuple[str, ...]) -> None:
    for sql in statements:
        answer = ask(client, sql)
        assert not any(line.startswith("ERROR") for line in answer), (sql, answer)


@pytest.fixture(scope="module")
def mallory(server: Running) -> Iterator[RawClient]:
    with _logged_in(server) as client:
        yield client


@pytest.fixture(scope="module")
def admin(server: Running) -> Iterator[RawClient]:
    with server.raw() as client:
        yield client


def refused(client: RawClient, sql: str) -> str:
    """The SQLSTATE of the only error, after which the session is who it was; nothing else may have been told."""
    who = ask(client, "SELECT current_user")[1]
    found = ask(client, sql)
    ask(client, "ROLLBACK")
    assert not any(SECRET in line for line in found), (sql, found)
    errors = [line for line in found if line.startswith("ERROR")]
    assert len(errors) == 1, (sql, found)
    assert ask(client, "SELECT current_user")[1] == who, sql
    return errors[0].split()[1].rstrip(":")


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


DYNAMIC = [form for form in FORMS if not form.startswith(("BEGIN", "PREPARE", "COPY"))]


@pytest.mark.parametrize("who", ["mallory", "admin"])
def test_what_mallory_may_not_do_her_procedures_may_not(who: str, request: pytest.FixtureRequest) -> None:
    """Whoever calls them, superusers as well."""
    client: RawClient = request.getfixturevalue(who)
    for number, form in enumerate(DYNAMIC):
        source, call = CLOSED[number % len(CLOSED)], CALLS[number // len(CLOSED) % len(CALLS)]
        allowed = ("42501", "0A000") if form.startswith("MERGE") else ("42501",)
        text = form.format(s=source.replace("'", "''") if form.startswith("UNLOAD") else source)
        assert refused(client, f"CALL public.{call}({_quoted(text)})") in allowed, (call, text)
    for source in CLOSED:
        query = _quoted(f"SELECT id, v FROM {source}")
        assert refused(client, f"CALL public.looping({query})") == "42501"
        assert refused(client, f"BEGIN; CALL public.opening({query}, 'c'); FETCH ALL FROM c") == "42501"


TAKEN = (
    "SET SESSION AUTHORIZATION admin",
    "RESET SESSION AUTHORIZATION",
    "ALTER USER mallory CREATEUSER",
    "CREATE USER u PASSWORD 'Abcdef12'",
    "GRANT ROLE sys:superuser TO mallory",
    "GRANT SELECT ON closed.secret TO mallory",
    "ALTER TABLE closed.secret OWNER TO mallory",
    "ALTER PROCEDURE public.as_owner(varchar) OWNER TO admin",
    "DROP TABLE closed.secret",
    "CREATE OR REPLACE VIEW opened.shown AS SELECT 1 AS id, 'x' AS v",
    "CREATE OR REPLACE PROCEDURE opened.tells(v OUT varchar(40)) AS 'BEGIN NULL; END' LANGUAGE plpgsql",
    "CALL opened.tells()",
)


@pytest.mark.parametrize("text", TAKEN)
def test_nothing_is_taken_in_a_superuser_s_name(text: str, admin: RawClient) -> None:
    for call in CALLS:
        assert refused(admin, f"CALL public.{call}({_quoted(text)})") == "42501", (call, text)


def test_a_superuser_s_own_rights_stay_in_what_runs_with_the_caller_s(admin: RawClient) -> None:
    assert ask(admin, "CALL public.as_caller('INSERT INTO closed.secret VALUES (2, ''x'')')") == ["CALL"]
    assert ask(admin, "DELETE FROM closed.secret WHERE id = 2") == ["DELETE 1"]


def test_a_function_reads_with_the_rights_of_who_calls_it_and_beneath_a_view_of_its_owner(
    mallory: RawClient, admin: RawClient
) -> None:
    for sql in (
        "SELECT opened.f_secret()",
        "SELECT 1 WHERE opened.f_secret() IS NULL",
        "INSERT INTO own VALUES (1, opened.f_secret())",
        "CREATE TABLE taken AS SELECT opened.f_secret() AS v",
        "CREATE VIEW taken AS SELECT opened.f_secret() AS v",
        "CREATE FUNCTION public.f_taken() RETURNS varchar(40) STABLE AS $$ select opened.f_secret() $$ LANGUAGE sql",
        "CALL public.as_caller('INSERT INTO own SELECT 1, opened.f_secret()')",
        "SELECT * FROM opened.told",
        "CALL opened.asks()",
        "CALL opened.tells()",
    ):
        assert refused(mallory, sql) == "42501", sql
    _made(admin, ("GRANT SELECT ON opened.told TO mallory", "GRANT EXECUTE ON PROCEDURE opened.tells() TO mallory"))
    assert ask(mallory, "SELECT * FROM opened.told")[1:] == [SECRET.upper()]
    assert ask(mallory, "CALL opened.tells()")[1:] == [SECRET]
    _made(
        admin, ("REVOKE SELECT ON opened.told FROM mallory", "REVOKE EXECUTE ON PROCEDURE opened.tells() FROM mallory")
    )
    assert refused(mallory, "SELECT * FROM opened.told") == "42501"
    assert refused(mallory, "CALL opened.tells()") == "42501"


def test_a_call_is_not_described_to_who_may_not_call(mallory: RawClient) -> None:
    messages = mallory.ask(parse("CALL opened.tells()"), describe("S"), SYNC)
    assert error(messages)["C"] == "42501"
