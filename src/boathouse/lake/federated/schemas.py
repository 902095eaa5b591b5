"""External schemas that show another database: where it is, by which secret, and who keeps the record.

Written by `define`, read whenever a name is looked up or a table is scanned. The schema's name is also a row of
`boathouse.external_schemas`, so that whatever speaks of external schemas speaks of these.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from boathouse.contracts.errors import InvalidParameterValue, UndefinedObject
from boathouse.contracts.house import House
from boathouse.contracts.session import Session

TABLES: tuple[str, ...] = (
    "CREATE TABLE IF NOT EXISTS boathouse.federated_schemas (name VARCHAR NOT NULL, engine VARCHAR NOT NULL, "
    "database_name VARCHAR NOT NULL, remote_schema VARCHAR NOT NULL, uri VARCHAR NOT NULL, port INTEGER NOT NULL, "
    "iam_role VARCHAR, secret VARCHAR NOT NULL)",
)

DEFAULT_PORTS: Mapping[str, int] = {"postgres": 5432, "mysql": 3306}


@dataclass(frozen=True, slots=True)
class FederatedSchema:
    """A schema of another database under a name of ours.

    Attributes:
        engine: whose protocol it speaks.
        database, remote_schema: over there; MySQL's schema is its database.
        uri: the host's name or address. secret: the name of the secret with user and password.
    """

    name: str
    engine: Literal["postgres", "mysql"]
    database: str
    remote_schema: str
    uri: str
    port: int
    iam_role: str | None
    secret: str


_COLUMNS = "name, engine, database_name, remote_schema, uri, port, iam_role, secret"


def find(session: Session, name: str) -> FederatedSchema | None:
    """The schema, or None."""
    rows = session.engine.fetch(f"SELECT {_COLUMNS} FROM boathouse.federated_schemas WHERE name = ?", [name])
    return FederatedSchema(*rows[0]) if rows else None  # type: ignore[arg-type]


def put(session: Session, schema: FederatedSchema) -> None:
    """Keep a new schema."""
    session.engine.execute(
        "INSERT INTO boathouse.federated_schemas VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        [
            schema.name,
            schema.engine,
            schema.database,
            schema.remote_schema,
            schema.uri,
            schema.port,
            schema.iam_role,
            schema.secret,
        ],
    )
    session.engine.execute(
        "INSERT INTO boathouse.external_schemas (name, database_name, owner) VALUES (?, '', ?)",
        [schema.name, session.user],
    )
    session.catalog_changed()


def remove(session: Session, name: str) -> None:
    """Forget what a schema showed; its row among the external schemas goes with it elsewhere."""
    session.engine.execute("DELETE FROM boathouse.federated_schemas WHERE name = ?", [name])


def login(house: House, schema: FederatedSchema) -> Mapping[str, str]:
    """The secret's fields.

    Raises:
        UndefinedObject: no such secret. InvalidParameterValue: it holds no user.
    """
    found = house.secrets.get(schema.secret)
    if found is None:
        raise UndefinedObject(
            f'secret "{schema.secret}" of external schema "{schema.name}" does not exist',
            hint="Secrets live in secrets.toml, or in the environment as BOATHOUSE_SECRET_<NAME>_<KEY>.",
        )
    if not (found.get("username") or found.get("user")):
        raise InvalidParameterValue(f'secret "{schema.secret}" has no username', hint="It needs username and password.")
    return found
