"""How far a capture's journal is, as it stands with the position: for those without a warehouse."""

from __future__ import annotations

import json

from boathouse.contracts.engine import EngineSession


def last_entry(engine: EngineSession, number: int) -> int:
    """The number of the journal's last entry; 0 for none."""
    rows = engine.fetch("SELECT journal FROM boathouse.capture_progress WHERE id = $1", (number,))
    return int(str(rows[0][0] or 0)) if rows else 0


def journal_gaps(engine: EngineSession, number: int) -> list[tuple[int, int]]:
    """See `delivery.journal.Journal.gaps`."""
    rows = engine.fetch("SELECT journal_gaps FROM boathouse.capture_progress WHERE id = $1", (number,))
    return [(behind, last) for behind, last in json.loads(str(rows[0][0] or "[]"))] if rows else []


def store_journal_gaps(engine: EngineSession, number: int, epoch: int, gaps: list[tuple[int, int]]) -> bool:
    """Store them; False where the epoch is no longer ours."""
    return bool(
        engine.execute(
            "UPDATE boathouse.capture_progress SET journal_gaps = $1 WHERE id = $2 AND epoch = $3",
            (json.dumps(gaps), number, epoch),
        )
    )
