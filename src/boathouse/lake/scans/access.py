"""The engine's access to places: the secret for an s3 bucket, made once per process.

Receives a place about to be read by the engine; runs what `lake.storage.engine_secret` says on a session of its own,
so that no client's rollback takes it back.
"""

from __future__ import annotations

import threading
import weakref

from boathouse.contracts.engine import Engine
from boathouse.contracts.house import House
from boathouse.contracts.session import Session
from boathouse.lake.storage import engine_secret
from boathouse.sql.statements import Credentials

_made: weakref.WeakKeyDictionary[Engine, set[str]] = weakref.WeakKeyDictionary()
_lock = threading.Lock()


def open_for_engine(house: House, session: Session, place: str, credentials: Credentials) -> None:
    """Make sure that the engine can read a place; nothing to do for local paths."""
    if not place.startswith("s3://"):
        return
    sql = engine_secret(house, place, credentials)
    if sql is None:
        return
    with _lock:
        made = _made.setdefault(house.engine, set())
        if sql in made:
            return
        own = house.engine.session()
        try:
            own.execute(sql)
        finally:
            own.close()
        made.add(sql)
