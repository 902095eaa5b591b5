"""What the views of the warehouse are: their notes, for whoever asks what stands on what.

Read from the engine's comments as the session sees them; handed to DDL, which keeps or changes what they stand on.
"""

from __future__ import annotations

from boathouse.contracts.session import Session
from boathouse.sql.redshift.notes import read_note
from boathouse.sql.targets.ddl_columns import Note


def view_notes(session: Session) -> dict[tuple[str, str], Note]:
    """The notes of all views, materialized ones too, by schema and name."""
    rows = session.engine.fetch(
        "SELECT schema_name, view_name, comment FROM duckdb_views() WHERE database_name = $1 AND NOT internal "
        "UNION ALL SELECT schema_name, table_name, comment FROM memory.rs.stored_tables() "
        "WHERE database_name = $1 AND comment LIKE '%\"materialized\"%'",
        (session.database,),
    )
    return {(str(schema), str(name)): read_note(str(comment)) for schema, name, comment in rows if comment is not None}
