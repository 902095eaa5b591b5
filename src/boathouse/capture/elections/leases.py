"""An election by a row of an SQL database: who writes a time into it that is over the database's own clock holds the lease."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Mapping
from functools import partial

from boathouse.capture.elections.election import Term
from boathouse.capture.states import postgres, sqlite
from boathouse.capture.states.state import StateSession
from boathouse.contracts.errors import BoathouseError

_POSTGRES_NOW = "extract(epoch FROM clock_timestamp())::double precision"
_SQLITE_NOW = "(julianday('now') - 2440587.5) * 86400.0"


class LeaseElection:
    """See `Election`.

    Args:
        open_session: to the database; called again after it was lost.
        now: SQL for the database's clock, in seconds.
    """

    def __init__(self, open_session: Callable[[], StateSession], name: str, lease_seconds: float, now: str) -> None:
        self._open, self._name, self._seconds, self._now = open_session, name, lease_seconds, now
        self._holder = secrets.token_hex(8)
        self._session: StateSession | None = None

    def campaign(self, pause: Callable[[float], bool]) -> Term | None:
        """See `Election`."""
        self._ask("SELECT 1", ())  # connecting takes time of its own
        while True:
            asked = time.monotonic()
            epoch = self._take()
            if epoch is not None:
                return Term(epoch, self._seconds, asked, partial(self._renew, epoch), partial(self._end, epoch))
            if pause(self._seconds / 6):
                return None

    def close(self) -> None:
        """See `Election`."""
        session, self._session = self._session, None
        if session is not None:
            session.close()

    def _take(self) -> int | None:
        found = self._ask(
            f"INSERT INTO boathouse.capture_leases AS l VALUES ($1, $2, 1, {self._now} + $3) ON CONFLICT (name) DO UPDATE "
            f"SET holder = excluded.holder, epoch = l.epoch + 1, expires = excluded.expires WHERE l.expires < {self._now} "
            "RETURNING epoch",
            (self._name, self._holder, self._seconds),
        )
        return int(str(found[0][0])) if found else None

    def _renew(self, epoch: int) -> bool:
        """Once it has run out it is not taken again: the epoch would be the old one."""
        found = self._ask(
            f"UPDATE boathouse.capture_leases SET expires = {self._now} + $1 WHERE name = $2 AND holder = $3 AND epoch = $4 "
            f"AND expires >= {self._now} RETURNING epoch",
            (self._seconds, self._name, self._holder, epoch),
        )
        return bool(found)

    def _end(self, epoch: int) -> None:
        self._ask(
            "UPDATE boathouse.capture_leases SET expires = 0 WHERE name = $1 AND holder = $2 AND epoch = $3 RETURNING epoch",
            (self._name, self._holder, epoch),
        )

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
    return LeaseElection(lambda: postgres.open_state(name, given), name, lease_seconds, _POSTGRES_NOW)


def open_sqlite(name: str, given: Mapping[str, str], lease_seconds: float) -> LeaseElection:
    """An entry point's value: `kind = "sqlite"`, `path`; for instances on one machine."""
    return LeaseElection(lambda: sqlite.open_state(name, given), name, lease_seconds, _SQLITE_NOW)
