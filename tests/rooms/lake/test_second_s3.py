"""A second S3 server, written by others than the first: files out, found again, queried and back in. Its buckets are folders
on disk, so that a test sees what is left there; a proxy before it breaks things on purpose."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import ThreadingHTTPServer
from pathlib import Path
from typing import Any

import localbucket
import pytest

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))
from copy_house import CopyHouse  # noqa: E402
from faulty_s3 import FaultyS3, answers, cuts, drops, faulty_s3, hangs  # noqa: E402

KEYS = "ACCESS_KEY_ID 'AKIAFAULTYFAULTYFAUL' SECRET_ACCESS_KEY 'the-hidden-key'"
SLOW_DOWN = answers("503 Slow Down", "SlowDown")
ATTEMPTS = 2
ROWS = 1000


class River:
    """The house, the proxy, and the bucket `river` as a folder."""

    def __init__(self, house: CopyHouse, proxy: FaultyS3, bucket: Path) -> None:
        self.house, self.proxy, self.bucket = house, proxy, bucket

    def objects(self, prefix: str = "") -> list[str]:
        found = (path.relative_to(self.bucket).as_posix() for path in self.bucket.rglob("*") if path.is_file())
        return sorted(name for name in found if name.startswith(prefix) and not name.startswith("."))

    def uploads(self) -> list[Path]:
        return list((self.bucket.parent / localbucket.UPLOADS_DIR).glob("*"))


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[River]:
    root = tmp_path_factory.mktemp("buckets").resolve()
    (root / "river").mkdir()
    handler = type("Handler", (localbucket.S3Handler,), {"data_root": root})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    with faulty_s3(("127.0.0.1", server.server_address[1])) as proxy:
        settings = {"s3_endpoint": proxy.url, "s3_attempts_max": ATTEMPTS, "s3_timeout_seconds": 5.0}
        home = tmp_path_factory.mktemp("second") / "home"
        house = CopyHouse(home, {"lake": settings})
        (home / "secrets.toml").write_text(
            '[s3]\naccess_key_id = "AKIAFAULTYFAULTYFAUL"\nsecret_access_key = "the-hidden-key"\n'
        )
        house.close()
        house.reopen(home, {"lake": settings})
        house.run("CREATE TABLE sold (id integer, amount numeric(9,2), year integer)")
        house.run(f"INSERT INTO sold SELECT n, n * 1.5, 2019 + n % 2 FROM generate_series(1, {ROWS}) AS g(n)")
        house.run("CREATE EXTERNAL SCHEMA far FROM DATA CATALOG DATABASE 'far' CREATE EXTERNAL DATABASE IF NOT EXISTS")
        yield River(house, proxy, root / "river")
        house.close()
    server.shutdown()
    server.server_close()


@pytest.fixture
def river(shared: River) -> Iterator[River]:
    shared.proxy.set("GET /")
    yield shared
    shared.proxy.set("GET /")


def test_files_go_out_are_found_queried_and_come_back(river: River) -> None:
    run = river.house.run
    run(f"UNLOAD ('SELECT * FROM sold') TO 's3://river/whole/' {KEYS} FORMAT PARQUET PARTITION BY (year) MANIFEST")
    assert {name.split("/")[1] for name in river.objects("whole/")} == {"manifest", "year=2019", "year=2020"}
    run("CREATE CRAWLER whole DATABASE 'far' TARGETS ('s3://river/whole/')")
    assert [row[:2] for row in run("START CRAWLER whole")] == [("whole", "created"), ("manifest", "skipped")]
    totals = run("SELECT count(*), sum(amount) FROM sold WHERE year = 2020")
    assert run("SELECT count(*), sum(amount) FROM far.whole WHERE year = 2020") == totals
    run("CREATE TABLE back (LIKE sold)")
    run(f"COPY back (id, amount) FROM 's3://river/whole/year=2020/' {KEYS} PARQUET")
    assert run("SELECT count(*), sum(amount) FROM back") == totals
    run("DROP CRAWLER whole")


@pytest.mark.parametrize(
    ("marked", "fault"),
    [("PUT /river/again/", SLOW_DOWN), ("PUT /river/again/", drops), ("GET /river?", SLOW_DOWN)],
    ids=["put 503", "put dropped", "list 503"],
)
def test_an_unload_tries_again_what_may_pass(river: River, marked: str, fault: Any) -> None:
    river.proxy.set(marked, fault)
    river.house.run(f"UNLOAD ('SELECT * FROM sold') TO 's3://river/again/' {KEYS} CLEANPATH PARALLEL OFF")
    assert not river.proxy.faults, "the fault was met"
    assert (river.bucket / "again/000").read_text().count("\n") == ROWS


@pytest.mark.parametrize(
    ("fault", "sqlstate", "message"),
    [
        (SLOW_DOWN, "58030", 'cannot write "s3://river/broken/000": the endpoint answered SlowDown'),
        (answers("400 Bad Request", "ExpiredToken"), "42501", "access denied (ExpiredToken)"),
        (drops, "58030", "s3://river/broken/000"),
    ],
    ids=["503", "expired", "dropped"],
)
def test_an_unload_that_stays_broken_leaves_nothing(river: River, fault: Any, sqlstate: str, message: str) -> None:
    river.proxy.set("PUT /river/broken/", *[fault] * ATTEMPTS * ATTEMPTS)
    failure = river.house.fails(f"UNLOAD ('SELECT * FROM sold') TO 's3://river/broken/' {KEYS} PARALLEL OFF")
    assert message in str(failure) and failure.sqlstate == sqlstate, failure
    assert "hidden" not in f"{failure} {failure.detail} {failure.hint}"
    assert river.objects("broken/") == [] and river.uploads() == []
    assert not list((river.house.lake.parent / "tmp").glob("unload-*"))


def test_a_cancel_gives_up_the_parts_that_were_sent(river: River) -> None:
    release = threading.Event()
    river.proxy.set("partNumber=2", hangs(release))
    big = "SELECT repeat(chr(65 + (a.id + b.id) % 26), 100) FROM sold a, sold b WHERE b.id <= 250"
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(river.house.fails, f"UNLOAD ('{big}') TO 's3://river/big/' {KEYS} PARALLEL OFF")
        assert river.proxy.met.wait(120)
        assert river.uploads(), "the first part has been sent"
        river.house.session.cancel()
        release.set()
        assert running.result(120).sqlstate == "57014"
    assert river.objects("big/") == [] and river.uploads() == []


@pytest.mark.parametrize("fault", [SLOW_DOWN, drops, cuts(0.5)], ids=["503", "dropped", "cut"])
def test_scans_and_crawls_fail_by_name_and_recover(river: River, fault: Any) -> None:
    run = river.house.run
    run(f"UNLOAD ('SELECT * FROM sold') TO 's3://river/scan/' {KEYS} FORMAT PARQUET ALLOWOVERWRITE PARALLEL OFF")
    run("CREATE CRAWLER scan DATABASE 'far' TARGETS ('s3://river/scan/')")
    river.proxy.set("GET /river?", *[fault] * 20)
    failure = river.house.fails("START CRAWLER scan")
    assert "s3://river/scan/" in str(failure) and failure.sqlstate == "58030", failure
    river.proxy.set("GET /")
    run("START CRAWLER scan")
    river.proxy.set("/river/scan/", *[fault] * 40)
    failure = river.house.fails("SELECT sum(id) FROM far.scan")
    assert failure.sqlstate == "58030" and "hidden" not in str(failure), failure
    river.proxy.set("GET /")
    assert run("SELECT sum(id) FROM far.scan") == [(ROWS * (ROWS + 1) // 2,)]
    states = run("SELECT state FROM sys_crawl_history WHERE crawler_name = 'scan' ORDER BY crawl_id DESC LIMIT 2")
    assert states == [("COMPLETED",), ("FAILED",)]
    run("DROP CRAWLER scan")
