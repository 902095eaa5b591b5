"""Plain JSON files: one object a line, which the engine's own reader takes to mean what COPY would.

Receives a local, uncompressed file; answers with the SQL that reads its values as texts, or None where it must be read
precisely. The engine's reader forgives commas before a closing bracket, gives up on a last line that is cut off, leaves
broken lines empty, and writes numbers anew, so that all of that is looked for, here or in the condition of doubt.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from boathouse.contracts.relations import Column
from boathouse.lake.copy.literals import literal_path, quoted
from boathouse.lake.copy.options import LoadOptions
from boathouse.lake.copy.readers.json_lines import look_into

_BUFFER_BYTES = 32 << 20
"""What the engine's reader takes for each thread, however little it is asked to."""
_UNITS = {"KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30, "TiB": 1 << 40}


def leaves_room(memory_limit: str, threads: int) -> bool:
    """True where the engine's reader leaves half of the memory to what it reads.

    Args:
        memory_limit: as the engine tells it: `64.0 MiB`.
    """
    number, _, unit = memory_limit.partition(" ")
    return float(number) * _UNITS.get(unit, 1) >= 2 * threads * _BUFFER_BYTES


def plain_json_reader(path: Path, columns: Sequence[Column], options: LoadOptions) -> tuple[str, str] | None:
    """SQL to stand in FROM with fields `r0`, `r1`, …, and the condition of rows that need a closer look."""
    if options.format != "json" or options.json != "auto" or path.stat().st_size == 0:
        return None
    if any(column.type.name == "super" for column in columns):
        return None
    texts = [column.type.is_text for column in columns]
    names = [column.name for column, text in zip(columns, texts, strict=True) if text]
    strings_only = look_into(path, names, any(column.type.name == "numeric" for column in columns))
    if strings_only is None:
        return None
    if strings_only:
        texts = [False] * len(columns)
    declared = ", ".join(
        f"{quoted(column.name)}: '{'JSON' if text else 'VARCHAR'}'" for column, text in zip(columns, texts, strict=True)
    )
    names = [f"j{place}" for place in range(len(columns))]
    fields = ", ".join(
        f"{_unquoted(name) if text else name} AS r{place}"
        for place, (name, text) in enumerate(zip(names, texts, strict=True))
    )
    broken = " AND ".join(f"{name} IS NULL" for name in names)
    odd = " OR ".join(_odd(name) for name, text in zip(names, texts, strict=True) if text) or "false"
    reader = (
        f"(SELECT {fields}, ({broken}) OR {odd} AS odd FROM read_json({literal_path(path)}, "
        f"columns={{{declared}}}, format='newline_delimited', records=true, ignore_errors=true, auto_detect=false, "
        f"compression='uncompressed', hive_partitioning=false) AS lines({', '.join(names)}))"
    )
    return reader, "odd"


def _unquoted(name: str) -> str:
    """The text of a JSON string; NULL for null."""
    text = f"{name}::VARCHAR"
    plain = f"substr({text}, 2, length({text}) - 2)"
    return (
        f"CASE WHEN {text} IN ('true', 'false') THEN {text} WHEN left({text}, 1) <> '\"' THEN NULL "
        f"WHEN contains({text}, '\\') THEN {name} ->> '$' ELSE {plain} END"
    )


def _odd(name: str) -> str:
    """A value for a text column that is no string: its own text has to be seen."""
    text = f"{name}::VARCHAR"
    return f"coalesce(left({text}, 1) <> '\"' AND {text} NOT IN ('null', 'true', 'false'), false)"
