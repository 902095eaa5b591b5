"""What every store of a capture's state must do: the suite for the entry-point group `boathouse.capture.states`.

Subclass `StateSuite` and write the fixture `open_session`; pytest collects the rest where the subclass's name begins with Test.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import cast

import pytest

from boathouse.capture import catalog, dumps
from boathouse.capture.dumps import Request
from boathouse.capture.output import Progress
from boathouse.capture.states.state import StateSession
from boathouse.contracts.engine import EngineSession
from boathouse.contracts.errors import BoathouseError

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
PATH = ("public", "orders")
ID = 100_001


class StateSuite:
    """See the module."""

    @pytest.fixture
    def open_session(self) -> Callable[[], StateSession]:
        """Called without arguments: another session of one store, which was empty when the test began."""
        raise NotImplementedError("the suite needs a fixture `open_session`")

    @pytest.fixture
    def engine(self, open_session: Callable[[], StateSession]) -> EngineSession:
        """A session; what the room's functions use of an engine's is what a state has."""
        return cast(EngineSession, open_session())

    @pytest.fixture
    def other(self, open_session: Callable[[], StateSession]) -> EngineSession:
        """Another one."""
        return cast(EngineSession, open_session())

    def test_what_is_stored_is_there_for_the_next_session(self, engine: EngineSession, other: EngineSession) -> None:
        """Position, what reads may not see, tables."""
        epoch, nothing = catalog.take_over(engine, ID)
        assert nothing is None
        progress = Progress("0/AB", unsettled=(7, 9), redump=frozenset({PATH}))
        self.commit(engine, epoch, progress)
        later, found = catalog.take_over(other, ID)
        assert later == epoch + 1
        assert found is not None and (found.position, found.unsettled) == ("0/AB", (7, 9))
        dump = dumps.next_dump(other, ID)
        assert dump is not None and dump.path == PATH and dump.after is None

    def test_a_writer_that_was_overtaken_stores_nothing(self, engine: EngineSession, other: EngineSession) -> None:
        """Whatever it believes, and wherever in its work it was."""
        epoch, _ = catalog.take_over(engine, ID)
        self.commit(engine, epoch, Progress("1"))
        later, _ = catalog.take_over(other, ID)
        assert not self.commits(engine, epoch, Progress("2", redump=frozenset({PATH})))
        self.commit(other, later, Progress("3"))
        assert not self.commits(engine, epoch, Progress("4"))
        _, found = catalog.take_over(other, ID)
        assert found is not None and found.position == "3"
        assert dumps.next_dump(other, ID) is None

    def test_what_is_rolled_back_never_was(self, engine: EngineSession, other: EngineSession) -> None:
        """Neither here nor there."""
        epoch, _ = catalog.take_over(engine, ID)
        self.commit(engine, epoch, Progress("1"))
        engine.begin()
        assert catalog.store(engine, ID, epoch, Progress("2", redump=frozenset({PATH})), NOW)
        engine.rollback()
        assert dumps.next_dump(engine, ID) is None and dumps.next_dump(other, ID) is None
        self.commit(engine, epoch, Progress("3"))

    def test_a_dump_is_asked_for_by_one_and_carried_out_by_another(
        self, engine: EngineSession, other: EngineSession
    ) -> None:
        """While that one goes on committing: neither loses what the other wrote."""
        epoch, _ = catalog.take_over(engine, ID)
        self.commit(engine, epoch, Progress("1"))
        dumps.ask(other, ID, Request("dump", PATH, (("1", "it's"), ("2", "ü"))))
        self.commit(engine, epoch, Progress("2"))
        dumps.ask(other, ID, Request("set", chunk_rows=7, pause_seconds=0.5))
        ((first, request), (second, pace)) = dumps.waiting(engine, ID)
        assert first < second and request.keys == (("1", "it's"), ("2", "ü")) and pace.chunk_rows == 7
        dumps.begin(engine, ID, PATH, NOW, request.keys)
        dumps.begin(engine, ID, PATH, NOW)
        dumps.set_pace(engine, ID, pace)
        dumps.taken(engine, first)
        dumps.taken(engine, second)
        assert dumps.waiting(other, ID) == [] and dumps.pace(other, ID) == (7, 0.5)
        dump = dumps.next_dump(engine, ID)
        assert dump is not None and dump.keys == request.keys  # those of keys come first
        self.commit(engine, epoch, Progress("3", dump=(dump.number, None, 2)))
        whole = dumps.next_dump(other, ID)
        assert whole is not None and whole.keys is None and whole.number > dump.number
        dumps.bound(engine, whole, ("9",), 10, NOW)
        self.commit(engine, epoch, Progress("4", dump=(whole.number, ("5",), 5)))
        whole = dumps.next_dump(other, ID)
        assert whole is not None and (whole.after, whole.upto) == (("5",), ("9",))
        dumps.control(engine, ID, Request("stop_dump"), NOW)
        assert dumps.next_dump(other, ID) is None

    def test_a_closed_session_closes_again(self, open_session: Callable[[], StateSession]) -> None:
        """From a second thread, too."""
        session = open_session()
        session.close()
        session.close()

    def commit(self, engine: EngineSession, epoch: int, progress: Progress) -> None:
        """Store progress; it must be ours to store."""
        assert self.commits(engine, epoch, progress)

    def commits(self, engine: EngineSession, epoch: int, progress: Progress) -> bool:
        """False where the epoch is no longer ours, wherever the store says so."""
        engine.begin()
        try:
            if not catalog.store(engine, ID, epoch, progress, NOW):
                engine.rollback()
                return False
            engine.commit()
        except BoathouseError:
            engine.rollback()
            return False
        return True
