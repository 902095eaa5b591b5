"""Tables of a lake as they were, where the moment comes from the test: by time, by parameter, for others, and when it is over."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from tests.clients.conftest import DATABASE, Running
from tests.clients.raw_client import RawClient
from tests.statements.scripts import ask

from boathouse.contracts.engine import EngineSession
from boathouse.query.snapshots import upkeep


def _now() -> str:
    return datetime.now(UTC).replace(tzinfo=None).isoformat(sep=" ")


def _commit(client: RawClient) -> int:
    return int(ask(client, "SELECT max(commit_id) FROM svv_commits")[-1])


def _connect(lake: Running) -> psycopg.Connection:
    return psycopg.connect(**lake.keywords, autocommit=True)


def test_a_moment_shows_what_was_committed_by_then(lake: Running) -> None:
    """The engine's own times are those at which transactions began."""
    with lake.raw() as client, lake.raw() as other:
        client.query("CREATE TABLE seen (a int)")
        other.query("BEGIN")
        assert ask(other, "INSERT INTO seen VALUES (1)") == ["INSERT 0 1"]
        between = _now()
        assert ask(other, "COMMIT") == ["COMMIT"]
        asked = f"SELECT count(*) FROM seen FOR SYSTEM_TIME AS OF '{between}'"
        assert ask(client, asked)[-1] == "0"
        after = _now()
        assert ask(client, "INSERT INTO seen VALUES (2)") == ["INSERT 0 1"]
        assert ask(client, f"SELECT count(*) FROM seen FOR TIMESTAMP AS OF '{after}'")[-1] == "1"
        client.query("SET timezone TO 'Asia/Tokyo'")
        assert ask(client, f"SELECT count(*) FROM seen FOR TIMESTAMP AS OF timestamptz '{after}+00'")[-1] == "1"
        assert ask(client, f"SELECT count(*) FROM seen FOR TIMESTAMP AS OF '{after}'")[-1].startswith("ERROR")
        other.query("BEGIN")
        assert ask(other, "SELECT count(*) FROM seen")[-1] == "2"
        assert ask(client, "INSERT INTO seen VALUES (3)") == ["INSERT 0 1"]
        assert ask(other, f"SELECT count(*) FROM seen FOR TIMESTAMP AS OF '{_now()}'")[-1] == "2", "its own snapshot"
        other.query("ROLLBACK")


def test_a_table_that_is_made_again_has_no_history_from_before(lake: Running) -> None:
    """Its rows may have been somebody else's."""
    with lake.raw() as client:
        client.query("CREATE TABLE again AS SELECT 1 AS secret")
        before = _commit(client)
        client.query("ALTER TABLE again RENAME TO named")
        assert ask(client, f"SELECT secret FROM named FOR VERSION AS OF {before}")[-1] == "1"
        renamed = ask(client, f"SELECT secret FROM again FOR VERSION AS OF {before}")
        assert renamed == ['ERROR 42P01 at 20: relation "again" does not exist']
        client.query("DROP TABLE named")
        client.query("CREATE TABLE again AS SELECT 2 AS secret")
        found = ask(client, f"SELECT secret FROM again FOR VERSION AS OF {before}")
        assert found == [f'ERROR 42P01 at 20: relation "again" did not exist as of commit {before}']


def test_privileges_are_those_of_now(lake: Running) -> None:
    with lake.raw() as client:
        client.query("CREATE TABLE paid (person int, salary int)")
        client.query("INSERT INTO paid VALUES (1, 10)")
        before = _commit(client)
        client.query("ALTER TABLE paid DROP COLUMN person")
        client.query("ALTER TABLE paid RENAME COLUMN salary TO person")
        client.query("ALTER TABLE paid ADD COLUMN rank int")
        client.query("CREATE USER as_of_reader PASSWORD 'Passw0rd1'")
        asked = "SELECT {} FROM paid FOR VERSION AS OF {}"
        client.query("SET SESSION AUTHORIZATION as_of_reader")
        assert ask(client, asked.format("salary", before)) == ["ERROR 42501: permission denied for relation paid"]
        client.query("RESET SESSION AUTHORIZATION")
        client.query("GRANT SELECT (rank) ON paid TO as_of_reader")
        client.query("SET SESSION AUTHORIZATION as_of_reader")
        for column in ("person", "salary"):
            found = ask(client, asked.format(column, before))
            assert found == ["ERROR 42501: permission denied for relation paid"], column
        client.query("RESET SESSION AUTHORIZATION")
        client.query("GRANT SELECT (person) ON paid TO as_of_reader")
        client.query("SET SESSION AUTHORIZATION as_of_reader")
        assert ask(client, asked.format("salary", before))[-1] == "10", "the column that has the name person now"
        assert ask(client, asked.format("person", before)) == ["ERROR 42501: permission denied for relation paid"]
        client.query("RESET SESSION AUTHORIZATION")
        client.query("REVOKE SELECT (person, rank) ON paid FROM as_of_reader")
        client.query("GRANT SELECT ON paid TO as_of_reader")
        client.query("SET SESSION AUTHORIZATION as_of_reader")
        assert ask(client, asked.format("person, salary", before))[-1] == "1 | 10"


def test_the_moment_may_be_a_parameter(lake: Running) -> None:
    with _connect(lake) as connection:
        connection.execute("CREATE TABLE given (a int)")
        moments = []
        for n in range(3):
            connection.execute("INSERT INTO given VALUES (%s)", (n,))
            moments.append(datetime.now(UTC))
        asked = "SELECT count(*) FROM given FOR SYSTEM_TIME AS OF %s WHERE a >= %s"
        for place, moment in enumerate(moments):
            for _ in range(2):  # the second time from a kept result, or not
                assert connection.execute(asked, (moment, 0), prepare=True).fetchone() == (place + 1,)
        connection.execute("INSERT INTO given SELECT a + 10 FROM given FOR SYSTEM_TIME AS OF %s", (moments[0],))
        assert connection.execute("SELECT max(a), count(*) FROM given").fetchone() == (10, 4)
        connection.execute("ALTER TABLE given ADD COLUMN b int")
        with pytest.raises(psycopg.errors.FeatureNotSupported, match="cached plan must not change result type"):
            connection.execute("SELECT * FROM given FOR SYSTEM_TIME AS OF %s", (moments[1],))
        connection.execute("SELECT a FROM given FOR SYSTEM_TIME AS OF %s", (moments[1],))


def test_what_is_not_kept_any_more_is_an_error(lake: Running) -> None:
    with lake.raw() as client:
        client.query("CREATE TABLE kept (a int)")
        commits = []
        for n in range(3):
            client.query(f"INSERT INTO kept VALUES ({n})")
            commits.append(_commit(client))
        session = lake.house.service.house.engine.session()
        session.fetch(f"CALL ducklake_expire_snapshots('{DATABASE}', versions => [{commits[1]}])")
        session.close()
        moment = ask(client, f"SELECT commit_time FROM svv_commits WHERE commit_id = {commits[2]}")[-1]
        assert ask(client, f"SELECT count(*) FROM kept FOR VERSION AS OF {commits[0]}")[-1] == "1"
        assert ask(client, f"SELECT count(*) FROM kept FOR SYSTEM_TIME AS OF '{moment}'")[-1] == "3"
        gone = ask(client, f"SELECT count(*) FROM kept FOR VERSION AS OF {commits[1]}")
        assert gone == [f"ERROR 55000 at 22: the warehouse as of commit {commits[1]} is not kept"]
        just_before = f"dateadd(microsecond, -1, '{moment}'::timestamp)"
        unsure = ask(client, f"SELECT count(*) FROM kept FOR SYSTEM_TIME AS OF {just_before}")
        assert unsure[-1].startswith("ERROR 55000 at 22: the warehouse as of 20")


def test_the_background_gathers_and_tells_of_it(lake: Running) -> None:
    house = lake.house.service.house
    history = house.engine.history
    with lake.raw() as client, lake.raw() as writer:
        for name in ("strewn", "changed"):
            client.query(f"CREATE TABLE {name} (n integer)")
            for n in range(9):
                client.query(f"INSERT INTO {name} VALUES ({n})")
        before = _commit(client)
        history.upkeep = replace(history.upkeep, quiet=timedelta(0))
        gather = history.gather

        def gather_beside(session: EngineSession, place: tuple[str, str] | None) -> None:
            gather(session, place)
            if place == ("public", "changed"):
                assert ask(writer, "DELETE FROM changed WHERE n = 1") == ["DELETE 1"]

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(history, "gather", gather_beside)
            upkeep.look_once(house, lambda seconds: False)
        found = ask(client, "SELECT table_name, action, status, message FROM svv_upkeep ORDER BY table_name")
        assert found[1:] == [
            "changed | gather | failed | 1023: serializable isolation violation: another transaction changed the same table",
            "strewn | gather | done | NULL",
        ]
        for name in ("strewn", "changed"):
            assert ask(client, f"SELECT count(*) FROM {name} FOR VERSION AS OF {before}")[-1] == "9"
        assert ask(client, "SELECT count(*) FROM changed")[-1] == "8"


def test_changes_take_their_rows_from_a_table_as_it_was(lake: Running) -> None:
    """MERGE, UPDATE and DELETE; from the target itself, too, and inside a transaction that has changed the target alone."""
    with lake.raw() as client:
        client.query("CREATE TABLE source AS SELECT 1 AS id, 10 AS v UNION ALL SELECT 2, 20")
        client.query("CREATE TABLE target AS SELECT 2 AS id, 0 AS v UNION ALL SELECT 3, 0")
        was = f"FOR VERSION AS OF {_commit(client)} AS s"
        client.query("UPDATE source SET v = -1; INSERT INTO source VALUES (9, 90)")

        def changed(*statements: str) -> list[str]:
            client.query("BEGIN")
            told = [ask(client, one)[0] for one in statements]
            assert not [one for one in told if one.startswith("ERROR")], told
            rows = ask(client, "SELECT * FROM target ORDER BY id")[1:]
            client.query("ROLLBACK")
            return rows

        update = "WHEN MATCHED THEN UPDATE SET v = s.v + 1 WHEN NOT MATCHED THEN INSERT VALUES (s.id, s.v)"
        merge = f"MERGE INTO target USING source {was} ON target.id = s.id"
        assert changed(f"{merge} {update}") == ["1 | 10", "2 | 21", "3 | 0"]
        assert changed("UPDATE target SET v = 5", f"{merge} {update}") == ["1 | 10", "2 | 21", "3 | 5"]
        delete = "WHEN MATCHED THEN DELETE WHEN NOT MATCHED THEN INSERT VALUES (s.id, s.v)"
        assert changed(f"{merge} {delete}") == ["1 | 10", "3 | 0"]
        assert changed(f"{merge} REMOVE DUPLICATES") == ["1 | 10", "2 | 20", "3 | 0"]
        client.query("UPDATE target SET v = 7")
        assert changed(f"MERGE INTO target USING target {was} ON target.id = s.id {update}") == ["2 | 1", "3 | 1"]
        assert changed(f"UPDATE target SET v = s.v FROM source {was} WHERE target.id = s.id") == ["2 | 20", "3 | 7"]
        assert changed(f"DELETE FROM target USING source {was} WHERE target.id = s.id") == ["3 | 7"]
        client.query("BEGIN; UPDATE source SET v = 0")
        assert ask(client, f"{merge} {update}")[0].startswith("ERROR 0A000")
        client.query("ROLLBACK")
