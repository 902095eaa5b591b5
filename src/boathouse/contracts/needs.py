"""What a statement needs its user to be allowed: declared by the room that runs it, checked by the guard, nowhere else.

A room names for each of its statement classes a function that returns the needs of one statement (`Room.needs`); an
empty list says "anybody may". A class that no room declares for is refused to everybody but superusers. Queries and DML
declare nothing: the binder says which columns of which relations they read and write.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, Protocol

if TYPE_CHECKING:
    from boathouse.contracts.session import Session

ObjectKind = Literal["relation", "schema", "database", "function", "procedure", "language", "system"]

OWNER = "OWNER"
"""The need to own an object: its owner, who holds the owner's role, or a superuser."""

SUPERUSER = "SUPERUSER"
"""The need (of kind `system`) to be a superuser."""


@dataclass(frozen=True, slots=True)
class Need:
    """One thing that a user must be allowed.

    Attributes:
        privilege: in capitals: SELECT, INSERT, UPDATE, DELETE, TRUNCATE, DROP, ALTER, REFERENCES on relations; USAGE, CREATE
            on schemas; CREATE, TEMP on the database; EXECUTE; USAGE on languages; OWNER; for kind `system` a
            permission of roles as CREATE USER, or SUPERUSER.
        kind, schema, name: the object; functions and procedures by `name(type, type)`.
        columns: for SELECT, INSERT and UPDATE: the columns touched; None for the whole relation.
        or_system: a permission of roles that does as well: DROP TABLE beside owning the table.
    """

    privilege: str
    kind: ObjectKind
    name: str = ""
    schema: str = ""
    columns: frozenset[str] | None = None
    or_system: str | None = None


class Needs(Protocol):
    """The needs of one statement; called inside its transaction, before its handler. Objects that do not exist need
    nothing: the handler says so.
    """

    def __call__(self, session: Session, statement: Any) -> Iterable[Need]: ...


def anybody(session: Session, statement: Any) -> Iterable[Need]:
    """For statements that everybody may send."""
    return ()
