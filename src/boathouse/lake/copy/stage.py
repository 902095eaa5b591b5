"""Where the good rows of a load wait until all files are read: a temporary table of the target's types.

Receives chunks of field texts, or a plain file that the engine can read by itself; converts them in the engine, columns
at a time; hands back the rows in error. The target is touched once, at the end.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pyarrow as pa

from boathouse.contracts.engine import EngineSession
from boathouse.contracts.relations import Column, Relation
from boathouse.lake.copy.convert import Conversion, convert, reason
from boathouse.lake.copy.errors import BadRow
from boathouse.lake.copy.options import LoadOptions
from boathouse.lake.copy.read_records import Chunk
from boathouse.sql.redshift.types import duckdb_type

LENT = "copy_chunk"
NO_NULL = "\x01no-null\x01"
"""Told to the engine's reader as the NULL text, so that it makes none: NULLs are decided by our own rules."""


class Stage:
    """The temporary table of one load.

    Args:
        engine: the session's engine session, inside the load's transaction.
        columns: those to load, in the order of the fields.
    """

    def __init__(self, engine: EngineSession, columns: Sequence[Column], options: LoadOptions, number: int) -> None:
        self._engine = engine
        self._columns = columns
        self._options = options
        self._name = f'temp.main."copy_{number}"'
        declared = ", ".join(f"v{place} {duckdb_type(column.type)}" for place, column in enumerate(columns))
        self._conversions: list[Conversion] = [
            convert(column, f"r{place}", f"t{place}", f"v{place}", options) for place, column in enumerate(columns)
        ]
        engine.execute(f"CREATE TEMP TABLE copy_{number} ({declared})")
        self.rows = 0

    def add_file(self, path: Path, extra: bool) -> bool:
        """Read a plain file in the engine; False, and nothing added, where any line of it needs a closer look.

        Args:
            extra: every line ends in one more delimiter.
        """
        names = [f"r{place}" for place in range(len(self._columns))] + (["extra"] if extra else [])
        columns = "{" + ", ".join(f"'{name}': 'VARCHAR'" for name in names) + "}"
        csv = self._options.format == "csv"
        quote = self._options.quote.replace("'", "''") if csv else ""
        reader = (
            f"read_csv({_quoted(str(path))}, columns={columns}, auto_detect=false, header=false, "
            f"skip={self._options.header_lines}, delim={_quoted(self._options.delimiter)}, quote='{quote}', escape='{quote}', "
            f"nullstr={_quoted(NO_NULL)}, compression='none', ignore_errors=true, store_rejects=true, "
            "rejects_table='copy_rejects', rejects_scan='copy_scans', rejects_limit=1)"
        )
        whole = "coalesce(extra, '') = ''" if extra else "true"
        before = self._count()
        try:
            # The rows' errors are counted while they are added, so that the file is read once.
            self._engine.execute(
                f"CREATE OR REPLACE TEMP TABLE copy_file AS {self._converted(reader, f'NOT ({whole})')}"
            )
            bad = self._engine.fetch("SELECT count(*) FROM copy_file WHERE bad")[0][0]
            rejected = self._engine.fetch("SELECT count(*) FROM copy_rejects")[0][0]
        finally:
            self._drop_rejects()
        if bad or rejected:
            self._engine.execute("DROP TABLE temp.main.copy_file")
            return False
        self._engine.execute(f"INSERT INTO {self._name} SELECT * EXCLUDE (bad) FROM temp.main.copy_file")
        self._engine.execute("DROP TABLE temp.main.copy_file")
        self.rows += self._count() - before
        return True

    def add_chunk(self, chunk: Chunk, filename: str, room: int) -> list[BadRow]:
        """Convert a chunk; good rows are added, bad ones come back (at most `room` of them are explained)."""
        found = [BadRow(filename, line, raw, code, reason(code, None, None)) for line, raw, code in chunk.bad]
        if not chunk.rows:
            return found
        arrays = [pa.array(chunk.lines, pa.int64()), pa.array(chunk.raws, pa.string())]
        arrays += [pa.array(column, pa.string()) for column in zip(*chunk.rows, strict=True)]
        names = ["line", "raw", *(f"r{place}" for place in range(len(self._columns)))]
        self._engine.lend(LENT, pa.table(arrays, names=names))
        try:
            self._engine.execute(
                f"CREATE OR REPLACE TEMP TABLE copy_file AS {self._converted(LENT, 'false', ', line, raw')}"
            )
        finally:
            self._engine.take_back(LENT)
        added = self._engine.execute(
            f"INSERT INTO {self._name} SELECT {self._values()} FROM temp.main.copy_file WHERE NOT bad"
        )
        self.rows += added
        if added < len(chunk.rows):
            self._engine.lend(LENT, pa.table(arrays, names=names))
            try:
                found += self._explain(filename, room)
            finally:
                self._engine.take_back(LENT)
        self._engine.execute("DROP TABLE temp.main.copy_file")
        return sorted(found, key=lambda row: row.line)

    def insert(self, target: Relation) -> int:
        """Move all rows to the target; columns that are not loaded take their defaults."""
        names = ", ".join('"' + column.name.replace('"', '""') + '"' for column in self._columns)
        return self._engine.execute(
            f"INSERT INTO {target.engine_name} ({names}) SELECT {self._values()} FROM {self._name}"
        )

    def add_query(self, sql: str) -> None:
        """Add the rows of an engine query with the stage's columns in order."""
        self.rows += self._engine.execute(f"INSERT INTO {self._name} {sql}")

    def drop(self) -> None:
        """Give the room back."""
        self._engine.execute(f"DROP TABLE IF EXISTS {self._name}")

    def _converted(self, source: str, broken: str, more: str = "") -> str:
        texts = ", ".join(f"{one.text} AS t{place}" for place, one in enumerate(self._conversions))
        values = ", ".join(f"{one.value} AS v{place}" for place, one in enumerate(self._conversions))
        bad = " OR ".join(f"{one.error} IS NOT NULL" for one in self._conversions)
        return (
            f"SELECT {self._values()}, ({broken_or(broken, bad)}) AS bad{more} FROM "
            f"(SELECT *, {values} FROM (SELECT *, {texts} FROM {source}))"
        )

    def _explain(self, filename: str, room: int) -> list[BadRow]:
        texts = ", ".join(f"{one.text} AS t{place}" for place, one in enumerate(self._conversions))
        values = ", ".join(f"{one.value} AS v{place}" for place, one in enumerate(self._conversions))
        errors = ", ".join(f"{one.error} AS e{place}" for place, one in enumerate(self._conversions))
        first = ", ".join(f"e{place}" for place in range(len(self._conversions)))
        raws = ", ".join(f"r{place}" for place in range(len(self._columns)))
        rows = self._engine.fetch(
            f"SELECT line, raw, [{first}], [{raws}] FROM (SELECT *, {errors} FROM (SELECT *, {values} FROM "
            f"(SELECT *, {texts} FROM {LENT}))) WHERE coalesce({first}) IS NOT NULL ORDER BY line LIMIT {room}"
        )
        return [self._bad_row(filename, row) for row in rows]

    def _bad_row(self, filename: str, row: tuple[object, ...]) -> BadRow:
        line, raw, codes, fields = row
        place, code = next((at, int(one)) for at, one in enumerate(codes) if one is not None)  # type: ignore[arg-type, var-annotated]
        text = fields[place]  # type: ignore[index]
        column = self._columns[place]
        return BadRow(filename, int(str(line)), str(raw), code, reason(code, column, text), column, text)

    def _values(self) -> str:
        return ", ".join(f"v{place}" for place in range(len(self._columns)))

    def _count(self) -> int:
        return int(str(self._engine.fetch(f"SELECT count(*) FROM {self._name}")[0][0]))

    def _drop_rejects(self) -> None:
        for name in ("copy_rejects", "copy_scans"):
            self._engine.execute(f"DROP TABLE IF EXISTS temp.main.{name}")


def broken_or(broken: str, bad: str) -> str:
    """The condition of a row in error."""
    return bad if broken in ("false", "NOT (true)") else f"{broken} OR {bad}"


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


Check = Callable[[], None]
