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
        declared: what the settings say, of one that stands there. No text says this.
    """

    name: str
    kind: str
    secret: str
    tables: tuple[tuple[str, str], ...] | None = None
    target: str | None = None
    history: tuple[tuple[str, str], ...] | None = None
    declared: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AlterIntegration(Statement):
    """ALTER INTEGRATION name PAUSE | RESUME | DUMP …; PAUSE, RESUME, STOP DUMP; SET CHUNK_ROWS, CHUNK_PAUSE_SECONDS;
    ADD OUTPUT, DROP OUTPUT; SET, ADD, DROP TABLES.

    Attributes:
        table: of what is about dumps; None for all.
        tables: of SET, ADD and DROP TABLES, as in CREATE INTEGRATION.
        keys: of DUMP TABLE: these rows alone, each key as the source's texts of its columns.
        chunk_rows, pause_seconds: of SET; None leaves the one as it is.
        output: of ADD OUTPUT and DROP OUTPUT.
        place, format, on_failure, output_secret, options: of ADD OUTPUT: where it leads, a format's word (empty for the
            output's own), what becomes of the integration while it cannot be written, the secret that opens it (empty for
            none), and (name, value) of what else was said.
    """

    name: str
    action: Literal[
        "pause",
        "resume",
        "dump",
        "pause_dump",
        "resume_dump",
        "stop_dump",
        "set",
        "add_output",
        "drop_output",
        "set_tables",
        "add_tables",
        "drop_tables",
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
    tables: tuple[tuple[str, str], ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DropIntegration(Statement):
    """DROP INTEGRATION name. The tables stay.

    Attributes:
        by_settings: it has gone from the settings. No text says this.
    """

    name: str
    by_settings: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateDatabase(Statement):
    """CREATE DATABASE name FROM INTEGRATION 'integration' [DATABASE source_database] [SET] [options].

    Attributes:
        source: the database at the source that is expected; None for whichever it is.
        all_states: tables are read in every state, not only when they are Synced.
        history: as it was said; None where nothing was.
        owner: None for whoever sends it.
        refresh_seconds: REFRESH_INTERVAL, as it was said.
        truncates, replaces: TRUNCATECOLUMNS, ACCEPTINVCHARS.
    """

    name: str
    integration: str
    source: str | None = None
    all_states: bool = False
    history: bool | None = None
    owner: str | None = None
    refresh_seconds: int = 0
    truncates: bool = False
    replaces: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AlterDatabase(Statement):
    """ALTER DATABASE name {RENAME TO | OWNER TO | INTEGRATION REFRESH … | INTEGRATION SET …}, of one made from an integration.

    Attributes:
        new_name: of `rename` and `owner`.
        schemas: of `refresh` and `refresh_failed`: of these schemas of the source alone.
        tables: of `refresh`: these alone, each as (schema, name).
        all_states, history, refresh_seconds, truncates, replaces: of `set`; None leaves the one as it is.
    """

    name: str
    action: Literal["rename", "owner", "refresh", "refresh_failed", "set"]
    new_name: str = ""
    schemas: tuple[str, ...] = ()
    tables: tuple[tuple[str, str], ...] = ()
    all_states: bool | None = None
    history: bool | None = None
    refresh_seconds: int | None = None
    truncates: bool | None = None
    replaces: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DropDatabase(Statement):
    """DROP DATABASE name, of one made from an integration. The tables stay in their schema."""

    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplyChanges(Statement):
    """Captured changes, to be applied in one transaction. No text says this.

    Attributes:
        apply: takes the house and the session.
    """

    apply: Callable[[Any, Any], None]
