"""The engine's access to places: a secret for each s3 place that tables lie in.

Received: a place about to be read by the engine. What `lake.storage_s3.engine_secret` says is run on a session of its own,
once and again when the keys change, so that no client's rollback takes it back. A transaction that began before does not
see that secret: it gets one of its own. Whom the engine believes, and how patient it is, are the settings of `[lake]`, set
before its first secret.
"""

from __future__ import annotations

import hashlib
import threading
import weakref
from collections.abc import Iterable, Mapping

from boathouse.contracts.engine import Access, Engine
from boathouse.contracts.house import House
from boathouse.contracts.relations import StorageKeys
from boathouse.contracts.session import Session
from boathouse.lake.settings import LakeSettings
from boathouse.lake.storage_s3 import access_keys, engine_secret, engine_settings, is_path_style
from boathouse.sql.statements import Credentials

_made: weakref.WeakKeyDictionary[Engine, dict[str, str]] = weakref.WeakKeyDictionary()
"""For each engine the name of the secret of each scope."""
_lock = threading.Lock()


def open_for_engine(house: House, session: Session, place: str, credentials: Credentials) -> None:
    """Make sure that the engine can read a place; nothing to do for local paths."""
    found = engine_secret(house, place, credentials)
    if found is None:
        return
    settings, scope = found
    # The name tells keys apart without telling them, so that a transaction never takes an older one for this one.
    name = f"lake_{hashlib.sha256(settings.encode()).hexdigest()[:24]}"
    with _lock:
        made = _made.setdefault(house.engine, {})
        if made.get(scope) != name:
            house.engine.load_extension("httpfs")
            own = house.engine.session()
            try:
                for setting, value in engine_settings(house.settings["lake"]) if not made else ():
                    own.execute(f"SET GLOBAL {setting} = {value}")
                own.execute(f'CREATE OR REPLACE SECRET "{name}" ({settings})')
                if (old := made.get(scope)) is not None:
                    own.execute(f'DROP SECRET IF EXISTS "{old}"')
            finally:
                own.close()
            made[scope] = name
    if not session.engine.fetch("SELECT 1 FROM duckdb_secrets() WHERE name = ?", [name]):
        session.engine.execute(f'CREATE OR REPLACE SECRET "{name}_{session.pid}" ({settings})')


def access_of(house: House, places: Iterable[str], credentials: Credentials) -> Access:
    """The same for an engine elsewhere."""
    secrets = [engine_secret(house, place, credentials) for place in places]
    found = [one for one in secrets if one is not None]
    settings = tuple(engine_settings(house.settings["lake"])) if found else ()
    return Access(tuple(one for one, _ in found), settings, is_anywhere=len(found) == len(secrets) > 0)


def keys_of(house: House, place: str, credentials: Credentials) -> StorageKeys | None:
    """What a program that is no engine of ours needs to read a place as the house does.

    None for local places, and for those that are read by this process's own standing or by a list of authorities of
    its own: neither can be handed on.
    """
    settings: LakeSettings = house.settings["lake"]
    key, secret, token, region, is_own = access_keys(house, credentials)
    if not place.lower().startswith("s3://") or is_own or settings.s3_ca_file:
        return None
    return StorageKeys(key, secret, token, region, settings.s3_endpoint, is_path_style(settings))


def place_keys(settings: LakeSettings, stored: Mapping[str, str]) -> StorageKeys | None:
    """The same for a place of the house's own, by the keys of a named secret."""
    key, secret, token = (stored.get(name) for name in ("access_key_id", "secret_access_key", "session_token"))
    region, style = stored.get("region") or settings.s3_region, is_path_style(settings)
    return None if settings.s3_ca_file else StorageKeys(key, secret, token, region, settings.s3_endpoint, style)
