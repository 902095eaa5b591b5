"""The databases that can be asked, by what they speak: tables described, queries read.

Asked by the catalog's look-ups and by `scan`. Two implementations: `postgres` and `mysql`, imported when the first question
goes there: their drivers would take a tenth of the time in which a server starts.
"""

from __future__ import annotations

from boathouse.contracts.house import House
from boathouse.contracts.relations import Relation
from boathouse.contracts.session import Session
from boathouse.lake.federated import schemas
from boathouse.lake.federated.remote import Reading
from boathouse.lake.federated.schemas import FederatedSchema


def find_relation(house: House, session: Session, schema: str, name: str) -> Relation | None:
    """The table of another database that a schema shows under a name; asked anew each time, None where there is none."""
    found = schemas.find(session, schema)
    if found is None:
        return None
    login = schemas.login(house, found)
    if found.engine == "postgres":
        from boathouse.lake.federated import postgres

        table = postgres.describe(found, login, name)
    else:
        from boathouse.lake.federated import mysql

        table = mysql.describe(found, login, name)
    return None if table is None else table.relation(name)


def begin(house: House, schema: FederatedSchema, text: str) -> Reading:
    """A query that is to run over there."""
    login = schemas.login(house, schema)
    if schema.engine == "postgres":
        from boathouse.lake.federated import postgres

        return postgres.PostgresReading(schema, login, text)
    from boathouse.lake.federated import mysql

    return mysql.MysqlReading(schema, login, text)
