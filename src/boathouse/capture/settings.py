"""Capture's settings: the sections `[capture]` and `[outputs.NAME]` of `boathouse.toml`."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

MEMORY_BYTES = 48 << 20


@dataclass(frozen=True)
class CaptureSettings:
    """How changes are gathered and tables dumped."""

    poll_seconds: float = field(
        default=1.0, metadata={"help": "Seconds between two looks for integrations that were made, paused or dropped."}
    )
    commit_seconds: float = field(
        default=0.5,
        metadata={
            "help": "Seconds for which changes are gathered into one transaction of the warehouse: the delay of a change, "
            "against the cost of a commit."
        },
    )
    commit_rows: int = field(
        default=200_000,
        metadata={"help": "Rows after which a transaction is committed earlier; a source's is never cut."},
    )
    idle_commit_seconds: float = field(
        default=10.0,
        metadata={"help": "Seconds after which the place in the log is stored though nothing came, so that the source can "
                          "forget log of others."},
    )  # fmt: skip
    chunk_rows: int = field(
        default=20_000,
        metadata={
            "help": "Rows of a table that a dump reads at once; fewer where changes wait longer than 0.1 s for a chunk."
        },
    )
    chunk_pause_seconds: float = field(
        default=0.0, metadata={"help": "Seconds between two chunks of a dump, to spare the source."}
    )
    memory_bytes_max: int = field(
        default=MEMORY_BYTES,
        metadata={"help": "Bytes of changes that an integration may hold on their way, about: a sixth of the log, undecoded, the "
                          "rest of rows; larger transactions of the source go through in parts."},
    )  # fmt: skip
    callables: tuple[str, ...] = field(
        default=(),
        metadata={
            "help": "Functions that outputs may call, each as module:function; the server imports them as its user."
        },
    )
    park_bytes_max: int = field(
        default=1 << 30,
        metadata={"help": "Bytes of changes that may wait in the house for an output; beyond it an output that BLOCKs "
                          "holds everything back, and any other is given up."},
    )  # fmt: skip
    retry_seconds_max: float = field(
        default=60.0, metadata={"help": "Longest wait before a source that cannot be reached is tried again."}
    )


@dataclass(frozen=True)
class IntegrationSettings:
    """An integration that stands in the settings instead of a statement."""

    source: str = field(default="", metadata={"help": "The kind of source, as in CREATE INTEGRATION … FROM."})
    secret: str = field(default="", metadata={"help": "The named secret that opens it."})
    tables: tuple[str, ...] = field(
        default=(),
        metadata={"help": "Those to capture, as schema.table, with * for any characters. Empty: all that can be."},
    )
    schema: str = field(default="", metadata={"help": "Where they land. Empty: a schema of the integration's name."})
    owner: str = field(default="admin", metadata={"help": "A superuser, as whom changes are written."})
    history_mode: bool = field(default=False, metadata={"help": "True keeps every version of their rows."})


@dataclass(frozen=True)
class OutputSettings:
    """An output that stands in the settings instead of a statement."""

    integration: str = field(default="", metadata={"help": "The integration whose changes it is told."})
    place: str = field(default="", metadata={"help": "Where it leads, as in ADD OUTPUT … TO."})
    format: str = field(default="", metadata={"help": "A format's word. Empty: the output's own."})
    secret: str = field(default="", metadata={"help": "The named secret that opens it. Empty: none."})
    on_failure: Literal["block", "park", "drop"] = field(
        default="block", metadata={"help": "What becomes of the integration while the place cannot be written."}
    )
    options: tuple[str, ...] = field(default=(), metadata={"help": "Each as in SET: `batch_rows = 500`."})
