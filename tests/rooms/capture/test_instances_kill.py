"""An instance without a warehouse that is killed at any moment goes on where it was: nothing lost, and nothing twice in files, in
Kafka's topics, and with a receiver of HTTP that keeps nothing but the keys of the requests that it has had.

BOATHOUSE_CAPTURE_KILLS sets how often, BOATHOUSE_CAPTURE_SEED when.
"""

from __future__ import annotations

import json
import os
import random
import signal
import time
from pathlib import Path
from typing import Any

import psycopg
import pytest
from tests.rooms.capture.brokers import events_of
from tests.rooms.capture.instances import InProcess, Running, instance_home
from tests.rooms.capture.postgres_server import PostgresUnderTest
from tests.rooms.capture.receiver import Receiver
from tests.rooms.capture.replay import once, places, replayed, told
from tests.rooms.capture.test_instances import changes, until
from tests.rooms.capture.workload import MAKE, Workload

from boathouse.app.cli import main
from boathouse.contracts.source_errors import SourceGap, SourceRefused

KILLS = int(os.environ.get("BOATHOUSE_CAPTURE_KILLS", "1"))
SEED = int(os.environ.get("BOATHOUSE_CAPTURE_SEED", "12"))


def by_key(receiver: Receiver) -> list[dict[str, Any]]:
    """As somebody reads who drops a request whose Idempotency-Key was there before."""
    known: dict[str, bytes] = {}
    for headers, body in zip(receiver.headers, receiver.bodies, strict=True):
        assert known.setdefault(headers["idempotency-key"], body) == body, "another body under the same key"
    return [event for body in known.values() for event in json.loads(body)]


def test_killed_at_any_moment_each_change_is_there_once(
    db: psycopg.Connection[Any], postgres: PostgresUnderTest, tmp_path: Path, cluster: str
) -> None:
    chance = random.Random(SEED)
    place, receiver = tmp_path / "changes", Receiver()
    place.mkdir()
    home = instance_home(
        tmp_path / "home",
        postgres,
        place,
        f'tables = ["public.t"]\n[state]\nkind = "sqlite"\npath = "{tmp_path}/state"',
    )
    with (home / "shop.toml").open("a") as file:
        file.write(
            f'[[output]]\nname = "hook"\nto = "{receiver.url}"\noptions = {{ batch_rows = 300 }}\non_failure = "park"\n'
            f'[[output]]\nname = "bus"\nto = "kafka://{cluster}/killed.{{schema}}.{{table}}"\n'
        )
    db.execute(f"{MAKE}; INSERT INTO t SELECT g, 0, 'first', 'b' FROM generate_series(0, 3000) g")
    try:
        with Workload(postgres, writers=1, keys=500, seed=SEED, pause=0.01) as load:
            for _ in range(KILLS):
                running = Running("capture", "run", str(home), "shop")
                running.until("active, epoch")
                receiver.faults += chance.choice([["503"], ["drop"], ["half"], []])
                time.sleep(chance.uniform(0.2, 3.0))
                running.end(signal.SIGKILL)
            taken = load.transactions
            until(lambda: load.transactions > taken + 20, "the workload stands still")
        expected = {row[0]: tuple(row[1:]) for row in db.execute("SELECT id, version, note, big FROM t").fetchall()}
        running = Running("capture", "run", str(home), "shop")
        try:
            until(lambda: replayed(changes(place)) == expected, f"seed {SEED}: the files do not become equal")
            until(lambda: replayed(told(by_key(receiver))) == expected, f"seed {SEED}: the receiver lacks something")
            rows, posted = changes(place), by_key(receiver)
            until(
                lambda: len(events_of(cluster, "killed.public.t")) >= len(posted),
                f"seed {SEED}: the topic lacks something",
            )
            assert running.end() == 0
        finally:
            running.end(signal.SIGKILL)
        messages = once(events_of(cluster, "killed.public.t"))
        assert replayed(told(messages)) == expected, f"seed {SEED}"
        assert places(rows) == places(told(once(posted))) == places(told(messages)), f"seed {SEED}"
        print(f"seed {SEED}, {KILLS} kills, {len(rows)} changes, {len(receiver.bodies)} requests")
    finally:
        receiver.end()


def test_a_journal_that_is_lost_and_a_gap_in_the_log_are_said_and_mended(
    db: psycopg.Connection[Any], postgres: PostgresUnderTest, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What an output has not had, and nobody has any more, is never passed over."""
    place = tmp_path / "changes"
    place.mkdir()
    home = instance_home(
        tmp_path / "home",
        postgres,
        place,
        f'tables = ["public.t"]\n[state]\nkind = "sqlite"\npath = "{tmp_path}/state"',
    )
    definition = home / "shop.toml"
    with definition.open("a") as file:
        file.write(
            '[[output]]\nname = "hook"\nto = "http://127.0.0.1:9/"\non_failure = "park"\noptions = { retries = 0 }\n'
        )
    db.execute(f"{MAKE}; INSERT INTO t SELECT g, 0, 'first', 'b' FROM generate_series(1, 10) g")
    with InProcess(home):
        until(lambda: len(replayed(changes(place))) == 10, "nothing is captured")
    for one in (home / "capture" / "shop").glob("*.arrows"):
        one.unlink()
    with pytest.raises(SourceRefused, match=r"the journal lacks entry .* hook"), InProcess(home) as running:
        running.wait()
    definition.write_text(definition.read_text().partition('[[output]]\nname = "hook"')[0])
    db.execute("SELECT pg_drop_replication_slot('boathouse_shop')")
    db.execute("DELETE FROM t WHERE id < 4; INSERT INTO t VALUES (11, 1, 'new', 'b')")
    with pytest.raises(SourceGap), InProcess(home) as running:
        running.wait()
    assert main(["capture", "status", str(home), "shop"]) == 0
    assert "state: ErrorState" in capsys.readouterr().out
    assert main(["capture", "anew", str(home), "shop"]) == 0
    with InProcess(home):
        until(lambda: sorted(replayed(changes(place))) == list(range(4, 12)), "it does not begin anew")
    with InProcess(home):  # and goes on from there
        db.execute("INSERT INTO t VALUES (12, 1, 'new', 'b')")
        until(lambda: sorted(replayed(changes(place))) == list(range(4, 13)), "it does not go on")
    places(changes(place))
