"""Errors of a MariaDB or MySQL that pass by themselves are tried again; what its owner must mend is told with how."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from pymysql.connections import Connection
from tests.rooms.capture.mysql.mariadb import MYSQL, MariaDb

from boathouse.capture.mysql import binlog
from boathouse.capture.mysql.connect import connect, rows, server_of
from boathouse.contracts.errors import UndefinedTable
from boathouse.contracts.source_errors import SourceGap, SourceRefused, SourceUnavailable


@pytest.fixture(scope="module")
def passing(maria: MariaDb) -> MariaDb:
    maria.run("CREATE DATABASE passing", "CREATE TABLE passing.t (id INT PRIMARY KEY, n INT)")
    maria.run("INSERT INTO passing.t VALUES (1, 0), (2, 0)")
    return maria


@pytest.fixture
def connection(passing: MariaDb) -> Iterator[Connection]:
    with connect(passing.server) as made:
        yield made


def test_a_deadlock_and_a_lock_that_is_not_had_in_time(passing: MariaDb, connection: Connection) -> None:
    with passing.root() as other, other.cursor() as cursor:
        cursor.execute("BEGIN")
        cursor.execute("UPDATE passing.t SET n = n + 1 WHERE id = 1")
        rows(connection, "SET innodb_lock_wait_timeout = 1")
        with pytest.raises(SourceUnavailable, match="error 1205: Lock wait timeout"):
            rows(connection, "UPDATE passing.t SET n = n + 1 WHERE id = 1")
        rows(connection, "SET innodb_lock_wait_timeout = 50")
        rows(connection, "BEGIN")
        rows(connection, "UPDATE passing.t SET n = n + 1 WHERE id = 2")
        cursor.execute("UPDATE passing.t SET n = n + 1 WHERE id = 1")
        with ThreadPoolExecutor(1) as thread:
            # Whose transaction the server ends is its own choice: one of the two.
            ours = thread.submit(rows, connection, "UPDATE passing.t SET n = n + 1 WHERE id = 1")
            try:
                cursor.execute("UPDATE passing.t SET n = n + 1 WHERE id = 2")
            except Exception as failure:
                assert failure.args[0] == 1213
                other.rollback()
                ours.result()
            else:
                with pytest.raises(SourceUnavailable, match="error 1213: Deadlock"):
                    ours.result()
        other.rollback()


def test_a_definition_that_came_between_a_view_and_its_rows(passing: MariaDb, connection: Connection) -> None:
    passing.run("CREATE TABLE passing.d (id INT PRIMARY KEY)")
    rows(connection, "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
    rows(connection, "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY")
    passing.run("ALTER TABLE passing.d ADD COLUMN more INT, ALGORITHM = COPY")
    with pytest.raises(SourceUnavailable, match="error 1412: Table definition has changed"):
        rows(connection, "SELECT * FROM passing.d")


def test_a_server_that_takes_no_writes(passing: MariaDb, connection: Connection) -> None:
    rows(connection, "SET SESSION TRANSACTION READ ONLY")
    with pytest.raises(SourceUnavailable, match="error 1792"):
        rows(connection, "UPDATE passing.t SET n = 1 WHERE id = 1")


def test_a_statement_whose_time_is_up(passing: MariaDb, connection: Connection) -> None:
    limit, code = ("max_execution_time = 50", 3024) if MYSQL else ("max_statement_time = 0.05", 1969)
    rows(connection, f"SET SESSION {limit}")
    with pytest.raises(SourceUnavailable, match=f"error {code}"):
        rows(connection, "SELECT count(*) FROM passing.t a, passing.t b WHERE sleep(1) = 0 OR a.id = b.id")


def test_a_limit_of_connections_that_is_reached_is_told(passing: MariaDb) -> None:
    passing.run("CREATE USER passing_few@'%' WITH MAX_USER_CONNECTIONS 1")
    few = server_of(passing.secret(user="passing_few"))
    with connect(few), pytest.raises(SourceUnavailable, match=r"error 1226: .*passing_few.*max_user_connections"):
        connect(few)
    passing.run("DROP USER passing_few@'%'")


def test_what_the_user_may_not_do_is_told_with_how_to_mend_it(passing: MariaDb) -> None:
    passing.run(
        "CREATE USER passing_poor@'%'", "CREATE DATABASE passing_other", "CREATE TABLE passing_other.t (id INT)"
    )
    with connect(server_of(passing.secret(user="passing_poor"))) as poor:
        with pytest.raises(SourceRefused, match="error 1142: SELECT command denied") as refused:
            rows(poor, "SELECT * FROM passing_other.t")
        assert refused.value.hint and "Grant" in refused.value.hint
    passing.run("DROP USER passing_poor@'%'", "DROP DATABASE passing_other")
    with pytest.raises(SourceRefused) as refused, connect(server_of(passing.secret(user="nobody", password="no"))):
        pass
    assert refused.value.hint and "password" in refused.value.hint


def test_a_database_that_is_gone_has_no_tables(connection: Connection) -> None:
    with pytest.raises(UndefinedTable):
        rows(connection, "SELECT * FROM no_such_database.t")


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("A slave with the same server_uuid/server_id as this slave has connected to the master", SourceUnavailable),
        ("binlog truncated in the middle of event; consider out of disk space on master", SourceUnavailable),
        ("log event entry exceeded max_allowed_packet; Increase max_allowed_packet on master", SourceRefused),
        ("Could not find first log file name in binary log index file", SourceGap),
    ],
)
def test_an_end_of_the_stream_is_a_gap_where_the_log_is_gone_alone(said: str, kind: type[Exception]) -> None:
    """One number of the servers' stands for all of these."""
    with pytest.raises(kind) as failure:
        binlog._check_status(b"\xff" + (1236).to_bytes(2, "little") + b"#HY000" + said.encode())
    assert (
        type(failure.value) is kind
        and failure.value.hint != ""
        and said[:20]
        in str(failure.value)
        + str(
            failure.value.detail  # type: ignore[attr-defined]
        )
    )
