"""Tables as they are in snapshots: for whom, while snapshots come and go, and what is left of it.

Over a warehouse in one file; over a lake where BOATHOUSE_STORAGE_KIND=ducklake is set, and there the script `as_of/snapshots`.
BOATHOUSE_SNAPSHOT_ROUNDS: snapshots that are made while others read and write.
"""

from __future__ import annotations

import os
import random
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from tests.clients.conftest import Running
from tests.clients.raw_client import FLUSH, SYNC, bind, describe, execute, parse
from tests.statements.scripts import ask

from boathouse.contracts.engine import EngineSession

ROUNDS = max(3, int(os.environ.get("BOATHOUSE_SNAPSHOT_ROUNDS", "6")))


@contextmanager
def _engine(of: Running) -> Iterator[EngineSession]:
    session = of.house.service.house.engine.session()
    try:
        yield session
    finally:
        session.close()


def _attached(of: Running) -> list[str]:
    with _engine(of) as session:
        rows = session.fetch("SELECT database_name FROM duckdb_databases() WHERE database_name LIKE 'snapshot%'")
        return [str(name) for (name,) in rows]


def _place(of: Running, snapshot: str) -> str:
    with _engine(of) as session:
        ((place,),) = session.fetch("SELECT place FROM boathouse.snapshots WHERE name = $1", (snapshot,))
        return str(place)


@pytest.mark.parametrize("kind", ["statements_server", "lake"])
def test_rights_are_those_of_now(kind: str, request: pytest.FixtureRequest) -> None:
    warehouse: Running = request.getfixturevalue(kind)
    with warehouse.raw() as client, warehouse.raw() as reader:
        client.query("CREATE TABLE wages (person int, wage int)")
        client.query("INSERT INTO wages VALUES (1, 10)")
        client.query("CREATE USER wage_reader PASSWORD 'Passw0rd1'")
        client.query("GRANT SELECT ON wages TO wage_reader")
        client.query("CREATE SNAPSHOT rights_then")
        client.query("REVOKE SELECT ON wages FROM wage_reader")
        client.query("ALTER TABLE wages RENAME COLUMN person TO number")
        client.query("ALTER TABLE wages RENAME COLUMN wage TO person")
        reader.query("SET SESSION AUTHORIZATION wage_reader")
        asked, denied = (
            "SELECT {} FROM wages FOR VERSION AS OF 'rights_then'",
            "ERROR 42501: permission denied for relation wages",
        )
        assert ask(reader, asked.format("person")) == [denied]
        client.query("GRANT SELECT (person) ON wages TO wage_reader")
        assert ask(reader, asked.format("person")) == [denied], "another column had the name"
        if warehouse.house.service.house.engine.history is None:
            assert ask(reader, asked.format("*")) == [denied], "which column is which nobody knows"
        else:
            assert ask(reader, asked.format("*")) == ["wage:int4", "10"], "the column that has the name person now"
        client.query("REVOKE SELECT (person) ON wages FROM wage_reader")
        client.query("GRANT SELECT ON wages TO wage_reader")
        assert ask(reader, asked.format("person, wage"))[-1] == "1 | 10"
        assert ask(client, "DROP SNAPSHOT rights_then") == ["DROP SNAPSHOT"]
        client.query("DROP TABLE wages; DROP USER wage_reader")


def test_a_name_that_is_given_again_is_another_snapshot(statements_server: Running) -> None:
    """By plain, prepared and kept statements: no plan and no result of the old one is used."""
    with (
        statements_server.raw() as client,
        psycopg.connect(**statements_server.keywords, autocommit=True) as connection,
    ):
        client.query("CREATE TABLE retaken (n int)")
        for rows in range(3):
            client.query("CREATE SNAPSHOT retake")
            client.query(
                "PREPARE retake AS SELECT count(*) FROM retaken FOR VERSION AS OF 'retake'" if not rows else "SELECT 1"
            )
            client.query(f"INSERT INTO retaken VALUES ({rows})")
            for _ in range(2):
                assert ask(client, "EXECUTE retake")[-1] == str(rows)
                assert ask(client, "SELECT count(*) FROM retaken FOR VERSION AS OF 'retake'")[-1] == str(rows)
                for named in ("'retake'", "%s"):
                    found = connection.execute(
                        f"SELECT count(*) FROM retaken FOR VERSION AS OF {named}".encode(),
                        ("retake",) if named == "%s" else (),
                        prepare=True,
                    )
                    assert found.fetchone() == (rows,)
            client.query("DROP SNAPSHOT retake")
            assert ask(client, "EXECUTE retake") == ['ERROR 42704 at 22: snapshot "retake" does not exist']
        client.query("DROP TABLE retaken")


def test_what_is_being_read_goes_on_when_the_snapshot_is_dropped(statements_server: Running) -> None:
    with statements_server.raw() as client, statements_server.raw() as other:
        client.query("CREATE TABLE cut_off AS SELECT n FROM generate_series(1, 400000) AS g(n)")
        client.query("CREATE SNAPSHOT cut_off")
        client.query("DELETE FROM cut_off WHERE n > 10")
        asked = "SELECT n FROM cut_off FOR VERSION AS OF 'cut_off'"
        client.query("BEGIN")
        client.send(parse(asked), bind(portal="p"), execute("p", 5), FLUSH)
        begun = [client.read() for _ in range(8)]
        assert [one.kind for one in begun] == [b"1", b"2", *[b"D"] * 5, b"s"]
        assert ask(other, "DROP SNAPSHOT cut_off") == ["DROP SNAPSHOT"]
        assert ask(other, "VACUUM") == ["VACUUM"]
        client.send(execute("p"), SYNC)
        rest = client.read_until(b"Z")
        assert sum(one.kind == b"D" for one in rest) == 400_000 - 5
        client.query("COMMIT")
        assert ask(client, asked) == ['ERROR 42704 at 15: snapshot "cut_off" does not exist']
        client.query("DROP TABLE cut_off")


def test_many_read_many_and_nothing_is_left(statements_server: Running) -> None:
    """Each snapshot is attached once for all; of those that nobody reads a few stay at hand, until they are dropped."""
    names, failures = [f"many_{n}" for n in range(4)], []
    with statements_server.raw() as client:
        client.query("CREATE TABLE many_read (n int)")
        for name in names:
            client.query("INSERT INTO many_read VALUES (1)")
            client.query(f"CREATE SNAPSHOT {name}")

        def read(first: int) -> None:
            with statements_server.raw() as mine:
                for turn in range(8):
                    at = (first + turn) % len(names)
                    found = ask(mine, f"SELECT count(*) FROM many_read FOR VERSION AS OF '{names[at]}'")[-1]
                    failures.extend([] if found == str(at + 1) else [(names[at], found)])

        readers = [threading.Thread(target=read, args=(first,)) for first in range(3)]
        for one in readers:
            one.start()
        for one in readers:
            one.join()
        assert failures == []
        assert len(_attached(statements_server)) <= 2
        client.send(parse("SELECT n FROM many_read FOR VERSION AS OF 'many_0'"), describe("S"), SYNC)
        assert b"T" in [one.kind for one in client.read_until(b"Z")]
        last = _place(statements_server, "many_3")
        assert ask(client, "SELECT count(*) FROM many_read FOR VERSION AS OF 'many_3'")[-1] == "4"
        is_copied = statements_server.house.service.house.engine.history is None
        assert any(one.startswith(f"snapshot_{last}_") for one in _attached(statements_server)) == is_copied
        client.query("BEGIN; SELECT count(*) FROM many_read FOR VERSION AS OF 'many_3'")
        with statements_server.raw() as other:
            for name in names:
                assert ask(other, f"DROP SNAPSHOT {name}") == ["DROP SNAPSHOT"]
        found = ask(client, "SELECT count(*) FROM many_read FOR VERSION AS OF 'many_3'")
        assert found == (
            ['ERROR 55000 at 22: snapshot "many_3" is not kept any more'] if is_copied else ["count:int8", "4"]
        )
        client.query("ROLLBACK; DROP TABLE many_read")
    assert _attached(statements_server) == []
    assert not (statements_server.home / "snapshots" / last).exists()


def test_a_cancel_ends_it(statements_server: Running) -> None:
    with statements_server.raw() as client:
        client.query("CREATE TABLE long_read AS SELECT n FROM generate_series(1, 30000) AS g(n)")
        client.query("CREATE SNAPSHOT long_read")
        client.query("SET statement_timeout TO 300")
        pairs = "long_read FOR VERSION AS OF 'long_read' a, long_read b, long_read c"
        asked = f"SELECT count(*) FROM {pairs} WHERE a.n * b.n % 7 = c.n % 5"
        assert ask(client, asked) == ["ERROR 57014: canceling statement due to statement timeout"]
        client.query("RESET statement_timeout")
        assert ask(client, "SELECT count(*) FROM long_read FOR VERSION AS OF 'long_read'")[-1] == "30000"
        client.query("DROP SNAPSHOT long_read; DROP TABLE long_read")


def test_a_snapshot_in_a_file_is_of_a_moment(statements_server: Running) -> None:
    """Beside sessions that commit: it has what was committed by then, and nothing that was sent later."""
    if statements_server.house.service.house.engine.history is not None:
        pytest.skip("a lake's commits have times of their own")
    stop, going, commits, failures = threading.Event(), threading.Barrier(3), [], []
    with statements_server.raw() as client:
        client.query("CREATE TABLE at_moments (who int, n int)")

        def write(who: int) -> None:
            with statements_server.raw() as mine:
                for n in range(1_000_000):
                    if stop.is_set():
                        return
                    sent = datetime.now(UTC)
                    found = ask(mine, f"INSERT INTO at_moments VALUES ({who}, {n})")
                    commits.append((who, n, sent, datetime.now(UTC)))
                    failures.extend([] if found == ["INSERT 0 1"] else found)
                    if n == 1:
                        going.wait(30)

        writers = [threading.Thread(target=write, args=(who,)) for who in range(2)]
        for one in writers:
            one.start()
        going.wait(30)
        for n in range(3):
            assert ask(client, f"CREATE SNAPSHOT moment_{n}") == ["CREATE SNAPSHOT"]
        stop.set()
        for one in writers:
            one.join()
        assert failures == []
        asked = (
            "SELECT unchanged_since, snapshot_create_time FROM svv_snapshots WHERE snapshot_identifier = 'moment_{}'"
        )
        for n in range(3):
            since, made = (
                datetime.fromisoformat(one).replace(tzinfo=UTC) for one in ask(client, asked.format(n))[-1].split(" | ")
            )
            assert since <= made
            for moment in (since, made):
                rows = ask(
                    client, f"SELECT who, n FROM at_moments FOR SYSTEM_TIME AS OF '{moment.replace(tzinfo=None)}'"
                )[1:]
                kept = {(int(one[0]), int(one[1])) for one in (row.split(" | ") for row in rows)}
                assert {(who, n) for who, n, _, told in commits if told < since} <= kept
                assert not {(who, n) for who, n, sent, _ in commits if sent > since} & kept
                assert kept
            between = made + timedelta(microseconds=1)
            found = ask(
                client, f"SELECT count(*) FROM at_moments FOR SYSTEM_TIME AS OF '{between.replace(tzinfo=None)}'"
            )
            assert found[-1].startswith("ERROR 55000")
        with psycopg.connect(**statements_server.keywords) as connection, pytest.raises(psycopg.Error) as raised:
            connection.execute(
                "SELECT count(*) FROM at_moments FOR SYSTEM_TIME AS OF %s", (made + timedelta(microseconds=1),)
            )
        assert (
            raised.value.diag.message_detail == f'The nearest snapshots: "moment_2" ({made:%Y-%m-%d %H:%M:%S.%f} UTC).'
        )
        client.query("DROP TABLE at_moments")
        for n in range(3):
            assert ask(client, f"DROP SNAPSHOT moment_{n}") == ["DROP SNAPSHOT"]


def test_a_copy_that_is_broken_or_missing_is_told_of(statements_server: Running) -> None:
    if statements_server.house.service.house.engine.history is not None:
        pytest.skip("a lake makes no copies")
    with statements_server.raw() as client:
        client.query("CREATE TABLE broken (n int)")
        client.query("CREATE SNAPSHOT broken")
        client.query(
            "CREATE VIEW broken_late AS SELECT n FROM public.broken FOR VERSION AS OF 'broken' WITH NO SCHEMA BINDING"
        )
        place = _place(statements_server, "broken")
        statements_server.house.service.house.engine.snapshots._attached.let_go(f"snapshot_{place}")
        copy = statements_server.home / "snapshots" / place / "warehouse.duckdb"
        copy.write_bytes(b"no file of the engine's" * 1000)
        asked = "SELECT n FROM broken FOR VERSION AS OF 'broken'"
        assert ask(client, asked) == ["ERROR 58030: a file could not be read"]
        assert ask(
            client, "SELECT count(*) FROM pg_get_late_binding_view_cols() c(s name, v name, n name, t varchar, o int)"
        )[-1].isdigit(), "the view has no columns now"
        copy.unlink()
        told = 'snapshot "broken" is not kept any more'
        assert ask(client, asked) == [f"ERROR 55000 at 15: {told}"]
        assert ask(client, "RESTORE TABLE broken FROM SNAPSHOT broken AS whole") == [f"ERROR 55000: {told}"]
        assert ask(client, "DROP SNAPSHOT broken") == ["DROP SNAPSHOT"]
        client.query("DROP VIEW broken_late; DROP TABLE broken")


def test_random_work_beside_snapshots_that_come_and_go(statements_server: Running) -> None:
    """Two tables always change together: each snapshot has as many rows of both. Otherwise it is told to be gone."""
    stop, failures, reads = threading.Event(), [], []
    with statements_server.raw() as client:
        client.query("CREATE TABLE come (n int)")
        client.query("CREATE TABLE go (n int)")

        def write() -> None:
            with statements_server.raw() as mine:
                while not stop.is_set():
                    mine.query("BEGIN; INSERT INTO come VALUES (1); INSERT INTO go VALUES (1); COMMIT")

        def read(seed: int) -> None:
            chance = random.Random(seed)
            with statements_server.raw() as mine:
                while not stop.is_set():
                    mine.query("BEGIN")
                    for _ in range(4):
                        at = f"FOR VERSION AS OF 'passing_{chance.randrange(3)}'"
                        counts = f"(SELECT count(*) FROM come {at}) = (SELECT count(*) FROM go {at})"
                        asked = chance.choice([counts, counts, "(SELECT count(*) FROM svv_columns) > 0"])
                        found = ask(mine, f"SELECT {asked}")[-1]
                        (
                            reads
                            if found == "t"
                            else failures
                            if found[6:11] not in ("42704", "55000", "25P02")
                            else []
                        ).append(found)
                    mine.query("ROLLBACK")

        others = [threading.Thread(target=write), *(threading.Thread(target=read, args=(seed,)) for seed in range(2))]
        for one in others:
            one.start()
        for n in range(ROUNDS):
            ask(client, f"DROP SNAPSHOT IF EXISTS passing_{n % 3}")
            assert ask(client, f"CREATE SNAPSHOT passing_{n % 3}") == ["CREATE SNAPSHOT"]
        stop.set()
        for one in others:
            one.join()
        assert failures == []
        assert reads
        client.query("DROP TABLE come, go")
        for n in range(3):
            assert ask(client, f"DROP SNAPSHOT passing_{n}") == ["DROP SNAPSHOT"]
