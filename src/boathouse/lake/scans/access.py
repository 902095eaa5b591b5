"""The engine's access to places: the secret for an s3 bucket.

Receives a place about to be read by the engine; runs what `lake.storage_s3.engine_secret` says on a session of its own,
once and again when the keys change, so that no client's rollback takes it back. A transaction that began before does
not see that secret: it gets one of its own.
"""

from __future__ import annotations

import threading
import weakref

from boathouse.contracts.engine import Engine
from boathouse.contracts.house import House
from boathouse.contracts.session import Session
from boathouse.lake.storage_s3 import engine_secret
from boathouse.sql.statements import Credentials

_made: weakref.WeakKeyDictionary[Engine, dict[str, str]] = weakref.WeakKeyDictionary()
_lock = threading.Lock()

_SHARED = "lake"
"""How the names of our secrets begin."""


def open_for_engine(house: House, session: Session, place: str, credentials: Credentials) -> None:
    """Make sure that the engine can read a place; nothing to do for local paths."""
    if not place.startswith("s3://"):
        return
    sql = engine_secret(house, place, credentials, _SHARED)
    if sql is None:
        return
    bucket = place[5:].partition("/")[0]
    with _lock:
        made = _made.setdefault(house.engine, {})
        if made.get(bucket) != sql:
            own = house.engine.session()
            try:
                own.execute(sql)
            finally:
                own.close()
            made[bucket] = sql
    if not session.engine.fetch("SELECT 1 FROM duckdb_secrets() WHERE name = ?", [f"{_SHARED}_{bucket}".lower()]):
        mine = engine_secret(house, place, credentials, f"{_SHARED}{session.pid}")
        session.engine.execute(str(mine))
