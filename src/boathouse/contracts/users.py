"""A user as the house knows one: who somebody is and how a password is proved, never the password."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

BOOTSTRAP_USER_ID = 100
"""The administrator that `boathouse init` makes, as on Redshift; it owns whatever names no owner."""


@dataclass(frozen=True, slots=True)
class User:
    """A user as stored.

    Attributes:
        name: folded.
        verifier: proves a password without holding it, as `wire.postgres.scram` writes it; None where nobody can log
            in by password. Never shown.
        superuser: made by CREATEUSER: may do everything that the house allows.
        id: the number that owns, is granted, and stands in system tables (`usesysid`).
        valid_until: UTC, naive; the password proves nothing from then on.
        connections_max: sessions at once; None is unlimited.
        session_seconds_max: idle seconds after which a session ends; None is the endpoint's own setting.
        settings: session parameters that every new session starts with, (name, value) each.
    """

    name: str
    verifier: str | None = field(repr=False)
    superuser: bool
    id: int = BOOTSTRAP_USER_ID
    valid_until: datetime | None = None
    connections_max: int | None = None
    session_seconds_max: int | None = None
    settings: tuple[tuple[str, str], ...] = ()
