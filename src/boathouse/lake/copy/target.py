"""The table that a COPY loads, and which of its columns.

Receives the statement's names; hands relation and columns to `load` and `stdin`.
Source: Redshift Developer Guide, "Column mapping options", "EXPLICIT_IDS".
"""

from __future__ import annotations

from boathouse.contracts.errors import (
    DuplicateColumn,
    InvalidParameterValue,
    NotNullViolation,
    UndefinedColumn,
    UndefinedTable,
    WrongObjectType,
)
from boathouse.contracts.relations import Column, Relation
from boathouse.contracts.session import Session
from boathouse.sql.statements import QualifiedName


def load_target(session: Session, name: QualifiedName) -> Relation:
    """The table to load."""
    found = session.catalog.relation(name.schema, name.name)
    if found is None:
        raise UndefinedTable(f'relation "{name}" does not exist')
    if found.kind not in ("table", "temporary"):
        raise WrongObjectType(f'"{name}" is not a table', hint="COPY loads local tables.")
    return found


def load_columns(target: Relation, names: tuple[str, ...], explicit_ids: bool) -> tuple[Column, ...]:
    """The columns to load, in the order of the fields; IDENTITY columns make their own values, unless asked not to."""
    if not names:
        return tuple(column for column in target.columns if explicit_ids or not column.identity)
    found = []
    for name in names:
        column = target.by_name.get(name)
        if column is None:
            raise UndefinedColumn(f'column "{name}" of relation "{target.name}" does not exist')
        if column in found:
            raise DuplicateColumn(f'column "{name}" is named twice')
        if column.identity and not explicit_ids and not column.identity_by_default:
            raise InvalidParameterValue(f'column "{name}" is an identity column', hint="Use EXPLICIT_IDS to load it.")
        found.append(column)
    for column in target.columns:
        if column not in found and not column.nullable and column.default is None and not column.identity:
            raise NotNullViolation(f'column "{column.name}" is NOT NULL, has no default and is not loaded')
    return tuple(found)


def require_identity(columns: tuple[Column, ...]) -> None:
    """What EXPLICIT_IDS asks for.

    Raises:
        InvalidParameterValue: no column that is loaded is an IDENTITY column.
    """
    if not any(column.identity for column in columns):
        raise InvalidParameterValue(
            "EXPLICIT_IDS needs the IDENTITY column among the columns to load",
            hint="Name it in the list of columns, or leave EXPLICIT_IDS out.",
        )
