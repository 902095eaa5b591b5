"""SHOW GRANTS: handler, its columns, and what it needs.

Ordinary users see what is granted to or by themselves, as in the svv_ views. Source: Redshift Developer Guide, "SHOW
GRANTS".
"""

from __future__ import annotations

from dataclasses import replace

from boathouse.contracts.answers import Field, Rows
from boathouse.contracts.house import House
from boathouse.contracts.session import Session
from boathouse.contracts.types import BOOLEAN, VARCHAR
from boathouse.guard.principals import number_of
from boathouse.guard.system import MINE, name_of
from boathouse.sql.statements import ShowGrants

COLUMNS = tuple(
    Field(name, kind)
    for name, kind in (
        ("database_name", VARCHAR),
        ("schema_name", VARCHAR),
        ("object_name", VARCHAR),
        ("object_type", VARCHAR),
        ("privilege_type", VARCHAR),
        ("identity_id", VARCHAR),
        ("identity_name", VARCHAR),
        ("identity_type", VARCHAR),
        ("admin_option", BOOLEAN),
        ("privilege_scope", VARCHAR),
        ("grantor_name", VARCHAR),
    )
)


def show_grants(house: House, session: Session, statement: ShowGrants) -> Rows:
    """SHOW GRANTS."""
    conditions = ["g.privilege <> 'OWNER'", "g.kind <> 'system'", MINE]
    values: list[object] = []

    def given(value: object) -> str:
        values.append(value)
        return f"${len(values)}"

    if statement.kind is not None and statement.name is not None:
        conditions += [f"g.kind = {given(statement.kind)}", f"g.object_name = {given(statement.name.name)}"]
        if statement.kind == "relation":
            found = session.catalog.relation(statement.name.schema, statement.name.name)
            conditions.append(f"g.schema_name = {given(found.schema if found else statement.name.schema or '')}")
    if statement.grantee is not None:
        kind, name = statement.grantee.kind, statement.grantee.name
        conditions.append(f"g.grantee_kind = {given(kind)}")
        if kind != "public":
            conditions.append(f"g.grantee_id = {given(number_of(session, kind, name))}")
    limit = "" if statement.rows_max is None else f" LIMIT {statement.rows_max}"
    sql = (
        "SELECT current_database(), CASE g.kind WHEN 'schema' THEN g.object_name ELSE nullif(g.schema_name, '') END, "
        "CASE WHEN g.column_name = '' THEN g.object_name ELSE g.object_name || '.' || g.column_name END, "
        "CASE g.kind WHEN 'relation' THEN CASE g.column_name WHEN '' THEN 'TABLE' ELSE 'COLUMN' END "
        "ELSE upper(g.kind) END, g.privilege, "
        f"g.grantee_id::VARCHAR, {name_of('g.grantee')}, g.grantee_kind, g.grantable, upper(g.kind), "
        f"memory.rs.user_name(g.grantor_id) FROM boathouse.grants g WHERE {' AND '.join(conditions)} "
        f"ORDER BY g.kind, g.schema_name, g.object_name, g.column_name, g.privilege, 8, 7{limit}"
    )
    return replace(session.engine.query(sql, values, COLUMNS), verb="SHOW")
