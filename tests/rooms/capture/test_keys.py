"""The keys that outputs were told: what a dump has not found of them is deleted, of every type of key."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from boathouse.capture.changes import DELETE, INSERT, ChangeBatch, Column, TableSchema
from boathouse.capture.outputs.keys import ToldKeys
from boathouse.contracts import types as t
from boathouse.contracts.source_errors import Fenced
from boathouse.contracts.types import SqlType


def batch(schema: TableSchema, rows: list[dict[str, Any]], op: int = INSERT) -> ChangeBatch:
    count = len(rows)
    return ChangeBatch(
        schema, pa.RecordBatch.from_pylist(rows, schema=schema.arrow), pa.array([op] * count, pa.int8()), (),
        pa.nulls(count, pa.int32()), pa.array(range(count), pa.int64()),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("type_", "values"),
    [
        (t.BIGINT, [-(1 << 63), 0, (1 << 63) - 1]),
        (t.BOOLEAN, [False, True]),
        (
            t.numeric(38, 12),
            [Decimal("-99999999999999999999999999.999999999999"), Decimal("0.000000000001"), Decimal(0)],
        ),
        (t.varchar(100), ["", "a", "A", '"', "ü \U0001f600", "a\\nb", " "]),
        (t.DATE, [date(1, 1, 1), date(9999, 12, 31)]),
        (
            t.TIMESTAMP,
            [datetime(1, 1, 1), datetime(2020, 2, 29, 1, 2, 3, 4), datetime(9999, 12, 31, 23, 59, 59, 999_999)],
        ),
        (t.TIMESTAMPTZ, [datetime(1970, 1, 1, tzinfo=UTC), datetime(2020, 2, 29, 1, 2, 3, 4, tzinfo=UTC)]),
        (t.TIME, [time(0), time(23, 59, 59, 999_999)]),
        (SqlType("varbyte", length=100), [b"", b"\x00\xff", b"ab"]),
    ],
    ids=lambda one: one.name if isinstance(one, SqlType) else "",
)
def test_what_was_not_found_is_deleted_by_its_whole_key(tmp_path: Path, type_: SqlType, values: list[Any]) -> None:
    schema = TableSchema(
        "s", "t", (Column("n", t.varchar(10), "x"), Column("b", type_, "x"), Column("a", t.INTEGER, "x")), (2, 1)
    )
    rows = [{"n": "x", "b": value, "a": part} for value in values for part in (1, 2)]
    keys = ToldKeys(tmp_path / "folder", 1)
    keys.write(batch(schema, rows))
    keys.write(batch(schema, rows[:1], DELETE))
    keys.write(batch(schema, rows[:1]))
    keys.found(7, schema, batch(schema, rows[2:]).rows)
    ghosts = keys.ghosts(7, schema)
    assert ghosts is not None and set(ghosts.ops.to_pylist()) == {DELETE}
    assert sorted(ghosts.keys()) == sorted((row["a"], row["b"]) for row in rows[:2])
    assert ghosts.rows.column(0).to_pylist() == [None, None]
    keys.write(ghosts)
    assert keys.ghosts(7, schema) is None
    keys.commit()
    # Another run, another dump: what is there is known, and so is what it does not find.
    keys.close()
    keys = ToldKeys(tmp_path / "folder", 2)
    assert keys.has(schema.path) and not keys.has(("s", "other"))
    later = keys.ghosts(8, schema)
    assert later is not None and sorted(later.keys()) == sorted((row["a"], row["b"]) for row in rows[2:])
    keys.truncate(schema.path)
    assert keys.ghosts(8, schema) is None
    keys.rollback()
    keys.close()


def test_a_writer_that_was_overtaken_changes_nothing(tmp_path: Path) -> None:
    first = ToldKeys(tmp_path, 1)
    first.commit()
    second = ToldKeys(tmp_path, 2)
    with pytest.raises(Fenced):
        first.commit()
    second.commit()
    first.close()
    second.close()


def test_a_writer_that_is_paused_in_its_commit_holds_nobody_up(tmp_path: Path) -> None:
    schema = TableSchema("s", "t", (Column("a", t.INTEGER, "x"),), (0,))
    first = ToldKeys(tmp_path, 1)
    first.write(batch(schema, [{"a": 1}]))
    assert first.ghosts(1, schema) is not None  # and is stopped here
    second = ToldKeys(tmp_path, 2)
    assert not second.has(schema.path)
    second.write(batch(schema, [{"a": 2}]))
    second.commit()
    first.commit()
    second.close()
    third = ToldKeys(tmp_path, 3)
    ghosts = third.ghosts(1, schema)
    assert ghosts is not None and ghosts.keys() == [(2,)]
    third.rollback()
    third.close()
    first.close()


def test_keys_of_another_kind_are_forgotten(tmp_path: Path) -> None:
    keys, column = ToldKeys(tmp_path, 1), (Column("a", t.INTEGER, "x"), Column("b", t.INTEGER, "x"))
    keys.write(batch(TableSchema("s", "t", column, (0,)), [{"a": 1, "b": 5}]))
    assert keys.ghosts(1, TableSchema("s", "t", column, (1,))) is None
    keys.commit()
    assert not keys.has(("s", "t"))
    keys.close()
