"""One table of a snapshot, made again in the warehouse of now."""

from __future__ import annotations

from dataclasses import replace

from boathouse.contracts.engine import EngineSession
from boathouse.contracts.errors import FeatureNotSupported, UndefinedTable
from boathouse.contracts.past.snapshots import Restored
from boathouse.contracts.relations import Relation
from boathouse.engines.duckdb.keeping.definitions import Past, StoredTable, filled, made_again, noted
from boathouse.sql.redshift.notes import read_note
from boathouse.sql.redshift.types import quoted


def restore(session: EngineSession, past: Past, database: str, wanted: Restored) -> int | None:
    """Make the table and bring its rows; see `contracts.past.snapshots.Snapshots.restore`.

    Raises:
        FeatureNotSupported: the snapshot has no rows of a table with BACKUP NO.
    """
    table = past.table(wanted.source)
    if table is None:
        return None
    require_backup(table)
    facts = read_note(table.note)
    # A restored table refers to nothing, and is no materialized view any more: what it stood on is of now.
    keys = [key for key in facts.get("constraints", ()) if not str(key).lower().lstrip().startswith("foreign key")]
    kept = {name: fact for name, fact in facts.items() if name in _KEPT} | ({"constraints": keys} if keys else {})
    made = replace(table, note=noted(None, {**kept, **wanted.facts}))
    numbers = {one.name: f"{wanted.target[1]}_{one.name}_{wanted.unique}_seq".replace('"', "") for one in table.columns}
    # What the transaction makes under a name hides what had that name then.
    target = (wanted.target[0], f"restored {wanted.unique}") if wanted.target == wanted.source else wanted.target
    for statement in made_again(past, made, target, database, session.stored, numbers):
        session.execute(statement)
    rows = session.execute(filled(past, table, target, database))
    if target != wanted.target:
        place = ".".join(map(quoted, (database, *target)))
        session.execute(f"ALTER TABLE {place} RENAME TO {quoted(wanted.target[1])}")
    return rows


def require_backup(table: StoredTable) -> None:
    """Snapshots have no rows of a table with BACKUP NO.

    Raises:
        FeatureNotSupported: it has.
    """
    if read_note(table.note).get("backup") == "no":
        raise FeatureNotSupported(f'table "{table.place[1]}" has BACKUP NO: snapshots do not bring it back')


def no_table(relation: Relation) -> UndefinedTable:
    """A snapshot has nothing of a table of now."""
    return UndefinedTable(
        f'relation "{relation.name}" is not in the snapshot',
        hint="A table that was dropped and made again, or restored, has no history from before.",
    )


_KEPT = ("diststyle", "sortstyle", "comment")
