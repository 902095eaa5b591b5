"""Slots bound memory: what is greedy spills at its own bound, and the others answer meanwhile."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.clients.test_interruption import wait_until
from tests.rooms.query.test_session_races import run

from boathouse.app.assemble import OpenHouse, open_house
from boathouse.app.initialise import initialise
from boathouse.query.session import QuerySession
from boathouse.workload.settings import WorkloadSettings

QUEUES = [
    {"name": "small", "query_group": ["small"], "query_concurrency": 2, "memory_percent_to_use": 10},
    {"name": "short", "query_group": ["short"], "query_concurrency": 5, "memory_percent_to_use": 10},
    {"query_concurrency": 1, "memory_percent_to_use": 70},
]
GREEDY = "SELECT max(place), max(pad) FROM (SELECT pad, row_number() OVER (ORDER BY pad) AS place FROM big) sorted"
ROWS = 100_000


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenHouse]:
    home: Path = tmp_path_factory.mktemp("memory") / "h"
    initialise(home, "dev", "Correct-Horse-9")
    settings = {
        "engine": {"memory_limit": "200MB", "threads": 2},
        "query": {"result_cache_bytes_max": 0},
        "workload": {"wlm_json_configuration": json.dumps(QUEUES)},
    }
    opened = open_house(home, settings)
    session = connect(opened, "default")
    run(session, "CREATE TABLE digits (d integer)")
    run(session, "INSERT INTO digits VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9)")
    run(session, "CREATE TABLE big AS SELECT a.d + 10 * b.d + 100 * c.d + 1000 * d.d + 10000 * e.d AS id, "
                 "repeat(md5(a.d + 10 * b.d + 100 * c.d + 1000 * d.d + 10000 * e.d), 10) AS pad "
                 "FROM digits a, digits b, digits c, digits d, digits e")  # fmt: skip
    session.close()
    yield opened
    opened.close()


def connect(house: OpenHouse, group: str) -> QuerySession:
    user = house.service.user("admin")
    assert user is not None
    session = house.service.open(user, "dev", {}, b"1234", lambda _: None, lambda *_: None)
    run(session, f"SET query_group TO '{group}'")
    return session


def spilled(session: QuerySession) -> bool:
    """Whether the session's last query went to the disk."""
    number = session.observed.last_query
    return run(session, f"SELECT max(trim(is_diskbased)) FROM svl_query_summary WHERE query = {number}") == [("t",)]


def test_a_greedy_query_spills_at_its_slots_share_while_short_ones_answer(house: OpenHouse) -> None:
    # The large queue has fourteen times as much: there it need not spill. First, as the engine tells the most of its life.
    large = connect(house, "default")
    (answer,) = run(large, GREEDY)
    assert answer[0] == ROWS and not spilled(large)
    greedy, short, holder = connect(house, "small"), connect(house, "short"), connect(house, "small")
    held = holder.run(holder.parse("SELECT pad FROM big")[0])  # the one slot; the greedy one will have the other
    memory = house.service.workload._memory
    wait_until(lambda: memory.limit_bytes == int(memory.whole_bytes * (memory.own_share + 0.05)))
    found: list[object] = []
    worker = threading.Thread(target=lambda: found.append(run(greedy, GREEDY)))
    worker.start()
    answered = 0
    while worker.is_alive() or not answered:
        assert run(short, f"SELECT count(*), max(id) FROM big WHERE id > {ROWS - 10}") == [(9, ROWS - 1)]
        answered += 1
    worker.join()
    held.batches.close()  # type: ignore[union-attr]
    assert memory.limit_bytes == memory.whole_bytes
    assert found == [[answer]]
    assert spilled(greedy)
    assert run(greedy, "SELECT count(*) FROM big WHERE id < 9") == [(9,)]
    assert not spilled(greedy), "what follows a statement that spilled has not"
    for session in (greedy, short, large, holder):
        session.close()


def test_the_engines_limit_is_the_sum_of_the_shares_that_are_held(house: OpenHouse) -> None:
    memory = house.service.workload._memory
    small, large = connect(house, "small"), connect(house, "default")
    first = small.run(small.parse("SELECT id FROM big")[0])
    wait_until(lambda: memory.limit_bytes == int(memory.whole_bytes * (memory.own_share + 0.05)))
    second = large.run(large.parse("SELECT id FROM big")[0])
    assert memory.limit_bytes == int(memory.whole_bytes * (memory.own_share + 0.05 + 0.7))
    second.batches.close()  # type: ignore[union-attr]
    wait_until(lambda: memory.limit_bytes == int(memory.whole_bytes * (memory.own_share + 0.05)))
    first.batches.close()  # type: ignore[union-attr]
    house.service.workload.configure(WorkloadSettings())
    assert memory.limit_bytes == memory.whole_bytes
    for session in (small, large):
        session.close()
