"""Connections to ZooKeeper, for a capture's state and its election. `servers`: `host:port,host:port`, with a path behind it
where several share them; `user` and `password` where nodes are to be its own (digest)."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from boathouse.contracts.errors import FeatureNotSupported, InvalidParameterValue
from boathouse.contracts.source_errors import StateUnavailable

ROOT = "/boathouse"
_SECONDS = 10.0


def connect(given: Mapping[str, str], session_seconds: float) -> Any:
    """A started client of kazoo's.

    Args:
        session_seconds: without a word from us after which ZooKeeper takes what is ephemeral away; and for which an answer is
            waited.

    Raises:
        FeatureNotSupported: kazoo is not installed. InvalidParameterValue: no servers. StateUnavailable: none answers.
    """
    try:
        from kazoo.client import KazooClient  # here: an extra
        from kazoo.handlers.threading import AsyncResult, KazooTimeoutError, SequentialThreadingHandler
        from kazoo.security import make_digest_acl
    except ModuleNotFoundError as failure:
        raise FeatureNotSupported(
            'ZooKeeper needs the module "kazoo", which is not installed', hint="pip install 'boathouse[zookeeper]'."
        ) from failure
    if "servers" not in given:
        raise InvalidParameterValue("ZooKeeper's servers are not named", hint='servers = "host:2181,host:2181"')
    own: dict[str, Any] = {}
    if "user" in given:
        user, password = given["user"], given.get("password", "")
        own = {
            "auth_data": [("digest", f"{user}:{password}")],
            "default_acl": [make_digest_acl(user, password, all=True)],
        }

    class Bounded(AsyncResult):  # type: ignore[misc]
        """Without a quorum kazoo waits for answers for ever."""

        def get(self, block: bool = True, timeout: float | None = None) -> Any:
            return super().get(block, session_seconds if timeout is None else timeout)

    class Handler(SequentialThreadingHandler):  # type: ignore[misc]
        def async_result(self) -> Bounded:
            return Bounded(self)

    client = KazooClient(hosts=given["servers"], timeout=session_seconds, handler=Handler(), **own)
    try:
        client.start(timeout=_SECONDS)
    except KazooTimeoutError as failure:
        end(client)
        raise StateUnavailable("ZooKeeper does not answer") from failure
    return client


def end(client: Any) -> None:
    """End its session, where it has one; harmless when repeated, from any thread, and while nobody answers.

    A client that is still trying to connect has not stopped when `stop` returns, and kazoo lets nobody close it then, by an
    exception of no type; what it holds goes with it.
    """
    client.stop()
    with suppress(Exception):
        client.close()
