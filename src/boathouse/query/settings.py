"""The query room's settings: the section `[query]` of `boathouse.toml`."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True)
class QuerySettings:
    """Limits of sessions and of what they keep."""

    sessions_max: int = field(
        default=500, metadata={"help": "Sessions at once; one more is refused with 53300, as Redshift does at 500."}
    )
    plans_max: int = field(
        default=1000,
        metadata={"help": "Translated statements that are kept; each takes a few kB, a miss costs some milliseconds."},
    )
    statement_timeout_ms: int = field(
        default=0,
        metadata={
            "help": "Milliseconds after which a statement is cancelled, unless the session sets its own. 0: never."
        },
    )
    history_days_max: float = field(
        default=7.0,
        metadata={"help": "Days that statements and connections are remembered in the system tables; as on Redshift."},
    )
    history_rows_max: int = field(
        default=200_000,
        metadata={"help": "Statements, and connections, that are remembered at most; the oldest go first."},
    )
    history_bytes_max: int = field(
        default=256 * 1024 * 1024,
        metadata={
            "help": "Bytes of the disk that remembered statements, and what their steps did, may each take at most."
        },
    )
    auto_refresh_seconds: float = field(
        default=10.0,
        metadata={
            "help": "Seconds between two looks for materialized views with AUTO REFRESH YES that have become stale."
        },
    )
    python_memory_bytes_max: int = field(
        default=256 * 1024 * 1024,
        metadata={
            "help": "Bytes of memory that a process with Python functions may take; about 30 MB go to Python itself."
        },
    )
    python_processes_max: int = field(
        default=32,
        metadata={
            "help": "Processes with Python functions at once: one for each session and owner of functions that it calls. "
            "Idle ones make room for others."
        },
    )
    profile_statements: bool = field(
        default=True,
        metadata={"help": "Remember what each step of a query did, for svl_query_summary and its like."},
    )
    personality: Literal["redshift", "postgres15"] = field(
        default="redshift",
        metadata={
            "help": "What sessions say that the server is. redshift: version 8.0.2, as Redshift does. postgres15: for tools "
            "that refuse so old a server; a client may ask for either with options=-cpersonality=postgres15."
        },
    )
    result_cache_bytes_max: int = field(
        default=64 * 1024 * 1024,
        metadata={"help": "Bytes of memory for results that are given again; one takes a 64th at most. 0: none."},
    )
