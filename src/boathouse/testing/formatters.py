"""What every format must do: the suite for the entry-point group `boathouse.capture.formatters`.

Subclass `FormatterSuite` and write the fixture `formatter`.
"""

from __future__ import annotations

import pytest

from boathouse.capture.formats.formatter import Changes, Formatter, Place
from boathouse.testing.changes import some_changes


class FormatterSuite:
    """See the module."""

    @pytest.fixture
    def formatter(self) -> Formatter:
        """The one under test."""
        raise NotImplementedError("the suite needs a fixture `formatter`")

    @pytest.fixture
    def changes(self) -> list[Changes]:
        """Rows of every operation."""
        return [
            some_changes(10, [("read", 1, 'a "note" ü\n'), ("insert", 2, None)]),
            some_changes(11, [("update", 1, ""), ("delete", 2, None)], number=5),
        ]

    def test_a_message_stands_for_each_change_at_its_place(self, formatter: Formatter, changes: list[Changes]) -> None:
        """With the key of its row, equal for equal rows."""
        if not formatter.per_change:
            pytest.skip("it makes bodies of many changes only")
        found = [message for one in changes for message in formatter.messages(one)]
        assert [message.place for message in found] == [Place(10, 0), Place(10, 1), Place(11, 5), Place(11, 6)]
        keys = [message.key for message in found]
        assert None not in keys and keys[0] == keys[2] and keys[1] == keys[3] and keys[0] != keys[1]
        assert [message.is_deletion for message in found] == [False, False, False, True]
        assert all(isinstance(message.value, bytes) and message.path == ("public", "some") for message in found)

    def test_an_emptied_table_is_a_message_without_a_key(self, formatter: Formatter) -> None:
        """For it is of no row."""
        if not formatter.per_change:
            pytest.skip("it makes bodies of many changes only")
        (message,) = formatter.messages(some_changes(12, [("truncate", 0, None)]))
        assert message.key is None and message.place == Place(12, 0) and not message.is_deletion

    def test_the_same_changes_make_the_same_bytes(self, formatter: Formatter, changes: list[Changes]) -> None:
        """What comes again after a crash can be compared."""
        assert formatter.body(changes) == formatter.body(changes) != b""
        assert formatter.content_type.count("/") == 1
