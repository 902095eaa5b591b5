"""GRANT, REVOKE and ALTER DEFAULT PRIVILEGES: handlers, and what they need.

Received from the parser: privileges by name, objects and grantees. Written to `boathouse.grants` and
`boathouse.default_privileges`. Who may grant is known only object by object, so it is checked here, with the gate's own
facts. Source: Redshift Developer Guide, "GRANT", "REVOKE", "ALTER DEFAULT PRIVILEGES", and their usage notes.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import cast

from boathouse.contracts.answers import Done, Notice
from boathouse.contracts.errors import (
    DependentObjects,
    FeatureNotSupported,
    InsufficientPrivilege,
    InvalidParameterValue,
    UndefinedColumn,
    UndefinedDatabase,
    UndefinedFunction,
    UndefinedObject,
    UndefinedSchema,
    UndefinedTable,
)
from boathouse.contracts.house import House
from boathouse.contracts.needs import SUPERUSER, Declared, Need, anybody
from boathouse.contracts.relations import Relation
from boathouse.contracts.session import Session
from boathouse.guard.grant_upstream import FAMILY, check_database, upstream_tables
from boathouse.guard.principals import grantee_of, number_of
from boathouse.guard.privileges import Object, Privileges, load
from boathouse.sql.statements import AlterDefaultPrivileges, GrantPrivileges, QualifiedName

_THIS = (
    "kind = $1 AND schema_name = $2 AND object_name = $3 AND privilege = $4 AND grantee_kind = $5 AND grantee_id = $6"
)

_BY = f"{_THIS} AND grantor_id = $7"


def need_grant(session: Session, statement: GrantPrivileges) -> Iterable[Declared]:
    """Permissions of roles are for superusers; the rest is decided for each object."""
    if statement.kind == "system":
        return [Need(SUPERUSER, "system", "must be superuser to grant system permissions")]
    return anybody(session, statement)


def grant(house: House, session: Session, statement: GrantPrivileges) -> Done:
    """GRANT and REVOKE."""
    known = load(session.engine)
    for thing, relation in _objects(house, session, statement):
        for privilege, columns in statement.privileges.items:
            _check_grantor(known, session, thing, privilege, columns)
            _check_columns(relation, privilege, columns, statement)
            # Superusers grant in the owner's name, and take back what was granted in it.
            grantor = known.owner(*thing) if known.owns(session.user_id, *thing) else session.user_id
            for one in statement.grantees:
                holder = grantee_of(session, one)
                if statement.kind == "system" and one.kind != "role":
                    raise InvalidParameterValue("system permissions can only be granted to roles", sqlstate="0LP01")
                if not statement.revoke:
                    _grant(session, thing, privilege, columns, holder, grantor, grantable=statement.grant_option)
                    continue
                _revoke(session, thing, privilege, columns, holder, grantor, only_option=statement.grant_option)
            if statement.revoke and not columns:
                _follow_chain(known, session, thing, privilege, cascade=statement.cascade)
    session.catalog_changed(())
    return Done("REVOKE" if statement.revoke else "GRANT")


# -- what is granted -------------------------------------------------------------------------------------


def _objects(house: House, session: Session, statement: GrantPrivileges) -> list[tuple[Object, Relation | None]]:
    kind = statement.kind
    if kind == "system":
        return [(("system", "", ""), None)]
    if statement.schemas:
        return [found for schema in statement.schemas for found in _all_in(session, kind, schema)]
    if kind == "relation":
        behind = upstream_tables(house, statement)
        relations = [
            _relation(session, name) for name in statement.names if name.database not in house.settings.get(FAMILY, {})
        ]
        return [*behind, *((("relation", one.schema, one.name), one) for one in relations)]
    if kind in ("function", "procedure"):
        pairs = zip(statement.names, statement.signatures, strict=True)
        return [(_routine(session, kind, name, signature), None) for name, signature in pairs]
    for name in statement.names:
        if kind == "database":
            check_database(house, statement, name.name, is_name=session.catalog.has_database(name.name))
        _require(house, session, kind, name.name)
        if kind == "schema" and _is_external(session, name.name) and not statement.revoke:
            asked = [privilege for privilege, _ in statement.privileges.items]
            if asked == ["CREATE"]:
                raise FeatureNotSupported(
                    "CREATE ON SCHEMA is not supported for external schemas", hint="Change the schema's owner instead."
                )
    return [((kind, "", name.name), None) for name in statement.names]


def _require(house: House, session: Session, kind: str, name: str) -> None:
    if kind == "schema" and not session.catalog.has_schema(name):
        raise UndefinedSchema(f'schema "{name}" does not exist')
    known = (session.database, *house.settings.get(FAMILY, {}))
    if kind == "database" and name not in known and not session.catalog.has_database(name):
        raise UndefinedDatabase(f'database "{name}" does not exist')
    if kind == "language" and name not in ("sql", "plpgsql", "plpythonu"):
        raise UndefinedObject(f'language "{name}" does not exist')


def _is_external(session: Session, schema: str) -> bool:
    return bool(session.engine.fetch("SELECT 1 FROM boathouse.external_schemas WHERE name = $1", (schema,)))


def _relation(session: Session, name: QualifiedName) -> Relation:
    if name.database not in (None, session.database):
        found = session.catalog.in_database(name.database, name.schema or "", name.name)
        if found is None:
            raise UndefinedTable(f'relation "{name}" does not exist')
        return found
    found = session.catalog.relation(name.schema, name.name)
    if found is None:
        if name.schema is not None and not session.catalog.has_schema(name.schema):
            raise UndefinedSchema(f'schema "{name.schema}" does not exist')
        raise UndefinedTable(f'relation "{name}" does not exist')
    if found.kind == "external":
        raise FeatureNotSupported(
            f'privileges on the external table "{name}" are not supported',
            hint="GRANT USAGE ON SCHEMA gives access to the tables of an external schema.",
        )
    if found.kind == "system":
        raise InsufficientPrivilege(f"permission denied: {name.name} is a system catalog")
    if found.kind == "temporary":
        raise FeatureNotSupported(f'privileges on the temporary table "{name}" are not supported')
    return found


def _all_in(session: Session, kind: str, schema: str) -> list[tuple[Object, Relation | None]]:
    if not session.catalog.has_schema(schema):
        raise UndefinedSchema(f'schema "{schema}" does not exist')
    if kind != "relation":
        rows = session.engine.fetch(
            "SELECT object_name FROM boathouse.grants WHERE kind = $1 AND schema_name = $2 AND privilege = 'OWNER' "
            "ORDER BY 1",
            (kind, schema),
        )
        return [((kind, schema, str(name)), None) for (name,) in rows]
    rows = session.engine.fetch(
        "SELECT table_name FROM memory.rs.stored_tables() WHERE database_name = $1 AND schema_name = $2 UNION ALL "
        "SELECT view_name FROM duckdb_views() WHERE database_name = $1 AND schema_name = $2 AND NOT internal ORDER BY 1",
        (session.database, schema),
    )
    found = [session.catalog.relation(schema, str(name)) for (name,) in rows]
    return [(("relation", one.schema, one.name), one) for one in found if one is not None]


def _routine(session: Session, kind: str, name: QualifiedName, signature: tuple[str, ...]) -> Object:
    written = f"{name.name}({', '.join(signature)})"
    rows = session.engine.fetch(
        "SELECT schema_name FROM boathouse.grants WHERE kind = $1 AND object_name = $2 AND privilege = 'OWNER'",
        (kind, written),
    )
    schemas = [str(schema) for (schema,) in rows]
    wanted = [name.schema] if name.schema is not None else _path(session)
    place = next((schema for schema in wanted if schema in schemas), None)
    if place is None:
        raise UndefinedFunction(f"{kind} {name.name}({', '.join(signature)}) does not exist")
    return (kind, place, written)


def _path(session: Session) -> list[str]:
    text = session.setting("search_path")
    return [part.strip().strip('"').replace("$user", session.user) for part in text.split(",")]


# -- who may, and what is kept ---------------------------------------------------------------------------


def _check_grantor(
    known: Privileges, session: Session, thing: Object, privilege: str, columns: tuple[str, ...]
) -> None:
    kind, schema, name = thing
    if kind == "system":
        return
    user = session.user_id
    allowed = known.owns(user, kind, schema, name) if columns else known.may_grant(user, privilege, kind, schema, name)
    if not allowed:
        raise InsufficientPrivilege(f"permission denied for {kind} {name}")


def _check_columns(
    relation: Relation | None, privilege: str, columns: tuple[str, ...], statement: GrantPrivileges
) -> None:
    if not columns or relation is None:
        return
    if statement.grant_option:
        raise InvalidParameterValue("grant options are not supported for column privileges", sqlstate="0LP01")
    if relation.view is not None and relation.view.late_binding:
        raise FeatureNotSupported("column privileges on late-binding views are not supported")
    if relation.kind == "view" and privilege != "SELECT":
        raise InvalidParameterValue(f"invalid privilege type {privilege} for a column of a view", sqlstate="0LP01")
    for column in columns:
        if column not in relation.by_name:
            raise UndefinedColumn(f'column "{column}" of relation "{relation.name}" does not exist')


def _held(session: Session, thing: Object, privilege: str, holder: tuple[str, int]) -> dict[str, bool]:
    """Column ('' for the whole) → with grant option."""
    rows = session.engine.fetch(
        f"SELECT column_name, grantable FROM boathouse.grants WHERE {_THIS}", (*thing, privilege, *holder)
    )
    return {str(column): cast(bool, grantable) for column, grantable in rows}


def _grant(
    session: Session,
    thing: Object,
    privilege: str,
    columns: tuple[str, ...],
    holder: tuple[str, int],
    grantor: int,
    *,
    grantable: bool,
) -> None:
    held = _held(session, thing, privilege, holder)
    if columns:
        wanted = () if "" in held else tuple(column for column in columns if column not in held)
    elif any(held_column for held_column in held):
        raise InvalidParameterValue(
            f"cannot grant {privilege} on {thing[2]}: it is held on some of its columns",
            hint="Revoke the column privilege first.",
            sqlstate="0LP01",
        )
    else:
        wanted = ("",)
        place = (*thing, privilege, *holder, grantor)
        old = session.engine.fetch(f"SELECT grantable FROM boathouse.grants WHERE {_BY}", place)
        grantable = grantable or any(bool(one) for (one,) in old)
        session.engine.execute(f"DELETE FROM boathouse.grants WHERE {_BY}", place)
    for column in wanted:
        session.engine.execute(
            "INSERT INTO boathouse.grants VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
            (*thing, column, privilege, *holder, grantable, grantor),
        )


def _revoke(
    session: Session,
    thing: Object,
    privilege: str,
    columns: tuple[str, ...],
    holder: tuple[str, int],
    grantor: int,
    *,
    only_option: bool,
) -> None:
    """Take back what this grantor has granted; others' grants of the same stay."""
    place = (*thing, privilege, *holder, grantor)
    if only_option:
        session.engine.execute(f"UPDATE boathouse.grants SET grantable = false WHERE {_BY}", place)
        return
    held = _held(session, thing, privilege, holder)
    if columns and "" in held:
        raise InvalidParameterValue(
            f"cannot revoke {privilege} on columns of {thing[2]}: it is held on the whole table",
            hint="Revoke it on the table.",
            sqlstate="0LP01",
        )
    taken = sum(
        session.engine.execute(
            f"DELETE FROM boathouse.grants WHERE {_BY}{'' if column is None else ' AND column_name = $8'}",
            (*place, *(() if column is None else (column,))),
        )
        for column in columns or (None,)
    )
    if held and not taken and not columns:
        session.notify(
            Notice(
                "WARNING",
                f"{privilege} on {thing[0]} {thing[2]} was granted by somebody else and stays",
                "01006",
                hint="Its grantor can revoke it, or revoke the grantor's own privilege with CASCADE.",
            )
        )


def _follow_chain(known: Privileges, session: Session, thing: Object, privilege: str, *, cascade: bool) -> None:
    """What was granted by those who may grant no more goes with CASCADE; without it nothing is revoked.

    Raises:
        DependentObjects: 2BP01, there is some.
    """
    rows = session.engine.fetch(
        "SELECT grantee_kind, grantee_id, grantable, grantor_id FROM boathouse.grants WHERE kind = $1 "
        "AND schema_name = $2 AND object_name = $3 AND privilege = $4 AND column_name = ''",
        (*thing, privilege),
    )
    entitled = {cast(int, grantor) for *_, grantor in rows if known.owns(cast(int, grantor), *thing)}
    while True:
        reached = {
            cast(int, grantee)
            for kind, grantee, grantable, grantor in rows
            if kind == "user" and grantable and grantor in entitled
        }
        if reached <= entitled:
            break
        entitled |= reached
    hanging = [row for row in rows if row[3] not in entitled]
    if hanging and not cascade:
        raise DependentObjects(
            "dependent privileges exist",
            detail=f"{privilege} on {thing[0]} {thing[2]} was granted on by its holder.",
            hint="Use CASCADE to revoke them too.",
        )
    for kind, grantee, _, grantor in hanging:
        session.engine.execute(f"DELETE FROM boathouse.grants WHERE {_BY}", (*thing, privilege, kind, grantee, grantor))


# -- privileges of what is made later --------------------------------------------------------------------


def need_default(session: Session, statement: AlterDefaultPrivileges) -> Iterable[Declared]:
    """Everybody for their own objects; for others' with the permission of a role."""
    if all(user == session.user for user in statement.users):
        return []
    return [Need("ALTER DEFAULT PRIVILEGES", "system")]


def alter_default_privileges(house: House, session: Session, statement: AlterDefaultPrivileges) -> Done:
    """ALTER DEFAULT PRIVILEGES."""
    for schema in statement.schemas:
        if not session.catalog.has_schema(schema):
            raise UndefinedSchema(f'schema "{schema}" does not exist')
    owners = [number_of(session, "user", user) for user in statement.users] or [session.user_id]
    for owner in owners:
        for schema in statement.schemas or ("",):
            for privilege, _ in statement.privileges.items:
                for one in statement.grantees:
                    holder = grantee_of(session, one)
                    place = (owner, schema, statement.kind, privilege, *holder)
                    _change_default(session, place, revoke=statement.revoke, option=statement.grant_option)
    session.catalog_changed(())
    return Done("ALTER DEFAULT PRIVILEGES")


def _change_default(session: Session, place: tuple[object, ...], *, revoke: bool, option: bool) -> None:
    owner, schema, kind, privilege, grantee_kind, grantee = place
    where = (
        "owner_id = $1 AND schema_name = $2 AND kind = $3 AND privilege = $4 AND grantee_kind = $5 AND grantee_id = $6"
    )
    if revoke and option:
        session.engine.execute(f"UPDATE boathouse.default_privileges SET grantable = false WHERE {where}", place)
        return
    session.engine.execute(f"DELETE FROM boathouse.default_privileges WHERE {where}", place)
    # That functions are everybody's is a default of its own; taking it away has to be remembered.
    built_in = kind == "function" and grantee_kind == "public"
    taken = (owner, schema, kind, f"-{privilege}", grantee_kind, grantee)
    if built_in:
        session.engine.execute(f"DELETE FROM boathouse.default_privileges WHERE {where}", taken)
    if revoke and not built_in:
        return
    if not revoke and built_in:
        return
    session.engine.execute(
        "INSERT INTO boathouse.default_privileges VALUES ($1, $2, $3, $4, $5, $6, $7)",
        (*(taken if revoke else place), option and not revoke),
    )
