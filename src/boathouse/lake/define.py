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
    UndefinedObject,
    UndefinedSchema,
    UndefinedTable,
    WrongObjectType,
)
from boathouse.contracts.house import House
from boathouse.contracts.session import Session
from boathouse.lake import catalog
from boathouse.lake.federated import schemas
from boathouse.lake.places import absolute, check_place
from boathouse.lake.scans.formats import check_format
from boathouse.lake.tables import ExternalSchema, ExternalTable, Partition
from boathouse.sql.statements import (
    AddPartitions,
    CreateExternalSchema,
    CreateExternalTable,
    Drop,
    DropPartition,
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
    if statement.create_database:
        catalog.ensure_database(session, statement.catalog_database)
    catalog.touch_database(session, statement.catalog_database)
    catalog.put_schema(session, ExternalSchema(statement.name, statement.catalog_database, statement.credentials))
    return Done("CREATE SCHEMA")


def create_external_table(house: House, session: Session, statement: CreateExternalTable) -> Done:
    """CREATE EXTERNAL TABLE; the files need not exist yet."""
    schema = _schema(session, statement.name)
    if catalog.find_table(session, schema.name, statement.name.name) is not None:
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
    catalog.put_table(session, table)
    return Done("CREATE EXTERNAL TABLE")


def add_partitions(house: House, session: Session, statement: AddPartitions) -> Done:
    """ALTER TABLE … ADD [IF NOT EXISTS] PARTITION …."""
    table = _table(session, statement.name)
    access = _schema(session, statement.name).credentials
    known = {one.values for one in catalog.partitions_of(session, table)}
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
    catalog.add_partitions(session, table, added)
    return Done("ALTER TABLE")


def drop_partition(house: House, session: Session, statement: DropPartition) -> Done:
    """ALTER TABLE … DROP PARTITION …; the files stay."""
    table = _table(session, statement.name)
    catalog.remove_partitions(session, table, [_partition(session, table, statement.values)])
    return Done("ALTER TABLE")


def set_location(house: House, session: Session, statement: SetLocation) -> Done:
    """ALTER TABLE … [PARTITION …] SET LOCATION …."""
    table = _table(session, statement.name)
    check_place(house, statement.location, _schema(session, statement.name).credentials)
    location = absolute(house, statement.location)
    if not statement.values:
        catalog.put_table(session, replace(table, location=location))
        return Done("ALTER TABLE")
    old = _partition(session, table, statement.values)
    catalog.remove_partitions(session, table, [old])
    catalog.add_partitions(session, table, [Partition(old.values, location)])
    return Done("ALTER TABLE")


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
            _drop_schema(session, name.name, statement)
        else:
            _drop_table(session, name, if_exists=statement.if_exists)
    return True


def _drop_table(session: Session, name: QualifiedName, *, if_exists: bool) -> None:
    table = catalog.find_table(session, str(name.schema), name.name)
    if table is not None:
        catalog.remove_table(session, table)
    elif not if_exists:
        raise UndefinedTable(f'external table "{name}" does not exist')


def _drop_schema(session: Session, name: str, statement: Drop) -> None:
    schema = catalog.find_schema(session, name)
    if schema is None:
        raise UndefinedSchema(f'schema "{name}" does not exist')
    if statement.external_database and schemas.find(session, name) is not None:
        raise WrongObjectType(f'"{name}" shows another database, which cannot be dropped from here')
    if statement.external_database:
        if catalog.tables_in(session, schema.database) and not statement.cascade:
            raise DependentObjects(f'external database "{schema.database}" is not empty')
        catalog.remove_database(session, schema.database)
    catalog.remove_schema(session, name)
    schemas.remove(session, name)


def _schema(session: Session, name: QualifiedName) -> ExternalSchema:
    found = catalog.find_schema(session, name.schema) if name.schema is not None else None
    if found is not None and schemas.find(session, found.name) is not None:
        raise WrongObjectType(f'"{found.name}" shows another database: its tables are made and changed there')
    if found is None:
        raise UndefinedSchema(
            f'external schema "{name.schema or ""}" does not exist',
            hint="External tables live in external schemas: CREATE EXTERNAL SCHEMA makes one.",
        )
    return found


def _table(session: Session, name: QualifiedName) -> ExternalTable:
    table = catalog.find_table(session, _schema(session, name).name, name.name)
    if table is None:
        raise UndefinedTable(f'external table "{name}" does not exist')
    return table


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


def _partition(session: Session, table: ExternalTable, values: tuple[tuple[str, str], ...]) -> Partition:
    key = _key(table, values)
    found = next((one for one in catalog.partitions_of(session, table) if one.values == key), None)
    if found is None:
        raise UndefinedObject(f'partition {_shown(values)} of "{table.name}" does not exist')
    return found


def _shown(values: tuple[tuple[str, str], ...]) -> str:
    return "(" + ", ".join(f"{key}='{value}'" for key, value in values) + ")"
