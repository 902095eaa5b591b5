"""A walk of rows through their states: inserted, updated, deleted, inserted again, each time with the next version.

The versions of a key are consecutive whatever it goes through, so that of a history of changes it can be said whether one is
missing, came twice, or came after a newer one. Works over any DB-API connection; each walker has keys of its own.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterable
from typing import Any

from tests.rooms.capture.writers import Writers

COLUMNS = "(id integer PRIMARY KEY, version bigint NOT NULL, note varchar(40), big text)"


class Walk(Writers):
    """Walkers over a table `(id, version, note, big)` that take steps until each has done as many as are wanted.

    Args:
        connect: a connection that is not in autocommit.
        begin: said first in each session.
        seed: says every step of every walker; only how they interleave is the database's to say.
        pause: of each walker after a transaction, in seconds: where a test only needs the table never to be still.
    """

    def __init__(
        self,
        connect: Callable[[], Any],
        table: str,
        walkers: int,
        keys: int,
        seed: int,
        begin: str = "SELECT 1",
        pause: float = 0.0,
    ) -> None:
        self._pause = pause
        self._connect, self._table, self._keys, self._begin = connect, table, keys, begin
        self._walkers, self._seed = walkers, seed
        self._moved = threading.Condition()
        self.steps = 0
        super().__init__(walkers)

    def until(self, steps: int) -> None:
        """Until so many steps have been committed."""
        with self._moved:
            assert self._moved.wait_for(lambda: self.steps >= steps or self.failure, 120), f"{self.steps} steps"

    def _run(self, number: int) -> None:
        chance = random.Random(self._seed * 1000 + number)
        versions: dict[int, int] = {}
        there: set[int] = set()
        try:
            session = self._connect()
            cursor = session.cursor()
            cursor.execute(self._begin)
            session.commit()
            while not self._stop.is_set():
                steps = chance.choice((1, 1, 1, 2, 3))
                for _ in range(steps):
                    self._step(cursor, chance, chance.randrange(self._keys) * self._walkers + number, versions, there)
                session.commit()
                with self._moved:
                    self.steps += steps
                    self._moved.notify_all()
                self._stop.wait(self._pause)
            session.close()
        except BaseException as failure:
            self.failure = failure
            with self._moved:
                self._moved.notify_all()

    def _step(self, cursor: Any, chance: random.Random, key: int, versions: dict[int, int], there: set[int]) -> None:
        if key in there and chance.random() < 0.4:
            cursor.execute(f"DELETE FROM {self._table} WHERE id = %s", (key,))
            there.discard(key)
            return
        version = versions[key] = versions.get(key, 0) + 1
        note, big = f"n{chance.randrange(100)}", "x" * chance.choice((0, 20, 3000))
        if key in there:
            change = f"UPDATE {self._table} SET version = %s, note = %s WHERE id = %s"
            cursor.execute(change, (version, note, key))
        else:
            cursor.execute(f"INSERT INTO {self._table} VALUES (%s, %s, %s, %s)", (key, version, note, big))
            there.add(key)
        assert cursor.rowcount == 1


def check_history(rows: Iterable[dict[str, Any]]) -> dict[str, int]:
    """What an output was told of the table, in its order: nothing is missing, nothing comes twice, no key goes back.

    A dump's row is the state that the log had told last: older, it would be stale; newer, the change would come again. So is
    a key's absence that a dump of single keys tells.

    Returns:
        How often each operation came.
    """
    last: dict[int, int] = {}
    there: dict[int, bool] = {}
    places: set[tuple[str, int]] = set()
    found: dict[str, int] = {}
    for row in rows:
        key, version, what = row["id"], row.get("version"), row["_record_operation"]
        found[what] = found.get(what, 0) + 1
        of_log = row["_record_position"] is not None
        if of_log:
            place = (row["_record_position"], row["_record_ordinal"])
            assert place not in places, f"{place} came twice"
            places.add(place)
        if what in ("insert", "update"):
            assert key not in last or version == last[key] + 1, f"{what} of {key}: {version} after {last[key]}"
            assert key not in there or there[key] == (what == "update"), f"{what} of {key}"
            last[key], there[key] = version, True
        elif what == "read":
            assert key not in last or (there[key] and version == last[key]), (
                f"a dump has {key} at {version}: {last[key]}"
            )
            last[key], there[key] = version, True
        else:
            assert what == "delete", what
            assert not of_log or there.get(key, True), f"{key} is deleted twice"
            assert of_log or not there.get(key, False), f"a dump says that {key} is gone, which the log does not"
            there[key] = False
    return found
