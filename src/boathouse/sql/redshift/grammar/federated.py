"""CREATE EXTERNAL SCHEMA … FROM POSTGRES | MYSQL: schemas of other databases.

Source: Redshift Developer Guide, "CREATE EXTERNAL SCHEMA" (federated query). SECRET 'name' is ours.
"""

from __future__ import annotations

from typing import Any

from boathouse.contracts.errors import InvalidParameterValue
from boathouse.sql.statements import CreateFederatedSchema
from boathouse.sql.token_reader import TokenReader


def read_federated_schema(reader: TokenReader, name: str, engine: str, *, if_not_exists: bool) -> CreateFederatedSchema:
    """What follows FROM POSTGRES or FROM MYSQL, in any order."""
    found: dict[str, Any] = {}
    while not reader.at_end:
        clause = reader.accept_any("database", "schema", "uri", "port", "iam_role", "secret", "secret_arn")
        key = "secret" if clause == "secret_arn" else clause
        if clause is None or key in found or (clause == "schema" and engine == "mysql"):
            reader.fail()
        if clause == "port":
            place = reader.token.start + 1
            port = int(reader.next().value) if reader.token.kind == "number" else reader.fail()
            if not 0 < port < 65_536:
                raise InvalidParameterValue(f"{port} is no port", position=place)
            found[clause] = port
        elif clause == "iam_role" and reader.accept("default"):
            found[clause] = "default"
        elif key == "secret":
            found[key] = reader.secret("a secret's name in quotes")
        else:
            found[str(key)] = reader.string("a value in quotes")
    for key, hint in (("database", "DATABASE 'name'"), ("uri", "URI 'host'"), ("secret", "SECRET 'name'")):
        if not found.get(key):
            reader.fail(hint=f"{hint} is missing.")
    return CreateFederatedSchema(
        text=reader.text,
        offset=reader.offset,
        name=name,
        engine="postgres" if engine == "postgres" else "mysql",
        remote_database=found["database"],
        remote_schema=found.get("schema"),
        uri=found["uri"],
        port=found.get("port"),
        iam_role=found.get("iam_role"),
        secret=found["secret"],
        if_not_exists=if_not_exists,
    )
