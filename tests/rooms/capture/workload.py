"""A live workload on a table `t (id, owner, version, note, big)`: inserts, updates, deletes, moved keys, large values."""

from __future__ import annotations

import random
from contextlib import suppress
from typing import Any

import psycopg
from tests.rooms.capture.postgres_server import PostgresUnderTest
from tests.rooms.capture.writers import Writers

MAKE = "CREATE TABLE t (id integer PRIMARY KEY, version bigint NOT NULL, note text, big text)"


class Workload(Writers):
    """Writers with keys of their own each, so that they never wait for each other.

    Args:
        pause: of each writer after a transaction, in seconds: where a test only needs the table never to be still.
    """

    def __init__(
        self,
        postgres: PostgresUnderTest,
        writers: int,
        keys: int,
        seed: int,
        truncates: bool = False,
        pause: float = 0.0,
    ) -> None:
        self._pause, self._seed = pause, seed
        self.transactions = 0
        self._postgres, self._keys, self._writers, self._truncates = postgres, keys, writers, truncates
        super().__init__(writers)

    def _run(self, number: int) -> None:
        chance = random.Random(self._seed * 1000 + number)
        try:
            with self._postgres.connect() as db:
                db.execute("SET synchronous_commit = off")
                while not self._stop.is_set():
                    # A TRUNCATE behind changes may meet another's: PostgreSQL rolls one of the two back.
                    with suppress(psycopg.errors.DeadlockDetected):
                        self._transaction(db, number, chance)
                        self.transactions += 1
                    self._stop.wait(self._pause)
        except BaseException as failure:
            self.failure = failure

    def _transaction(self, db: psycopg.Connection[Any], number: int, chance: random.Random) -> None:
        with db.transaction():
            for _ in range(chance.choice((1, 1, 1, 2, 5))):
                key = chance.randrange(self._keys) * self._writers + number
                what = chance.random()
                if what < 0.45:
                    db.execute("UPDATE t SET version = version + 1 WHERE id = %s", (key,))
                elif what < 0.75:
                    big = "x" * chance.choice((10, 9000)) + str(chance.random())
                    db.execute(
                        "INSERT INTO t VALUES (%s, 1, %s, %s) ON CONFLICT (id) DO UPDATE SET version = t.version + 1, "
                        "note = excluded.note",
                        (key, f"n{chance.randrange(100)}", big),
                    )
                elif what < 0.9:
                    db.execute("DELETE FROM t WHERE id = %s", (key,))
                else:
                    other = chance.randrange(self._keys) * self._writers + number
                    db.execute(
                        "UPDATE t SET id = %s, version = version + 1 WHERE id = %s AND NOT EXISTS "
                        "(SELECT FROM t WHERE id = %s)",
                        (other, key, other),
                    )
            if self._truncates and chance.random() < 0.002:
                db.execute("TRUNCATE t")
