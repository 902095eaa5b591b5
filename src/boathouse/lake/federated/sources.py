"""The databases that can be asked, by what they speak: tables described, queries read.

Asked by the catalog's look-ups and by `scan`. Two implementations: `postgres` and `mysql`.
"""

from __future__ import annotations

from boathouse.contracts.house import House
from boathouse.contracts.relations import Relation
from boathouse.contracts.session import Session
from boathouse.lake.federated import mysql, postgres, schemas
from boathouse.lake.federated.remote import Reading
from boathouse.lake.federated.schemas import FederatedSchema


def find_relation(house: House, session: Session, schema: str, name: str) -> Relation | None:
    """The table of another database that a schema shows under a name; asked anew each time, None where there is none."""
    found = schemas.find(session, schema)
    if found is None:
        return None
    source = postgres if found.engine == "postgres" else mysql
    table = source.describe(found, schemas.login(house, found), name)
    return None if table is None else table.relation(name)


def begin(house: House, schema: FederatedSchema, text: str) -> Reading:
    """A query that is to run over there."""
    login = schemas.login(house, schema)
    if schema.engine == "postgres":
        return postgres.PostgresReading(schema, login, text)
    return mysql.MysqlReading(schema, login, text)
