"""An election by ZooKeeper: the instance whose node is the oldest is active, until its session ends. `servers` as in a state.

Nodes are ephemeral and numbered; each instance watches the one before its own, so that the end of one wakes one. The epoch is
the number of the transaction that made the node (its czxid), which no later node falls below.
Source: ZooKeeper documentation, "Recipes and Solutions", leader election.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

from boathouse.capture import zookeeper
from boathouse.capture.elections.election import Term
from boathouse.contracts.source_errors import StateUnavailable

_LOOK_SECONDS = 0.2


class ZooKeeperElection:
    """See `Election`.

    Args:
        given: opens the servers.
    """

    def __init__(self, given: Mapping[str, str], name: str, lease_seconds: float) -> None:
        self._given, self._seconds = given, lease_seconds
        self._folder = f"{zookeeper.ROOT}/{name}/election"
        self._client: Any = None

    def campaign(self, pause: Callable[[float], bool]) -> Term | None:
        """See `Election`. Each campaign is a session of its own: none takes up a node that another one left."""
        from kazoo.exceptions import KazooException
        from kazoo.handlers.threading import KazooTimeoutError

        self.close()
        self._client = client = zookeeper.connect(self._given, self._seconds)
        try:
            node = client.create(f"{self._folder}/n-", ephemeral=True, sequence=True, makepath=True)
            while True:
                asked = time.monotonic()
                found = sorted(client.get_children(self._folder))
                place = found.index(node.rpartition("/")[2])
                if place == 0:
                    facts = client.exists(node)
                    return Term(
                        facts.czxid,
                        self._seconds,
                        asked,
                        lambda: _is_there(client, node),
                        lambda: zookeeper.end(client),
                    )
                gone = threading.Event()
                if client.exists(f"{self._folder}/{found[place - 1]}", watch=lambda event, g=gone: g.set()) is None:
                    continue
                while not gone.is_set():
                    if pause(_LOOK_SECONDS):
                        self.close()
                        return None
        except (KazooException, KazooTimeoutError, ValueError, AttributeError) as failure:
            self.close()
            raise StateUnavailable(f"ZooKeeper's election failed: {type(failure).__name__}") from failure

    def close(self) -> None:
        """See `Election`."""
        client, self._client = self._client, None
        if client is not None:
            zookeeper.end(client)


def _is_there(client: Any, node: str) -> bool:
    """The session still has its node. An answer proves that ZooKeeper heard of the session just now."""
    from kazoo.exceptions import KazooException
    from kazoo.handlers.threading import KazooTimeoutError

    try:
        return client.exists(node) is not None
    except (KazooException, KazooTimeoutError) as failure:
        raise StateUnavailable(f"ZooKeeper does not answer: {type(failure).__name__}") from failure


def open_election(name: str, given: Mapping[str, str], lease_seconds: float) -> ZooKeeperElection:
    """The value of the entry point."""
    return ZooKeeperElection(given, name, lease_seconds)
