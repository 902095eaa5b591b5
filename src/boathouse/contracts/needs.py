"""What a statement needs its user to be allowed: declared by the room that runs it, checked by the guard, nowhere else.

A room names for each of its statement classes a function that returns the needs of one statement (`Room.needs`); an
empty list says "anybody may". A class that no room declares for is refused to everybody but superusers. Queries and DML
declare nothing: the binder says which columns of which relations they read and write.

The same list says what the statement does to owned objects, so that owners and privileges follow: `Makes`, `Drops`,
`Renames`, `GivesTo`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, Protocol

from boathouse.contracts.relations import Relation

if TYPE_CHECKING:
    from boathouse.contracts.session import Session

ObjectKind = Literal["relation", "schema", "database", "function", "procedure", "language", "system", "upstream"]
"""`upstream`: a table of a database behind this house, by the database and `upstream_name`."""

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


def upstream_name(schema: str, name: str) -> str:
    """A table's name there, quoted where it must be, so that no two tables have one."""
    return ".".join(
        part if part.replace("_", "a").isalnum() and part.isascii() and part == part.lower() and not part[:1].isdigit()
        else '"' + part.replace('"', '""') + '"'
        for part in (schema, name)
    )  # fmt: skip


def upstream_table(privilege: str, database: str, schema: str, name: str) -> Need:
    """The need of a privilege on a table of a database behind this house."""
    return Need(privilege, "upstream", upstream_name(schema, name), database)


@dataclass(frozen=True, slots=True)
class Makes:
    """The statement makes this object unless it exists; whoever sends it will own it."""

    kind: ObjectKind
    name: str
    schema: str = ""


@dataclass(frozen=True, slots=True)
class Drops:
    """The statement drops this object, and maybe others with it; their privileges end."""

    kind: ObjectKind
    name: str
    schema: str = ""


@dataclass(frozen=True, slots=True)
class Renames:
    """The statement renames the object, or its column where one is named."""

    kind: ObjectKind
    name: str
    schema: str
    new_name: str
    column: str | None = None


@dataclass(frozen=True, slots=True)
class GivesTo:
    """The statement gives the object to another user, by name."""

    kind: ObjectKind
    name: str
    schema: str
    user: str


Declared = Need | Makes | Drops | Renames | GivesTo


class Needs(Protocol):
    """What one statement declares; called inside its transaction, before its handler. Objects that do not exist need
    nothing: the handler says so.
    """

    def __call__(self, session: Session, statement: Any) -> Iterable[Declared]: ...


def anybody(session: Session, statement: Any) -> Iterable[Declared]:
    """For statements that everybody may send."""
    return ()


class Gate(Protocol):
    """Decides who may; one room brings it (`Room.gate`), and no statement runs without asking it.

    Raises everywhere: InsufficientPrivilege, naming the object.
    """

    def permitted(self, session: Session, relation: Relation, view: Relation | None) -> frozenset[str] | None:
        """The columns that `*` of a relation stands for, read by the session's user or beneath a view by the view's
        owner; None for all.
        """
        ...

    def admit_query(self, session: Session, bound: Any) -> None:
        """Let a bound query or DML statement pass; called once for each plan, which holds until the catalog changes."""
        ...

    def sees(self, session: Session) -> tuple[bool, bool]:
        """Whether the user sees everybody's rows in system views, and those that are for superusers."""
        ...

    def memberships(self, session: Session) -> tuple[frozenset[str], frozenset[str]]:
        """The names of the groups and of the roles that the user has."""
        ...

    def admit(self, session: Session, statement: Any, declared: Iterable[Declared] | None) -> Any:
        """Let a statement of a room pass; `declared` is None where no room declares anything for its class. What comes
        back is for `done`.
        """
        ...

    def done(self, session: Session, passed: Any) -> None:
        """A statement of a room has run: owners and privileges follow what it made, renamed or dropped."""
        ...
