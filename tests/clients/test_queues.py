"""Statements wait for slots, hop and are aborted as the configuration says; slots come back whatever happens."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from tests.clients import raw_client as raw
from tests.clients.conftest import DATABASE, PASSWORD, USER, Running
from tests.clients.raw_client import RawClient, error, rows, tags
from tests.clients.test_interruption import wait_until

from boathouse.workload.settings import WorkloadSettings


def _rule(name: str, action: str, metric: str, value: float) -> dict[str, object]:
    return {
        "rule_name": name,
        "action": action,
        "predicate": [{"metric_name": metric, "operator": ">", "value": value}],
    }


QUEUES = [
    {"name": "one", "query_group": ["one"], "query_concurrency": 1},
    {"name": "hops", "query_group": ["hop"], "query_concurrency": 1, "max_execution_time": 100},
    {"name": "hopped", "query_group": ["hop", "hopped"], "query_concurrency": 1},
    {"name": "ruled", "query_group": ["ruled"], "query_concurrency": 2, "rules": [
        _rule("many", "abort", "return_row_count", 10), _rule("some", "log", "return_row_count", 1),
        _rule("stale", "abort", "query_queue_time", 0.1),
    ]},
    {"name": "people", "user_group": ["team_*"], "user_group_wild_card": 1, "user_role": ["Analyst"], "query_concurrency": 1},
    {"query_concurrency": 20},
]  # fmt: skip
WORK = (
    "SELECT count(*) FROM queued_crowd a JOIN queued_crowd b ON a.id + b.id <> -1 JOIN queued_crowd c ON b.id + c.id <> -1 "
    "WHERE a.id < 6000 AND c.id < 10"
)
"""Many times a hundred milliseconds' work on any machine, but not endless: 600 million triples; a tenth is done in 50."""
FAST = "SELECT count(*) FROM queued_crowd WHERE id = 7"


@pytest.fixture(scope="module")
def queued(server: Running) -> Iterator[Running]:
    workload = server.house.service.workload
    with server.raw() as client:
        client.query("CREATE TABLE queued_crowd (id integer)")
        client.query("INSERT INTO queued_crowd VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9)")
        for place in range(1, 4):
            client.query(f"INSERT INTO queued_crowd SELECT a.id + 1{'0' * place} * b.id FROM queued_crowd a, queued_crowd b "
                         f"WHERE b.id BETWEEN 1 AND 9 AND a.id < 1{'0' * place}")  # fmt: skip
        assert rows(client.query("SELECT count(*) FROM queued_crowd")) == [[b"10000"]]
        client.query("CREATE TABLE queued_target (id integer)")
    workload.configure(WorkloadSettings(json.dumps(QUEUES)))
    yield server
    workload.configure(WorkloadSettings())


@pytest.fixture
def client(queued: Running) -> Iterator[RawClient]:
    with queued.raw() as found:
        found.query("SET enable_result_cache_for_session TO off")  # kept results need no slot
        yield found


@contextmanager
def in_group(server: Running, group: str, user: str = USER) -> Iterator[RawClient]:
    with RawClient(server.port) as found:
        found.log_in(user, PASSWORD, DATABASE)
        found.query("SET enable_result_cache_for_session TO off")
        assert tags(found.query(f"SET query_group TO '{group}'")) == ["SET"]
        yield found


@contextmanager
def held(server: Running, group: str) -> Iterator[None]:
    """Somebody holds a slot of the group's queue: a COPY that waits for data."""
    with in_group(server, group) as holder:
        holder.send(raw.query("COPY queued_target FROM STDIN"))
        assert holder.read_until(b"G", b"Z")[-1].kind == b"G"
        yield
        holder.send(raw.copy_fail("enough"))
        assert error(holder.read_until(b"Z"))["C"] == "57014"


def state(client: RawClient, of: RawClient) -> list[tuple[str, str]]:
    """Queue and state of another client's statement."""
    found = rows(client.query(
        "SELECT c.name, q.state FROM stv_wlm_query_state q JOIN stv_inflight i USING (query) "
        f"JOIN stv_wlm_service_class_config c USING (service_class) WHERE i.pid = {of.key[0]}"
    ))  # fmt: skip
    return [(str(name, "ascii").strip(), str(kind, "ascii").strip()) for name, kind in found if name and kind]


def stays(client: RawClient, of: RawClient) -> list[tuple[str, str]]:
    """Where another client's last query has been, and how it left."""
    found = rows(client.query(
        "SELECT trim(service_class_name), trim(final_state) FROM stl_wlm_query WHERE query = "
        f"(SELECT max(query) FROM stl_query WHERE pid = {of.key[0]}) ORDER BY queue_start_time"
    ))  # fmt: skip
    return [(str(name, "ascii"), str(kind, "ascii")) for name, kind in found if name and kind]


def test_who_finds_no_slot_waits_is_seen_and_can_be_cancelled_while_others_go_on(
    queued: Running, client: RawClient
) -> None:
    with in_group(queued, "one") as first, in_group(queued, "One") as second, in_group(queued, "one") as third:
        with held(queued, "one"):
            third.query("SET statement_timeout TO 300")
            for one in (first, second):
                one.send(raw.query(FAST))
                wait_until(lambda one=one: state(client, one) == [("one", "QueuedWaiting")])  # type: ignore[misc]
            third.send(raw.query(FAST))
            assert error(third.read_until(b"Z"))["M"] == "canceling statement due to statement timeout"
            waiting = rows(client.query('SELECT "position", slot_count FROM stv_wlm_query_queue_state ORDER BY query'))
            assert waiting == [[b"1", b"1"], [b"2", b"1"]]
            found = rows(client.query("SELECT num_queued_queries, num_executing_queries FROM stv_wlm_service_class_state "
                                      "WHERE service_class IN (6, 7) ORDER BY service_class"))  # fmt: skip
            assert found == [[b"2", b"1"], [b"0", b"0"]]
            live = rows(client.query(f"SELECT trim(status), queue_time > 0, execution_time FROM sys_query_history "
                                     f"WHERE session_id = {first.key[0]} ORDER BY query_id DESC LIMIT 1"))  # fmt: skip
            assert live == [[b"queued", b"t", b"0"]]
            # Another queue, the superusers' queue and questions about the system have slots of their own, or need none.
            assert rows(client.query(FAST)) == [[b"1"]]
            assert tags(client.query(f"CANCEL {second.key[0]}")) == ["CANCEL"]
            assert error(second.read_until(b"Z"))["C"] == "57014"
        assert rows(first.read_until(b"Z")) == [[b"1"]]
        assert rows(second.query(FAST)) == [[b"1"]]
        found = rows(client.query(
            "SELECT total_queue_time > 0, exec_start_time >= queue_end_time, slot_count FROM stl_wlm_query "
            f"WHERE query = (SELECT max(query) FROM stl_query WHERE pid = {first.key[0]})"
        ))  # fmt: skip
        assert found == [[b"t", b"t", b"1"]]
    metrics = queued.house.service.metrics.render().decode()
    assert 'boathouse_queue_running{queue="one"} 0.0' in metrics


def test_the_superusers_queue_is_there_when_all_others_are_full(queued: Running) -> None:
    with held(queued, "one"), in_group(queued, "superuser") as administrator:
        assert rows(administrator.query(FAST)) == [[b"1"]]
        assert stays(administrator, administrator) == [("Service class for super user", "Completed")]


def test_a_slot_is_free_while_a_client_thinks_about_its_rows(queued: Running, client: RawClient) -> None:
    with in_group(queued, "one") as slow, in_group(queued, "one") as other:
        slow.ask(raw.query("BEGIN"))
        slow.send(
            raw.parse("SELECT id FROM queued_crowd ORDER BY id"), raw.bind(), raw.execute(rows_max=1), raw.typed(b"H")
        )
        assert slow.read_until(b"s", b"E")[-1].kind == b"s"  # suspended
        assert rows(other.query(FAST)) == [[b"1"]]
        other.query("BEGIN")
        other.query("DECLARE c CURSOR FOR SELECT id FROM queued_crowd ORDER BY id")
        assert rows(other.query("FETCH 2 FROM c")) == [[b"0"], [b"1"]]
        with held(queued, "one"):
            slow.send(raw.execute(), raw.typed(b"S"))
            wait_until(lambda: state(client, slow) == [("one", "QueuedWaiting")])
        assert len(rows(slow.read_until(b"Z"))) == 9_999
        assert rows(other.query("FETCH 1 FROM c")) == [[b"2"]]
        assert tags(other.query("COMMIT")) == ["COMMIT"]
        slow.query("ROLLBACK")
        assert stays(client, slow) == [("one", "Completed")]


def test_who_holds_changes_and_waits_for_a_slot_is_in_nobodys_way(queued: Running, client: RawClient) -> None:
    client.query("CREATE TABLE IF NOT EXISTS queued_account (id integer, v integer)")
    client.query("INSERT INTO queued_account VALUES (1, 1)")
    with queued.raw() as holder:
        with held(queued, "one"):
            holder.query("BEGIN")
            holder.query("UPDATE queued_account SET v = 2 WHERE id = 1")
            holder.query("SET query_group TO 'one'")
            holder.send(raw.query("SELECT v FROM queued_account"))
            wait_until(lambda: state(client, holder) == [("one", "QueuedWaiting")])
            assert error(client.query("UPDATE queued_account SET v = 3 WHERE id = 1"))["C"] == "40001"
        assert rows(holder.read_until(b"Z")) == [[b"2"]]
        assert tags(holder.query("COMMIT")) == ["COMMIT"]
    assert rows(client.query("SELECT v FROM queued_account")) == [[b"2"]]


def test_a_query_that_times_out_goes_on_in_the_next_queue_or_begins_again_there(
    queued: Running, client: RawClient
) -> None:
    with in_group(queued, "hop") as hopper:
        assert rows(hopper.query(WORK)) == [[b"600000000"]]
        assert stays(client, hopper) == [("hops", "Evicted"), ("hopped", "Completed")]
        with held(queued, "hopped"):
            hopper.send(raw.query(WORK))
            wait_until(lambda: state(client, hopper) == [("hopped", "QueuedWaiting")])
        assert rows(hopper.read_until(b"Z")) == [[b"600000000"]]
        assert stays(client, hopper) == [("hops", "Evicted"), ("hopped", "Completed")]
        # In a block nothing can begin again, and INSERT never hops.
        with held(queued, "hopped"):
            hopper.query("BEGIN")
            assert "WLM timeout of queue" in error(hopper.query(WORK))["M"]
            hopper.query("ROLLBACK")
        assert error(hopper.query(WORK.replace("SELECT", "INSERT INTO queued_target SELECT", 1)))["C"] == "57014"
        assert rows(client.query("SELECT count(*) FROM queued_target")) == [[b"0"]]
        made = WORK.replace("SELECT", "CREATE TABLE queued_made AS SELECT", 1).replace("(*)", "(*) AS n")
        assert tags(hopper.query(made)) == ["SELECT 1"]
        assert rows(client.query("SELECT n FROM queued_made")) == [[b"600000000"]]
        found = rows(
            client.query("SELECT num_evicted_queries FROM stv_wlm_service_class_state WHERE service_class = 7")
        )
        assert found == [[b"3"]]


def test_rules_log_and_abort_and_say_so(queued: Running, client: RawClient) -> None:
    with in_group(queued, "ruled") as greedy:
        greedy.send(raw.query("SELECT a.id FROM queued_crowd a, queued_crowd b"))  # which nobody reads yet
        actions = (
            "SELECT trim(rule), trim(action), trim(service_class_name) FROM stl_wlm_rule_action WHERE query = "
            f"(SELECT max(query_id) FROM sys_query_history WHERE session_id = {greedy.key[0]}) ORDER BY 1"
        )
        wait_until(lambda: rows(client.query(actions)) == [[b"many", b"abort", b"ruled"], [b"some", b"none", b"ruled"]])
        told = b""
        while not told.endswith(b"Z\x00\x00\x00\x05I"):
            told = told[-1000:] + greedy.socket.recv(1 << 20)
        assert b"C57014" in told
        assert b'canceled by WLM abort action of Query Monitoring Rule "many"' in told
        assert rows(greedy.query(FAST)) == [[b"1"]]
        with held(queued, "ruled"):
            greedy.query("SET wlm_query_slot_count TO 2")
            assert "stale" in error(greedy.query(FAST))["M"]
            greedy.query("SET wlm_query_slot_count TO 3")
            assert error(greedy.query(FAST))["C"] == "22023"


def test_users_go_where_their_groups_and_roles_are_named(queued: Running, client: RawClient) -> None:
    client.query(f"CREATE USER queued_ann PASSWORD '{PASSWORD}'")
    client.query(f"CREATE USER queued_bob PASSWORD '{PASSWORD}'")
    client.query("CREATE GROUP team_north WITH USER queued_ann")
    client.query("CREATE ROLE analyst")
    client.query("GRANT ALL ON queued_crowd TO queued_ann, queued_bob")
    with in_group(queued, "none", "queued_ann") as ann, in_group(queued, "superuser", "queued_bob") as bob:
        assert rows(ann.query(FAST)) == [[b"1"]]
        assert stays(client, ann) == [("people", "Completed")]
        bob.query(FAST)
        assert stays(client, bob) == [("Default queue", "Completed")]
        client.query("GRANT ROLE analyst TO queued_bob")
        bob.query(FAST)
        assert stays(client, bob) == [("people", "Completed")]
        # Each sees its own; the queues themselves are for superusers.
        assert rows(bob.query("SELECT count(DISTINCT userid) FROM stl_wlm_query")) == [[b"1"]]
        assert rows(bob.query("SELECT count(*) FROM stv_wlm_query_state")) == [[b"0"]]
        for name in ("stv_wlm_service_class_config", "stv_wlm_qmr_config", "svl_query_queue_info"):
            assert error(bob.query(f"SELECT * FROM {name}"))["C"] == "42501"


def test_another_configuration_takes_effect_at_once_and_a_bad_one_not_at_all(
    queued: Running, client: RawClient
) -> None:
    workload = queued.house.service.workload
    with held(queued, "one"), in_group(queued, "one") as waiter:
        waiter.send(raw.query(FAST))
        wait_until(lambda: state(client, waiter) == [("one", "QueuedWaiting")])
        with pytest.raises(Exception, match="is not supported"):
            workload.configure(WorkloadSettings('[{"auto_wlm": true}]'))
        workload.configure(WorkloadSettings(json.dumps([{**QUEUES[0], "query_concurrency": 2}, *QUEUES[1:]])))
        assert rows(waiter.read_until(b"Z")) == [[b"1"]]
        (queued.home / "queues.json").write_text(json.dumps(QUEUES))
        workload.configure(WorkloadSettings("queues.json"))
    found = rows(client.query("SELECT num_query_tasks FROM stv_wlm_service_class_config WHERE service_class = 6"))
    assert found == [[b"1"]]


def test_a_client_that_goes_away_while_it_waits_leaves_the_queue(queued: Running, client: RawClient) -> None:
    with held(queued, "one"):
        with in_group(queued, "one") as gone:
            gone.send(raw.query(FAST))
            wait_until(lambda: state(client, gone) == [("one", "QueuedWaiting")])
        wait_until(lambda: rows(client.query("SELECT count(*) FROM stv_wlm_query_queue_state")) == [[b"0"]])
