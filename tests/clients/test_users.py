"""Users at the door: passwords in every form, expiry, limits; what ALTER USER changes at once; passwords stay unseen."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

import psycopg
import pytest
import redshift_connector
from tests.clients.conftest import DATABASE, Running
from tests.clients.raw_client import RawClient
from tests.statements.scripts import ask

PASSWORD = "Sesame4You"
SALT = "c721bff5d9042cf541ff7b9d48fa8a6e545c19a763e3710151f9513038b0f6c6"


@pytest.fixture
def made(client: RawClient) -> Iterator[list[str]]:
    """Names of users to drop in the end."""
    names: list[str] = []
    yield names
    for name in names:
        ask(client, f"DROP USER IF EXISTS {name}")


def create(client: RawClient, made: list[str], name: str, options: str) -> None:
    made.append(name)
    assert ask(client, f"CREATE USER {name} {options}") == ["CREATE USER"]


def log_in(server: Running, user: str, password: str = PASSWORD, **more: object) -> str:
    keywords = server.keywords | {"user": user, "password": password} | more
    with psycopg.connect(**keywords) as connection:
        return str(connection.execute("SELECT current_user").fetchone()[0])  # type: ignore[index]


def test_a_password_in_clear_lets_its_user_in(server: Running, client: RawClient, made: list[str]) -> None:
    create(client, made, "clear1", f"PASSWORD '{PASSWORD}'")
    assert log_in(server, "clear1") == "clear1"
    with pytest.raises(psycopg.OperationalError, match='password authentication failed for user "clear1"'):
        log_in(server, "clear1", "Other4You")
    assert ask(client, "ALTER USER clear1 PASSWORD 'Other4You'") == ["ALTER USER"]
    assert log_in(server, "clear1", "Other4You") == "clear1"
    assert ask(client, "ALTER USER clear1 PASSWORD DISABLE") == ["ALTER USER"]
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        log_in(server, "clear1", "Other4You")


def test_hashed_passwords_are_proved_by_the_exchange_that_can(
    server: Running, client: RawClient, made: list[str]
) -> None:
    digest = hashlib.md5((PASSWORD + "hashed1").encode()).hexdigest()
    create(client, made, "hashed1", f"PASSWORD 'md5{digest}'")
    assert log_in(server, "hashed1") == "hashed1"
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        log_in(server, "hashed1", "Wrong4You")
    salted = hashlib.sha256(PASSWORD.encode() + bytes.fromhex(SALT)).hexdigest()
    create(client, made, "salted1", f"PASSWORD 'sha256|{salted}|{SALT}'")
    assert log_in(server, "salted1", sslmode="require") == "salted1"
    with pytest.raises(psycopg.OperationalError, match="over an encrypted connection only"):
        log_in(server, "salted1", sslmode="disable")
    for user in ("hashed1", "salted1"):
        with redshift_connector.connect(
            host="127.0.0.1", port=server.port, user=user, password=PASSWORD, database=DATABASE, ssl=False
        ) as connection:
            assert connection.cursor().execute("SELECT current_user").fetchone() == [user]


def test_an_expired_user_stays_outside(server: Running, client: RawClient, made: list[str]) -> None:
    create(client, made, "expired1", f"PASSWORD '{PASSWORD}' VALID UNTIL '2001-01-01'")
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        log_in(server, "expired1")
    ask(client, "ALTER USER expired1 VALID UNTIL 'infinity'")
    assert log_in(server, "expired1") == "expired1"


def test_a_users_connections_are_counted(server: Running, client: RawClient, made: list[str]) -> None:
    create(client, made, "few1", f"PASSWORD '{PASSWORD}' CONNECTION LIMIT 1")
    keywords = server.keywords | {"user": "few1", "password": PASSWORD}
    with (
        psycopg.connect(**keywords),
        pytest.raises(psycopg.OperationalError, match='too many connections for user "few1"'),
    ):
        psycopg.connect(**keywords)
    ask(client, "ALTER USER few1 CONNECTION LIMIT UNLIMITED")
    with psycopg.connect(**keywords), psycopg.connect(**keywords):
        pass


def test_settings_of_a_user_begin_each_session(server: Running, client: RawClient, made: list[str]) -> None:
    create(client, made, "set1", f"PASSWORD '{PASSWORD}'")
    assert ask(client, "ALTER USER set1 SET search_path TO first, second") == ["ALTER USER"]
    assert ask(client, "ALTER USER set1 SET nothing_of_the_kind TO 1")[0].startswith("ERROR 42704")
    keywords = server.keywords | {"user": "set1", "password": PASSWORD}
    with psycopg.connect(**keywords) as connection:
        assert connection.execute("SHOW search_path").fetchone() == ("first, second",)
    ask(client, "ALTER USER set1 RESET search_path")
    with psycopg.connect(**keywords) as connection:
        assert connection.execute("SHOW search_path").fetchone() == ('"$user", public',)


def test_what_an_open_session_may_changes_at_once(server: Running, client: RawClient, made: list[str]) -> None:
    create(client, made, "open1", f"PASSWORD '{PASSWORD}'")
    ask(client, "CREATE TABLE for_open1 (id integer)")
    with RawClient(server.port) as other:
        other.log_in("open1", PASSWORD, DATABASE)
        denied = ["ERROR 42501: permission denied for relation for_open1"]
        assert ask(other, "SELECT * FROM for_open1") == denied
        ask(client, "GRANT SELECT ON for_open1 TO open1")
        assert ask(other, "SELECT * FROM for_open1") == ["id:int4"]
        ask(other, "BEGIN")
        assert ask(other, "SELECT * FROM for_open1") == ["id:int4"]
        ask(client, "REVOKE SELECT ON for_open1 FROM open1")
        assert ask(other, "SELECT * FROM for_open1") == denied, "an open block does not hold on to a privilege"
        ask(other, "ROLLBACK")
        ask(client, "ALTER USER open1 CREATEUSER")
        assert ask(other, "SELECT * FROM for_open1") == ["id:int4"]
        ask(client, "ALTER USER open1 NOCREATEUSER")
        assert ask(other, "SELECT * FROM for_open1") == denied
        ask(other, "PREPARE later AS SELECT 1")
    ask(client, "DROP TABLE for_open1")


def test_a_plan_is_not_shared_with_who_may_not(server: Running, client: RawClient, made: list[str]) -> None:
    create(client, made, "plain1", f"PASSWORD '{PASSWORD}'")
    ask(client, "CREATE TABLE planned (id integer)")
    with RawClient(server.port) as other:
        other.log_in("plain1", PASSWORD, DATABASE)
        for _ in range(2):
            assert ask(client, "SELECT * FROM planned") == ["id:int4"]
            assert ask(other, "SELECT * FROM planned") == ["ERROR 42501: permission denied for relation planned"]
    ask(client, "DROP TABLE planned")


def test_a_grant_that_is_rolled_back_was_never_there(server: Running, client: RawClient, made: list[str]) -> None:
    create(client, made, "rolled1", f"PASSWORD '{PASSWORD}'")
    ask(client, "CREATE TABLE for_rolled1 (id integer)")
    ask(client, "BEGIN")
    ask(client, "GRANT SELECT ON for_rolled1 TO rolled1")
    ask(client, "SET SESSION AUTHORIZATION rolled1")
    assert ask(client, "SELECT * FROM for_rolled1") == ["id:int4"]
    ask(client, "ROLLBACK")
    assert ask(client, "SELECT current_user")[1] == "admin"
    with RawClient(server.port) as other:
        other.log_in("rolled1", PASSWORD, DATABASE)
        assert ask(other, "SELECT * FROM for_rolled1")[0].startswith("ERROR 42501")
    ask(client, "DROP TABLE for_rolled1")


@pytest.mark.parametrize(
    "password",
    ["short1A", "alllower1", "ALLUPPER1", "NoDigitsHere", "With Blank1", "With@Sign1", "With/Slash1", "X1" + "a" * 70],
)
def test_weak_passwords_are_refused_without_being_repeated(client: RawClient, password: str) -> None:
    found = ask(client, f"CREATE USER weak1 PASSWORD '{password}'")
    assert found[0].startswith("ERROR 22023")
    assert password not in found[0]


def test_no_password_is_seen_anywhere(
    server: Running, client: RawClient, made: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    create(client, made, "unseen1", "PASSWORD 'Unseen4Everybody'")
    for broken in (
        "CREATE USER unseen1 PASSWORD 'Unseen4Everybody'",
        "CREATE USER unseen2 PASSWORD 'Unseen4Everybody' NONSENSE",
        "CREATE USER unseen2 PASSWORD 'Unseen4Everybody' VALID UNTIL 'never'",
        "ALTER USER unseen2 PASSWORD 'Unseen4Everybody'",
    ):
        found = ask(client, broken)
        assert found[0].startswith("ERROR") and "Unseen4" not in found[0]
    for relation in ("svv_user_info", "stl_query", "stl_ddltext", "stl_querytext", "sys_query_history", "stv_recents"):
        found = ask(client, f"SELECT * FROM {relation}")
        assert not any("Unseen4" in line or "SCRAM" in line for line in found if "no_password" not in line)
    assert "Unseen4" not in caplog.text
