"""The few services that every room may use, and nothing that may be called beyond them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from boathouse.contracts.clock import Clock
from boathouse.contracts.engine import Burst, Engine, EngineSession
from boathouse.contracts.errors import SerializationFailure

_ATTEMPTS = 20
_TURN_SECONDS = 5.0


class Elsewhere(Protocol):
    """A further engine, beside the house: Spark."""

    def open(self) -> Burst:
        """A place for one query; nothing is started yet."""
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
    history = house.engine.history
    for left in reversed(range(1 if history is None else _ATTEMPTS)):
        try:
            with nullcontext() if history is None else history.turn(_TURN_SECONDS):
                engine.begin()
                try:
                    work()
                except BaseException:
                    engine.rollback()
                    raise
                engine.commit()
            return
        except SerializationFailure:
            if engine.in_transaction:
                engine.rollback()
            if not left:
                raise
