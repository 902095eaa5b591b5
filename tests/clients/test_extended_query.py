"""The extended query protocol, seen as bytes: PostgreSQL protocol, chapters "Extended Query" and "Pipelining"."""

from __future__ import annotations

import struct

import pytest
from tests.clients import raw_client as raw
from tests.clients.conftest import Running, table
from tests.clients.raw_client import FLUSH, SYNC, RawClient, bind, describe, error, execute, kinds, parse, rows, tags

MANY = "SELECT id FROM many ORDER BY id"


@pytest.fixture
def many(client: RawClient) -> RawClient:
    table(client, "many", *(f"({number}, 'n{number}')" for number in range(10)))
    return client


def oids(message: raw.Message) -> tuple[int, ...]:
    return struct.unpack_from(f"!{int.from_bytes(message.body[:2], 'big')}i", message.body, 2)


def test_a_statement_is_parsed_bound_described_and_run(client: RawClient) -> None:
    answers = client.ask(parse("SELECT $1::integer + 1 AS n"), bind([b"41"]), describe("P"), execute(), SYNC)
    assert kinds(answers) == "12TDCZ"
    assert answers[2].columns == [("n", 23, 0)]
    assert rows(answers) == [[b"42"]]


def test_a_statement_tells_its_parameters_before_it_has_values(client: RawClient) -> None:
    name = table(client, "described")
    answers = client.ask(parse(f"SELECT name FROM {name} WHERE id = $1 AND name = $2", "s"), describe("S", "s"), SYNC)
    assert kinds(answers) == "1tTZ"
    assert oids(answers[1])[0] == 23
    assert oids(answers[1])[1] in (25, 1043)
    assert answers[2].columns[0][:2] == ("name", 1043)


@pytest.mark.parametrize(
    "text", ["INSERT INTO many VALUES (1, 'x')", "BEGIN", "SET query_group TO 'x'", "ROLLBACK", ""]
)
def test_a_statement_without_rows_has_no_data(many: RawClient, text: str) -> None:
    assert kinds(many.ask(parse(text), describe("S"), SYNC)) == "1tnZ"
    assert kinds(many.ask(parse(text), bind(), describe("P"), SYNC)) == "12nZ"


def test_an_empty_statement_runs_to_an_empty_answer(client: RawClient) -> None:
    assert kinds(client.ask(parse(""), bind(), execute(), SYNC)) == "12IZ"


def test_execute_without_describe_sends_rows_alone(client: RawClient) -> None:
    assert kinds(client.ask(parse("SELECT 1"), bind(), execute(), SYNC)) == "12DCZ"


def test_a_named_statement_is_run_again_and_forgotten_when_closed(client: RawClient) -> None:
    client.ask(parse("SELECT $1::integer", "again"), SYNC)
    for value in (b"1", None, b"3"):
        assert rows(client.ask(bind([value], statement="again"), execute(), SYNC)) == [[value]]
    duplicate = client.ask(parse("SELECT 2", "again"), SYNC)
    assert error(duplicate)["C"] == "42P05"
    assert kinds(client.ask(raw.close("S", "again"), SYNC)) == "3Z"
    assert error(client.ask(bind([b"1"], statement="again"), SYNC))["C"] == "26000"
    assert kinds(client.ask(raw.close("S", "never there"), raw.close("P", "nor here"), SYNC)) == "33Z"


def test_the_unnamed_statement_is_replaced(client: RawClient) -> None:
    client.ask(parse("SELECT 1"), SYNC)
    client.ask(parse("SELECT 2"), SYNC)
    assert rows(client.ask(bind(), execute(), SYNC)) == [[b"2"]]


def test_parameters_and_results_are_text_or_binary_one_by_one(client: RawClient) -> None:
    text = "SELECT $1::bigint AS a, $2::varchar AS b"
    for formats, first in (((), b"7"), ((0,), b"7"), ((1, 0), struct.pack("!q", 7))):
        answers = client.ask(parse(text, oids=[20, 1043]), bind([first, b"x"], formats=formats), execute(), SYNC)
        assert rows(answers) == [[b"7", b"x"]]
    binary = client.ask(
        parse(text, oids=[20, 1043]),
        bind([struct.pack("!q", 7), b"x"], formats=[1], result_formats=[1]),
        describe("P"),
        execute(),
        SYNC,
    )
    assert [form for _, _, form in binary[2].columns] == [1, 1]
    assert rows(binary) == [[struct.pack("!q", 7), b"x"]]
    mixed = client.ask(parse(text), bind([b"7", b"x"], result_formats=[1, 0]), execute(), SYNC)
    assert rows(mixed) == [[struct.pack("!q", 7), b"x"]]


def test_a_small_integer_may_stand_for_a_wider_one(client: RawClient) -> None:
    """Clients send the smallest type that holds the number."""
    answers = client.ask(
        parse("SELECT $1::bigint + 1 AS n", oids=[21]), bind([struct.pack("!h", 5)], formats=[1]), execute(), SYNC
    )
    assert rows(answers) == [[b"6"]]


@pytest.mark.parametrize(
    ("values", "formats", "result_formats"),
    [([], [], []), ([b"1", b"2"], [], []), ([b"1"], [0, 0], []), ([b"1"], [], [0, 0])],
)
def test_a_bind_that_does_not_fit_its_statement_is_refused(
    client: RawClient, values: list[bytes], formats: list[int], result_formats: list[int]
) -> None:
    answers = client.ask(
        parse("SELECT $1::integer"), bind(values, formats=formats, result_formats=result_formats), execute(), SYNC
    )
    assert error(answers)["C"] == "08P01"
    assert answers[-1].body == b"I"


def test_several_statements_cannot_be_prepared(client: RawClient) -> None:
    assert error(client.ask(parse("SELECT 1; SELECT 2"), SYNC))["C"] == "42601"


def test_after_an_error_everything_is_left_out_until_sync(client: RawClient) -> None:
    answers = client.ask(
        parse("SELECT nope"), bind(), describe("P"), execute(), parse("SELECT 1"), bind(), execute(), SYNC
    )
    assert kinds(answers).replace("1", "").replace("2", "") == "EZ"
    assert error(answers)["C"] == "42703"
    assert rows(client.ask(parse("SELECT 1"), bind(), execute(), SYNC)) == [[b"1"]]


def test_an_error_is_told_at_once_and_not_kept_until_sync(client: RawClient) -> None:
    client.send(bind(statement="missing"))
    assert client.read().fields["C"] == "26000"
    assert client.ask(SYNC)[-1].body == b"I"


def test_flush_brings_the_answers_without_sync(client: RawClient) -> None:
    client.send(parse("SELECT 1", "flushed"), describe("S", "flushed"), FLUSH)
    assert kinds(client.read_until(b"T")) == "1tT"
    client.send(bind(statement="flushed"), execute(), FLUSH)
    assert kinds(client.read_until(b"C")) == "2DC"
    assert kinds(client.ask(SYNC)) == "Z"


def test_a_batch_up_to_sync_is_all_or_nothing(client: RawClient) -> None:
    name = table(client, "batch")
    insert = parse(f"INSERT INTO {name} VALUES ($1::integer, 'x')", "batch_insert")
    client.ask(insert, SYNC)

    def run(value: bytes) -> bytes:
        return bind([value], statement="batch_insert") + execute()

    client.ask(run(b"1"), run(b"2"), parse("SELECT nope"), bind(), execute(), SYNC)
    assert rows(client.query(f"SELECT id FROM {name}")) == []
    client.ask(run(b"1"), run(b"2"), SYNC, parse("SELECT nope"), bind(), execute(), SYNC)
    client.read_until(b"Z")
    assert rows(client.query(f"SELECT id FROM {name} ORDER BY id")) == [[b"1"], [b"2"]]


def test_each_sync_of_a_pipeline_is_a_boundary_of_its_own(client: RawClient) -> None:
    one = parse("SELECT 1") + bind() + execute() + SYNC
    bad = parse("SELECT nope") + bind() + execute() + SYNC
    client.send(one, bad, one)
    assert tags(client.read_until(b"Z")) == ["SELECT 1"]
    assert error(client.read_until(b"Z"))["C"] == "42703"
    assert tags(client.read_until(b"Z")) == ["SELECT 1"]


def test_a_block_stays_failed_over_sync_until_it_is_rolled_back(client: RawClient) -> None:
    client.query("BEGIN")
    assert client.ask(parse("SELECT nope"), bind(), execute(), SYNC)[-1].body == b"E"
    refused = client.ask(parse("SELECT 1"), bind(), execute(), SYNC)
    assert error(refused)["C"] == "25P02"
    ended = client.ask(parse("ROLLBACK"), describe("S"), bind(), execute(), SYNC)
    assert tags(ended) == ["ROLLBACK"]
    assert ended[-1].body == b"I"


def test_a_bad_bind_fails_its_block_too(client: RawClient) -> None:
    client.query("BEGIN")
    assert client.ask(parse("SELECT $1::integer"), bind([]), SYNC)[-1].body == b"E"
    client.query("ROLLBACK")


# -- portals ---------------------------------------------------------------------------------------------------


def test_a_row_limit_suspends_the_portal_and_the_next_execute_goes_on(many: RawClient) -> None:
    many.query("BEGIN")
    first = many.ask(parse(MANY), bind(portal="p"), describe("P", "p"), execute("p", 4), SYNC)
    assert kinds(first) == "12TDDDDsZ"
    assert rows(many.ask(execute("p", 4), SYNC)) == [[b"4"], [b"5"], [b"6"], [b"7"]]
    last = many.ask(execute("p", 4), SYNC)
    assert kinds(last) == "DDCZ"
    assert tags(last) == ["SELECT 2"]
    assert tags(many.ask(execute("p", 0), SYNC)) == ["SELECT 0"]
    many.query("COMMIT")


def test_a_limit_that_is_just_reached_suspends_and_the_end_comes_next(many: RawClient) -> None:
    many.query("BEGIN")
    assert kinds(many.ask(parse(MANY), bind(portal="p"), execute("p", 10), SYNC)).endswith("sZ")
    assert kinds(many.ask(execute("p", 10), SYNC)) == "CZ"
    many.query("ROLLBACK")


def test_portals_take_turns_without_disturbing_each_other(many: RawClient) -> None:
    many.query("BEGIN")
    many.ask(parse(MANY, "m"), bind(portal="a", statement="m"), bind(portal="b", statement="m"), SYNC)
    assert rows(many.ask(execute("a", 2), SYNC)) == [[b"0"], [b"1"]]
    assert rows(many.ask(execute("b", 3), SYNC)) == [[b"0"], [b"1"], [b"2"]]
    assert tags(many.query("INSERT INTO many VALUES (99, 'late')")) == ["INSERT 0 1"]
    assert rows(many.ask(execute("a", 2), SYNC)) == [[b"2"], [b"3"]]
    assert len(rows(many.ask(execute("b", 0), SYNC))) == 7
    many.query("ROLLBACK")
    many.ask(raw.close("S", "m"), SYNC)


@pytest.mark.parametrize("end", ["COMMIT", "ROLLBACK"])
def test_portals_die_with_their_transaction(many: RawClient, end: str) -> None:
    many.query("BEGIN")
    many.ask(parse(MANY), bind(portal="p"), execute("p", 1), SYNC)
    many.query(end)
    assert error(many.ask(execute("p", 1), SYNC))["C"] == "34000"


def test_outside_a_block_portals_die_at_sync(many: RawClient) -> None:
    assert kinds(many.ask(parse(MANY), bind(portal="p"), execute("p", 1), SYNC)).endswith("sZ")
    assert error(many.ask(execute("p", 1), SYNC))["C"] == "34000"


def test_within_one_batch_a_suspended_portal_goes_on(many: RawClient) -> None:
    answers = many.ask(parse(MANY), bind(portal="p"), execute("p", 1), execute("p", 2), raw.close("P", "p"), SYNC)
    assert kinds(answers) == "12DsDDs3Z"


def test_a_portal_name_is_taken_until_it_is_closed(many: RawClient) -> None:
    many.query("BEGIN")
    many.ask(parse(MANY), bind(portal="p"), SYNC)
    assert error(many.ask(bind(portal="p"), SYNC))["C"] == "42P03"
    many.query("ROLLBACK")


def test_a_statement_without_rows_runs_once_per_portal(many: RawClient) -> None:
    many.query("BEGIN")
    many.ask(parse("INSERT INTO many VALUES (50, 'x')"), bind(portal="p"), execute("p"), SYNC)
    assert error(many.ask(execute("p"), SYNC))["C"] == "55000"
    many.query("ROLLBACK")


def test_deallocate_in_sql_reaches_the_protocols_own_statements(client: RawClient) -> None:
    client.ask(parse("SELECT 1", "_driver_0"), parse("SELECT 2", "_driver_1"), SYNC)
    assert tags(client.query("DEALLOCATE _driver_0")) == ["DEALLOCATE"]
    assert error(client.ask(bind(statement="_driver_0"), SYNC))["C"] == "26000"
    client.query("DISCARD ALL")
    assert error(client.ask(bind(statement="_driver_1"), SYNC))["C"] == "26000"


def test_copy_in_within_the_extended_protocol_ignores_the_sync_sent_ahead(client: RawClient) -> None:
    """libpq sends Sync with Execute, before it can know that a copy begins, and another one after CopyDone."""
    name = table(client, "extended_copy")
    client.send(parse(f"COPY {name} FROM STDIN"), bind(), describe("P"), execute(), SYNC)
    assert kinds(client.read_until(b"G")) == "12nG"
    answers = client.ask(raw.copy_data(b"1\tone\n"), raw.COPY_DONE, SYNC)
    assert kinds(answers) == "CZ"
    assert tags(answers) == ["COPY 1"]
    client.send(parse(f"COPY {name} FROM STDIN"), bind(), execute(), SYNC)
    client.read_until(b"G")
    failed = client.ask(raw.copy_fail("no"), SYNC)
    assert error(failed)["C"] == "57014"
    assert rows(client.query(f"SELECT id FROM {name}")) == [[b"1"]]


def test_a_null_parameter_goes_into_a_column_with_a_length(client: RawClient) -> None:
    name = table(client, "null_parameter")
    text = f"INSERT INTO {name} VALUES ($1,$2)"
    answers = client.ask(raw.parse(text), raw.bind([b"1", None]), raw.execute(), raw.SYNC)
    assert kinds(answers) == "12CZ", answers
    assert rows(client.query(f"SELECT id, name FROM {name}")) == [[b"1", None]]


def test_a_batch_without_sync_is_committed_by_the_simple_query_after_it(server: Running, client: RawClient) -> None:
    name = table(client, "unsynced")
    client.send(raw.parse(f"INSERT INTO {name} VALUES (1, 'a')"), raw.bind(), raw.execute(), raw.FLUSH)
    assert kinds(client.read_until(b"C")) == "12C"
    with server.raw() as other:
        assert rows(other.query(f"SELECT id FROM {name}")) == [], "nothing is committed before the batch ends"
        assert client.query("SELECT 1")[-1].body == b"I"
        assert rows(other.query(f"SELECT id FROM {name}")) == [[b"1"]]


def test_a_batch_without_sync_is_undone_by_a_simple_query_that_fails(server: Running, client: RawClient) -> None:
    name = table(client, "unsynced_failed")
    client.send(raw.parse(f"INSERT INTO {name} VALUES (1, 'a')"), raw.bind(), raw.execute(), raw.FLUSH)
    client.read_until(b"C")
    assert client.query("SELECT nope")[-1].body == b"I"
    assert rows(client.query(f"SELECT id FROM {name}")) == []
