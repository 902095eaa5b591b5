"""Where the good rows of a load wait until all files are read: a temporary table of the target's types.

Receives chunks of field texts, or a plain file that the engine can read by itself; converts them in the engine, columns
at a time; hands back the rows in error. The target is touched once, at the end.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa

from boathouse.contracts.engine import EngineSession
from boathouse.contracts.relations import Column, Relation
from boathouse.lake.copy.convert import Conversion, convert, position, reason
from boathouse.lake.copy.errors import BadRow
from boathouse.lake.copy.options import LoadOptions
from boathouse.lake.copy.read_records import Chunk
from boathouse.sql.redshift.types import duckdb_type

LENT = "copy_chunk"


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
            convert(column, f"r{place}", f"q{place}", f"v{place}", options) for place, column in enumerate(columns)
        ]
        # `part` counts what was added, so that a file which needs a closer look can be taken out again.
        engine.execute(f"CREATE TEMP TABLE copy_{number} ({declared}, part INTEGER, bad BOOLEAN)")
        self._parts = 0
        self._straight = 0
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
            f"read_csv({literal_path(path)}, columns={columns}, auto_detect=false, header=false, "
            f"skip={self._options.header_lines}, delim={_quoted(self._options.delimiter)}, quote='{quote}', escape='{quote}', "
            f"nullstr={_quoted(_no_null(self._options))}, compression='none', hive_partitioning=false, ignore_errors=true, "
            "store_rejects=true, rejects_table='copy_rejects', rejects_scan='copy_scans', rejects_limit=1)"
        )
        broken = "coalesce(extra, '') <> ''" if extra else "false"
        self._parts += 1
        try:
            # The rows' errors are found while they are added, so that the file is read once and written once.
            added = self._engine.execute(
                f"INSERT INTO {self._name} SELECT {self._values()}, {self._parts}, bad FROM "
                f"({self._converted(reader, broken)})"
            )
            wrong = self._engine.fetch(
                "SELECT (SELECT count(*) FROM copy_rejects) + "
                f"(SELECT count(*) FROM {self._name} WHERE part = {self._parts} AND bad)"
            )[0][0]
        finally:
            self._drop_rejects()
        if wrong:
            self._engine.execute(f"DELETE FROM {self._name} WHERE part = {self._parts}")
            return False
        self.rows += added
        return True

    def add_chunk(self, chunk: Chunk, filename: str, room: int) -> tuple[list[BadRow], int]:
        """Convert a chunk and add its good rows.

        Returns:
            The bad ones, of which at most `room` are explained, and how many they are.
        """
        found = [BadRow(filename, line, raw, code, reason(code, None, None)) for line, raw, code in chunk.bad[:room]]
        if not chunk.rows:
            return found, len(chunk.bad)
        arrays = [pa.array(chunk.lines, pa.int64()), pa.array(chunk.raws, pa.string())]
        arrays += [pa.array(column, pa.string()) for column in zip(*chunk.rows, strict=True)]
        names = ["line", "raw", *(f"r{place}" for place in range(len(self._columns)))]
        self._parts += 1
        self._engine.lend(LENT, pa.table(arrays, names=names))
        try:
            added = self._engine.execute(
                f"INSERT INTO {self._name} SELECT {self._values()}, {self._parts}, false FROM "
                f"({self._converted(LENT, 'false')}) WHERE NOT bad"
            )
            if added < len(chunk.rows):
                found += self._explain(filename, room)
        finally:
            self._engine.take_back(LENT)
        self.rows += added
        return sorted(found, key=lambda row: row.line)[:room], len(chunk.bad) + len(chunk.rows) - added

    def insert(self, target: Relation) -> int:
        """Move all rows to the target; columns that are not loaded take their defaults."""
        return self._straight + self._engine.execute(
            f"INSERT INTO {target.engine_name} ({self._names()}) SELECT {self._values()} FROM {self._name}"
        )

    def _names(self) -> str:
        return ", ".join('"' + column.name.replace('"', '""') + '"' for column in self._columns)

    def add_query(self, sql: str, target: Relation | None) -> None:
        """Put the rows of an engine query with the columns in order straight into the target; None only counts them."""
        if target is None:
            self.rows += int(str(self._engine.fetch(f"SELECT count(*) FROM ({sql})")[0][0]))
            return
        self._straight += self._engine.execute(f"INSERT INTO {target.engine_name} ({self._names()}) {sql}")
        self.rows = self._straight

    def drop(self) -> None:
        """Give the room back."""
        self._engine.execute(f"DROP TABLE IF EXISTS {self._name}")

    def _converted(self, source: str, broken: str) -> str:
        """SQL of the rows as values `v0`, `v1`, … with `bad`, in layers so that each is computed once."""
        bad = " OR ".join([broken, *(f"{one.error} IS NOT NULL" for one in self._conversions)])
        return f"SELECT *, ({bad}) AS bad FROM ({self._layers(source)})"

    def _layers(self, source: str) -> str:
        quicks = ", ".join(f"{one.quick} AS q{place}" for place, one in enumerate(self._conversions))
        values = ", ".join(f"{one.value} AS v{place}" for place, one in enumerate(self._conversions))
        return f"SELECT *, {values} FROM (SELECT *, {quicks} FROM {source})"

    def _explain(self, filename: str, room: int) -> list[BadRow]:
        errors = ", ".join(f"{one.error} AS e{place}" for place, one in enumerate(self._conversions))
        first = ", ".join(f"e{place}" for place in range(len(self._conversions)))
        raws = ", ".join(f"r{place}" for place in range(len(self._columns)))
        rows = self._engine.fetch(
            f"SELECT line, raw, [{first}], [{raws}] FROM (SELECT *, {errors} FROM ({self._layers(LENT)})) "
            f"WHERE coalesce({first}) IS NOT NULL ORDER BY line LIMIT {room}"
        )
        return [self._bad_row(filename, row) for row in rows]

    def _bad_row(self, filename: str, row: tuple[object, ...]) -> BadRow:
        line, raw, codes, fields = row
        place, code = next((at, int(one)) for at, one in enumerate(codes) if one is not None)  # type: ignore[arg-type, var-annotated]
        text = fields[place]  # type: ignore[index]
        column = self._columns[place]
        return BadRow(
            filename, int(str(line)), str(raw), code, reason(code, column, text), column, text, position(code, text)
        )

    def _values(self) -> str:
        return ", ".join(f"v{place}" for place in range(len(self._columns)))

    def _drop_rejects(self) -> None:
        for name in ("copy_rejects", "copy_scans"):
            self._engine.execute(f"DROP TABLE IF EXISTS temp.main.{name}")


def literal_path(path: Path) -> str:
    """The path as SQL that the engine's readers take for this one file: they expand `*`, `?` and `[` themselves."""
    return _quoted(re.sub(r"[*?\[]", lambda found: f"[{found[0]}]", str(path)))


def _no_null(options: LoadOptions) -> str:
    """A NULL text for the engine's reader that no file holds, so that it makes none: our own rules decide on NULLs."""
    used = {options.delimiter, options.quote}
    mark = next(mark for mark in "\x01\x02\x03" if mark not in used)
    letters = "".join(letter for letter in "no-null" if letter not in used)
    return f"{mark}{letters}{mark}"


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
