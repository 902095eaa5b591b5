"""A small memory limit under large work: results, loads and unloads pass through, they do not pile up."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from time import monotonic, sleep

import psycopg
import pytest
from tests.simulation.server_process import ServerProcess, make_home, serving

ROWS = int(os.environ.get("BOATHOUSE_MEMORY_ROWS") or 900_000)
LIMIT_MB = 300
ROOM_MB = 400
"""Beside the engine's own limit: the interpreter, Arrow, the batches between engine and socket of three clients."""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return make_home(tmp_path / "home")


@pytest.fixture
def small(home: Path) -> Iterator[ServerProcess]:
    with serving(home, "--memory-limit", f"{LIMIT_MB}MB") as found:
        yield found


class Gauge:
    """The most memory that the server took while this was open."""

    def __init__(self, server: ServerProcess) -> None:
        self._server = server
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self.most_mb = 0

    def _look(self) -> None:
        while not self._stop.wait(0.05):
            self.most_mb = max(self.most_mb, self._server.status("VmRSS") // 1024)

    def __enter__(self) -> Gauge:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()


def read_slowly(server: ServerProcess, done: list[str]) -> None:
    with server.connect(autocommit=False) as connection, connection.cursor() as cursor, ExitStack() as kept:
        # Closed before its connection, which would wait for it for ever.
        rows = kept.enter_context(closing(cursor.stream("SELECT a.n, b.txt FROM many a JOIN few b ON b.n = a.n % 100")))
        for count, _ in enumerate(rows, 1):
            if count % 100_000 == 0:
                sleep(0.02)  # a slow reader is what this client is
            if count == ROWS // 10:
                break
        done.append("read")


def load(server: ServerProcess, done: list[str]) -> None:
    with server.connect() as connection:
        connection.execute(f"COPY loaded FROM '{server.home / 'lake' / 'many.csv'}' CSV")
        assert connection.execute("SELECT count(*) FROM loaded").fetchone() == (ROWS // 2,)
        done.append("load")


def unload(server: ServerProcess, done: list[str]) -> None:
    with server.connect() as connection:
        place = server.home / "lake" / "sorted" / "part_"
        connection.execute(f"UNLOAD ('SELECT n, txt FROM many ORDER BY txt DESC') TO '{place}' CSV PARALLEL OFF")
        with place.with_name("part_000").open("rb") as file:
            assert sum(1 for _ in file) == ROWS
        done.append("unload")


def test_reading_loading_and_unloading_at_once_stay_within_bounds(small: ServerProcess) -> None:
    with (small.home / "lake" / "many.csv").open("w", encoding="ascii") as file:
        for n in range(ROWS // 2):
            file.write(f"{n},some text of a fair length {n}\n")
    with small.connect() as connection:
        connection.execute("CREATE TABLE loaded (n integer, txt varchar(64))")
        connection.execute("CREATE TABLE many (n integer, txt varchar(64))")
        connection.execute(f"COPY many FROM '{small.home / 'lake' / 'many.csv'}' CSV")
        connection.execute(f"INSERT INTO many SELECT n + {ROWS // 2}, txt FROM many")
        connection.execute("CREATE TABLE few AS SELECT n, txt FROM many WHERE n < 100")
    done: list[str] = []
    start = monotonic()
    with Gauge(small) as gauge:
        work = [threading.Thread(target=one, args=(small, done), daemon=True) for one in (read_slowly, load, unload)]
        for thread in work:
            thread.start()
        for thread in work:
            thread.join(200)
    print(f"{ROWS} rows: {gauge.most_mb} MB at most, {monotonic() - start:.1f} s")
    assert sorted(done) == ["load", "read", "unload"]
    assert gauge.most_mb < LIMIT_MB + ROOM_MB
    with small.connect() as connection:
        connection.execute("SELECT 1")
    left = [path for path in (small.home / "tmp").rglob("*") if path.is_file()]
    assert not left
    assert "Traceback" not in small.log()


def test_a_statement_beyond_the_memory_limit_is_told_so_and_the_server_goes_on(small: ServerProcess) -> None:
    with small.connect() as connection:
        connection.execute("CREATE TABLE one (n integer)")
        connection.execute("INSERT INTO one VALUES (1)")
        for _ in range(13):
            connection.execute("INSERT INTO one SELECT n + 1 FROM one")
        with pytest.raises(psycopg.Error) as raised:
            connection.execute(
                "SELECT length(listagg(repeat('x', 60000)) WITHIN GROUP (ORDER BY n)) FROM one"
            ).fetchall()
        assert raised.value.sqlstate in ("53200", "54000", "22001"), raised.value
        assert connection.execute("SELECT count(*) FROM one").fetchone() == (8192,)
