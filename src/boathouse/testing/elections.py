"""What every election of captures must do: the suite for the entry-point group `boathouse.capture.elections`.

Subclass `ElectionSuite` and write the fixture `open_election`; pytest collects the rest where the subclass's name begins with
Test.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import ClassVar

import pytest

from boathouse.capture.elections.election import Election, Term


class ElectionSuite:
    """See the module.

    Attributes:
        lease_seconds: that `open_election` gives.
    """

    lease_seconds: ClassVar[float] = 3.0

    @pytest.fixture
    def open_election(self) -> Callable[[str], Election]:
        """Called with a capture's name: another instance that takes part."""
        raise NotImplementedError("the suite needs a fixture `open_election`")

    def test_one_is_active_and_the_next_follows_at_once_when_it_resigns(
        self, open_election: Callable[[str], Election]
    ) -> None:
        """With a greater epoch each; a capture of another name has an election of its own."""
        first, second = open_election("shop"), open_election("shop")
        term = self.elected(first)
        assert term.holds
        waiting = Campaign(second)
        assert not waiting.ended.wait(self.lease_seconds)
        other = self.elected(open_election("another"))
        assert term.holds and other.holds
        began = time.monotonic()
        term.resign()
        assert not term.holds
        assert waiting.ended.wait(self.lease_seconds * 4) and waiting.term is not None
        assert waiting.term.holds and waiting.term.epoch > term.epoch
        assert time.monotonic() - began < self.lease_seconds * 4
        waiting.term.resign()
        third = self.elected(first)
        assert third.epoch > waiting.term.epoch
        third.resign()
        other.resign()

    def test_who_waits_can_give_up(self, open_election: Callable[[str], Election]) -> None:
        """And takes nobody's place then."""
        first, second = open_election("shop"), open_election("shop")
        term, waiting = self.elected(first), Campaign(second)
        waiting.stop.set()
        assert waiting.ended.wait(10) and waiting.term is None
        second.close()
        term.resign()
        self.elected(first).resign()

    def test_a_term_that_is_not_renewed_ends_before_another_begins(
        self, open_election: Callable[[str], Election]
    ) -> None:
        """An instance that loses its store: it stops by its own clock, and the next is elected after that."""
        first, second = open_election("shop"), open_election("shop")
        term, waiting = self.elected(first), Campaign(second)
        term._renew = _unreachable
        while term.holds:
            assert not waiting.ended.is_set() or not term.holds, "two are active"
            time.sleep(0.01)
        assert waiting.ended.wait(30) and waiting.term is not None
        assert waiting.term.epoch > term.epoch
        waiting.term.resign()
        term.resign()

    def elected(self, election: Election) -> Term:
        """The term of one that nobody keeps from it."""
        campaign = Campaign(election)
        assert campaign.ended.wait(30) and campaign.term is not None, "nobody is elected"
        return campaign.term


def _unreachable() -> bool:
    from boathouse.contracts.source_errors import StateUnavailable

    raise StateUnavailable("cut off")


class Campaign:
    """A campaign in a thread of its own."""

    def __init__(self, election: Election) -> None:
        self.stop, self.ended = threading.Event(), threading.Event()
        self.term: Term | None = None
        self._election = election
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self) -> None:
        self.term = self._election.campaign(self.stop.wait)
        self.ended.set()
