"""Queries over external tables run beside the house instead of waiting, with the same answers; everything else waits."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Iterator

import pytest
from tests.clients import raw_client as raw
from tests.clients.conftest import Running
from tests.clients.raw_client import RawClient, error, rows, tags
from tests.clients.test_interruption import wait_until
from tests.clients.test_queues import held, in_group, state

from boathouse.contracts.errors import InvalidParameterValue
from boathouse.workload.settings import WorkloadSettings

QUEUES = [
    {"name": "scaled", "query_group": ["scaled"], "query_concurrency": 1, "concurrency_scaling": "auto"},
    {"name": "fixed", "query_group": ["fixed"], "query_concurrency": 1},
    {"query_concurrency": 20},
]
LAKE = "SELECT count(*), sum(n), max(word), max(at) FROM river.stones"
MANY = "SELECT a.n, repeat('x', 100) FROM river.stones a, river.stones b"
"""A million rows of a hundred bytes: no client's and no server's buffers hold them."""


@pytest.fixture(scope="module")
def scaled(server: Running) -> Iterator[Running]:
    workload = server.house.service.workload
    with server.raw() as client:
        client.query("CREATE TABLE IF NOT EXISTS queued_target (id integer)")
        client.query("CREATE TABLE local_stones (n integer)")
        client.query(
            "CREATE EXTERNAL SCHEMA river FROM DATA CATALOG DATABASE 'river' CREATE EXTERNAL DATABASE IF NOT EXISTS"
        )
        client.query("CREATE EXTERNAL TABLE river.stones (n integer, word varchar(20), at timestamp) STORED AS PARQUET "
                     "LOCATION 'river/stones/'")  # fmt: skip
        client.query("CREATE EXTERNAL TABLE river.pebbles (n integer) STORED AS AVRO LOCATION 'river/pebbles/'")
        client.query("CREATE VIEW stones_view AS SELECT n, word FROM river.stones WHERE n < 10 WITH NO SCHEMA BINDING")
        client.query("CREATE FUNCTION twice(integer) RETURNS integer IMMUTABLE AS $$ SELECT $1 * 2 $$ LANGUAGE sql")
        client.query("CREATE TABLE digits (d integer)")
        client.query("INSERT INTO digits VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9)")
        done = client.query("INSERT INTO river.stones SELECT a.d + 10 * b.d + 100 * c.d, 'stone ' || a.d, timestamp "
                            "'2020-01-01' + a.d * interval '1 hour' FROM digits a, digits b, digits c")  # fmt: skip
        assert tags(done) == ["INSERT 0 1000"], done
    workload.configure(_settings())
    yield server
    workload.configure(WorkloadSettings())


def _settings() -> WorkloadSettings:
    return WorkloadSettings(json.dumps(QUEUES), 1, "512MB", 1, 600.0)


@pytest.fixture
def client(scaled: Running) -> Iterator[RawClient]:
    with scaled.raw() as found:
        yield found


@pytest.fixture
def reader(scaled: Running) -> Iterator[RawClient]:
    with in_group(scaled, "scaled") as found:
        yield found


def _processes(server: Running, *, busy: bool = False) -> list[int]:
    pool = server.house.service.workload.bursts
    return [one._process.pid for one in (pool._busy if busy else pool._idle)]  # type: ignore[attr-defined]


def _status(client: RawClient, of: RawClient) -> list[list[bytes | None]]:
    return rows(client.query(
        "SELECT q.concurrency_scaling_status, trim(h.compute_type), trim(w.service_class_name), trim(h.status) FROM stl_query q "
        "JOIN sys_query_history h ON h.query_id = q.query JOIN stl_wlm_query w USING (query) WHERE q.query = "
        f"(SELECT max(query) FROM stl_query WHERE pid = {of.key[0]})"
    ))  # fmt: skip


def test_a_query_over_files_answers_while_its_queue_is_full_with_the_same_rows_and_is_told(
    scaled: Running, client: RawClient, reader: RawClient
) -> None:
    asked = [
        LAKE,
        "WITH few AS (SELECT n, word FROM river.stones WHERE n IN (3, 1, 2)) SELECT * FROM few ORDER BY n",
        "SELECT twice(n), word, current_user, n::numeric(6, 2) / 3, convert_timezone('Asia/Tokyo', at) FROM river.stones "
        "WHERE n BETWEEN 5 AND 8 ORDER BY n",
        "SELECT s.n, v.word FROM river.stones s LEFT JOIN stones_view v USING (n) ORDER BY n DESC LIMIT 995",
        "SELECT word FROM river.stones WHERE false",
    ]
    expected = [rows(reader.query(text)) for text in asked]
    assert expected[0][0][0] == b"1000" and _status(client, reader) == [[b"0", b"primary", b"scaled", b"success"]]
    with held(scaled, "scaled"):
        assert [rows(reader.query(text)) for text in asked] == expected
        assert _status(client, reader) == [[b"1", b"primary-scale", b"scaled", b"success"]]
        reader.send(raw.parse("SELECT word FROM river.stones WHERE n = $1", oids=[23]), raw.bind([b"7"]), raw.execute(),
                    raw.typed(b"S"))  # fmt: skip
        assert rows(reader.read_until(b"Z")) == [[b"stone 7"]]
        failed = error(reader.query("SELECT 1 / (n - 7) FROM river.stones"))
        assert (failed["C"], failed["M"]) == ("22012", "Divide by zero")
        assert _status(client, reader) == [[b"1", b"primary-scale", b"scaled", b"failed"]]
        found = client.query(
            "SELECT sum(queries) >= 7, max(usage_in_seconds) < 600 FROM svcs_concurrency_scaling_usage"
        )
        assert rows(found) == [[b"t", b"t"]]
        assert len(_processes(scaled)) == 1
    found = client.query("SELECT trim(name), trim(concurrency_scaling) FROM stv_wlm_service_class_config "
                         "WHERE service_class > 5 ORDER BY service_class")  # fmt: skip
    assert rows(found)[:2] == [[b"scaled", b"auto"], [b"fixed", b"off"]]


@pytest.mark.parametrize(
    "text",
    [
        "SELECT count(*) FROM river.stones JOIN local_stones USING (n)",
        "SELECT count(*) FROM river.stones, pg_class",
        "SELECT n FROM river.stones WHERE random() > 2",
        "SELECT count(*) FROM river.pebbles, river.stones",
        "SELECT count(*) FROM river.stones WHERE has_table_privilege('local_stones', 'select')",
    ],
)
def test_what_needs_more_than_files_waits(scaled: Running, client: RawClient, reader: RawClient, text: str) -> None:
    with held(scaled, "scaled"):
        reader.send(raw.query(text))
        wait_until(lambda: state(client, reader) == [("scaled", "QueuedWaiting")])
    assert len(rows(reader.read_until(b"Z"))) <= 1
    assert _status(client, reader)[0][0] == b"0"


def test_a_block_that_has_written_a_cursor_and_a_queue_that_does_not_scale_wait(
    scaled: Running, client: RawClient, reader: RawClient
) -> None:
    for group, before in (
        (
            "scaled",
            [
                "BEGIN",
                "SET query_group TO 'free'",
                "INSERT INTO local_stones VALUES (1)",
                "SET query_group TO 'scaled'",
            ],
        ),
        ("fixed", []),
        ("scaled", ["BEGIN"]),
    ):
        with in_group(scaled, group) as other, held(scaled, group):
            for statement in before:
                other.query(statement)
            other.send(raw.query(LAKE if len(before) != 1 else f"DECLARE c CURSOR FOR {LAKE}"))
            wait_until(lambda: rows(client.query("SELECT count(*) FROM stv_wlm_query_queue_state")) == [[b"1"]])
            assert tags(client.query(f"CANCEL {other.key[0]}")) == ["CANCEL"]
            assert error(other.read_until(b"Z"))["C"] == "57014"


def test_a_killed_process_costs_no_answer_before_the_first_row_and_a_clear_error_after_it(
    scaled: Running, client: RawClient, reader: RawClient
) -> None:
    with held(scaled, "scaled"):
        assert rows(reader.query(LAKE))[0][0] == b"1000"
        os.kill(_processes(scaled)[0], signal.SIGKILL)
        reader.send(raw.query(LAKE))
        wait_until(lambda: state(client, reader) == [("scaled", "QueuedWaiting")])
    assert rows(reader.read_until(b"Z"))[0][0] == b"1000"
    assert _status(client, reader)[0][0] == b"0"
    with held(scaled, "scaled"):
        reader.send(raw.query(MANY))
        assert reader.read_until(b"D")[-1].kind == b"D"
        os.kill(_processes(scaled, busy=True)[0], signal.SIGKILL)
        failed = error(reader.read_until(b"Z"))
        assert failed["C"] == "58000" and "Run the query again" in failed["H"]
        assert rows(reader.query(LAKE))[0][0] == b"1000"
    assert not _processes(scaled, busy=True)


def test_cancel_timeout_and_a_client_that_goes_reach_the_process(
    scaled: Running, client: RawClient, reader: RawClient
) -> None:
    with held(scaled, "scaled"):
        assert rows(reader.query(LAKE))[0][0] == b"1000"
        (pid,) = _processes(scaled)
        endless = "SELECT count(*) FROM river.stones a, river.stones b, river.stones c, river.stones WHERE a.n + b.n + c.n > 7"
        reader.send(raw.query(endless))
        wait_until(lambda: _processes(scaled, busy=True) == [pid])
        assert tags(client.query(f"CANCEL {reader.key[0]}")) == ["CANCEL"]
        assert error(reader.read_until(b"Z"))["C"] == "57014"
        reader.query("SET statement_timeout TO 200")
        assert error(reader.query(endless))["M"] == "canceling statement due to statement timeout"
        reader.query("SET statement_timeout TO 0")
        with in_group(scaled, "scaled") as gone:
            gone.send(raw.query(MANY))
            gone.read_until(b"D")
        wait_until(lambda: not _processes(scaled, busy=True))
        assert rows(reader.query(LAKE))[0][0] == b"1000"


def test_a_portal_that_is_fetched_in_parts_lets_the_process_go(scaled: Running, reader: RawClient) -> None:
    with held(scaled, "scaled"), in_group(scaled, "scaled") as other:
        reader.ask(raw.query("BEGIN"))
        reader.send(
            raw.parse("SELECT n FROM river.stones ORDER BY n"), raw.bind(), raw.execute(rows_max=1), raw.typed(b"H")
        )
        assert reader.read_until(b"s", b"E")[-1].kind == b"s"
        assert rows(other.query(LAKE))[0][0] == b"1000"
        reader.send(raw.execute(), raw.typed(b"S"))
        assert rows(reader.read_until(b"Z")) == [[str(n).encode()] for n in range(1, 1000)]
        assert tags(reader.query("COMMIT")) == ["COMMIT"]


UNLOAD = "UNLOAD ('SELECT n, word FROM {t} ORDER BY n') TO '{place}' FORMAT CSV PARALLEL OFF"


def _files(server: Running, folder: str) -> dict[str, bytes]:
    found = (server.house.home / "lake" / folder).rglob("*")
    return {one.name: one.read_bytes() for one in found if one.is_file()}


def test_an_export_of_files_writes_the_same_files_while_its_queue_is_full(
    scaled: Running, client: RawClient, reader: RawClient
) -> None:
    reader.query("CREATE TABLE local_words AS SELECT n, word FROM river.stones")
    assert tags(reader.query(UNLOAD.format(t="river.stones", place="out/house/"))) == ["UNLOAD"]
    assert _status(client, reader)[0][0] == b"0"
    with held(scaled, "scaled"):
        assert tags(reader.query(UNLOAD.format(t="river.stones", place="out/beside/"))) == ["UNLOAD"]
        assert _status(client, reader) == [[b"1", b"primary-scale", b"scaled", b"success"]]
        parted = (
            "UNLOAD ('SELECT n, n % 2 AS odd FROM river.stones') TO 'out/parted/' PARTITION BY (odd) FORMAT PARQUET"
        )
        assert tags(reader.query(parted)) == ["UNLOAD"]
        failed = error(reader.query("UNLOAD ('SELECT 1 / (n - 7) FROM river.stones') TO 'out/failed/'"))
        assert failed["C"] == "22012" and not _files(scaled, "out/failed")
        reader.send(raw.query(UNLOAD.format(t="local_words", place="out/local/")))
        wait_until(lambda: state(client, reader) == [("scaled", "QueuedWaiting")])
    assert tags(reader.read_until(b"Z")) == ["UNLOAD"]
    assert _files(scaled, "out/house") == _files(scaled, "out/beside") == _files(scaled, "out/local") != {}
    assert len(_files(scaled, "out/parted")) == 2


def test_an_export_whose_process_is_killed_is_written_by_the_house_and_nothing_half(
    scaled: Running, client: RawClient, reader: RawClient
) -> None:
    with held(scaled, "scaled"):
        assert rows(reader.query(LAKE))[0][0] == b"1000"
        reader.send(raw.query(f"UNLOAD ('{MANY.replace(chr(39), chr(39) * 2)}') TO 'out/killed/' FORMAT CSV"))
        staged = scaled.house.home / "tmp"
        wait_until(lambda: any(one.stat().st_size for one in staged.glob("unload-*/**/*") if one.is_file()))
        for pid in _processes(scaled, busy=True):
            os.kill(pid, signal.SIGKILL)
        wait_until(lambda: state(client, reader) == [("scaled", "QueuedWaiting")])
        assert not _files(scaled, "out/killed")
    assert tags(reader.read_until(b"Z")) == ["UNLOAD"]
    assert sum(one.count(b"\n") for one in _files(scaled, "out/killed").values()) == 1_000_000
    assert _status(client, reader)[0][0] == b"0"


def test_limits_are_checked(scaled: Running) -> None:
    workload = scaled.house.service.workload
    for wrong in (
        {"max_concurrency_scaling_clusters": 11},
        {"burst_memory_limit": "much"},
        {"burst_idle_seconds": -1.0},
        {"burst_ready": 11},
    ):
        with pytest.raises(InvalidParameterValue, match=next(iter(wrong))):
            workload.configure(WorkloadSettings(**wrong))  # type: ignore[arg-type]
