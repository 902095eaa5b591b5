"""What is told of a statement is what became of it, wherever in it a cancel comes.

A cancel is made to come in each of a statement's own calls of the engine in turn, and at each of its own looks for one: the
call fails as the engine fails where it is interrupted. Whatever was told, nothing else was found: all of it, or nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import duckdb
import pytest
from tests.rooms.lake.whole_house import Client, opened

from boathouse.app.assemble import OpenHouse
from boathouse.contracts.errors import QueryCanceled
from boathouse.engines.duckdb.errors import translate
from boathouse.engines.duckdb.session import DuckSession
from boathouse.query.state.running import Running

ROWS = 300
_numbers = count(1)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenHouse]:
    home = tmp_path_factory.mktemp("late") / "home"
    with opened(home) as found:
        made = Client(found)
        made.run(
            "CREATE EXTERNAL SCHEMA lk FROM DATA CATALOG DATABASE 'lk' CREATE EXTERNAL DATABASE IF NOT EXISTS;"
            "CREATE EXTERNAL TABLE lk.e (n int, k int) STORED AS PARQUET LOCATION 'e/';"
            "CREATE USER reader PASSWORD DISABLE; CREATE TABLE small (n integer); CREATE TABLE kept (n integer, k integer);"
            "INSERT INTO small VALUES (0);"
            "CREATE MATERIALIZED VIEW seen AS SELECT k, count(*) AS c FROM kept GROUP BY k;"
            "CREATE PROCEDURE twice(k integer) AS $$ BEGIN INSERT INTO kept SELECT n, k FROM small;"
            "INSERT INTO kept SELECT n, k FROM small; END $$ LANGUAGE plpgsql"
        )
        for step in range(9):
            made.run(f"INSERT INTO small SELECT n + {2**step} FROM small WHERE n + {2**step} < {ROWS}")
        (home / "lake" / "in.csv").write_text("".join(f"{n},{n}\n" for n in range(ROWS)))
        made.run("CREATE SNAPSHOT base")
        yield found
        made.close()


class Cancelling:
    """A session whose statement is cancelled in the n-th of its own calls."""

    def __init__(self, patch: pytest.MonkeyPatch, house: OpenHouse) -> None:
        self._left: int | None = None
        self._is_interrupted = False
        run, check = DuckSession._run, Running.check

        def interrupt(session: DuckSession) -> None:
            self._is_interrupted = session is own.engine

        patch.setattr(DuckSession, "interrupt", interrupt)
        self.client = Client(house)
        own = self.client.session

        def come() -> None:
            if self._left is not None:
                self._left -= 1
                if self._left == 0:
                    self._is_interrupted = False
                    own.cancel()

        def running(session: DuckSession, sql: str, *given: Any) -> Any:
            if session is own.engine and not session._is_shielded:
                come()
                if self._is_interrupted:
                    self._is_interrupted = False
                    raise translate(duckdb.InterruptException("INTERRUPT Error: Interrupted!"))
            return run(session, sql, *given)

        def checking(found: Running) -> None:
            if found is own.running and not own.running._life.locked():
                come()
                self._is_interrupted = False
            check(found)

        patch.setattr(DuckSession, "_run", running)
        patch.setattr(Running, "check", checking)

    def at(self, place: int, work: Callable[[], Any]) -> tuple[bool, bool]:
        """Whether the work was told as done, and whether it had ended before the place was reached."""
        self._left = place
        try:
            work()
        except QueryCanceled:
            return False, False
        finally:
            over, self._left = self._left is None or self._left > 0, None
        return True, over


CASES = {
    "UNLOAD": "UNLOAD ('SELECT n FROM small') TO 'u{k}/' CSV",
    "UNLOAD by key": "UNLOAD ('SELECT n, n % 3 AS k FROM small') TO 'u{k}/' FORMAT PARQUET PARTITION BY (k) MANIFEST",
    "UNLOAD of Iceberg": "UNLOAD ('SELECT n FROM small') TO 'u{k}/' FORMAT ICEBERG",
    "INSERT into an external table": "INSERT INTO lk.e SELECT n, {k} FROM small",
    "the same in a block": "BEGIN; INSERT INTO lk.e SELECT n, {k} FROM small; COMMIT",
    "CREATE EXTERNAL TABLE AS": "CREATE EXTERNAL TABLE lk.c{k} STORED AS PARQUET LOCATION 'u{k}/' AS SELECT n FROM small",
    "COPY": "COPY l{k} FROM 'in.csv' CSV",
    "INSERT": "INSERT INTO kept SELECT n, {k} FROM small",
    "a block": "BEGIN; SET LOCAL search_path TO public; INSERT INTO kept SELECT n, {k} FROM small; COMMIT",
    "CREATE TABLE AS": "CREATE TABLE t{k} AS SELECT n FROM small",
    "CALL": "CALL twice({k})",
    "REFRESH": "REFRESH MATERIALIZED VIEW seen",
    "CREATE SNAPSHOT": "CREATE SNAPSHOT s{k}",
    "RESTORE TABLE": "RESTORE TABLE small FROM SNAPSHOT base AS r{k}",
    "GRANT": "GRANT SELECT ON small TO reader",
}


def state(house: OpenHouse, eye: Client, name: str, k: int) -> object:
    """What shows of the case's doing; an attempt of which half shows has a state of its own."""
    home: Path = house.home
    files = sorted(str(path.relative_to(home)) for path in (home / "lake" / f"u{k}").rglob("*") if path.is_file())
    assert not list((home / "unload").glob("*")), "a journal is left"
    if name.startswith("UNLOAD"):
        told = eye.run(f"SELECT status FROM sys_unload_history WHERE unloaded_location LIKE '%/u{k}/%'")
        return bool(files), [status for (status,) in told]
    if name == "CREATE EXTERNAL TABLE AS":
        tables = eye.one(f"SELECT count(*) FROM svv_external_tables WHERE tablename = 'c{k}'")
        return bool(files), tables and eye.one(f"SELECT count(*) FROM lk.c{k}")
    if "external" in name or name == "the same in a block":
        found = eye.one(f"SELECT count(*) FROM lk.e WHERE k = {k}")
        return found, len(list((home / "lake" / "e").glob("*.parquet"))) - eye.one("SELECT count(DISTINCT k) FROM lk.e")
    if name == "CREATE SNAPSHOT":
        return eye.one(f"SELECT count(*) FROM svv_snapshots WHERE snapshot_identifier = 's{k}'"), len(
            list((home / "snapshots").glob("*"))
        ) - eye.one("SELECT count(*) FROM svv_snapshots")
    if name == "REFRESH":
        return eye.run("SELECT is_stale FROM svv_mv_info")
    if name == "GRANT":
        return eye.one("SELECT has_table_privilege('reader', 'small', 'select')")
    if name == "COPY":
        told = eye.one(f"SELECT sum(loaded_rows) FROM sys_load_history WHERE table_name = 'l{k}'")
        return eye.one(f"SELECT count(*) FROM l{k}"), int(told or 0)
    if name in ("CREATE TABLE AS", "RESTORE TABLE"):
        table = f"{'t' if name.startswith('C') else 'r'}{k}"
        made = eye.one(f"SELECT count(*) FROM svv_tables WHERE table_name = '{table}'")
        return made and eye.one(f"SELECT count(*) FROM {table}")
    return eye.one(f"SELECT count(*) FROM kept WHERE k = {k}")


def prepare(eye: Client, name: str, k: int) -> None:
    if name == "GRANT":
        eye.run("REVOKE SELECT ON small FROM reader")
    if name == "REFRESH":
        eye.run(f"INSERT INTO kept VALUES (0, {k})")
    if name == "COPY":
        eye.run(f"CREATE TABLE l{k} (n integer, k integer)")


@pytest.mark.parametrize("name", CASES)
def test_what_is_told_is_what_became_of_it(house: OpenHouse, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    eye, cancelling = Client(house), Cancelling(monkeypatch, house)
    client = cancelling.client

    def attempt(place: int) -> tuple[bool, bool, object]:
        k = next(_numbers)
        prepare(eye, name, k)
        told, over = cancelling.at(place, lambda: client.run(CASES[name].format(k=k)))
        if client.session.status != "I":
            client.run("ROLLBACK")
        return told, over, state(house, eye, name, k)

    _, _, done = attempt(10**9)
    ways: dict[bool, list[object]] = {True: [], False: []}
    for place in count(1):
        told, over, found = attempt(place)
        ways[told].append(found)
        if told:
            assert found == done, f"told as done, at place {place}"
        elif name.startswith("UNLOAD"):
            assert found in ((False, ["aborted"]), (False, [])), f"told as cancelled, at place {place}"
        else:
            assert found == ways[False][0] != done, f"told as cancelled, at place {place}"
        if over:
            break
    assert ways[False], "no cancel was ever in time"
    client.close()
    eye.close()
