"""Nodes of integrations: databases whose changes are captured."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from boathouse.sql.statements.relational import Statement


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateIntegration(Statement):
    """CREATE INTEGRATION name FROM kind SECRET 'secret' [TABLES (schema.table, …)] [INTO SCHEMA schema]
    [SET HISTORY_MODE = {TRUE | FALSE} [FOR TABLES (schema.table, …)]].

    Attributes:
        kind: `postgres` or `mysql`, which MariaDB is too.
        tables: with the source's spelling, `*` for any characters; None for all.
        target: the warehouse's schema; None for one of the integration's name.
        history: tables that keep every version of their rows; empty for all, None for none.
    """

    name: str
    kind: str
    secret: str
    tables: tuple[tuple[str, str], ...] | None = None
    target: str | None = None
    history: tuple[tuple[str, str], ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AlterIntegration(Statement):
    """ALTER INTEGRATION name PAUSE | RESUME | DUMP …; PAUSE, RESUME, STOP DUMP; SET CHUNK_ROWS, CHUNK_PAUSE_SECONDS;
    ADD OUTPUT, DROP OUTPUT.

    Attributes:
        table: of what is about dumps; None for all.
        keys: of DUMP TABLE: these rows alone, each key as the source's texts of its columns.
        chunk_rows, pause_seconds: of SET; None leaves the one as it is.
        output: of ADD OUTPUT and DROP OUTPUT.
        place, format, on_failure, output_secret, options: of ADD OUTPUT: where it leads, a format's word (empty for the
            output's own), what becomes of the integration while it cannot be written, the secret that opens it (empty for
            none), and (name, value) of what else was said.
    """

    name: str
    action: Literal[
        "pause", "resume", "dump", "pause_dump", "resume_dump", "stop_dump", "set", "add_output", "drop_output"
    ]
    table: tuple[str, str] | None = None
    keys: tuple[tuple[str, ...], ...] | None = None
    chunk_rows: int | None = None
    pause_seconds: float | None = None
    output: str | None = None
    place: str | None = None
    format: str = ""
    on_failure: Literal["block", "park", "drop"] = "block"
    output_secret: str = ""
    options: tuple[tuple[str, int | float | bool | str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DropIntegration(Statement):
    """DROP INTEGRATION name. The tables stay."""

    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplyChanges(Statement):
    """Captured changes, to be applied in one transaction. No text says this.

    Attributes:
        apply: takes the house and the session.
    """

    apply: Callable[[Any, Any], None]
