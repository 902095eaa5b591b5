"""What every output must do: the suite for the entry-point group `boathouse.capture.outputs`.

Subclass `OutputSuite`, set `kind`, and write the fixtures `place` and `received`; pytest collects the rest where the subclass's
name begins with Test.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, ClassVar, cast

import pytest

from boathouse.app.clock import SystemClock
from boathouse.capture.delivery import registered
from boathouse.capture.delivery.destination import Delivery, Opening, OutputKind
from boathouse.capture.formats.formatter import Changes, Place
from boathouse.capture.output import Declared
from boathouse.capture.settings import CaptureSettings
from boathouse.contracts.errors import InvalidParameterValue
from boathouse.contracts.house import House
from boathouse.testing.changes import some_changes

Received = Callable[[], list[tuple[int, int]]]


class OutputSuite:
    """See the module.

    Attributes:
        kind: the one under test.
        format: the word of the format to try it with; empty for the kind's own.
        options: besides the kind's defaults.
        is_exact: True where the kind promises that nothing stands there twice, whatever comes again.
        keeps_order: True where changes of all keys stay in one order; False: those of each key do.
    """

    kind: ClassVar[OutputKind]
    format: ClassVar[str] = ""
    options: ClassVar[Mapping[str, Any]] = {}
    is_exact: ClassVar[bool] = False
    keeps_order: ClassVar[bool] = True

    @pytest.fixture
    def place(self) -> str:
        """Where to deliver, as in TO '…': one that nothing was delivered to."""
        raise NotImplementedError("the suite needs a fixture `place`")

    @pytest.fixture
    def received(self) -> Received:
        """Called without arguments: what arrived there, each change as its (entry, number), in the order of arrival. A
        truncation that several parts are told counts once for each.
        """
        raise NotImplementedError("the suite needs a fixture `received`")

    @pytest.fixture
    def secret(self) -> Mapping[str, str]:
        """The secret that opens the place."""
        return {}

    @pytest.fixture
    def house(self, tmp_path: Path) -> House:
        """The house in which it is opened."""
        return House(tmp_path, {"capture": CaptureSettings()}, {}, cast(Any, None), SystemClock())

    @pytest.fixture
    def opening(self, house: House, place: str, secret: Mapping[str, str]) -> Opening:
        """What the kind is opened with."""
        declared = Declared("tried", place, self.format, "block", options=tuple(self.options.items()))
        return Opening(
            house, "some", "some_1", declared, registered.options_of(self.kind, declared), secret,
            registered.formatter_of(self.kind, declared), _pause,
        )  # fmt: skip

    def deliver(self, opening: Opening, *several: list[Changes]) -> None:
        """Open, deliver, and close."""
        destination = self.kind.open(opening)
        try:
            for changes in several:
                destination.deliver(
                    Delivery(opening.integration, "tried", opening.identity, changes, opening.formatter)
                )
        finally:
            destination.close()

    def in_order(self, found: list[tuple[int, int]]) -> list[tuple[int, int]]:
        """As they are, or sorted where only each key's have an order."""
        return found if self.keeps_order else sorted(found)

    def test_what_is_delivered_arrives_in_order(self, opening: Opening, received: Received) -> None:
        """Several deliveries, through one destination and through the next."""
        first = some_changes(10, [("read", key, f"note {key}") for key in range(20)])
        second = some_changes(11, [("update", 1, "ü"), ("delete", 2, None), ("insert", 30, None)])
        self.deliver(opening, [first], [second])
        self.deliver(opening, [some_changes(12, [("update", 1, "again")])])
        expected = [*((10, number) for number in range(20)), (11, 0), (11, 1), (11, 2), (12, 0)]
        assert self.in_order(received()) == expected

    def test_the_changes_of_a_key_never_go_back(self, opening: Opening, received: Received) -> None:
        """One key, many times, among others."""
        self.deliver(
            opening,
            *[[some_changes(entry, [("update", 7, str(entry)), ("update", entry, None)])] for entry in range(10, 40)],
        )
        of_key = [entry for entry, number in received() if number == 0]
        assert of_key == list(range(10, 40))

    def test_what_comes_again_can_be_told_from_what_is_new(self, opening: Opening, received: Received) -> None:
        """After a crash the last deliveries come again, by another instance."""
        told = [[some_changes(entry, [("insert", entry, "x"), ("insert", entry + 100, "y")])] for entry in (10, 11, 12)]
        self.deliver(opening, told[0], told[1])
        self.deliver(opening, told[1], told[2])
        places = received()
        assert sorted(set(places)) == [(entry, number) for entry in (10, 11, 12) for number in (0, 1)]
        if self.is_exact:
            assert len(places) == len(set(places))

    def test_an_emptied_table_is_told(self, opening: Opening, received: Received) -> None:
        """Between rows, at its place."""
        self.deliver(
            opening,
            [some_changes(10, [("insert", 1, "a")])],
            [some_changes(11, [("truncate", 0, None)])],
            [some_changes(12, [("insert", 1, "b")])],
        )
        found = self.in_order(received())
        assert found[0] == (10, 0) and (11, 0) in found and found[-1] == (12, 0)

    def test_unknown_options_are_errors(self, place: str) -> None:
        """And so are values of another type."""
        unknown = Declared("tried", place, self.format, "block", options=(("no_such_option", 1),))
        with pytest.raises(InvalidParameterValue, match="NO_SUCH_OPTION"):
            registered.options_of(self.kind, unknown)
        for name, default in self.kind.options.items():
            wrong = Declared(
                "tried", place, self.format, "block", options=((name, 1 if isinstance(default, str) else "x"),)
            )
            with pytest.raises(InvalidParameterValue):
                registered.options_of(self.kind, wrong)

    def test_it_closes_without_waiting_and_twice(self, opening: Opening) -> None:
        """What was never used can be let go of."""
        destination = self.kind.open(opening)
        destination.close()
        destination.close()


def _pause(seconds: float) -> bool:
    time.sleep(seconds)
    return False


def place_of(text: str) -> tuple[int, int]:
    """The (entry, number) of a place's text, for `received`."""
    return tuple(Place.of(text))  # type: ignore[return-value]
