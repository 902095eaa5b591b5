"""What the rooms do beside the statements: a thread for each, from when the house serves until it stops.

Receives an open house; hands the rooms a way to run a statement as one of the users.
"""

from __future__ import annotations

import logging
import secrets
import threading
import time

from boathouse.app.assemble import OpenHouse
from boathouse.contracts.answers import Rows
from boathouse.contracts.errors import UndefinedObject
from boathouse.contracts.rooms import Background
from boathouse.sql.statements import Statement

log = logging.getLogger(__name__)
_CAMPAIGN_SECONDS = 5.0
"""Between two looks whether this server leads."""


class BackgroundWork:
    """The rooms' threads."""

    def __init__(self, house: OpenHouse) -> None:
        self._house = house
        self._stopping = threading.Event()
        self._threads = [
            threading.Thread(target=self._run, args=(work, alone), name=f"{room.name}-background", daemon=True)
            for room in house.rooms
            for works, alone in ((room.background, True), (room.own_background, False))
            for work in works
        ]

    def start(self) -> None:
        """Begin."""
        for thread in self._threads:
            thread.start()

    def stop(self, seconds: float) -> None:
        """Ask all to end and wait for them; a statement that does not end in time is cancelled with its session."""
        self._stopping.set()
        for thread in self._threads:
            thread.join(seconds)

    def _run(self, work: Background, alone: bool) -> None:
        while not self._stopping.is_set():
            if alone and not self._leads():
                self._stopping.wait(_CAMPAIGN_SECONDS)
                continue
            try:
                work(self._house.service.house, self.run_as, self._pause if alone else self._stopping.wait)
            except Exception:  # a defect of one room must not end its work for good
                log.exception("background work of a room failed; it begins again")
                self._stopping.wait(60)
            else:
                if self._leads():  # it has nothing more to do
                    return

    def _leads(self) -> bool:
        return self._house.service.house.engine.leads()

    def _pause(self, seconds: float) -> bool:
        """Wait; True where the house stops, or another server has taken over what one alone does."""
        until = time.monotonic() + seconds
        while True:
            if self._stopping.wait(max(0.0, min(_CAMPAIGN_SECONDS, until - time.monotonic()))) or not self._leads():
                return True
            if time.monotonic() >= until:
                return False

    def run_as(self, user: str, statement: Statement) -> None:
        """Run one statement in a session of that user's own, to its end.

        Raises:
            UndefinedObject: no such user. BoathouseError: what the statement fails with.
        """
        service = self._house.service
        found = service.user(user)
        if found is None:
            raise UndefinedObject(f'user "{user}" does not exist')
        session = service.open(
            found, service.database, {}, secrets.token_bytes(4), lambda notice: None, lambda name, value: None
        )
        try:
            answer = session.run(statement)
            if isinstance(answer, Rows):
                for _ in answer.batches:
                    pass
        finally:
            session.close()
