"""The node of a statement for the database behind this house: its text goes there as it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from boathouse.sql.statements.relational import Statement


@dataclass(frozen=True, slots=True, kw_only=True)
class PassOn(Statement):
    """What a client of another database sends at once: a prepared statement, or a string of any number of them.

    Attributes:
        database: the one that it is for.
        verb: `SELECT`, `INSERT`, `DDL`, `UTILITY`, …, as `sys_query_history.query_type` has it; of the first statement.
        kind: Redshift's three, of the first statement.
        slot: the kind of slot that it takes in the queues; None for none.
        is_text: False where the bytes are no text of the session's encoding: `text` is an approximation.
    """

    database: str
    verb: str
    kind: Literal["query", "ddl", "utility"]
    slot: Literal["read", "write", "load", "other"] | None = None
    is_text: bool = True
