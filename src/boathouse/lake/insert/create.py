"""CREATE EXTERNAL TABLE … AS: the query decides the columns, its rows become the table's first files.

Received: the parsed statement, inside the transaction that the journey opened; table, partitions and files appear
together when it commits. Source: Redshift Developer Guide, "CREATE EXTERNAL TABLE".
"""

from __future__ import annotations

from dataclasses import replace

from boathouse.contracts.answers import Done, Field
from boathouse.contracts.errors import BoathouseError, InvalidTableDefinition, ObjectNotInPrerequisiteState
from boathouse.contracts.house import House
from boathouse.contracts.session import Session
from boathouse.contracts.types import VARCHAR, SqlType
from boathouse.lake import define
from boathouse.lake.catalogs.choose import find_table, require_table
from boathouse.lake.insert.write import write_rows
from boathouse.lake.places import folder_of, is_ignored
from boathouse.lake.storage import storage_for
from boathouse.sql.statements import CreateExternalTable


def create_external_table_as(house: House, session: Session, statement: CreateExternalTable) -> Done:
    """Make the table and write the query's rows into its place.

    Raises:
        ObjectNotInPrerequisiteState: files lie at the place already; they would become rows of the table.
        InvalidTableDefinition: the partition key is not the query's last columns.
    """
    assert statement.query is not None
    try:
        translated = session.translate(statement.query.text)
    except BoathouseError as failure:
        if failure.position is not None:
            failure.position += statement.query.offset - statement.offset
        raise
    fields = tuple(Field(field.name, _stored(field.type)) for field in translated.fields)
    count = len(fields) - len(statement.keys)
    if tuple(field.name for field in fields[count:]) != statement.keys or not count:
        raise InvalidTableDefinition(
            "the partition columns must be the last columns of the query, in the same order, after at least one other",
            hint=f"The query returns {', '.join(field.name for field in fields)}.",
        )
    declared = replace(
        statement,
        columns=tuple((field.name, field.type) for field in fields[:count]),
        partitions=tuple((field.name, field.type) for field in fields[count:]),
        location=folder_of(statement.location),
        query=None,
    )
    before = find_table(house, session, str(statement.name.schema), statement.name.name)
    answer = define.create_external_table(house, session, declared)
    if before is not None:
        return answer  # IF NOT EXISTS
    found = require_table(house, session, statement.name)
    table = found.table
    for file in storage_for(house, table.location, found.schema.credentials).list(table.location):
        if not is_ignored(file.path):
            raise ObjectNotInPrerequisiteState(
                f'the location of external table "{table.name}" is not empty', detail=f"It holds {file.path}."
            )
    write_rows(house, session, found, replace(translated, fields=fields, beside=None))
    return answer


def _stored(of: SqlType) -> SqlType:
    """Literals of an open type are text, as in CREATE TABLE AS."""
    return VARCHAR if of.name in ("unknown", "text", "name") else of
