"""GRANT and REVOKE on databases behind this house and their tables: what can be granted there.

Asked by `grant` for the objects of a statement. Names are taken as they are written: whether there is such a table is
known over there alone.
"""

from __future__ import annotations

from boathouse.contracts.errors import FeatureNotSupported, InvalidParameterValue, SqlSyntaxError
from boathouse.contracts.house import House
from boathouse.contracts.needs import upstream_name
from boathouse.contracts.relations import Relation
from boathouse.guard.privileges import Object
from boathouse.sql.statements import GrantPrivileges

FAMILY = "databases"
"""The settings of databases behind this house, by name."""

_ON_TABLES = ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE")


def upstream_tables(house: House, statement: GrantPrivileges) -> list[tuple[Object, Relation | None]]:
    """The tables among a statement's names that stand in a database behind this house: `database.schema.table`.

    Raises:
        FeatureNotSupported: privileges on columns, or for DDL. SqlSyntaxError: a name without its schema.
    """
    found: list[tuple[Object, Relation | None]] = []
    asked = [privilege for privilege, _ in statement.privileges.items]
    for name in statement.names:
        if name.database is None or name.database not in house.settings.get(FAMILY, {}):
            continue
        if name.schema is None:
            raise SqlSyntaxError(f'the table "{name}" must be named with its schema')
        if any(columns for _, columns in statement.privileges.items):
            raise FeatureNotSupported(
                f'privileges on columns of "{name}" are not supported', hint="Make a view of them there."
            )
        other = next((one for one in asked if one not in _ON_TABLES), None)
        if other is not None and not set(_ON_TABLES) < set(asked):  # ALL names them all
            raise FeatureNotSupported(
                f'{other} on "{name}" is not supported',
                hint=f"GRANT ALL ON DATABASE {name.database} lets a user send DDL.",
            )
        found.append((("upstream", name.database, upstream_name(name.schema, name.name)), None))
    return found


def check_database(house: House, statement: GrantPrivileges, name: str, *, is_name: bool) -> None:
    """USAGE, which lets a user connect or read, is of databases behind this house, and of names over schemas of this house
    (CREATE DATABASE … FROM INTEGRATION), which have no other.
    """
    if is_name:
        other = next((privilege for privilege, _ in statement.privileges.items if privilege != "USAGE"), None)
        if other is not None:
            raise InvalidParameterValue(f'invalid privilege type {other} for database "{name}"', sqlstate="0LP01")
        return
    is_usage = any(privilege == "USAGE" for privilege, _ in statement.privileges.items)
    if is_usage and name not in house.settings.get(FAMILY, {}):
        raise InvalidParameterValue("invalid privilege type USAGE for database", sqlstate="0LP01")
