"""COPY from an S3 endpoint that throttles, breaks, lies and hangs: a success after another try, or an error that says what
was wrong with which object; never half a load. The faults come from a proxy of ours before a real server."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto.server import ThreadedMotoServer
from tests.clients.test_interruption import wait_until

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))
from copy_house import CopyHouse  # noqa: E402
from faulty_s3 import FaultyS3, announces, answers, cuts, drops, faulty_s3, hangs, trickles  # noqa: E402

KEYS = "ACCESS_KEY_ID 'AKIAFAULTYFAULTYFAUL' SECRET_ACCESS_KEY 'the-hidden-key' SESSION_TOKEN 'the-hidden-token'"
ROWS = 20_000
CONTENT = "".join(f"{i}|name {i}\n" for i in range(ROWS)).encode()
SLOW_DOWN = answers("503 Slow Down", "SlowDown")
ATTEMPTS = 3


@pytest.fixture(scope="module")
def proxy() -> Iterator[FaultyS3]:
    server = ThreadedMotoServer(port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    client = boto3.client("s3", endpoint_url=f"http://{host}:{port}", region_name="us-east-1", aws_access_key_id="a",
                          aws_secret_access_key="b")  # fmt: skip
    client.create_bucket(Bucket="loads")
    client.put_object(Bucket="loads", Key="day/1", Body=CONTENT)
    client.put_object(Bucket="loads", Key="day/2", Body=b"-1|last\n")
    with faulty_s3((host, port)) as found:
        yield found
    server.stop()


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory, proxy: FaultyS3) -> Iterator[CopyHouse]:
    settings = {"s3_endpoint": proxy.url, "s3_attempts_max": ATTEMPTS, "s3_timeout_seconds": 1.0}
    made = CopyHouse(tmp_path_factory.mktemp("copy") / "home", {"lake": settings})
    yield made
    made.close()


@pytest.fixture
def house(shared: CopyHouse, proxy: FaultyS3) -> Iterator[CopyHouse]:
    shared.table("a integer, b varchar(20)")
    yield shared
    proxy.set("GET /")


def left_behind(house: CopyHouse) -> list[Any]:
    return list((house.lake.parent / "tmp").glob("copy-*"))


@pytest.mark.parametrize(
    ("marked", "faults"),
    [
        ("GET /loads?", [SLOW_DOWN, SLOW_DOWN]),
        ("GET /loads/day/1", [SLOW_DOWN, SLOW_DOWN]),
        ("GET /loads/day/1", [answers("500 Internal Server Error", "InternalError")]),
        ("GET /loads/day/1", [drops, drops]),
        ("GET /loads/day/1", [cuts(0.5)]),
        ("GET /loads/day/1", [cuts(0.3), cuts(0.5)]),
        ("GET /loads/day/1", [cuts(0.0)]),
        ("GET /loads/day/1", [announces(100)]),
        ("GET /loads/day/1", [trickles]),
        ("GET /loads/day/2", [SLOW_DOWN, cuts(0.9)]),
    ],
    ids=["list 503", "get 503", "get 500", "dropped", "cut", "cut twice", "cut at once", "length", "slow", "mixed"],
)
def test_what_passes_is_tried_again_and_loaded_once(
    house: CopyHouse, proxy: FaultyS3, marked: str, faults: Any
) -> None:
    proxy.set(marked, *faults)
    house.run(f"COPY t FROM 's3://loads/day/' {KEYS}")
    assert house.run("SELECT count(*), count(DISTINCT a), sum(a) FROM t") == [
        (ROWS + 1, ROWS + 1, ROWS * (ROWS - 1) // 2 - 1)
    ]
    assert not proxy.faults, "every fault was met"
    assert not left_behind(house)


def test_a_body_that_breaks_is_taken_up_where_it_broke(house: CopyHouse, proxy: FaultyS3) -> None:
    proxy.set("GET /loads/day/1", cuts(0.5))
    house.run(f"COPY t FROM 's3://loads/day/1' {KEYS}")
    assert sum(line.startswith("GET /loads/day/1") for line in proxy.requests) == 2
    assert house.run("SELECT count(*) FROM t") == [(ROWS,)]


@pytest.mark.parametrize(
    ("marked", "fault", "sqlstate", "retryable", "message"),
    [
        ("GET /loads?", SLOW_DOWN, "58030", True, 'cannot list "s3://loads/day/": the endpoint answered SlowDown'),
        (
            "GET /loads/day/1",
            SLOW_DOWN,
            "58030",
            True,
            'cannot read "s3://loads/day/1": the endpoint answered SlowDown',
        ),
        ("GET /loads/day/1", cuts(0.5), "58030", True, '"s3://loads/day/1" was cut off after'),
        ("GET /loads/day/1", drops, "58030", True, "s3://loads/day/1"),
        ("GET /loads/day/1", announces(-100), "58030", True, '"s3://loads/day/1" changed while it was read'),
        (
            "GET /loads/day/2",
            answers("400 Bad Request", "ExpiredToken"),
            "42501",
            False,
            "access denied (ExpiredToken)",
        ),
        ("GET /loads/day/2", answers("403 Forbidden", "InvalidAccessKeyId"), "42501", False, "(InvalidAccessKeyId)"),
        (
            "GET /loads/day/2",
            answers("404 Not Found", "NoSuchKey"),
            "58030",
            False,
            '"s3://loads/day/2": it does not exist',
        ),
    ],
    ids=["list 503", "get 503", "cut", "dropped", "short length", "expired", "wrong key", "vanished"],
)
def test_what_stays_broken_fails_the_load_by_name(
    house: CopyHouse, proxy: FaultyS3, marked: str, fault: Any, sqlstate: str, retryable: bool, message: str
) -> None:
    proxy.set(marked, *[fault] * ATTEMPTS * ATTEMPTS)
    failure = house.fails(f"COPY t FROM 's3://loads/day/' {KEYS}")
    assert message in str(failure), failure
    assert (failure.sqlstate, failure.retryable) == (sqlstate, retryable)
    told = f"{failure} {failure.detail} {failure.hint}"
    assert "hidden" not in told and "AKIA" not in told
    proxy.set("GET /")
    assert house.run("SELECT count(*) FROM t") == [(0,)]
    wait_until(lambda: not left_behind(house), 60)  # what was read ahead goes once it has come
    house.run(f"COPY t FROM 's3://loads/day/' {KEYS}")
    assert house.run("SELECT count(*) FROM t") == [(ROWS + 1,)]


def test_an_endpoint_that_is_not_there_is_named(tmp_path: Path) -> None:
    settings = {"s3_endpoint": "http://127.0.0.1:1", "s3_attempts_max": 2, "s3_timeout_seconds": 1.0}
    house = CopyHouse(tmp_path / "home", {"lake": settings})
    house.table("a integer")
    failure = house.fails(f"COPY t FROM 's3://loads/day/' {KEYS}")
    assert "could not be reached" in str(failure) and failure.retryable
    house.close()


@pytest.mark.parametrize("marked", ["GET /loads?", "GET /loads/day/1"])
def test_a_cancel_ends_a_load_that_waits_for_a_hanging_endpoint(tmp_path: Path, proxy: FaultyS3, marked: str) -> None:
    patient = {"s3_endpoint": proxy.url, "s3_timeout_seconds": 300.0}
    house = CopyHouse(tmp_path / "home", {"lake": patient})
    house.table("a integer, b varchar(20)")
    release = threading.Event()
    proxy.set(marked, hangs(release))
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(house.fails, f"COPY t FROM 's3://loads/day/' {KEYS}")
        assert proxy.met.wait(60)
        house.session.cancel()
        # Long before the endpoint's time-out, and while it still hangs.
        assert running.result(120).sqlstate == "57014"
    assert house.run("SELECT count(*) FROM t") == [(0,)]
    release.set()
    proxy.set("GET /")
    house.close()


def test_others_see_a_load_that_runs_and_no_longer_once_it_has_ended(tmp_path: Path, proxy: FaultyS3) -> None:
    house = CopyHouse(tmp_path / "home", {"lake": {"s3_endpoint": proxy.url, "s3_timeout_seconds": 300.0}})
    house.table("a integer, b varchar(20)")
    other = house.connect()
    release = threading.Event()
    proxy.set("GET /loads/day/2", hangs(release))
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(house.run, f"COPY t FROM 's3://loads/day/' {KEYS}")
        assert proxy.met.wait(60)
        seen = "SELECT num_files, bytes_to_load, bytes_loaded < bytes_to_load, pct_complete < 100 FROM stv_load_state"
        deadline = time.monotonic() + 60
        while not (rows := house.run(seen, other)):
            assert time.monotonic() < deadline, "the load was never seen"
        assert rows == [(2, len(CONTENT) + len(b"-1|last\n"), True, True)]
        assert house.run("SELECT trim(status) FROM sys_load_history", other) == [("running",)]
        release.set()
        running.result(120)
    proxy.set("GET /")
    assert house.run("SELECT count(*) FROM stv_load_state", other) == [(0,)]
    assert house.run("SELECT trim(status), loaded_rows FROM sys_load_history", other) == [("completed", ROWS + 1)]
    house.close()
