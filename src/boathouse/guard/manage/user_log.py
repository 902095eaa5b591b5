"""What happened to users: each CREATE, ALTER, rename and DROP, noted in the transaction that does it.

Received from `manage_users`; shown by `stl_userlog` and `sys_userlog`, to superusers. Kept as long as statements are.
Source: Redshift Developer Guide, the pages of those two.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Literal

from boathouse.contracts.house import House
from boathouse.contracts.rooms import SystemRelation
from boathouse.contracts.session import Session

TABLES: tuple[str, ...] = (
    "CREATE TABLE IF NOT EXISTS boathouse.user_log (usesysid INTEGER NOT NULL, name VARCHAR NOT NULL, "
    "old_name VARCHAR NOT NULL, action VARCHAR NOT NULL, createdb BOOLEAN, superuser BOOLEAN, valid_until TIMESTAMP, "
    "pid INTEGER NOT NULL, xid BIGINT NOT NULL, recorded TIMESTAMP NOT NULL)",
)


def note_user(
    house: House,
    session: Session,
    number: int,
    action: Literal["create", "alter", "rename", "drop"],
    old_name: str = "",
) -> None:
    """Note what is being done to the user with this number, who is as the action leaves him, or finds him to drop."""
    now = house.clock.now().replace(tzinfo=None)
    kept_from = now - timedelta(days=house.settings["query"].history_days_max)
    session.engine.execute("DELETE FROM boathouse.user_log WHERE recorded < $1", (kept_from,))
    session.engine.execute(
        "INSERT INTO boathouse.user_log SELECT usesysid, name, $2, $3, createdb, superuser, valid_until, $4, $5, $6 "
        "FROM boathouse.users WHERE usesysid = $1",
        (number, old_name, action, session.pid, session.transaction_number, now),
    )


_COLUMNS = (
    ("usesysid", "userid", "user_id", "integer"),
    ("name", "username", "user_name", "char(50)"),
    ("old_name", "oldusername", "original_user_name", "char(50)"),
    ("action", "action", "action", "char(10)"),
    ("createdb::INTEGER", "usecreatedb", "has_create_db_privs", "integer"),
    ("superuser::INTEGER", "usesuper", "is_superuser", "integer"),
    ("superuser::INTEGER", "usecatupd", "has_update_catalog_privs", "integer"),
    ("valid_until", "valuntil", "password_expiration", "timestamp"),
    ("pid", "pid", "session_id", "integer"),
    ("xid", "xid", "transaction_id", "bigint"),
    ("recorded", "recordtime", "record_time", "timestamp"),
)
"""What is kept, its name in `stl_userlog`, its name in `sys_userlog`, its type."""


def _log(relation: str, place: int) -> SystemRelation:
    shown = ", ".join(f"{one[0]} AS {one[place]}" for one in _COLUMNS)
    columns = tuple((one[place], one[3]) for one in _COLUMNS)
    return SystemRelation(relation, columns, f"SELECT {shown} FROM boathouse.user_log", superusers_only=True)


SYSTEM_RELATIONS: tuple[SystemRelation, ...] = (_log("stl_userlog", 1), _log("sys_userlog", 2))
