"""Which data catalog an external schema shows, and the table that it finds under a name."""

from __future__ import annotations

from dataclasses import dataclass

from boathouse.contracts.errors import UndefinedSchema, UndefinedTable, WrongObjectType
from boathouse.contracts.house import House
from boathouse.contracts.relations import Relation
from boathouse.contracts.session import Session
from boathouse.lake import catalog
from boathouse.lake.catalogs.glue import GlueCatalog
from boathouse.lake.catalogs.interface import DataCatalog
from boathouse.lake.catalogs.own import OwnCatalog
from boathouse.lake.federated import schemas
from boathouse.lake.tables import ExternalSchema, ExternalTable, relation_of_table
from boathouse.sql.statements import QualifiedName


@dataclass(frozen=True, slots=True)
class Found:
    """A table, the schema that shows it, and the catalog that keeps it."""

    schema: ExternalSchema
    catalog: DataCatalog
    table: ExternalTable


def catalog_of(house: House, session: Session, schema: ExternalSchema) -> DataCatalog:
    """The catalog with the schema's database."""
    if schema.glue is None:
        return OwnCatalog(session, schema.database)
    return GlueCatalog(house, session, schema)


def find_relation(house: House, session: Session, schema: str, name: str) -> Relation | None:
    """The external table as a relation, or None."""
    found = find_table(house, session, schema, name)
    return None if found is None else relation_of_table(schema, found.table)


def find_table(house: House, session: Session, schema: str, name: str) -> Found | None:
    """The table that a schema shows under a name, or None."""
    shown = catalog.find_schema(session, schema)
    if shown is None:
        return None
    kept = catalog_of(house, session, shown)
    table = kept.find(name)
    return None if table is None else Found(shown, kept, table)


def require_schema(session: Session, name: QualifiedName) -> ExternalSchema:
    """The external schema that a statement names."""
    found = catalog.find_schema(session, name.schema) if name.schema is not None else None
    if found is not None and schemas.find(session, found.name) is not None:
        raise WrongObjectType(f'"{found.name}" shows another database: its tables are made and changed there')
    if found is None:
        raise UndefinedSchema(
            f'external schema "{name.schema or ""}" does not exist',
            hint="External tables live in external schemas: CREATE EXTERNAL SCHEMA makes one.",
        )
    return found


def require_table(house: House, session: Session, name: QualifiedName) -> Found:
    """The external table that a statement names."""
    schema = require_schema(session, name)
    found = find_table(house, session, schema.name, name.name)
    if found is None:
        raise UndefinedTable(f'external table "{name}" does not exist')
    return found
