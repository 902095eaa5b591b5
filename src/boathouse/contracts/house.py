"""The few services that every room may use, and nothing that may be called beyond them."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, TypeVar

from boathouse.contracts.clock import Clock
from boathouse.contracts.engine import Burst, Engine, EngineSession
from boathouse.contracts.errors import SerializationFailure
from boathouse.contracts.past.history import History

_ATTEMPTS = 20
_TURN_SECONDS = 5.0
T = TypeVar("T")


class Elsewhere(Protocol):
    """A further engine, beside the house: Spark."""

    def statement(self) -> AbstractContextManager[Callable[[], Burst]]:
        """Makes places for one query, one after the other where it comes back; what they start is started once."""
        ...

    def close(self) -> None:
        """End what was started."""
        ...


@dataclass(frozen=True)
class House:
    """A running house.

    Attributes:
        home: the folder with everything; `home / "lake"` is the default lake, `home / "tmp"` for spooling,
            emptied at start.
        settings: one frozen dataclass per room, by the room's name.
        secrets: named secrets, each a flat mapping (`{"access_key_id": …}`); never logged or shown.
        engine: the embedded engine.
        clock: time.
        spark: the further engine; None where none is configured.
        give_back: hands memory that was freed back to the system, in about a millisecond; for who has worked through much of it.
    """

    home: Path
    settings: Mapping[str, Any]
    secrets: Mapping[str, Mapping[str, str]]
    engine: Engine
    clock: Clock
    spark: Elsewhere | None = None
    give_back: Callable[[], None] = lambda: None


def keep_books(house: House, engine: EngineSession, work: Callable[[], None]) -> None:
    """Change bookkeeping in a transaction that is nothing but that. On a lake two that change rows of one table conflict, so they
    go one after the other on this server, and again where another server's came first.

    Args:
        engine: outside any transaction.

    Raises:
        SerializationFailure: it came first again and again. BoathouseError: what the work fails with.
    """

    def book(attempt: int) -> None:
        with in_turn(house.engine.history, _TURN_SECONDS):
            engine.begin()
            try:
                work()
                engine.commit()
            except BaseException:
                if engine.in_transaction:
                    engine.rollback()
                raise

    tried(1 if house.engine.history is None else _ATTEMPTS, book)


def in_turn(history: History | None, patience: float = math.inf) -> AbstractContextManager[None]:
    """On a lake: what is done inside comes after what others do so, or beside it when patience, in seconds, is at its end."""
    return nullcontext() if history is None else history.turn(patience)


def tried(attempts: int, work: Callable[[int], T], between: Callable[[], None] = lambda: None) -> T:
    """Do what is a transaction by itself, and again where another one came first.

    Args:
        work: given how often it was done before.
        between: done after each attempt but the last.

    Raises:
        SerializationFailure: another one came first each time.
    """
    for attempt in range(attempts - 1):
        try:
            return work(attempt)
        except SerializationFailure:
            between()
    return work(attempts - 1)
