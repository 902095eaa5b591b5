"""What every source must do: the suite for the entry-point group `boathouse.capture.sources`.

Subclass `SourceSuite` and write the fixtures `path`, `execute` and `open_source`. The table is the suite's own: `id BIGINT` is
its key, `note VARCHAR(100)` may be null.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from boathouse.capture.changes import DELETE, INSERT, UPDATE, ChangeBatch, Mark, Position, Reached, TablePath
from boathouse.capture.source import Source

_SECONDS = 60.0
Told = list[tuple[int, int, str | None]]


class SourceSuite:
    """See the module."""

    @pytest.fixture
    def path(self) -> TablePath:
        """(schema, name) of the table."""
        raise NotImplementedError("the suite needs a fixture `path`")

    @pytest.fixture
    def execute(self, path: TablePath) -> Callable[..., None]:
        """Runs statements at the source, all in one transaction; makes the table first, empty."""
        raise NotImplementedError("the suite needs a fixture `execute`")

    @pytest.fixture
    def open_source(self, path: TablePath) -> Callable[[], Source]:
        """Opens the source, with that table alone, as the same integration each time."""
        raise NotImplementedError("the suite needs a fixture `open_source`")

    @pytest.fixture
    def source(self, execute: Callable[..., None], open_source: Callable[[], Source]) -> Iterator[Source]:
        """Open, and in the end dropped and closed."""
        made = open_source()
        yield made
        made.drop()
        made.close()
        made.close()

    def test_nothing_stands_in_the_way_and_the_table_has_its_shape(self, source: Source, path: TablePath) -> None:
        """`check` and `tables`."""
        assert [one for one in source.check() if one.level == "error"] == []
        (schema,) = source.tables()
        assert schema.path == path and [column.name for column in schema.columns] == ["id", "note"]
        assert schema.key == (0,) and not schema.columns[0].nullable and schema.columns[1].nullable
        assert source.database()

    def test_the_log_tells_each_change_once_and_in_order(
        self, source: Source, path: TablePath, execute: Callable[..., None]
    ) -> None:
        """From `prepare` on; transactions whole, in the order of their commits."""
        execute(f"INSERT INTO {_name(path)} VALUES (0, 'before')")
        start = source.prepare()
        execute(f"INSERT INTO {_name(path)} VALUES (1, 'a')", f"INSERT INTO {_name(path)} VALUES (2, NULL)")
        execute(f"UPDATE {_name(path)} SET note = 'b' WHERE id = 1")
        execute(f"DELETE FROM {_name(path)} WHERE id = 2")
        batches, _ = self.follow(source, start, 4)
        assert _told(batches) == [(INSERT, 1, "a"), (INSERT, 2, None), (UPDATE, 1, "b"), (DELETE, 2, None)]
        assert [_places(batches)[index][0] for index in (0, 1)] == [_places(batches)[0][0]] * 2
        assert len({position for position, _ in _places(batches)}) == 3
        assert len(set(_places(batches))) == 4

    def test_it_says_how_far_its_log_is_ahead(
        self, source: Source, path: TablePath, execute: Callable[..., None]
    ) -> None:
        """In bytes or transactions, until all has been told; and what it keeps of the log."""
        start = source.prepare()
        execute(f"INSERT INTO {_name(path)} VALUES (1, 'a')")
        ahead = source.standing(start)
        assert start <= ahead.end and not ahead.end <= start
        assert max(ahead.bytes_behind or 0, ahead.transactions_behind or 0) > 0
        assert ahead.kept_from and ahead.kept_bytes > 0
        _, reached = self.follow(source, start, 1)
        after = source.standing(reached)
        assert (after.transactions_behind or 0) < (ahead.transactions_behind or 1)
        if ahead.bytes_behind is not None and after.end <= ahead.end:
            assert after.bytes_behind is not None and after.bytes_behind < ahead.bytes_behind

    def test_it_goes_on_behind_any_place_that_it_has_reached(
        self, source: Source, path: TablePath, execute: Callable[..., None], open_source: Callable[[], Source]
    ) -> None:
        """In another process, from the place's text."""
        start = source.prepare()
        execute(f"INSERT INTO {_name(path)} VALUES (1, 'a')")
        _, reached = self.follow(source, start, 1)
        text = str(reached)
        source.acknowledge(source.position(text))
        source.close()
        execute(f"INSERT INTO {_name(path)} VALUES (2, 'b')")
        later = open_source()
        try:
            batches, _ = self.follow(later, later.position(text), 1)
            assert _told(batches) == [(INSERT, 2, "b")]
            assert str(later.position(text)) == text
        finally:
            later.close()

    def test_marks_stand_between_the_transactions_around_them(
        self, source: Source, path: TablePath, execute: Callable[..., None]
    ) -> None:
        """Where they were written."""
        start = source.prepare()
        execute(f"INSERT INTO {_name(path)} VALUES (1, 'a')")
        source.mark("low")
        execute(f"INSERT INTO {_name(path)} VALUES (2, 'b')")
        source.mark("high")
        found: list[Any] = []
        for item in self.items(source, start):
            if isinstance(item, ChangeBatch):
                found += item.rows.column(0).to_pylist()
            elif isinstance(item, Mark):
                found.append(item.token)
                if found[-1] == "high":
                    break
        assert found == [1, "low", 2, "high"]

    @pytest.mark.parametrize("rows", [2, 100])
    def test_chunks_hold_each_row_once(
        self, source: Source, path: TablePath, execute: Callable[..., None], rows: int
    ) -> None:
        """In the order of the key, up to the bound."""
        assert source.last_key(path) is None
        execute(*(f"INSERT INTO {_name(path)} VALUES ({key}, 'n{key}')" for key in (-5, 0, 3, 10, 11, 200, 3000)))
        source.prepare()
        upto, after, found = source.last_key(path), None, []
        execute(f"INSERT INTO {_name(path)} VALUES (5000, 'later')")
        assert upto is not None
        while True:
            chunk = source.read_chunk(path, after, upto, rows)
            assert chunk.rows.num_rows <= rows and chunk.absent is None
            found += chunk.rows.column(0).to_pylist()
            after = chunk.after
            if after is None:
                break
        assert found == [-5, 0, 3, 10, 11, 200, 3000]

    def test_single_keys_are_read_and_absent_ones_named(
        self, source: Source, path: TablePath, execute: Callable[..., None]
    ) -> None:
        """Both, and nothing else."""
        execute(*(f"INSERT INTO {_name(path)} VALUES ({key}, 'n{key}')" for key in (1, 2, 3)))
        source.prepare()
        chunk = source.read_keys(path, [("2",), ("7",), ("3",)])
        assert sorted(chunk.rows.column(0).to_pylist()) == [2, 3] and chunk.after is None
        assert chunk.absent is not None and chunk.absent.column(0).to_pylist() == [7]

    def test_a_chunk_and_the_log_say_a_value_alike(
        self, source: Source, path: TablePath, execute: Callable[..., None]
    ) -> None:
        """Also empty and strange ones."""
        start = source.prepare()
        execute(
            f"INSERT INTO {_name(path)} VALUES (1, ''), (2, NULL), (3, 'ü 😀'), (4, ' x '), (9223372036854775807, '\\\\')"
        )
        batches, _ = self.follow(source, start, 5)
        upto = source.last_key(path)
        assert upto is not None
        chunk = source.read_chunk(path, None, upto, 10)
        told = [row for batch in batches for row in batch.rows.to_pylist()]
        assert sorted(told, key=lambda row: row["id"]) == chunk.rows.to_pylist()
        assert batches[0].schema.fingerprint == chunk.schema.fingerprint

    def follow(self, source: Source, start: Position, rows: int) -> tuple[list[ChangeBatch], Position]:
        """So many rows and no more, and the place behind them."""
        found: list[ChangeBatch] = []
        for item in self.items(source, start):
            if isinstance(item, ChangeBatch):
                found.append(item)
            elif isinstance(item, Reached) and sum(map(len, found)) >= rows:
                assert sum(map(len, found)) == rows
                return found, item.position
        raise AssertionError("the stream has ended")

    def items(self, source: Source, start: Position) -> Iterator[Any]:
        """The log, for a minute at most."""
        stream, deadline = source.stream(start), time.monotonic() + _SECONDS
        try:
            for item in stream:
                yield item
                assert time.monotonic() < deadline, "what was waited for does not come"
        finally:
            stream.close()  # type: ignore[attr-defined]


def _name(path: TablePath) -> str:
    return ".".join(path)


def _told(batches: list[ChangeBatch]) -> Told:
    """(operation, key, note) of each row; of a deleted one no note."""
    return [
        (op, key, None if op == DELETE else note)
        for batch in batches
        for op, key, note in zip(
            batch.ops.to_pylist(), batch.rows.column(0).to_pylist(), batch.rows.column(1).to_pylist(), strict=True
        )
    ]


def _places(batches: list[ChangeBatch]) -> list[tuple[str, int]]:
    """(the transaction's position, ordinal) of each row."""
    return [
        (str(batch.transactions[transaction].position), ordinal)
        for batch in batches
        for transaction, ordinal in zip(batch.transaction.to_pylist(), batch.ordinals.to_pylist(), strict=True)
    ]
