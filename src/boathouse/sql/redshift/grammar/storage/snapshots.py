"""Snapshots and the tables that come back from them. Redshift has no SQL for them: the statements are ours, their words those
of its console and API.

Source: Amazon Redshift API Reference, "CreateClusterSnapshot", "RestoreTableFromClusterSnapshot".
"""

from __future__ import annotations

import re

from boathouse.contracts.errors import InvalidParameterValue
from boathouse.sql.statements import CreateSnapshot, DropSnapshot, RestoreTable
from boathouse.sql.token_reader import TokenReader

_NAME = re.compile(r"[a-z](?:-?[a-z0-9_])*\Z")
_NAME_CHARACTERS_MAX = 255
_RETENTION_DAYS_MAX = 3653
FOREVER = -1


def read_create_snapshot(reader: TokenReader) -> CreateSnapshot:
    """CREATE SNAPSHOT name [RETENTION n [DAY | DAYS]]; -1 keeps it until it is dropped."""
    reader.expect("create", "snapshot")
    start = reader.token.start
    name = reader.identifier("a snapshot's name").lower()
    if not _NAME.match(name) or len(name) > _NAME_CHARACTERS_MAX:
        raise InvalidParameterValue(
            f'"{name}" is not a name for a snapshot',
            hint="A letter, then letters, digits, _ and single hyphens, 255 in all; quoted where it has hyphens.",
            position=start + 1,
        )
    days = None
    if reader.accept("retention"):
        start = reader.token.start
        days = reader.integer("a number of days")
        reader.accept_any("day", "days")
        if days != FOREVER and not 1 <= days <= _RETENTION_DAYS_MAX:
            raise InvalidParameterValue(
                f"a snapshot cannot be kept for {days} days",
                hint=f"1 to {_RETENTION_DAYS_MAX} days, or -1 until it is dropped.",
                position=start + 1,
            )
    reader.finish()
    return CreateSnapshot(text=reader.text, offset=reader.offset, name=name, retention_days=days)


def read_drop_snapshot(reader: TokenReader) -> DropSnapshot:
    """DROP SNAPSHOT [IF EXISTS] name."""
    reader.expect("drop", "snapshot")
    if_exists = reader.accept("if", "exists")
    name = reader.identifier("a snapshot's name").lower()
    reader.finish()
    return DropSnapshot(text=reader.text, offset=reader.offset, name=name, if_exists=if_exists)


def read_restore(reader: TokenReader) -> RestoreTable:
    """RESTORE TABLE [schema.]name FROM SNAPSHOT name [AS [schema.]name]."""
    reader.expect("restore", "table")
    name = reader.name()
    reader.expect("from", "snapshot")
    snapshot = reader.identifier("a snapshot's name").lower()
    new_name = reader.name() if reader.accept("as") else None
    reader.finish()
    return RestoreTable(text=reader.text, offset=reader.offset, name=name, snapshot=snapshot, new_name=new_name)
