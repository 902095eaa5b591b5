"""Types that columns of the warehouse cannot have, by the way in which it is stored.

Received from `query` before a definition is translated: the statement, and the query that it makes a table of.
"""

from __future__ import annotations

from collections.abc import Iterator

from boathouse.contracts.answers import Field
from boathouse.contracts.engine import Stored
from boathouse.contracts.errors import FeatureNotSupported
from boathouse.contracts.relations import Catalog
from boathouse.contracts.types import SqlType
from boathouse.sql.redshift.types import duckdb_type
from boathouse.sql.statements import AlterTable, CreateTable, CreateTableAs, Statement


def refuse_types(statement: Statement, fields: tuple[Field, ...], catalog: Catalog, stored: Stored) -> None:
    """Look at the columns that a statement makes.

    Args:
        fields: the columns of its query; empty for none.

    Raises:
        FeatureNotSupported: one has such a type.
    """
    for name, of in _columns(statement, fields, catalog):
        if duckdb_type(of) in stored.types_refused:
            raise FeatureNotSupported(
                f'column "{name}" cannot be of type {of} in a warehouse that is stored as a lake',
                detail="Its files could not give the values back as they were.",
                hint="Use another type, a temporary table, or the native storage.",
            )
        if of.insensitive and not stored.collations:
            raise FeatureNotSupported(
                f'column "{name}" cannot be case-insensitive in a warehouse that is stored as a lake',
                hint="Compare lower(column), or use a temporary table, or the native storage.",
            )


def _columns(statement: Statement, fields: tuple[Field, ...], catalog: Catalog) -> Iterator[tuple[str, SqlType]]:
    if isinstance(statement, CreateTable) and not statement.temporary:
        for parent, _ in statement.like:
            relation = catalog.relation(parent.schema, parent.name)
            for old in () if relation is None else relation.columns:
                yield old.name, old.type
        for column in statement.columns:
            yield column.name, column.type
    elif isinstance(statement, CreateTableAs) and not statement.temporary:
        for field in fields:
            yield field.name, field.type
    elif isinstance(statement, AlterTable) and statement.column is not None:
        altered = catalog.relation(statement.name.schema, statement.name.name)
        if altered is not None and altered.kind != "temporary":
            yield statement.column.name, statement.column.type
