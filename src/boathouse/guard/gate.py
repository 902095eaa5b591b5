"""The one place where it is decided who may: no query, DML or statement of a room runs without passing here.

Received from the query room: bound trees, which say what is read and written under whose rights, and rooms' statements
with what their rooms declare that they need. Raised: 42501 in Redshift's words. Handed on, after a statement: owners
and privileges that follow what DDL made, renamed and dropped (`follow`).

Beneath a view the view's owner answers for what is read and called; whoever queries needs SELECT on the view alone.
Source: Redshift Developer Guide, "Managing database security", "GRANT".
"""

from __future__ import annotations

from collections.abc import Iterable

from boathouse.contracts.errors import InsufficientPrivilege, ObjectNotInPrerequisiteState, UndefinedObject
from boathouse.contracts.house import House
from boathouse.contracts.needs import OWNER, SUPERUSER, Declared, GivesTo, Makes, Need
from boathouse.contracts.relations import Relation
from boathouse.contracts.session import Session
from boathouse.guard.follow import exists, follow
from boathouse.guard.privileges import Privileges, SharedPrivileges
from boathouse.sql.bind.bound import Bound, Called, Read, Write
from boathouse.sql.statements import Statement

_OPEN = ("temporary", "system")
"""Relations that are nobody else's, and those that show each user only its own part."""


_OWNERS = (OWNER, "ALTER", "DROP", "TRUNCATE")
"""Privileges that only owners have unless they are granted; the error says so."""

_CHANGES = ("INSERT", "UPDATE", "DELETE", "TRUNCATE", "ALTER")
"""What changes a table's rows or columns. A captured table may be dropped and renamed: then it is none any more."""


class Gatekeeper:
    """See `contracts.needs.Gate`."""

    def __init__(self, house: House) -> None:
        self.shared = SharedPrivileges(house)

    def permitted(self, session: Session, relation: Relation, view: Relation | None) -> frozenset[str] | None:
        """See the protocol. Redshift leaves out of `*` what a user with column privileges may not read."""
        if relation.kind in (*_OPEN, "external"):
            return None
        known = self.shared.of(session)
        reader = _reader(known, session, view)
        if known.holds(reader, "SELECT", "relation", relation.schema, relation.name):
            return None
        return known.columns(reader, "SELECT", relation.schema, relation.name) or None

    def admit_query(self, session: Session, bound: Bound) -> None:
        """See the protocol."""
        known = self.shared.of(session)
        if bound.target is not None:
            _refuse_captured(known, bound.target.schema, bound.target.name)
        if known.is_superuser(session.user_id):
            views = (*(one.view for one in bound.reads), *(one.view for one in bound.calls))
            if all(view is None or _owned_by_superuser(known, view) for view in views):
                return
        for one in bound.reads:
            _check_read(known, session, one)
        for called in bound.calls:
            _check_call(known, session, called)
        if bound.target is not None:
            for write in bound.writes:
                _check_write(known, session.user_id, bound.target, write)

    def sees(self, session: Session) -> tuple[bool, bool]:
        """See the protocol."""
        known = self.shared.of(session)
        is_superuser = known.is_superuser(session.user_id)
        return is_superuser or known.sees_all_rows(session.user_id), is_superuser

    def memberships(self, session: Session) -> tuple[frozenset[str], frozenset[str]]:
        """See the protocol."""
        known = self.shared.of(session)
        return known.members_of(session.user_id, "group"), known.members_of(session.user_id, "role")

    def admit(self, session: Session, statement: Statement, declared: Iterable[Declared] | None) -> list[Declared]:
        """See the protocol; what comes back is what `follow` has to do."""
        declared = None if declared is None else [*declared]
        if declared == []:  # also where the warehouse cannot be asked: ROLLBACK
            return []
        known = self.shared.of(session)
        if declared is None:
            if not known.is_superuser(session.user_id):
                raise InsufficientPrivilege(
                    f"permission denied: {type(statement).__name__} is for superusers only",
                    hint="No room says what this statement needs.",
                )
            return []
        effects: list[Declared] = []
        for one in declared:
            if isinstance(one, Need):
                check(known, session.user_id, one)
                if one.kind == "relation" and one.privilege in _CHANGES:
                    _refuse_captured(known, one.schema, one.name)
            elif not isinstance(one, Makes) or not exists(session, known, one):
                effects.append(one)
        for one in effects:
            if isinstance(one, GivesTo):
                self._check_gift(known, session, one)
        return effects

    def _check_gift(self, known: Privileges, session: Session, gift: GivesTo) -> None:
        """Superusers give to anybody; owners only to users in whose name they act: none but themselves."""
        if gift.user not in known.names.values():
            raise UndefinedObject(f'user "{gift.user}" does not exist')
        if gift.user != session.user and not known.is_superuser(session.user_id):
            raise InsufficientPrivilege(f"must be superuser to change the owner of {gift.kind} {gift.name}")

    def done(self, session: Session, passed: list[Declared]) -> None:
        """See the protocol."""
        for one in passed:
            follow(session, one)


def _reader(known: Privileges, session: Session, view: Relation | None) -> int:
    return session.user_id if view is None else known.owner("relation", view.schema, view.name)


def _owned_by_superuser(known: Privileges, view: Relation) -> bool:
    return known.is_superuser(known.owner("relation", view.schema, view.name))


def _check_read(known: Privileges, session: Session, read: Read) -> None:
    relation = read.relation
    if relation.kind in _OPEN:
        return
    reader = _reader(known, session, read.view)
    if read.view is None and relation.database is not None:
        check(known, reader, Need("USAGE", "database", relation.database))
    elif read.view is None or relation.kind == "external":
        check(known, reader, Need("USAGE", "schema", relation.schema))
    if relation.kind == "external":
        return
    schema, name = relation.schema, relation.name
    if known.holds(reader, "SELECT", "relation", schema, name, read.columns):
        return
    if not read.columns and known.columns(reader, "SELECT", schema, name):
        return  # count(*): any column's privilege does
    raise _denied("relation", name)


def _check_call(known: Privileges, session: Session, called: Called) -> None:
    function = called.function
    caller = _reader(known, session, called.view)
    if called.view is None:
        check(known, caller, Need("USAGE", "schema", function.schema))
    check(known, caller, Need("EXECUTE", "function", function.signature, function.schema))


def _check_write(known: Privileges, user: int, target: Relation, write: Write) -> None:
    if target.kind in _OPEN:
        return
    check(known, user, Need("USAGE", "schema", target.schema))
    if target.kind == "external":
        check(known, user, Need(OWNER, "schema", target.schema))
        return
    check(known, user, Need(write.privilege, "relation", target.name, target.schema, write.columns))


def check(known: Privileges, user: int, need: Need) -> None:
    """Raise unless the user has what is needed."""
    if need.or_system is not None and known.system(user, need.or_system):
        return
    if need.kind == "system":
        allowed = known.is_superuser(user) if need.privilege == SUPERUSER else known.system(user, need.privilege)
        if not allowed:
            raise InsufficientPrivilege(need.name or _SYSTEM_WORDS.get(need.privilege, "permission denied"))
        return
    if not known.holds(user, need.privilege, need.kind, need.schema, need.name, need.columns):
        if need.privilege in _OWNERS:
            raise InsufficientPrivilege(f"must be owner of {need.kind} {need.name}")
        raise _denied(need.kind, need.name)


def _refuse_captured(known: Privileges, schema: str, name: str) -> None:
    integration = known.captured.get((schema, name))
    if integration is not None:
        raise ObjectNotInPrerequisiteState(
            f'cannot change table "{name}": integration "{integration}" keeps it like its source',
            hint="Change it at the source, or a copy of it (CREATE TABLE … AS SELECT); DROP INTEGRATION lets the table go.",
        )


def _denied(kind: str, name: str) -> InsufficientPrivilege:
    kind = "table" if kind == "upstream" else kind
    return InsufficientPrivilege(f"permission denied for {kind} {name}")


_SYSTEM_WORDS = {
    SUPERUSER: "must be superuser to do this",
    "CREATE USER": "must be superuser to create users",
    "DROP USER": "must be superuser to drop users",
    "CREATE ROLE": "permission denied to create role",
    "DROP ROLE": "permission denied to drop role",
}
