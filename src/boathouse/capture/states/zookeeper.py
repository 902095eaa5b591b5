"""A capture's state in ZooKeeper: `kind = "zookeeper"`, `servers`. One node holds the image of a small database.

A transaction works on a copy in memory; its commit writes the image where the node still has the version that was read. Where
somebody else wrote meanwhile (a request for a dump), the statements are done again on what is there now, and must change as
much as they did; where they do not, a later writer has taken over. A node holds a megabyte: the image is packed, and is that
of one capture alone.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from boathouse.capture import zookeeper
from boathouse.capture.states.sqlite import SqliteState
from boathouse.contracts.source_errors import Fenced, StateUnavailable

_SESSION_SECONDS = 10.0
_BYTES_MAX = 1_000_000
_TRIES = 20


class ZooKeeperState:
    """See `StateSession`.

    Args:
        client: of kazoo's, connected; owned from here on.
        node: its path.
    """

    def __init__(self, client: Any, node: str) -> None:
        self._client, self._node = client, node
        self._memory = SqliteState(":memory:")
        self._version = -1
        self._open: list[tuple[str, tuple[object, ...], int]] | None = None
        empty = zlib.compress(self._memory.image())
        _asked(lambda: client.ensure_path(node.rpartition("/")[0]))
        if _asked(lambda: client.exists(node)) is None:
            _asked(lambda: _make(client, node, empty))

    def begin(self) -> None:
        """See `StateSession`."""
        self._look()
        self._memory.begin()
        self._open = []

    def commit(self) -> None:
        """See `StateSession`."""
        done, self._open = self._open or [], None
        self._memory.commit()
        for _ in range(_TRIES):
            if not any(changed for _, _, changed in done) or self._store():
                return
            self._look()
            self._memory.begin()
            for sql, parameters, changed in done:
                if self._run(sql, parameters)[1] != changed:
                    self._memory.rollback()
                    raise Fenced("a later writer has taken over the state")
            self._memory.commit()
        raise StateUnavailable("others write the state all the time")

    def rollback(self) -> None:
        """See `StateSession`."""
        self._open = None
        self._memory.rollback()

    def execute(self, sql: str, parameters: Sequence[object] = ()) -> int:
        """See `StateSession`."""
        return self._told(sql, parameters)[1]

    def fetch(self, sql: str, parameters: Sequence[object] = ()) -> list[tuple[object, ...]]:
        """See `StateSession`."""
        return self._told(sql, parameters)[0]

    def close(self) -> None:
        """See `StateSession`."""
        zookeeper.end(self._client)
        self._memory.close()

    def _told(self, sql: str, parameters: Sequence[object]) -> tuple[list[tuple[object, ...]], int]:
        """In the open transaction, or in one of its own."""
        if self._open is not None:
            rows, changed = self._run(sql, parameters)
            self._open.append((sql, tuple(parameters), changed))
            return rows, changed
        if sql.startswith("SELECT"):
            self._look()
            return self._run(sql, parameters)
        self.begin()
        try:
            found = self._told(sql, parameters)
        except BaseException:
            self.rollback()
            raise
        self.commit()
        return found

    def _run(self, sql: str, parameters: Sequence[object]) -> tuple[list[tuple[object, ...]], int]:
        if sql.startswith("SELECT"):
            return self._memory.fetch(sql, parameters), 0
        if "RETURNING" in sql:
            rows = self._memory.fetch(sql, parameters)
            return rows, len(rows)
        return [], self._memory.execute(sql, parameters)

    def _look(self) -> None:
        """Take the node's image where it has changed. A watch would tell later than others may already know."""
        facts = _asked(lambda: self._client.exists(self._node))
        if facts is None:
            raise StateUnavailable(f"ZooKeeper's node {self._node} is gone")
        if facts.version != self._version:
            packed, facts = _asked(lambda: self._client.get(self._node))
            self._memory.replace(zlib.decompress(packed))
            self._version = facts.version

    def _store(self) -> bool:
        """False where the node has another version by now."""
        from kazoo.exceptions import BadVersionError

        packed = zlib.compress(self._memory.image())
        if len(packed) > _BYTES_MAX:
            raise StateUnavailable("the state has become larger than ZooKeeper's nodes may be")
        try:
            facts = _asked(lambda: self._client.set(self._node, packed, version=self._version))
        except BadVersionError:
            return False
        self._version = facts.version
        return True


def open_state(name: str, given: Mapping[str, str]) -> ZooKeeperState:
    """The value of the entry point."""
    return ZooKeeperState(zookeeper.connect(given, _SESSION_SECONDS), f"{zookeeper.ROOT}/{name}/state")


def _make(client: Any, node: str, image: bytes) -> None:
    from kazoo.exceptions import NodeExistsError

    with suppress(NodeExistsError):
        client.create(node, image)


def _asked(ask: Any) -> Any:
    """An answer.

    Raises:
        StateUnavailable: there is none; what was asked may have been done. BadVersionError: the node has another version.
    """
    from kazoo.exceptions import BadVersionError, ConnectionClosedError, KazooException, SessionExpiredError
    from kazoo.handlers.threading import KazooTimeoutError

    try:
        return ask()
    except BadVersionError:
        raise
    except (KazooException, ConnectionClosedError, SessionExpiredError, KazooTimeoutError) as failure:
        raise StateUnavailable(f"ZooKeeper does not answer: {type(failure).__name__}") from failure
