"""`boathouse init`: a home with its administrator."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from boathouse.app.assemble import open_house
from boathouse.app.home import create_home, new_password
from boathouse.contracts.errors import InvalidParameterValue
from boathouse.contracts.users import User
from boathouse.wire.postgres.scram import make_verifier

PASSWORD_CHARACTERS_MIN = 8
ADMIN = "admin"


def initialise(
    home: Path,
    database: str,
    password: str | None,
    storage: str = "native",
    place: Mapping[str, str] = MappingProxyType({}),
) -> str | None:
    """Make a home; returns the administrator's password where it was generated here, else None.

    Args:
        place: further settings of `[storage]`. Where they name a lake that is there already, its administrator stays as he is.
    """
    if password is not None and len(password) < PASSWORD_CHARACTERS_MIN:
        raise InvalidParameterValue(f"the administrator's password needs {PASSWORD_CHARACTERS_MIN} characters or more")
    if not database.isidentifier():
        raise InvalidParameterValue(f'"{database}" is not a database name', hint="Letters, digits and _ only.")
    generated = None if password is not None else new_password()
    create_home(home, database.lower(), ({} if storage == "native" else {"kind": storage}) | dict(place))
    house = open_house(home)
    try:
        known = house.service.user(ADMIN)
        if house.service.house.engine.is_shared and known is not None and known.verifier is not None:
            return None
        verifier = make_verifier(password or generated or "", secrets.token_bytes(16), secrets.token_bytes(16))
        house.put_user(User(ADMIN, str(verifier), True))
    finally:
        house.close()
    return generated
