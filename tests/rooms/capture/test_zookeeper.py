"""ZooKeeper that expires a session, whose connections break and come back, that loses its quorum, and whose clock leaps: one
instance is active at most, and one again as soon as there can be one.

For a network that is cut the sessions of the first instance go through a wire of the test's own.
"""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from tests.rooms.capture.clocks import WHY_NOT as NO_CLOCK
from tests.rooms.capture.clocks import Clock
from tests.rooms.capture.wire import Wire
from tests.rooms.capture.zookeepers import WHY_NOT, Quorum, ZooKeeperUnderTest

from boathouse.capture.elections.zookeeper import ZooKeeperElection
from boathouse.capture.states.zookeeper import open_state
from boathouse.contracts.source_errors import StateUnavailable
from boathouse.testing.elections import Campaign

pytestmark = pytest.mark.skipif(WHY_NOT != "", reason=WHY_NOT)
LEASE_SECONDS = 4.0


class Persistent(Campaign):
    """Begins anew where it cannot be held now, as an instance does."""

    def _run(self) -> None:
        while not self.stop.is_set() and not self.ended.is_set():
            try:
                super()._run()
            except StateUnavailable:
                self.stop.wait(0.2)


class Watched:
    """Two instances: the first one is elected, the second waits; a thread looks whether both are active."""

    def __init__(self, first: str, second: str) -> None:
        self.elections = [ZooKeeperElection({"servers": one}, "shop", LEASE_SECONDS) for one in (first, second)]
        self.held = Campaign(self.elections[0])
        assert self.held.ended.wait(60) and self.held.term is not None
        self.waiting = Persistent(self.elections[1])
        self.both = 0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._look)
        self._thread.start()

    def _look(self) -> None:
        while not self._stop.wait(0.005):
            first, second = self.held.term, self.waiting.term
            # Whoever is asked second has the last word: it may have lost its term since.
            self.both += second is not None and second.holds and first is not None and first.holds

    def second_follows(self) -> None:
        """In the end, with a greater epoch, when the first one has stopped."""
        assert self.waiting.ended.wait(60) and self.waiting.term is not None
        assert self.held.term is not None and not self.held.term.holds
        assert self.waiting.term.epoch > self.held.term.epoch

    def __enter__(self) -> Watched:
        return self

    def __exit__(self, *_: Any) -> None:
        self._stop.set()
        self._thread.join()
        self.waiting.stop.set()
        for one in (self.held, self.waiting):
            if one.term is not None:
                one.term.resign()
        for election in self.elections:
            election.close()
        assert self.both == 0, "two were active"


@pytest.fixture(scope="module")
def clock(tmp_path_factory: pytest.TempPathFactory) -> Clock | None:
    return None if NO_CLOCK else Clock(tmp_path_factory.mktemp("clock"))


@pytest.fixture(scope="module")
def server(clock: Clock | None) -> Iterator[ZooKeeperUnderTest]:
    made = ZooKeeperUnderTest(clock.environment if clock is not None else None)
    yield made
    made.close()


@pytest.fixture
def wire(server: ZooKeeperUnderTest) -> Iterator[Wire]:
    made = Wire(socket.AF_INET, ("127.0.0.1", server.port))
    yield made
    made.close()


def test_a_session_that_expires_ends_its_term_before_another_begins(server: ZooKeeperUnderTest, wire: Wire) -> None:
    folder = server.folder("expired").partition("/")[2]
    with Watched(f"127.0.0.1:{wire.port}/{folder}", f"{server.servers}/{folder}") as watched:
        wire.become("silent")
        watched.second_follows()
        # Back again, the first one finds its session gone; it is elected when the other resigns.
        wire.lead_to(("127.0.0.1", server.port))
        again = Persistent(watched.elections[0])
        assert not again.ended.wait(LEASE_SECONDS / 4)
        assert watched.waiting.term is not None
        watched.waiting.term.resign()
        assert again.ended.wait(60) and again.term is not None
        assert again.term.epoch > watched.waiting.term.epoch
        again.term.resign()


def test_connections_that_break_and_come_back_leave_one_active(server: ZooKeeperUnderTest, wire: Wire) -> None:
    folder = server.folder("flapping").partition("/")[2]
    with Watched(f"127.0.0.1:{wire.port}/{folder}", f"{server.servers}/{folder}") as watched:
        for _ in range(4):
            wire.become("closed")
            time.sleep(0.15)
            wire.become("open")
            time.sleep(0.4)
        # Whoever has it by now: where none of the flaps was longer than the lease, that is the first one still.
        assert watched.held.term is not None
        assert watched.held.term.holds != watched.waiting.ended.is_set()


@pytest.mark.skipif(NO_CLOCK != "", reason=NO_CLOCK)
def test_a_clock_that_leaps_ends_no_session(server: ZooKeeperUnderTest, clock: Clock) -> None:
    folder = server.folder("leaping")
    with Watched(folder, folder) as watched:
        for leap in (600, -600, 0):
            clock.leap(leap)
            ended = watched.waiting.ended.wait(LEASE_SECONDS / 4)
            assert watched.held.term is not None and not (ended and watched.held.term.holds)


def test_without_a_quorum_nobody_is_active_and_nothing_is_stored() -> None:
    quorum = Quorum()
    try:
        state = open_state("shop", {"servers": quorum.servers})
        insert = "INSERT INTO boathouse.capture_paces (id, chunk_rows) VALUES ($1, 1)"
        state.execute(insert, (1,))
        with Watched(quorum.servers, quorum.servers) as watched:
            for member in quorum.members[1:]:
                member.stop()
            held = watched.held.term
            assert held is not None
            began = time.monotonic()
            while held.holds:
                assert time.monotonic() - began < LEASE_SECONDS, "it is trusted for longer than its lease"
                time.sleep(0.02)
            with pytest.raises(StateUnavailable):
                state.execute(insert, (2,))
            for member in quorum.members[1:]:
                member.start()
            assert watched.waiting.ended.wait(90) and watched.waiting.term is not None
            assert watched.waiting.term.epoch > held.epoch
        found = open_state("shop", {"servers": quorum.servers})
        assert (1,) in found.fetch("SELECT id FROM boathouse.capture_paces")
        found.execute(insert, (3,))
        found.close()
        state.close()
    finally:
        quorum.close()
