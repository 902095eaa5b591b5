"""A server killed at any moment: what ended a second ago is in the log, what ran is shown aborted, no number twice."""

from __future__ import annotations

import random
from pathlib import Path
from time import monotonic, sleep

from tests.simulation.server_process import ServerProcess, make_home

LONG = "SELECT count(*) FROM big a, big b, big c, big d WHERE a.n + b.n + c.n + d.n = -1"


def test_the_log_survives_the_server(tmp_path: Path) -> None:
    seed = random.randrange(2**32)
    print(f"seed {seed}")
    chance = random.Random(seed)
    home = make_home(tmp_path / "home")
    numbers: set[int] = set()
    for round_ in range(2):
        server = ServerProcess(home)
        client, other = server.connect(), server.connect()
        try:
            if not round_:
                client.execute("CREATE TABLE big (n INTEGER)")
                client.execute("INSERT INTO big VALUES (1), (2), (3), (4), (5), (6), (7), (8)")
                for _ in range(6):
                    client.execute("INSERT INTO big SELECT n + 8 FROM big")
            for step in range(5):
                client.execute(f"SELECT {step} AS round_{round_}")  # type: ignore[call-overload]
            number = client.execute("SELECT pg_last_query_id()").fetchone()
            assert number is not None
            assert number[0] not in numbers, "a number was given twice"
            numbers.add(number[0])
            pid = other.info.backend_pid
            other.pgconn.send_query(f"{LONG} AND {round_} = {round_}".encode())
            deadline = monotonic() + 60
            marks = home / "history" / "under_way.json"
            while not (marks.exists() and f"{round_} = {round_}" in marks.read_text(encoding="utf-8")):
                assert monotonic() < deadline, "the running statement was never noted"
                sleep(0.02)
            sleep(chance.random() * 0.2)
        finally:
            server.kill()
            client.close()
            other.close()
        server = ServerProcess(home)
        try:
            with server.connect() as client:
                kept = client.execute(
                    f"SELECT count(*) FROM stl_query WHERE querytxt LIKE 'SELECT _ AS round_{round_}'"  # type: ignore[arg-type]
                ).fetchone()
                assert kept == (5,)
                cut = client.execute(
                    f"SELECT pid, aborted FROM stl_query WHERE querytxt LIKE '%{round_} = {round_}' AND querytxt LIKE "  # type: ignore[arg-type]
                    "'SELECT count%big a%'"
                ).fetchall()
                assert cut == [(pid, 1)]
        finally:
            assert server.stop() == 0
