"""Who holds what: users, what they reach through groups and roles, owners and grants, as of one moment.

Loaded from this room's tables once for each version of the catalog; asked by the gate. Pure once loaded.
"""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Iterable
from typing import cast

from boathouse.contracts.engine import EngineSession
from boathouse.contracts.house import House
from boathouse.contracts.needs import OWNER
from boathouse.contracts.session import Session
from boathouse.contracts.users import BOOTSTRAP_USER_ID
from boathouse.guard.tables import SYSTEM_ROLES

Grantee = tuple[str, int]
"""(`public` | `user` | `group` | `role`, number)"""

Object = tuple[str, str, str]
"""(kind, schema, name)"""

_SUPERUSER_ROLE: Grantee = ("role", SYSTEM_ROLES["sys:superuser"][0])
BY_COLUMN = ("SELECT", "INSERT", "UPDATE")
"""Privileges that columns can have."""


class Privileges:
    """Everything that decides who may.

    Attributes:
        names: users by number.
        reach: in whose names each user acts.
        owners: owners by object; an object without one belongs to the bootstrap user.
        captured: (schema, table) → the integration that alone changes the table's rows and columns.
    """

    def __init__(
        self,
        users: Iterable[tuple[object, ...]],
        reach: Iterable[tuple[object, ...]],
        grants: Iterable[tuple[object, ...]],
        others: Iterable[tuple[object, ...]] = (),
        captured: Iterable[tuple[object, ...]] = (),
    ) -> None:
        self.names: dict[int, str] = {}
        self._superusers: set[int] = {BOOTSTRAP_USER_ID}
        self._see_all: set[int] = set()
        for number, name, superuser, unrestricted in users:
            self.names[cast(int, number)] = str(name)
            if unrestricted:
                self._see_all.add(cast(int, number))
            if superuser:
                self._superusers.add(cast(int, number))
        self.reach: dict[int, set[Grantee]] = defaultdict(set)
        for user, kind, number in reach:
            self.reach[cast(int, user)].add((str(kind), cast(int, number)))
        self._others = {(str(kind), cast(int, number)): str(name) for kind, number, name in others}
        self.captured = {(str(schema), str(name)): str(integration) for schema, name, integration in captured}
        self.owners: dict[Object, int] = {}
        self._grants: dict[Object, dict[tuple[str, str], set[Grantee]]] = defaultdict(lambda: defaultdict(set))
        self._grantable: dict[Object, set[tuple[str, Grantee]]] = defaultdict(set)
        for kind, schema, name, column, privilege, grantee_kind, grantee, grantable in grants:
            thing = (str(kind), str(schema), str(name))
            holder = (str(grantee_kind), cast(int, grantee))
            if privilege == OWNER:
                self.owners[thing] = holder[1]
                continue
            self._grants[thing][(str(privilege), str(column))].add(holder)
            if grantable:
                self._grantable[thing].add((str(privilege), holder))

    def is_superuser(self, user: int) -> bool:
        """CREATEUSER, or the role sys:superuser."""
        return user in self._superusers or _SUPERUSER_ROLE in self.reach.get(user, ())

    def sees_all_rows(self, user: int) -> bool:
        """SYSLOG ACCESS UNRESTRICTED, or a role with ACCESS SYSTEM TABLE, for other users' rows of system views."""
        return user in self._see_all or self.system(user, "ACCESS SYSTEM TABLE")

    def members_of(self, user: int, kind: str) -> frozenset[str]:
        """The names of the groups or roles in whose name the user acts."""
        mine = self.reach.get(user, ())
        return frozenset(name for one, name in self._others.items() if one[0] == kind and one in mine)

    def owner(self, kind: str, schema: str, name: str) -> int:
        """The number of the object's owner."""
        return self.owners.get((kind, schema, name), BOOTSTRAP_USER_ID)

    def owns(self, user: int, kind: str, schema: str, name: str) -> bool:
        """True for the owner and superusers."""
        return self.is_superuser(user) or (user in self.names and self.owner(kind, schema, name) == user)

    def holds(
        self, user: int, privilege: str, kind: str, schema: str, name: str, columns: Iterable[str] | None = None
    ) -> bool:
        """True where the user may: as owner, superuser, or by a grant on the object or on every one of the columns."""
        if self.owns(user, kind, schema, name):
            return True
        if user not in self.names:
            return False  # dropped meanwhile
        found = self._grants.get((kind, schema, name))
        if found is None:
            return False
        mine = self.reach[user]
        if found.get((privilege, ""), set()) & mine:
            return True
        if columns is None or privilege not in BY_COLUMN:
            return False
        wanted = set(columns)
        return bool(wanted) and all(found.get((privilege, column), set()) & mine for column in wanted)

    def columns(self, user: int, privilege: str, schema: str, name: str) -> frozenset[str]:
        """The columns on which alone the user has a privilege, by name."""
        mine = self.reach.get(user, set())
        return frozenset(
            column
            for (granted, column), holders in self._grants.get(("relation", schema, name), {}).items()
            if granted == privilege and column and holders & mine
        )

    def may_grant(self, user: int, privilege: str, kind: str, schema: str, name: str) -> bool:
        """True for owners, superusers, and who was granted it WITH GRANT OPTION."""
        if self.owns(user, kind, schema, name):
            return True
        mine = self.reach.get(user, set())
        return any(granted == privilege and holder in mine for granted, holder in self._grantable[(kind, schema, name)])

    def system(self, user: int, permission: str) -> bool:
        """True where a role of the user's has the permission (CREATE USER, VACUUM, …), and for superusers."""
        found = self._grants.get(("system", "", ""), {})
        return self.is_superuser(user) or bool(found.get((permission, ""), set()) & self.reach.get(user, set()))


def load(engine: EngineSession) -> Privileges:
    """The privileges that an engine session sees."""
    return Privileges(
        engine.fetch("SELECT usesysid, name, superuser, syslog_unrestricted FROM boathouse.users"),
        engine.fetch("SELECT user_id, grantee_kind, grantee_id FROM boathouse.reach"),
        engine.fetch(
            "SELECT kind, schema_name, object_name, column_name, privilege, grantee_kind, grantee_id, grantable "
            "FROM boathouse.grants"
        ),
        engine.fetch(
            "SELECT 'group', grosysid, name FROM boathouse.groups UNION ALL SELECT 'role', role_id, name FROM boathouse.roles"
        ),
        engine.fetch("FROM memory.rs.captured()"),
    )


class SharedPrivileges:
    """The privileges of the last committed catalog version, for all sessions of a house."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._engine: EngineSession | None = None
        self._lock = threading.Lock()
        self._kept: tuple[int, Privileges] | None = None

    def of(self, session: Session) -> Privileges:
        """What binds a session: what is committed by now, and what it has changed itself.

        A transaction does not hold on to privileges that were revoked since it began.
        """
        version = session.access_version
        kept = self._kept
        if version is not None and kept is not None and kept[0] == version:
            return kept[1]
        if version is None and session.engine.in_transaction:
            return load(session.engine)
        with self._lock:
            found = self._loaded()
        if version is not None and version == session.access_version:
            self._kept = (version, found)
        return found

    def _loaded(self) -> Privileges:
        """All of one moment, and on a lake by one look into its books in place of five."""
        engine, self._engine = self._engine or self._house.engine.session(), None
        try:
            engine.begin()
            found = load(engine)
            engine.rollback()
        except BaseException:
            engine.close()
            raise
        self._engine = engine
        return found
