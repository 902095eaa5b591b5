"""Whose files lie in the place that a lake was given, so that those that no commit names can go from it.

Each lake leaves a note in its `data_path` before its first file, and says there whether all lakes that have files there have
one: so it is where the place was empty, or where another note says so. One that is alone by the notes may take what no commit
of its own names for nobody's. A lake from before there were notes has none, and nothing is taken from where it is.

Received: a function that runs the engine's SQL, the place, the lake's number. Notes are written over and never removed: on S3 the
engine writes, and does not delete.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

Fetch = Callable[[str], Sequence[tuple[Any, ...]]]

_NAMED = "boathouse-lake-"


def identity(catalog: str) -> str:
    """The query for a lake's number, which stays its own under any name.

    Args:
        catalog: where the tables of its catalog are, quoted.
    """
    return f"SELECT schema_uuid::VARCHAR FROM {catalog}.ducklake_schema WHERE schema_id = 0"


def claim(fetch: Fetch, data: str, lake: str) -> None:
    """Note a lake that has no files yet. Two that come at once see each other: either has left its note before it looks."""
    if "://" not in data:
        Path(data).mkdir(parents=True, exist_ok=True)
    _write(fetch, data, lake, {"knows_all": False})
    others = [note for name, note in _notes(fetch, data).items() if name != lake]
    is_empty = not fetch(f"SELECT 1 FROM glob({_literal(data + '/**/*.parquet')}) LIMIT 1")
    _write(fetch, data, lake, {"knows_all": is_empty or any(note["knows_all"] for note in others)})


def is_alone(fetch: Fetch, data: str, lake: str) -> bool:
    """True where every file in the place is a lake's own or nobody's."""
    notes = {name: note for name, note in _notes(fetch, data).items() if not note.get("gone")}
    return notes.keys() == {lake} and bool(notes[lake]["knows_all"])


def give_up(fetch: Fetch, data: str, lake: str) -> None:
    """Note that a lake has no files any more; nothing where it left no note."""
    found = _notes(fetch, data).get(lake)
    if found is not None:
        _write(fetch, data, lake, {**found, "gone": True})


def _notes(fetch: Fetch, data: str) -> dict[str, Mapping[str, Any]]:
    pattern = _literal(f"{data}/{_NAMED}*.json")
    if not fetch(f"SELECT 1 FROM glob({pattern}) LIMIT 1"):
        return {}
    rows = fetch(f"SELECT parse_filename(filename, true), content FROM read_text({pattern})")
    return {str(name).removeprefix(_NAMED): json.loads(str(content)) for name, content in rows}


def _write(fetch: Fetch, data: str, lake: str, note: Mapping[str, bool]) -> None:
    columns = ", ".join(f"{str(value).lower()} AS {name}" for name, value in note.items())
    fetch(f"COPY (SELECT {columns}) TO {_literal(f'{data}/{_NAMED}{lake}.json')} (FORMAT json)")


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
