"""How long a silent client may keep its session.

Asked by the endpoint before each wait for a request. Source: Redshift Developer Guide, "CREATE USER" (SESSION TIMEOUT);
PostgreSQL's `idle_session_timeout` and `idle_in_transaction_session_timeout`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from boathouse.contracts.errors import AdminShutdown

if TYPE_CHECKING:
    from boathouse.query.session import QuerySession


def idle_limit(session: QuerySession) -> tuple[float, AdminShutdown] | None:
    """Seconds, and what the client is told after them; None: as long as it likes."""
    limits: list[tuple[float, str, str]] = []
    if session.status != "I":
        block_ms = int(session.setting("idle_in_transaction_session_timeout"))
        limits.append((block_ms / 1000, "idle-in-transaction timeout", "25P03"))
    limits.append((int(session.setting("idle_session_timeout")) / 1000, "idle-session timeout", "57P05"))
    limits.append((float(session.session_seconds_max), "session timeout", "57P05"))
    found = min((limit for limit in limits if limit[0] > 0), default=None)
    if found is None:
        return None
    return found[0], AdminShutdown(f"terminating connection due to {found[1]}", sqlstate=found[2])
