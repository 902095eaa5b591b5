"""The rows that a load adds: converted in the engine, a file or a chunk at a time, straight into the table.

Receives chunks of field texts, or SQL that reads a plain file; hands back the rows in error. What a file has added can be
taken out of the table again, within the user's transaction, when a closer look at it is needed.
"""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa

from boathouse.contracts.engine import EngineSession
from boathouse.contracts.errors import InternalError
from boathouse.contracts.relations import Column, Relation
from boathouse.lake.copy.convert import Conversion, convert, reason
from boathouse.lake.copy.lent import Lent
from boathouse.lake.copy.logs.write import DETAILED_MAX, BadRow
from boathouse.lake.copy.options import LoadOptions
from boathouse.lake.copy.readers.raw_fields import field_start
from boathouse.lake.copy.readers.records import Chunk, Rejected

LENT = "copy_chunk"
_OWN_ROWS_FROM = 36_028_797_018_960_000
"""Rows that a transaction has added and not committed are numbered by the engine from here on, in order."""


class Additions:
    """What one load adds.

    Args:
        engine: the session's engine session, inside the load's transaction.
        target: the table; None only reads and checks (NOLOAD).
        columns: those to load, in the order of the fields.
        number: the load's, for the names of what is temporary.

    Attributes:
        rows: those that were good.
    """

    def __init__(
        self,
        engine: EngineSession,
        target: Relation | None,
        columns: Sequence[Column],
        options: LoadOptions,
        number: int,
    ) -> None:
        self._engine = engine
        self._target = target
        self._columns = columns
        self._options = options
        self._detailed = 0
        self._conversions: list[Conversion] = [
            convert(column, f"r{place}", f"q{place}", f"v{place}", options) for place, column in enumerate(columns)
        ]
        self._values = ", ".join(f"v{place}" for place in range(len(columns)))
        self._names = ", ".join('"' + column.name.replace('"', '""') + '"' for column in columns)
        self._doubts = f"copy_doubts_{number}"
        self._doubts_before: object = None
        self._counts_doubts = False
        self._lent = Lent(engine, LENT)
        self.rows = 0

    @property
    def may_take_out(self) -> bool:
        """False where the table's own column hides the engine's row numbers, or these do not say which row came last: such
        tables get no row on trial.
        """
        if self._target is None:
            return True
        in_order = self._target.kind == "temporary" or self._engine.stored.rows_in_order
        return in_order and "rowid" not in self._target.by_name

    def add_plain(self, reader: str, doubtful: str, rejects: bool) -> bool:
        """Add the rows that the engine reads by itself; False, and nothing added, where any needs a closer look.

        Args:
            reader: what stands in FROM, with field texts `r0`, `r1`, ….
            doubtful: a condition of rows that need a closer look whatever their values are.
            rejects: the reader keeps the lines that it cannot read in the table `copy_rejects`.
        """
        if not self._counts_doubts:
            self._engine.execute(f"CREATE TEMP SEQUENCE {self._doubts}")
            self._counts_doubts = True
        # The rows in error are counted by the sequence while the others are added: the file is read once, written once.
        good = f"CASE WHEN bad THEN nextval('temp.main.{self._doubts}') < 0 ELSE true END"
        added = self._add(f"SELECT {self._values} FROM ({self._converted(reader, doubtful)}) WHERE {good}")
        rejected = "(SELECT count(*) FROM temp.main.copy_rejects)" if rejects else "0"
        wrong, doubts = self._engine.fetch(
            f"SELECT {rejected}, (SELECT last_value FROM duckdb_sequences() "
            f"WHERE temporary AND sequence_name = '{self._doubts}')"
        )[0]
        # Where something fails before this, the transaction is over, and these go with it.
        for name in ("copy_rejects", "copy_scans") if rejects else ():
            self._engine.execute(f"DROP TABLE temp.main.{name}")
        if wrong or doubts != self._doubts_before:
            self._doubts_before = doubts
            self._take_out(added)
            return False
        self.rows += added
        return True

    def add_chunk(self, chunk: Chunk, filename: str, room: int) -> tuple[list[BadRow], int]:
        """Convert a chunk and add its good rows.

        Returns:
            The bad ones, of which at most `room` are explained, and how many they are.
        """
        found = [self._rejected(filename, one) for one in chunk.bad[:room]]
        if not chunk.rows:
            return found, len(chunk.bad)
        arrays = [pa.array(chunk.lines, pa.int64()), pa.array(chunk.raws, pa.string())]
        arrays += [pa.array(column, pa.string()) for column in zip(*chunk.rows, strict=True)]
        names = ["line", "raw", *(f"r{place}" for place in range(len(self._columns)))]
        with self._lent.holding(pa.table(arrays, names=names)):
            added = self._add(f"SELECT {self._values} FROM ({self._converted(LENT, 'false')}) WHERE NOT bad")
            if added < len(chunk.rows):
                found += self._explain(filename, room)
        self.rows += added
        return sorted(found, key=lambda row: row.line)[:room], len(chunk.bad) + len(chunk.rows) - added

    def add_query(self, sql: str) -> int:
        """Add the rows of an engine query with the columns in order; returns their number."""
        added = self._add(sql)
        self.rows += added
        return added

    def end(self) -> None:
        """Give back what was temporary."""
        self._lent.end()
        if self._counts_doubts:
            self._engine.execute(f"DROP SEQUENCE IF EXISTS temp.main.{self._doubts}")

    def _add(self, sql: str) -> int:
        if self._target is None:
            return int(str(self._engine.fetch(f"SELECT count(*) FROM ({sql})")[0][0]))
        return self._engine.execute(f"INSERT INTO {self._target.engine_name} ({self._names}) {sql}")

    def _take_out(self, added: int) -> None:
        """Remove the rows that were added last."""
        if self._target is None or not added:
            return
        name = self._target.engine_name
        last = self._engine.fetch(f"SELECT max(rowid) FROM {name} WHERE rowid >= {_OWN_ROWS_FROM}")[0][0]
        removed = self._engine.execute(f"DELETE FROM {name} WHERE rowid > {int(str(last)) - added}")
        if removed != added:
            raise InternalError(f"{removed} rows were taken out where {added} had been added")

    def _converted(self, source: str, doubtful: str) -> str:
        """SQL of the rows as values `v0`, `v1`, … with `bad`, in layers so that each is computed once."""
        bad = " OR ".join([doubtful, *(f"{one.error} IS NOT NULL" for one in self._conversions)])
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
        told = (self._options.time_format or "YYYY-MM-DD HH24:MI:SS") if code == 1206 else ""
        found = tuple(fields[: place + 1])  # type: ignore[index]
        return self._rejected(filename, Rejected(int(str(line)), str(raw), code, found, told))

    def _rejected(self, filename: str, row: Rejected) -> BadRow:
        """A record in error as the log keeps it; only the first ones with all their fields."""
        place = len(row.fields) - 1
        if not 0 <= place < len(self._columns):
            return BadRow(filename, row.line, row.raw, row.code, reason(row.code, None, None, row.told))
        column, text = self._columns[place], row.fields[place]
        self._detailed += 1
        before = tuple(zip(self._columns, row.fields, strict=False)) if self._detailed <= DETAILED_MAX else ()
        why = reason(row.code, column, text, row.told)
        start = field_start(row.raw, place, self._options)
        return BadRow(filename, row.line, row.raw, row.code, why, column, text, start, before)
