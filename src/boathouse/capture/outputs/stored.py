"""Outputs besides the warehouse: what users have declared, and how far each is, in tables beside the data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from boathouse.contracts.engine import EngineSession

TABLES = (
    "CREATE TABLE IF NOT EXISTS boathouse.capture_outputs (id BIGINT NOT NULL, name VARCHAR NOT NULL, place VARCHAR NOT NULL, "
    "format VARCHAR NOT NULL, on_failure VARCHAR NOT NULL)",
    "CREATE TABLE IF NOT EXISTS boathouse.capture_output_states (id BIGINT NOT NULL, name VARCHAR NOT NULL, sequence BIGINT NOT "
    "NULL, position VARCHAR, state VARCHAR NOT NULL, message VARCHAR NOT NULL, behind BIGINT NOT NULL)",
)


@dataclass(frozen=True, slots=True)
class FileOutput:
    """An output as it was declared.

    Attributes:
        place: a folder of the lake.
        on_failure: what becomes of the integration when the place cannot be written: it waits; the files wait in the house
            while everything else goes on; or the output is given up.
    """

    name: str
    place: str
    format: Literal["parquet", "json"]
    on_failure: Literal["block", "park", "drop"]


@dataclass(frozen=True, slots=True)
class OutputState:
    """How far an output is.

    Attributes:
        sequence: the number of the last transaction that it has files of.
        position: the source's place that it is at; None before its first commit.
        state: running, parked or dropped.
        behind: bytes that wait for the place.
    """

    sequence: int = 0
    position: str | None = None
    state: str = "running"
    message: str = ""
    behind: int = 0


def outputs(engine: EngineSession, number: int) -> tuple[FileOutput, ...]:
    """Those of an integration, by name."""
    rows = engine.fetch(
        "SELECT name, place, format, on_failure FROM boathouse.capture_outputs WHERE id = $1 ORDER BY name", (number,)
    )
    return tuple(FileOutput(*row) for row in rows)  # type: ignore[arg-type]


def states(engine: EngineSession, number: int) -> dict[str, OutputState]:
    """How far each is."""
    rows = engine.fetch(
        "SELECT name, sequence, position, state, message, behind FROM boathouse.capture_output_states WHERE id = $1",
        (number,),
    )
    return {str(row[0]): OutputState(*row[1:]) for row in rows}  # type: ignore[arg-type]


def store(engine: EngineSession, number: int, found: Mapping[str, OutputState]) -> None:
    """Store how far outputs are, in the open transaction."""
    for name, state in found.items():
        forget(engine, number, name)
        engine.execute(
            "INSERT INTO boathouse.capture_output_states VALUES ($1, $2, $3, $4, $5, $6, $7)",
            (number, name, state.sequence, state.position, state.state, state.message[:1000], state.behind),
        )


def forget(engine: EngineSession, number: int, name: str) -> None:
    """An output begins anew."""
    engine.execute("DELETE FROM boathouse.capture_output_states WHERE id = $1 AND name = $2", (number, name))
