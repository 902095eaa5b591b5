"""Tables of a lake as they were, by every way in which a statement comes: cursors, prepared statements, views, into other tables.

With BOATHOUSE_BURST each query that may run beside the house does.
"""

from __future__ import annotations

from datetime import UTC, datetime

import psycopg
import pytest
from tests.clients.conftest import Running
from tests.clients.raw_client import RawClient
from tests.statements.scripts import ask


def _commit(client: RawClient) -> int:
    return int(ask(client, "SELECT max(commit_id) FROM svv_commits")[-1])


def _made(client: RawClient, name: str) -> int:
    """A table that had a thousand rows at the commit that is returned, and has one."""
    client.query(f"CREATE TABLE {name} AS SELECT n FROM generate_series(1, 1000) AS g(n)")
    then = _commit(client)
    assert ask(client, f"DELETE FROM {name} WHERE n > 1") == ["DELETE 999"]
    return then


def test_a_cursor_goes_on_in_what_it_began_with(lake: Running) -> None:
    with lake.raw() as client, lake.raw() as other:
        then = _made(client, "by_cursor")
        client.query("BEGIN")
        asked = f"SELECT n FROM by_cursor FOR VERSION AS OF {then} ORDER BY n"
        assert ask(client, f"DECLARE c CURSOR FOR {asked}") == ["DECLARE CURSOR"]
        assert ask(client, "FETCH 2 FROM c")[1:] == ["1", "2"]
        assert ask(other, "INSERT INTO by_cursor VALUES (5000)") == ["INSERT 0 1"]
        assert ask(other, "VACUUM") == ["VACUUM"]
        rest = ask(client, "FETCH FORWARD ALL FROM c")[1:]
        assert rest == [str(n) for n in range(3, 1001)]
        assert ask(client, "SELECT count(*) FROM by_cursor")[-1] == "1", "its own snapshot"
        client.query("COMMIT")
        assert ask(client, "SELECT count(*) FROM by_cursor")[-1] == "2"


def test_a_prepared_statement_reads_the_moment_that_it_names_or_is_told(lake: Running) -> None:
    with lake.raw() as client:
        then = _made(client, "prepared_on")
        client.query(f"PREPARE fixed AS SELECT count(*) FROM prepared_on FOR VERSION AS OF {then}")
        for _ in range(2):
            assert ask(client, "EXECUTE fixed")[-1] == "1000"
            client.query("INSERT INTO prepared_on VALUES (0)")
        client.query(f"PREPARE after (int) AS SELECT count(*) FROM prepared_on FOR VERSION AS OF {then} WHERE n > $1")
        assert ask(client, "EXECUTE after (990)")[-1] == "10"
        client.query("PREPARE at (varchar) AS SELECT count(*) FROM prepared_on FOR SYSTEM_TIME AS OF $1::timestamp")
        assert ask(client, "EXECUTE at ('2020-01-01')")[-1].startswith("ERROR 55000")
        now = datetime.now(UTC).replace(tzinfo=None).isoformat(sep=" ")
        assert ask(client, f"EXECUTE at ('{now}')")[-1] == "3"


def test_the_extended_protocol_reads_it_in_parts(lake: Running) -> None:
    with lake.raw() as client:
        then = _made(client, "in_parts")
    with psycopg.connect(**lake.keywords) as connection:
        with connection.cursor(name="c", binary=True) as cursor:  # DECLARE and FETCH, values in binary
            cursor.itersize = 300
            cursor.execute(f"SELECT n FROM in_parts FOR VERSION AS OF {then} ORDER BY n".encode())
            assert [n for (n,) in cursor] == [*range(1, 1001)]
        for _ in range(7):  # prepared by the client after five
            found = connection.execute(
                f"SELECT sum(n) FROM in_parts FOR VERSION AS OF {then} WHERE n <= %s".encode(), (10,)
            )
            assert found.fetchone() == (55,)
            connection.commit()
        connection.execute("INSERT INTO in_parts VALUES (1)")
        with pytest.raises(psycopg.errors.FeatureNotSupported, match="in a transaction that has changed it"):
            connection.execute(f"SELECT sum(n) FROM in_parts FOR VERSION AS OF {then} WHERE n <= %s".encode(), (10,))


def test_views_and_other_tables_take_it(lake: Running) -> None:
    with lake.raw() as client:
        then = _made(client, "taken")
        at = f"taken FOR VERSION AS OF {then}"
        assert ask(client, f"CREATE VIEW was AS SELECT n FROM {at}") == ["CREATE VIEW"]
        assert ask(client, f"CREATE VIEW was_late AS SELECT n FROM public.{at} WITH NO SCHEMA BINDING") == [
            "CREATE VIEW"
        ]
        for view in ("was", "was_late"):
            assert ask(client, f"SELECT count(*), sum(n) FROM {view}")[-1] == "1000 | 500500"
        assert ask(client, f"SELECT count(*) FROM was FOR VERSION AS OF {then}")[-1] == "1000"
        client.query(f"CREATE TABLE brought AS SELECT * FROM {at}")
        assert ask(client, f"INSERT INTO brought SELECT n + 1000 FROM {at}") == ["INSERT 0 1000"]
        assert ask(client, f"INSERT INTO taken SELECT n FROM {at} WHERE n > 1") == ["INSERT 0 999"]
        asked = f"SELECT count(*) FROM taken JOIN {at} AS was USING (n) JOIN brought USING (n)"
        assert ask(client, asked)[-1] == "1000"
        assert (
            ask(client, f"UPDATE brought SET n = was.n FROM {at} AS was WHERE brought.n = was.n + 1000")[-1]
            == "UPDATE 1000"
        )


def test_what_the_transaction_has_changed_is_not_read_as_it_was(lake: Running) -> None:
    """The engine would mix the change into the rows of then."""
    with lake.raw() as client:
        then = _made(client, "changed_within")
        client.query("CREATE SNAPSHOT unchanged")
        asked = f"SELECT count(*) FROM changed_within FOR VERSION AS OF {then}"
        told = 'ERROR 0A000 at 22: AS OF is not supported for "changed_within" in a transaction that has changed it'
        for change in ("DELETE FROM changed_within", "INSERT INTO changed_within VALUES (1)"):
            client.query("BEGIN")
            assert ask(client, asked)[-1] == "1000"
            client.query(change)
            assert ask(client, asked) == [told]
            client.query("ROLLBACK")
        client.query("BEGIN")
        client.query("DELETE FROM changed_within")
        restored = ask(client, "RESTORE TABLE changed_within FROM SNAPSHOT unchanged AS other")
        assert restored[-1].startswith("ERROR 0A000: RESTORE TABLE is not supported for")
        client.query("ROLLBACK")
        client.query("BEGIN")
        client.query("ALTER TABLE changed_within RENAME TO between_names")
        client.query("DELETE FROM between_names")
        client.query("ALTER TABLE between_names RENAME TO changed_within")
        assert ask(client, asked) == [told]
        client.query("ROLLBACK")
        assert ask(client, asked)[-1] == "1000"
        client.query("DROP SNAPSHOT unchanged")
