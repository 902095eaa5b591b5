"""CREATE EXTERNAL SCHEMA … FROM POSTGRES | MYSQL.

Receives the parsed statement inside the transaction that the journey opened; nothing is asked of the other database yet,
as in Redshift: metadata is read when a query first names a table.
Source: Redshift Developer Guide, "CREATE EXTERNAL SCHEMA".
"""

from __future__ import annotations

from boathouse.contracts.answers import Done
from boathouse.contracts.errors import DuplicateSchema, UndefinedObject
from boathouse.contracts.house import House
from boathouse.contracts.session import Session
from boathouse.lake import catalog
from boathouse.lake.federated import schemas
from boathouse.lake.federated.schemas import DEFAULT_PORTS, FederatedSchema
from boathouse.sql.statements import CreateFederatedSchema


def create_federated_schema(house: House, session: Session, statement: CreateFederatedSchema) -> Done:
    """Keep where the database is, once its secret is known to exist."""
    if session.catalog.has_schema(statement.name) or catalog.has_schema(house, session, statement.name):
        if statement.if_not_exists:
            return Done("CREATE SCHEMA")
        raise DuplicateSchema(f'schema "{statement.name}" already exists')
    schema = FederatedSchema(
        statement.name,
        statement.engine,
        statement.remote_database,
        statement.remote_schema or ("public" if statement.engine == "postgres" else statement.remote_database),
        statement.uri,
        statement.port or DEFAULT_PORTS[statement.engine],
        statement.iam_role,
        _secret(house, statement),
    )
    schemas.login(house, schema)
    schemas.put(session, schema)
    return Done("CREATE SCHEMA")


def _secret(house: House, statement: CreateFederatedSchema) -> str:
    """The house's name of a secret: its own, or the one in an ARN of AWS Secrets Manager."""
    if not statement.secret.startswith("arn:"):
        return statement.secret.lower()
    name = statement.secret.rpartition(":")[2].rpartition("/")[2].lower()
    known = [one for one in (name, name.rpartition("-")[0]) if one in house.secrets]
    if not known:
        raise UndefinedObject(
            f'there is no secret "{name}" for the SECRET_ARN',
            hint="AWS Secrets Manager is not asked: keep a secret of that name in secrets.toml.",
        )
    return known[0]
