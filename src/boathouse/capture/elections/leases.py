"""An election by a row of an SQL database: its holder writes a beat into it again and again, and who has seen the same beat for
as long as a lease lasts takes its place.

No clock but each process's own steady one is asked: the database's may leap, forward, so that a lease would be over that its
holder trusts in, or back, so that one that nobody holds would not be over for long.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Mapping
from functools import partial

from boathouse.capture.elections.election import Term
from boathouse.capture.states import postgres, sqlite
from boathouse.capture.states.state import StateSession
from boathouse.contracts.errors import BoathouseError


class LeaseElection:
    """See `Election`.

    Args:
        open_session: to the database; called again after it was lost.
    """

    def __init__(self, open_session: Callable[[], StateSession], name: str, lease_seconds: float) -> None:
        self._open, self._name, self._seconds = open_session, name, lease_seconds
        self._holder = secrets.token_hex(8)
        self._session: StateSession | None = None

    def campaign(self, pause: Callable[[float], bool]) -> Term | None:
        """See `Election`."""
        seen, since = (-1, -1), 0.0
        while True:
            asked = time.monotonic()
            found = self._ask("SELECT holder, epoch, beat FROM boathouse.capture_terms WHERE name = $1", (self._name,))
            now = time.monotonic()
            holder, *counted = found[0] if found else ("", 0, 0)
            there = (int(str(counted[0])), int(str(counted[1])))
            if there != seen:
                seen, since = there, now
            if not holder or now - since > self._seconds:
                epoch = self._take(*there)
                if epoch is not None:
                    return Term(epoch, self._seconds, asked, partial(self._renew, epoch), partial(self._end, epoch))
            if pause(self._seconds / 6):
                return None

    def close(self) -> None:
        """See `Election`."""
        session, self._session = self._session, None
        if session is not None:
            session.close()

    def _take(self, epoch: int, beat: int) -> int | None:
        """The next epoch, where nothing has happened since."""
        found = self._ask(
            "INSERT INTO boathouse.capture_terms AS t VALUES ($1, $2, 1, 1) ON CONFLICT (name) DO UPDATE SET "
            "holder = excluded.holder, epoch = t.epoch + 1, beat = t.beat + 1 WHERE t.epoch = $3 AND t.beat = $4 "
            "RETURNING epoch",
            (self._name, self._holder, epoch, beat),
        )
        return int(str(found[0][0])) if found else None

    def _renew(self, epoch: int) -> bool:
        return self._change("beat = beat + 1", epoch)

    def _end(self, epoch: int) -> None:
        self._change("beat = beat + 1, holder = ''", epoch)

    def _change(self, what: str, epoch: int) -> bool:
        found = self._ask(
            f"UPDATE boathouse.capture_terms SET {what} WHERE name = $1 AND holder = $2 AND epoch = $3 RETURNING epoch",
            (self._name, self._holder, epoch),
        )
        return bool(found)

    def _ask(self, sql: str, parameters: tuple[object, ...]) -> list[tuple[object, ...]]:
        if self._session is None:
            self._session = self._open()
        try:
            return self._session.fetch(sql, parameters)
        except BoathouseError:
            self.close()
            raise


def open_postgres(name: str, given: Mapping[str, str], lease_seconds: float) -> LeaseElection:
    """An entry point's value: `kind = "postgres"`, `secret`."""
    return LeaseElection(lambda: postgres.open_state(name, given), name, lease_seconds)


def open_sqlite(name: str, given: Mapping[str, str], lease_seconds: float) -> LeaseElection:
    """An entry point's value: `kind = "sqlite"`, `path`; for instances on one machine."""
    return LeaseElection(lambda: sqlite.open_state(name, given), name, lease_seconds)
