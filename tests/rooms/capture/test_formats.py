"""What receivers read: values without loss, in each format, by the schema that the store has."""

from __future__ import annotations

import base64
import io
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import fastavro
import jsonschema
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.rooms.capture.some_changes import COLUMNS, NOTED, ROWS, SCHEMA, changes_of, every_operation

from boathouse.capture.changes import INSERT, Column, TableSchema
from boathouse.capture.delivery.journal import Journal
from boathouse.capture.formats.arrow import ArrowFormatter
from boathouse.capture.formats.debezium import UNAVAILABLE, DebeziumFormatter
from boathouse.capture.formats.events import EventFormatter
from boathouse.capture.formats.formatter import Changes, Place, rows_told
from boathouse.capture.formats.schemas import avro_names, avro_schema, json_schema
from boathouse.contracts.source_errors import Fenced
from boathouse.contracts.types import SqlType


def events(changes: Changes, formatter: Any = None) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((formatter or EventFormatter()).body([changes]))
    return found


def test_an_event_tells_what_happened_and_where() -> None:
    read, inserted, updated, deleted, moved = events(every_operation())
    assert {name: value for name, value in inserted.items() if name != "after"} == {
        "integration": "shop", "schema": "public", "table": "every", "version": 2, "entry": 7, "number": 4,
        "operation": "insert", "key": {"id": 2}, "position": "0/1A", "ordinal": 1, "time": "2026-01-02T03:04:05.123456Z",
    }  # fmt: skip
    assert read["operation"] == "read" and read["position"] is None and read["time"] == "2026-01-02T03:04:05.000000Z"
    assert updated["unchanged"] == ["text"] and "text" not in updated["after"] and updated["key"] == {"id": -(2**63)}
    assert deleted["operation"] == "delete" and deleted["after"] is None and deleted["key"] == {"id": 4}
    assert moved["moved_from"] == {"id": 4} and moved["key"] == {"id": 5} and moved["operation"] == "insert"
    emptied = Changes("shop", "shop_1", ("public", "every"), 2, Place(8, 0), NOTED, None, None)
    assert events(emptied)[0]["operation"] == "truncate"


def test_values_are_told_without_loss() -> None:
    first, second, nothing, last = (one["after"] for one in events(changes_of(ROWS, [INSERT] * 4)))
    assert first == {
        "id": 1, "yes": True, "small": 32767, "of 100 %s": 2**31 - 1, "single": 0.5, "double": 1e300,
        "amount": "12.5000000000", "text": 'a "quote", ü, \\ and \n', "day": "0001-01-01",
        "at": "0001-01-01T00:00:00.000000", "at_zone": "2026-01-02T03:04:05.000006Z", "hour": "23:59:59.999999",
        "bytes": "00ff", "document": {"a": [1]},
    }  # fmt: skip
    assert second["single"] == "NaN" and second["double"] == "-Infinity" and second["document"] is None
    assert second["amount"] == "-9999999999999999999999999999.9999999999"
    assert nothing == {"id": -(2**63), **{column.name: None for column in COLUMNS[1:]}}
    assert last["amount"] == "0.0000000001" and last["text"] == ROWS[3][7]


def test_events_are_valid_by_the_schema_of_their_version() -> None:
    schema = json_schema(SCHEMA, 2)
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    for one in [*events(changes_of(ROWS, [INSERT] * 4)), *events(every_operation())]:
        if one["after"] is not None:
            validator.validate(one["after"])
    wrong = events(changes_of(ROWS[:1], [INSERT]))[0]["after"] | {"amount": 12.5}
    assert (
        not validator.is_valid(wrong) and not validator.is_valid({"yes": True}) and not validator.is_valid({"id": None})
    )


def test_rows_go_through_avro_and_come_back() -> None:
    schema = fastavro.parse_schema(avro_schema(SCHEMA, 2))
    names, file = avro_names(SCHEMA), io.BytesIO()
    rows = [dict(zip(names, row, strict=True)) for row in ROWS]
    fastavro.writer(file, schema, rows)
    file.seek(0)
    back = list(fastavro.reader(file))
    assert [repr(one) for one in back] == [repr(one) for one in rows]
    assert names[3] == "of_100__s" and schema["fields"][3]["boathouse.column"] == "of 100 %s"


def test_names_that_avro_does_not_take_stay_apart() -> None:
    columns = tuple(Column(name, SqlType("integer"), "integer") for name in ("a b", "a_b", "a-b", "1", "ü"))
    names = avro_names(TableSchema("s", "t", columns, (0,)))
    assert len(set(names)) == 5
    fastavro.parse_schema(avro_schema(TableSchema("s", "2 t", columns, (0,)), 1))


def test_arrow_streams_hold_the_rows_and_what_happened() -> None:
    changes = every_operation()
    stream = pa.ipc.open_stream(ArrowFormatter().body([changes, changes]))
    metadata = {name.decode(): value.decode() for name, value in stream.schema.metadata.items()}
    assert metadata == {"integration": "shop", "schema": "public", "table": "every", "version": "2", "first": "7.3"}
    table = stream.read_all()
    assert table.num_rows == 10 and table.column("_record_operation").to_pylist()[3] == "delete"
    assert table.slice(0, 5).to_batches()[0].to_pydict().__repr__() == rows_told(changes).to_pydict().__repr__()


def test_debezium_s_envelope() -> None:
    read, inserted, updated, deleted, _ = events(every_operation(), DebeziumFormatter())
    assert (read["op"], inserted["op"], updated["op"], deleted["op"]) == ("r", "c", "u", "d")
    assert read["source"]["snapshot"] == "true" and inserted["source"]["snapshot"] == "false"
    assert inserted["source"]["ts_ms"] == 1_767_323_045_123 and inserted["source"]["sequence"] == "7.4"
    assert inserted["before"] is None and inserted["source"]["table"] == "every" and isinstance(inserted["ts_ms"], int)
    assert deleted["after"] is None and deleted["before"] == {"id": 4, **{column.name: None for column in COLUMNS[1:]}}
    assert updated["after"]["text"] == UNAVAILABLE
    after = read["after"]
    assert (
        after["day"] == -719162
        and after["hour"] == 86_399_999_999
        and after["at_zone"] == "2026-01-02T03:04:05.000006Z"
    )
    assert base64.b64decode(after["bytes"]) == b"\x00\xff" and after["document"] == '{"a": [1]}'


def test_debezium_s_schema_describes_the_payload() -> None:
    message = next(iter(DebeziumFormatter(with_schema=True).messages(every_operation())))
    value, key = json.loads(message.value), json.loads(message.key or b"")
    assert key["payload"] == {"id": 1} and key["schema"]["fields"][0] == {
        "type": "int64",
        "optional": False,
        "field": "id",
    }
    fields = {field["field"]: field for field in value["schema"]["fields"]}
    assert list(fields) == list(value["payload"])
    described = {field["field"]: field for field in fields["after"]["fields"]}
    assert described["day"]["name"] == "io.debezium.time.Date" and described["amount"]["type"] == "string"
    kinds = {
        "int16": int,
        "int32": int,
        "int64": int,
        "string": str,
        "boolean": bool,
        "float": float,
        "double": float,
        "bytes": str,
    }
    for name, told in value["payload"]["after"].items():
        assert isinstance(told, kinds[described[name]["type"]]), name
    assert [field["field"] for field in fields["source"]["fields"]] == list(value["payload"]["source"])


@settings(max_examples=50)
@given(st.lists(st.integers(1, 9), min_size=1, max_size=6), st.integers(-1, 40))
def test_behind_any_place_stands_just_what_was_not_told(sizes: list[int], told: int) -> None:
    number, whole = 0, []
    for size in sizes:
        whole.append(changes_of([ROWS[0]] * size, [INSERT] * size, Place(7, number)))
        number += size
    rest = [one for changes in whole if (one := changes.behind(Place(7, told))) is not None]
    places = [one.first.number + index for one in rest for index in range(len(one))]
    assert places == list(range(told + 1, number))
    assert all(one.batch is not None and len(one.batch.ops) == len(one) for one in rest)


def test_a_journal_gives_back_what_was_written(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "1", "shop", "shop_1")
    journal.open(6)
    entry, changes = journal.begin(NOTED), every_operation()
    assert changes.batch is not None
    entry.write(changes.batch, 2)
    entry.truncate(("public", "every"), changes.batch.transactions[0], 2)
    entry.write(changes.batch, 3)
    assert entry.close()
    assert journal.entries(Place(0, -1)) == []  # before its commit nobody sees it
    journal.commit(7)
    first, emptied, third = journal.read(7, Place(7, -1))
    assert (first.first, first.last, emptied.first, third.last) == (Place(7, 0), Place(7, 4), Place(7, 5), Place(7, 10))
    assert emptied.batch is None and emptied.transaction is not None and third.version == 3
    again = [Changes(**{**vars_of(one), "first": changes.first}) for one in (first, third)]
    expected = EventFormatter().body([changes]).replace(b'"version":2', b'"version":%d')
    assert [EventFormatter().body([one]) for one in again] == [expected.replace(b"%d", digit) for digit in (b"2", b"3")]
    assert [one.first for one in journal.read(7, Place(7, 7))] == [Place(7, 8)]
    begun = journal.begin(NOTED)
    begun.write(changes.batch, 2)
    begun.close()
    journal.open(7)  # after a crash before the commit
    journal.commit(8)
    assert journal.entries(Place(0, -1)) == [7]
    journal.forget(7)
    assert journal.entries(Place(0, -1)) == [] and journal.bytes_behind(Place(0, 0)) == 0


def vars_of(changes: Changes) -> dict[str, Any]:
    return {name: getattr(changes, name) for name in changes.__dataclass_fields__}


def test_a_row_is_never_cut_from_the_key_it_left() -> None:
    changes = every_operation()
    assert [len(changes.head(rows)) for rows in (1, 3, 4, 5, 9)] == [1, 3, 5, 5, 5]


def test_decimals_are_written_with_all_their_digits() -> None:
    amounts = [Decimal(1).scaleb(-10), Decimal("123456789012345678901234567.0000000001"), Decimal(0)]
    rows = [[index, *[None] * 5, amount, *[None] * 7] for index, amount in enumerate(amounts)]
    told = [one["after"]["amount"] for one in events(changes_of(rows, [INSERT] * 3))]
    assert told == ["0.0000000001", "123456789012345678901234567.0000000001", "0.0000000000"]


def test_who_was_overtaken_while_it_wrote_an_entry_says_so_and_harms_none(tmp_path: Path) -> None:
    paused, active = Journal(tmp_path / "1", "shop", "shop_1"), Journal(tmp_path / "1", "shop", "shop_1")
    batch = every_operation().batch
    assert batch is not None
    paused.open(6)
    late, later = paused.begin(NOTED), paused.begin(NOTED)
    late.write(batch, 1)
    active.open(6)
    with pytest.raises(Fenced):
        late.close()
    entry = active.begin(NOTED)
    entry.write(batch, 2)
    with pytest.raises(Fenced):
        later.write(batch, 1)
    assert entry.close()
    active.commit(7)
    assert [one.version for one in active.read(7, Place(7, -1))] == [2]
