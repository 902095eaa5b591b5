"""Owners and privileges that follow what statements make, drop, rename and give away.

Called by the gate after the statement, inside its transaction. Objects are known by name, so what is made anew starts
without anything that an older object of the name had.
"""

from __future__ import annotations

from boathouse.contracts.errors import UndefinedObject
from boathouse.contracts.needs import OWNER, Declared, Drops, GivesTo, Makes, Renames
from boathouse.contracts.session import Session
from boathouse.guard.privileges import Privileges
from boathouse.guard.users import find_user

_THIS = "kind = $1 AND schema_name = $2 AND object_name = $3"

_SWEEP = (
    "DELETE FROM boathouse.grants WHERE kind = 'relation' AND NOT EXISTS (SELECT 1 FROM memory.rs.stored_tables() t "
    "WHERE t.database_name = current_database() AND t.schema_name = grants.schema_name "
    "AND t.table_name = grants.object_name) AND NOT EXISTS (SELECT 1 FROM duckdb_views() v "
    "WHERE v.database_name = current_database() AND v.schema_name = grants.schema_name "
    "AND v.view_name = grants.object_name)",
    "DELETE FROM boathouse.grants WHERE kind = 'schema' AND object_name NOT IN "
    "(SELECT schema_name FROM duckdb_schemas() WHERE database_name = current_database()) "
    "AND object_name NOT IN (SELECT name FROM boathouse.external_schemas)",
    "DELETE FROM boathouse.grants WHERE kind IN ('function', 'procedure') AND schema_name <> '' AND schema_name NOT IN "
    "(SELECT schema_name FROM duckdb_schemas() WHERE database_name = current_database())",
    "DELETE FROM boathouse.default_privileges WHERE schema_name <> '' AND schema_name NOT IN "
    "(SELECT schema_name FROM duckdb_schemas() WHERE database_name = current_database())",
)


def exists(session: Session, known: Privileges, made: Makes) -> bool:
    """True where the object is there already, so that its owner stays."""
    if made.kind == "relation":
        found = session.catalog.relation(made.schema, made.name)
        return found is not None and found.kind != "system"
    if made.kind == "schema":
        return session.catalog.has_schema(made.name)
    return (made.kind, made.schema, made.name) in known.owners


def follow(session: Session, effect: Declared) -> None:
    """Bring owners and privileges after one effect."""
    if isinstance(effect, Makes):
        _made(session, effect)
    elif isinstance(effect, Drops):
        if effect.kind in ("function", "procedure", "database"):
            session.engine.execute(f"DELETE FROM boathouse.grants WHERE {_THIS}", _place(effect))
        for sweep in _SWEEP:
            session.engine.execute(sweep)
        session.catalog_changed(())
    elif isinstance(effect, Renames):
        changed, condition = ("object_name", "") if effect.column is None else ("column_name", " AND column_name = $5")
        values = (*_place(effect), effect.new_name, *(() if effect.column is None else (effect.column,)))
        session.engine.execute(f"UPDATE boathouse.grants SET {changed} = $4 WHERE {_THIS}{condition}", values)
        session.catalog_changed(())
    elif isinstance(effect, GivesTo):
        user = find_user(session.engine, effect.user)
        if user is None:
            raise UndefinedObject(f'user "{effect.user}" does not exist')
        owner = session.engine.fetch("SELECT memory.rs.owner_id($1, $2, $3)", _place(effect))[0][0]
        session.engine.execute(f"DELETE FROM boathouse.grants WHERE {_THIS} AND privilege = '{OWNER}'", _place(effect))
        # What the old owner granted is the new one's to take back.
        session.engine.execute(
            f"UPDATE boathouse.grants SET grantor_id = $4 WHERE {_THIS} AND grantor_id = $5",
            (*_place(effect), user.id, owner),
        )
        _own(session, effect, user.id)
        session.catalog_changed(())


def _place(effect: Makes | Drops | Renames | GivesTo) -> tuple[str, str, str]:
    return effect.kind, effect.schema, effect.name


def _own(session: Session, thing: Makes | GivesTo, user_id: int) -> None:
    session.engine.execute(
        f"INSERT INTO boathouse.grants VALUES ($1, $2, $3, '', '{OWNER}', 'user', $4, false, $4)",
        (*_place(thing), user_id),
    )


def _made(session: Session, made: Makes) -> None:
    session.engine.execute(f"DELETE FROM boathouse.grants WHERE {_THIS}", _place(made))
    _own(session, made, session.user_id)
    if made.kind == "function" and not session.engine.fetch(
        "SELECT 1 FROM boathouse.default_privileges WHERE owner_id = $1 AND kind = 'function' AND privilege = '-EXECUTE' "
        "AND grantee_kind = 'public' AND schema_name IN ('', $2)",
        (session.user_id, made.schema),
    ):
        # New functions are everybody's to call, unless their owner's default privileges say otherwise.
        session.engine.execute(
            "INSERT INTO boathouse.grants VALUES ($1, $2, $3, '', 'EXECUTE', 'public', 0, false, $4)",
            (*_place(made), session.user_id),
        )
    session.engine.execute(
        "INSERT INTO boathouse.grants SELECT $1, $2, $3, '', privilege, grantee_kind, grantee_id, bool_or(grantable), $4 "
        "FROM boathouse.default_privileges WHERE owner_id = $4 AND kind = $1 AND schema_name IN ('', $2) "
        "AND privilege NOT LIKE '-%' GROUP BY ALL",
        (*_place(made), session.user_id),
    )
    session.catalog_changed(())
