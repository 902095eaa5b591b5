"""The simple query protocol, seen as bytes: PostgreSQL protocol, chapters "Simple Query" and "COPY Operations"."""

from __future__ import annotations

import pytest
from tests.clients import raw_client as raw
from tests.clients.conftest import Running, table
from tests.clients.raw_client import RawClient, error, kinds, rows, tags


def test_one_query_is_described_sent_counted_and_ended(client: RawClient) -> None:
    answers = client.query("SELECT 1 AS a, NULL::varchar AS b")
    assert kinds(answers) == "TDCZ"
    assert [(name, form) for name, _, form in answers[0].columns] == [("a", 0), ("b", 0)]
    assert rows(answers) == [[b"1", None]]
    assert tags(answers) == ["SELECT 1"]
    assert answers[-1].body == b"I"


@pytest.mark.parametrize("text", ["", "  ", ";", "-- nothing here", "/* nor here */", " ; ;; "])
def test_a_string_without_statements_gets_an_empty_answer(client: RawClient, text: str) -> None:
    assert kinds(client.query(text)) == "IZ"


def test_each_statement_of_a_string_has_an_answer_of_its_own(client: RawClient) -> None:
    answers = client.query("SELECT 1; SELECT 2, 3; SET query_group TO 'x'; SELECT 4 WHERE 1 = 0")
    assert kinds(answers) == "TDCTDCCTCZ"
    assert tags(answers) == ["SELECT 1", "SELECT 1", "SET", "SELECT 0"]


def test_a_string_of_statements_is_all_or_nothing(client: RawClient) -> None:
    name = table(client, "all_or_nothing")
    answers = client.query(f"INSERT INTO {name} VALUES (1, 'a'); SELECT nope; INSERT INTO {name} VALUES (2, 'b')")
    assert tags(answers) == ["INSERT 0 1"]
    assert kinds(answers).endswith("EZ")
    assert answers[-1].body == b"I"
    assert rows(client.query(f"SELECT id FROM {name}")) == []
    client.query(f"INSERT INTO {name} VALUES (1, 'a'); INSERT INTO {name} VALUES (2, 'b')")
    assert rows(client.query(f"SELECT id FROM {name} ORDER BY id")) == [[b"1"], [b"2"]]


def test_commit_inside_a_string_keeps_what_came_before_it(client: RawClient) -> None:
    name = table(client, "split_string")
    client.query(f"BEGIN; INSERT INTO {name} VALUES (1, 'a'); COMMIT; INSERT INTO {name} VALUES (2, 'b'); SELECT nope")
    assert rows(client.query(f"SELECT id FROM {name}")) == [[b"1"]]


def test_the_status_byte_follows_the_block(client: RawClient) -> None:
    assert client.query("BEGIN")[-1].body == b"T"
    assert client.query("SELECT 1")[-1].body == b"T"
    assert client.query("SELECT nope")[-1].body == b"E"
    refused = client.query("SELECT 1")
    assert error(refused)["C"] == "25P02"
    assert refused[-1].body == b"E"
    ended = client.query("COMMIT")
    assert tags(ended) == ["ROLLBACK"]
    assert ended[-1].body == b"I"


def test_an_error_names_its_class_and_its_place_in_the_whole_string(client: RawClient) -> None:
    text = "SELECT 1;  SELECT nope"
    found = error(client.query(text))
    assert found["C"] == "42703"
    assert found["S"] == found["V"] == "ERROR"
    assert found["M"]
    assert text[int(found["P"]) - 1 :].startswith("nope")


def test_a_changed_setting_is_reported_before_the_server_is_ready(client: RawClient) -> None:
    answers = client.query("SET application_name TO 'renamed'")
    assert b"application_name\0renamed\0" in [answer.body for answer in answers if answer.kind == b"S"]
    assert answers[-1].kind == b"Z"


def test_a_function_call_is_refused_and_the_session_goes_on(client: RawClient) -> None:
    answers = client.ask(raw.typed(b"F", b"\0\0\0\1\0\0\0\0\0\0"))
    assert error(answers)["C"] == "0A000"
    assert tags(client.query("SELECT 1")) == ["SELECT 1"]


def test_text_that_is_not_utf8_is_refused_and_the_session_goes_on(client: RawClient) -> None:
    answers = client.ask(raw.typed(b"Q", b"SELECT '\xff'\0"))
    assert error(answers)["C"] == "22021"
    assert tags(client.query("SELECT 1")) == ["SELECT 1"]


def test_an_unknown_message_ends_the_connection_with_a_reason(client: RawClient) -> None:
    client.send(raw.typed(b"!", b""))
    answer = client.read()
    assert answer.fields["C"] == "08P01"
    assert answer.fields["S"] == "FATAL"
    assert client.is_closed()


def test_a_message_over_the_limit_ends_the_connection_with_a_reason(client: RawClient) -> None:
    client.send(b"Q\x7f\xff\xff\xff")
    assert client.read().fields["C"] == "08P01"
    assert client.is_closed()


def test_terminate_ends_the_session_without_a_word(server: Running) -> None:
    with server.raw() as client:
        client.send(raw.TERMINATE)
        assert client.is_closed()


def test_a_large_result_arrives_whole_and_in_order(client: RawClient) -> None:
    name = table(client, "large_result", "(0, 'x')")
    for step in range(17):
        client.query(f"INSERT INTO {name} SELECT id + {2**step}, name FROM {name}")
    answers = client.query(f"SELECT id FROM {name} ORDER BY id")
    assert tags(answers) == ["SELECT 131072"]
    assert [int(row[0] or -1) for row in rows(answers)] == list(range(131072))


# -- COPY --------------------------------------------------------------------------------------------------


def test_copy_in_takes_pieces_that_do_not_end_at_row_ends(client: RawClient) -> None:
    name = table(client, "copy_pieces")
    client.send(raw.query(f"COPY {name} FROM STDIN"))
    response = client.read()
    assert response.kind == b"G"
    assert response.body == b"\0\0\2\0\0\0\0"
    answers = client.ask(raw.copy_data(b"1\tone\n2"), raw.copy_data(b"\ttwo\n"), raw.copy_data(b""), raw.COPY_DONE)
    assert kinds(answers) == "CZ"
    assert tags(answers) == ["COPY 2"]
    assert rows(client.query(f"SELECT id, name FROM {name} ORDER BY id")) == [[b"1", b"one"], [b"2", b"two"]]


def test_a_copy_that_the_client_gives_up_leaves_nothing(client: RawClient) -> None:
    name = table(client, "copy_given_up")
    client.send(raw.query(f"COPY {name} FROM STDIN"))
    assert client.read().kind == b"G"
    answers = client.ask(raw.copy_data(b"1\tone\n"), raw.copy_fail("changed my mind"))
    found = error(answers)
    assert found["C"] == "57014"
    assert "changed my mind" in found["M"]
    assert answers[-1].body == b"I"
    assert rows(client.query(f"SELECT id FROM {name}")) == []


def test_a_copy_with_bad_data_fails_and_the_rest_of_it_is_ignored(client: RawClient) -> None:
    name = table(client, "copy_bad")
    client.send(raw.query(f"COPY {name} FROM STDIN"))
    assert client.read().kind == b"G"
    client.send(raw.copy_data(b"not a number\tone\n"), raw.copy_data(b"2\ttwo\n"), raw.COPY_DONE)
    answers = client.read_until(b"Z")
    assert kinds(answers) == "EZ"
    assert tags(client.query("SELECT 1")) == ["SELECT 1"]
    assert rows(client.query(f"SELECT id FROM {name}")) == []


def test_another_message_in_the_middle_of_a_copy_ends_the_connection(server: Running) -> None:
    with server.raw() as client:
        name = table(client, "copy_broken")
        client.send(raw.query(f"COPY {name} FROM STDIN"))
        assert client.read().kind == b"G"
        client.send(raw.query("SELECT 1"))
        assert client.read().fields["C"] == "08P01"
        assert client.is_closed()


def test_copy_out_sends_rows_and_how_many_they_were(client: RawClient) -> None:
    name = table(client, "copy_out", "(1, 'one')", "(2, NULL)")
    answers = client.query(f"COPY (SELECT id, name FROM {name} ORDER BY id) TO STDOUT")
    assert kinds(answers).startswith("Hd")
    assert kinds(answers).endswith("cCZ")
    assert b"".join(answer.body for answer in answers if answer.kind == b"d") == b"1\tone\n2\t\\N\n"
    assert tags(answers) == ["COPY 2"]


def test_a_failing_copy_in_fails_its_block(client: RawClient) -> None:
    name = table(client, "copy_block")
    client.query("BEGIN")
    client.send(raw.query(f"COPY {name} FROM STDIN"))
    assert client.read().kind == b"G"
    assert client.ask(raw.copy_fail("no"))[-1].body == b"E"
    assert client.query("ROLLBACK")[-1].body == b"I"
