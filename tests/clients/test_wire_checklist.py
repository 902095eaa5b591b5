"""What servers of this protocol usually get wrong: each point, and the test that holds it.

The points are named in `CHECKLIST`; most tests stand in the files of their subject, those here had no place of their own.
"""

from __future__ import annotations

import re
import struct
from pathlib import Path

import pytest
from tests.clients import raw_client as wire
from tests.clients.raw_client import RawClient

TESTS = Path(__file__).parents[1]

CHECKLIST: dict[str, tuple[str, ...]] = {
    "1 encryption requests on one socket, no plain bytes before TLS, TLS 1.2": (
        "clients/test_starting.py::test_gssapi_then_tls_are_asked_on_one_socket_and_answered_by_one_byte_each",
        "clients/test_starting.py::test_plain_bytes_slipped_in_before_the_handshake_are_refused",
        "clients/test_starting.py::test_tls_older_than_1_2_is_refused",
    ),
    "2 newer protocols and _pq_ options are negotiated": (
        "clients/test_starting.py::test_a_newer_protocol_and_its_options_are_negotiated_down",
    ),
    "3 SCRAM: server's proof, empty user name, binding, list ends twice": (
        "clients/test_simple_query.py::test_one_query_is_described_sent_counted_and_ended",
        "rooms/wire/test_scram.py::test_channel_binding_proves_that_both_sides_see_the_same_certificate",
        "rooms/wire/test_scram.py::test_the_example_of_rfc_7677_is_reproduced",
    ),
    "4 cancel on a connection of its own, without an answer": (
        "clients/test_starting.py::test_every_session_has_a_cancel_key_of_its_own",
        "clients/test_interruption.py::test_a_cancel_is_felt_within_a_second_while_the_engine_works",
        "clients/test_interruption.py::test_a_wrong_key_cancels_nothing",
        "clients/test_interruption.py::test_a_cancel_spares_the_neighbours",
        "clients/test_interruption.py::test_over_tls_too_a_cancel_leaves_whole_messages",
    ),
    "5 ParameterStatus at the start and after SET": (
        "clients/test_starting.py::test_the_session_introduces_itself_as_redshift_does",
        "clients/test_simple_query.py::test_a_changed_setting_is_reported_before_the_server_is_ready",
    ),
    "6 the status byte, and what a failed block takes": (
        "clients/test_simple_query.py::test_the_status_byte_follows_the_block",
        "clients/test_extended_query.py::test_a_block_stays_failed_over_sync_until_it_is_rolled_back",
    ),
    "7 after an error nothing until Sync; Flush answers": (
        "clients/test_extended_query.py::test_after_an_error_everything_is_left_out_until_sync",
        "clients/test_extended_query.py::test_each_sync_of_a_pipeline_is_a_boundary_of_its_own",
        "clients/test_extended_query.py::test_flush_brings_the_answers_without_sync",
    ),
    "8 several statements in one string": (
        "clients/test_simple_query.py::test_each_statement_of_a_string_has_an_answer_of_its_own",
        "clients/test_simple_query.py::test_a_string_of_statements_is_all_or_nothing",
        "clients/test_simple_query.py::test_commit_inside_a_string_keeps_what_came_before_it",
    ),
    "9 empty statements": (
        "clients/test_simple_query.py::test_a_string_without_statements_gets_an_empty_answer",
        "clients/test_extended_query.py::test_an_empty_statement_runs_to_an_empty_answer",
    ),
    "10 Describe before values": (
        "clients/test_extended_query.py::test_a_statement_tells_its_parameters_before_it_has_values",
        "clients/test_extended_query.py::test_a_statement_without_rows_has_no_data",
    ),
    "11 a portal named like an SQL cursor is described": (
        "clients/test_psycopg_modes.py::test_a_server_side_cursor_fetches_in_portions",
        "clients/test_wire_checklist.py::test_a_portal_named_like_a_cursor_is_described",
    ),
    "12 a row limit suspends the portal": (
        "clients/test_extended_query.py::test_a_row_limit_suspends_the_portal_and_the_next_execute_goes_on",
        "clients/test_extended_query.py::test_portals_die_with_their_transaction",
    ),
    "13 format codes, NULL, small integers": (
        "clients/test_extended_query.py::test_parameters_and_results_are_text_or_binary_one_by_one",
        "clients/test_extended_query.py::test_a_small_integer_may_stand_for_a_wider_one",
        "rooms/wire/test_values.py::test_null_has_no_format",
    ),
    "14 binary encodings": (
        "rooms/endpoints/test_encode_against_postgres.py::test_text_and_binary_are_postgresqls_own",
        "rooms/wire/test_values.py::test_binary_is_read_as_postgresql_reads_it",
    ),
    "15 text formats": (
        "rooms/endpoints/test_encode_against_postgres.py::test_text_and_binary_are_postgresqls_own",
        "rooms/endpoints/test_encode_rows.py::test_text_is_as_redshift_prints_it",
        "rooms/endpoints/test_encode_rows.py::test_infinities_have_postgresqls_names_and_numbers",
    ),
    "16 errors: fields and classes": (
        "clients/test_wire_checklist.py::test_every_kind_of_error_has_its_class",
        "clients/test_simple_query.py::test_an_error_names_its_class_and_its_place_in_the_whole_string",
        "rooms/wire/test_messages.py::test_an_error_always_has_severity_code_and_message_and_shows_the_rest_where_known",
    ),
    "17 INFO and NOTICE beside the answer": (
        "clients/test_wire_checklist.py::test_a_load_says_how_it_went_as_info",
        "clients/test_psycopg2.py::test_autocommit_notices_and_parameters_of_the_session",
    ),
    "18 command tags": ("clients/test_wire_checklist.py::test_every_statement_ends_with_its_tag",),
    "19 the COPY conversation": (
        "clients/test_psycopg.py::test_copy_goes_in_and_out",
        "clients/test_asyncpg_modes.py::test_records_travel_by_binary_copy_in_and_out",
        "clients/test_simple_query.py::test_a_copy_that_the_client_gives_up_leaves_nothing",
        "clients/test_simple_query.py::test_a_failing_copy_in_fails_its_block",
    ),
    "20 a slow reader costs bounded memory and not for ever": (
        "clients/test_serve.py::test_a_reader_that_pauses_costs_a_bounded_amount_of_memory",
        "clients/test_interruption.py::test_a_client_that_stops_reading_is_cut_off_in_time",
    ),
    "21 names of columns that have none": (
        "clients/test_wire_checklist.py::test_columns_without_a_name_are_called_as_in_postgresql",
    ),
    "22 folding of names": ("clients/test_wire_checklist.py::test_names_are_folded_in_results",),
    "23 what poolers send between two clients": (
        "clients/test_wire_checklist.py::test_a_session_is_as_new_after_what_poolers_send",
        "clients/test_asyncpg_modes.py::test_a_pool_gives_back_connections_as_new",
    ),
}


@pytest.mark.parametrize("point", CHECKLIST, ids=lambda point: point.split()[0])
def test_every_point_has_a_test(point: str) -> None:
    for test in CHECKLIST[point]:
        path, _, name = test.partition("::")
        assert re.search(rf"^def {name}\(", (TESTS / path).read_text(encoding="utf-8"), re.MULTILINE), test


def test_every_point_is_there() -> None:
    assert [int(point.split()[0]) for point in CHECKLIST] == list(range(1, 24))


def test_a_portal_named_like_a_cursor_is_described(client: RawClient) -> None:
    client.query("BEGIN")
    declared = client.ask(
        wire.parse('DECLARE "srv" CURSOR FOR SELECT 1 AS one, 2::bigint AS two'), wire.bind(), wire.execute(), wire.SYNC
    )
    assert not [message for message in declared if message.kind == b"E"], declared
    described = client.ask(wire.describe("P", "srv"), wire.SYNC)
    assert [column[:2] for column in described[0].columns] == [("one", 23), ("two", 20)]
    fetched = client.query("FETCH FORWARD 1 FROM srv")
    assert [message.values for message in fetched if message.kind == b"D"] == [[b"1", b"2"]]
    client.query("ROLLBACK")


@pytest.mark.parametrize(
    ("sql", "sqlstate"),
    [
        ("SELEC 1", "42601"),
        ("SELECT * FROM no_such_table", "42P01"),
        ("SELECT no_such_function(1)", "42883"),
        ("SELECT * FROM no_such_schema.t", "3F000"),
        ("SELECT 1::no_such_type", "42704"),
        ("CREATE TABLE errors_twice (a integer); CREATE TABLE errors_twice (a integer)", "42P07"),
        ("CREATE SCHEMA errors_schema; CREATE SCHEMA errors_schema", "42P06"),
        ("SELECT nope", "42703"),
        ("SELECT a FROM (SELECT 1 AS a) x, (SELECT 2 AS a) y", "42702"),
        ("SELECT a, count(*) FROM (SELECT 1 AS a) x", "42803"),
        ("SELECT 'x'::integer", "22P02"),
        ("SELECT 2147483647::integer + 1", "22003"),
        ("SELECT 1 / 0", "22012"),
        ("CREATE TEMP TABLE errors_null (a integer NOT NULL); INSERT INTO errors_null VALUES (NULL)", "23502"),
        ("SAVEPOINT a", "0A000"),
    ],
)
def test_every_kind_of_error_has_its_class(client: RawClient, sql: str, sqlstate: str) -> None:
    errors = [message.fields for message in client.query(sql) if message.kind == b"E"]
    assert [error["C"] for error in errors] == [sqlstate], errors
    assert errors[0]["S"] == errors[0]["V"] == "ERROR"
    assert errors[0]["M"]


def test_a_load_says_how_it_went_as_info(client: RawClient, server, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    source = server.home / "lake" / "checklist.txt"
    source.parent.mkdir(exist_ok=True)
    source.write_text("1\n2\n3\n")
    client.query("DROP TABLE IF EXISTS checklist_load")
    client.query("CREATE TABLE checklist_load (id integer)")
    answers = client.query(f"COPY checklist_load FROM '{source}'")
    notices = [message.fields for message in answers if message.kind == b"N"]
    assert [notice["S"] for notice in notices] == ["INFO"], answers
    assert "'checklist_load' completed, 3 record(s) loaded successfully" in notices[0]["M"]


def test_every_statement_ends_with_its_tag(client: RawClient) -> None:
    expected = {
        "CREATE TABLE tags (id integer)": "CREATE TABLE",
        "INSERT INTO tags VALUES (1), (2), (3)": "INSERT 0 3",
        "UPDATE tags SET id = 9 WHERE id > 1": "UPDATE 2",
        "DELETE FROM tags WHERE id = 9": "DELETE 2",
        "SELECT * FROM tags": "SELECT 1",
        "CREATE TABLE tags_copied AS SELECT * FROM tags": "SELECT 1",
        "ALTER TABLE tags ADD COLUMN more integer": "ALTER TABLE",
        "CREATE VIEW tags_view AS SELECT 1 AS one": "CREATE VIEW",
        "DROP VIEW tags_view": "DROP VIEW",
        "DROP TABLE tags, tags_copied": "DROP TABLE",
        "BEGIN": "BEGIN",
        "DECLARE tags_cursor CURSOR FOR SELECT 1": "DECLARE CURSOR",
        "FETCH ALL FROM tags_cursor": "FETCH 1",
        "CLOSE tags_cursor": "CLOSE CURSOR",
        "COMMIT": "COMMIT",
        "SET query_group TO 'x'": "SET",
        "RESET query_group": "RESET",
        "SHOW query_group": "SHOW",
    }
    found = {sql: [message.text for message in client.query(sql) if message.kind == b"C"] for sql in expected}
    assert found == {sql: [tag] for sql, tag in expected.items()}


def test_columns_without_a_name_are_called_as_in_postgresql(client: RawClient) -> None:
    answers = client.query(
        "SELECT 1, 'x', count(*), sum(a), max(a + 1), a + 1, CASE WHEN true THEN 1 END, a::varchar, coalesce(a, 0) "
        "FROM (SELECT 1 AS a) t GROUP BY a"
    )
    assert [name for name, *_ in answers[0].columns] == [
        "?column?", "?column?", "count", "sum", "max", "?column?", "case", "a", "coalesce",
    ]  # fmt: skip
    assert [
        name for name, *_ in client.query("SELECT t.*, u.* FROM (SELECT 1 AS a) t, (SELECT 2 AS a) u")[0].columns
    ] == ["a", "a"]


def test_names_are_folded_in_results(client: RawClient) -> None:
    client.query("CREATE TEMP TABLE Folded (MyColumn integer)")
    answers = client.query('SELECT MyColumn, MYCOLUMN AS Other, "mycolumn" FROM FOLDED')
    assert [name for name, *_ in answers[0].columns] == ["mycolumn", "other", "mycolumn"]


def test_a_session_is_as_new_after_what_poolers_send(client: RawClient) -> None:
    client.query("SET query_group TO 'mine'")
    client.query("CREATE TEMP TABLE pooled (id integer)")
    client.query("PREPARE pooled AS SELECT 1")
    for sql in ("RESET ALL", "UNLISTEN *", "CLOSE ALL", "DEALLOCATE ALL", "DISCARD ALL"):
        answers = client.query(sql)
        assert [message.kind for message in answers if message.kind in b"EC"] == [b"C"], (sql, answers)
    shown = client.query("SHOW query_group")
    assert [message.values for message in shown if message.kind == b"D"] == [[b"default"]]
    for sql, sqlstate in (("EXECUTE pooled", "26000"), ("SELECT * FROM pooled", "42P01")):
        assert [message.fields["C"] for message in client.query(sql) if message.kind == b"E"] == [sqlstate]


def test_a_bind_without_format_codes_is_text(client: RawClient) -> None:
    answers = client.ask(
        wire.parse("SELECT $1::integer + $2::integer"),
        wire.bind([b"1", struct.pack("!i", 2)], formats=[0, 1], result_formats=[]),
        wire.execute(),
        wire.SYNC,
    )
    assert [message.values for message in answers if message.kind == b"D"] == [[b"3"]]
