"""External DDL: CREATE EXTERNAL SCHEMA and TABLE, ALTER TABLE … PARTITION and LOCATION, DROP of external things.

Receives parsed statements inside the transaction that the journey opened; writes to `lake.catalog`.
Source: Redshift Developer Guide, "CREATE EXTERNAL SCHEMA", "CREATE EXTERNAL TABLE", "ALTER TABLE" (external part).
"""

from __future__ import annotations

from dataclasses import replace

from boathouse.contracts.answers import Done
from boathouse.contracts.errors import (
    DependentObjects,
    DuplicateColumn,
    DuplicateObject,
    DuplicateSchema,
    DuplicateTable,
    FeatureNotSupported,
    InvalidParameterValue,
    InvalidTableDefinition,
    UndefinedColumn,
    UndefinedDatabase,
    UndefinedObject,
    UndefinedSchema,
    UndefinedTable,
    WrongObjectType,
)
from boathouse.contracts.house import House
from boathouse.contracts.session import Session
from boathouse.lake import catalog
from boathouse.lake.catalogs.choose import Found, catalog_of, find_table, require_schema, require_table
from boathouse.lake.federated import schemas
from boathouse.lake.places import absolute, check_place
from boathouse.lake.scans.formats import check_format
from boathouse.lake.scans.projection import check_projection
from boathouse.lake.tables import Columns, ExternalSchema, ExternalTable, Partition
from boathouse.sql.statements import (
    AddPartitions,
    AlterExternalTable,
    AlterTable,
    CreateExternalSchema,
    CreateExternalTable,
    Drop,
    DropPartitions,
    QualifiedName,
    SetLocation,
)


def create_external_schema(house: House, session: Session, statement: CreateExternalSchema) -> Done:
    """CREATE EXTERNAL SCHEMA … FROM DATA CATALOG DATABASE …."""
    if statement.source != "data catalog":
        raise FeatureNotSupported(f"external schemas from {statement.source} are not supported")
    if statement.credentials.access_key_id:
        raise InvalidParameterValue(
            "an external schema keeps no access keys", hint="Name a secret of the house instead: SECRET 'name'."
        )
    if session.catalog.has_schema(statement.name) or catalog.has_schema(house, session, statement.name):
        if statement.if_not_exists:
            return Done("CREATE SCHEMA")
        raise DuplicateSchema(f'schema "{statement.name}" already exists')
    glue = statement.catalog_id
    if glue is None and house.settings["lake"].data_catalog == "glue":
        glue = ""
    schema = ExternalSchema(statement.name, statement.catalog_database, statement.credentials, glue)
    kept = catalog_of(house, session, schema)
    if statement.create_database:
        kept.create()
    if glue is None:
        catalog.touch_database(session, schema.database)
    elif not kept.exists():
        raise UndefinedDatabase(
            f'AWS Glue has no database "{schema.database}"', hint="CREATE EXTERNAL DATABASE IF NOT EXISTS makes it."
        )
    catalog.put_schema(session, schema)
    return Done("CREATE SCHEMA")


def create_external_table(house: House, session: Session, statement: CreateExternalTable) -> Done:
    """CREATE EXTERNAL TABLE; the files need not exist yet."""
    schema = require_schema(session, statement.name)
    kept = catalog_of(house, session, schema)
    if kept.find(statement.name.name) is not None:
        if statement.if_not_exists:
            return Done("CREATE EXTERNAL TABLE")
        raise DuplicateTable(f'relation "{statement.name.name}" already exists')
    names = [name for name, _ in (*statement.columns, *statement.partitions)]
    repeated = next((name for name in names if names.count(name) > 1), None)
    if repeated is not None:
        raise DuplicateColumn(f'column "{repeated}" is specified more than once')
    if not statement.columns:
        raise InvalidTableDefinition("an external table needs at least one column")
    check_place(house, statement.location, schema.credentials)
    table = ExternalTable(
        schema.database,
        statement.name.name,
        statement.columns,
        statement.partitions,
        statement.format,
        absolute(house, statement.location),
        tuple((key.lower(), value) for key, value in statement.properties),
    )
    check_format(table)
    check_projection(table, house.clock.now())
    kept.put(table)
    return Done("CREATE EXTERNAL TABLE")


def add_partitions(house: House, session: Session, statement: AddPartitions) -> Done:
    """ALTER TABLE … ADD [IF NOT EXISTS] PARTITION …."""
    found = require_table(house, session, statement.name)
    table, access = found.table, found.schema.credentials
    known = {one.values for one in found.catalog.partitions(table)}
    added: list[Partition] = []
    for values, location in statement.partitions:
        key = _key(table, values)
        if key in known:
            if statement.if_not_exists:
                continue
            raise DuplicateObject(f'partition {_shown(values)} of "{table.name}" already exists')
        known.add(key)
        check_place(house, location, access)
        added.append(Partition(key, absolute(house, location)))
    found.catalog.add(table, added)
    return Done("ALTER TABLE")


def drop_partitions(house: House, session: Session, statement: DropPartitions) -> Done:
    """ALTER TABLE … DROP [IF EXISTS] PARTITION …[, PARTITION …]; the files stay."""
    found = require_table(house, session, statement.name)
    gone = []
    for values in statement.partitions:
        one = _partition(found, values)
        if one is not None:
            gone.append(one)
        elif not statement.if_exists:
            raise _no_partition(found.table, values)
    found.catalog.take_out(found.table, gone)
    return Done("ALTER TABLE")


def set_location(house: House, session: Session, statement: SetLocation) -> Done:
    """ALTER TABLE … [PARTITION …] SET LOCATION …."""
    found = require_table(house, session, statement.name)
    check_place(house, statement.location, found.schema.credentials)
    location = absolute(house, statement.location)
    if not statement.values:
        found.catalog.put(replace(found.table, location=location))
        return Done("ALTER TABLE")
    old = _partition(found, statement.values)
    if old is None:
        raise _no_partition(found.table, statement.values)
    found.catalog.take_out(found.table, [old])
    found.catalog.add(found.table, [Partition(old.values, location)])
    return Done("ALTER TABLE")


def alter_external_table(house: House, session: Session, statement: AlterExternalTable) -> Done:
    """ALTER TABLE … SET FILE FORMAT and SET TABLE PROPERTIES."""
    found = require_table(house, session, statement.name)
    table = found.table
    if statement.format is not None:
        # The delimiters of text stay as they are; a SerDe belongs to the format that is given up.
        kept = replace(table.format, serde=None, serde_properties=(), input_format=None, output_format=None)
        new = statement.format
        changed = replace(kept, stored_as=new.stored_as, input_format=new.input_format, output_format=new.output_format)
        table = replace(table, format=changed)
    given = {key.lower(): value for key, value in statement.properties}
    table = replace(table, properties=tuple((dict(table.properties) | given).items()))
    check_format(table)
    check_projection(table, house.clock.now())
    found.catalog.put(table)
    return Done("ALTER TABLE")


def alter_table(house: House, session: Session, statement: AlterTable) -> Done | None:
    """ALTER TABLE … ADD, DROP and RENAME COLUMN, RENAME TO of an external table; None for local ones."""
    if statement.name.schema is None or not catalog.has_schema(house, session, statement.name.schema):
        return None
    found = require_table(house, session, statement.name)
    table = found.table
    if statement.action == "rename":
        new = statement.new_name or ""
        if found.catalog.find(new) is not None:
            raise DuplicateTable(f'relation "{new}" already exists')
        found.catalog.rename(table, new)
        return Done("ALTER TABLE")
    names = [name for name, _ in table.columns]
    keys = {name for name, _ in table.partitions}
    column = statement.column.name if statement.column is not None else statement.new_name
    if column is not None and column in keys | set(names):
        raise DuplicateColumn(f'column "{column}" of relation "{table.name}" already exists')
    if statement.target in keys:
        raise InvalidTableDefinition(f'column "{statement.target}" is part of the partition key of "{table.name}"')
    if statement.target is not None and statement.target not in names:
        raise UndefinedColumn(f'column "{statement.target}" of relation "{table.name}" does not exist')
    columns = _altered(table, statement)
    changed = replace(table, columns=columns)
    check_format(changed)
    found.catalog.put(changed)
    return Done("ALTER TABLE")


def _altered(table: ExternalTable, statement: AlterTable) -> Columns:
    if statement.action == "add_column" and statement.column is not None:
        new = statement.column
        if new.default is not None or not new.nullable or new.identity is not None:
            raise InvalidTableDefinition("a column of an external table has a name and a type only")
        return (*table.columns, (new.name, new.type))
    if statement.action == "drop_column":
        if len(table.columns) == 1:
            raise InvalidTableDefinition("an external table needs at least one column")
        return tuple(one for one in table.columns if one[0] != statement.target)
    if statement.action == "rename_column":
        new_name = statement.new_name or ""
        return tuple((new_name if name == statement.target else name, kind) for name, kind in table.columns)
    raise FeatureNotSupported(
        f"ALTER TABLE {statement.action.replace('_', ' ').upper()} is not supported for external tables",
        hint="Columns can be added, dropped and renamed; the table can be renamed.",
    )


def drop_external(house: House, session: Session, statement: Drop) -> bool:
    """DROP TABLE or SCHEMA where every name is external; False where none is, and the local catalog shall answer.

    Raises:
        WrongObjectType: local and external names in one statement.
    """
    if statement.kind in ("view", "materialized view"):
        return False
    names = statement.names
    if statement.kind == "schema":
        external = [catalog.has_schema(house, session, name.name) for name in names]
    else:
        external = [name.schema is not None and catalog.has_schema(house, session, name.schema) for name in names]
    if not any(external):
        if statement.external_database and not statement.if_exists:
            raise UndefinedSchema(f'external schema "{names[0].name}" does not exist')
        return False
    if not all(external):
        raise WrongObjectType("one DROP cannot name local and external objects together")
    for name in names:
        if statement.kind == "schema":
            _drop_schema(house, session, name.name, statement)
        else:
            _drop_table(house, session, name, if_exists=statement.if_exists)
    return True


def _drop_table(house: House, session: Session, name: QualifiedName, *, if_exists: bool) -> None:
    found = find_table(house, session, str(name.schema), name.name)
    if found is not None:
        found.catalog.remove(found.table)
    elif not if_exists:
        raise UndefinedTable(f'external table "{name}" does not exist')


def _drop_schema(house: House, session: Session, name: str, statement: Drop) -> None:
    schema = catalog.find_schema(session, name)
    if schema is None:
        raise UndefinedSchema(f'schema "{name}" does not exist')
    if statement.external_database and schemas.find(session, name) is not None:
        raise WrongObjectType(f'"{name}" shows another database, which cannot be dropped from here')
    if statement.external_database:
        kept = catalog_of(house, session, schema)
        if not statement.cascade and kept.tables():
            raise DependentObjects(f'external database "{schema.database}" is not empty')
        kept.drop()
    catalog.remove_schema(session, name)
    schemas.remove(session, name)


def _key(table: ExternalTable, values: tuple[tuple[str, str], ...]) -> tuple[str | None, ...]:
    given = {key.lower(): value for key, value in values}
    names = [name for name, _ in table.partitions]
    if not names:
        raise WrongObjectType(f'external table "{table.name}" is not partitioned')
    for key in given:
        if key not in names:
            raise UndefinedColumn(f'"{key}" is not in the partition key of "{table.name}"')
    missing = [name for name in names if name not in given]
    if missing:
        raise InvalidParameterValue(f"a value for partition column {missing[0]} is missing")
    return tuple(given[name] for name in names)


def _partition(found: Found, values: tuple[tuple[str, str], ...]) -> Partition | None:
    key = _key(found.table, values)
    return next((one for one in found.catalog.partitions(found.table) if one.values == key), None)


def _no_partition(table: ExternalTable, values: tuple[tuple[str, str], ...]) -> UndefinedObject:
    return UndefinedObject(f'partition {_shown(values)} of "{table.name}" does not exist')


def _shown(values: tuple[tuple[str, str], ...]) -> str:
    return "(" + ", ".join(f"{key}='{value}'" for key, value in values) + ")"
