"""Results as tables of text for the shell.

Receives libpq results in single-row mode; writes them as they come. Column widths are those of the first rows: a longer
value later widens its own line only, so that memory stays bounded.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from typing import TextIO

from psycopg import pq

ROWS_MEASURED = 500


def render(results: Iterable[pq.abc.PGresult], out: TextIO) -> bool:
    """Print every result; False if one of them is an error (which goes to standard error)."""
    table: _Table | None = None
    fine = True
    for result in results:
        status = result.status
        if status == pq.ExecStatus.SINGLE_TUPLE:
            table = table or _Table(result, out)
            table.add(result)
        elif status == pq.ExecStatus.TUPLES_OK:
            (table or _Table(result, out)).end()
            table = None
        elif status == pq.ExecStatus.COMMAND_OK:
            print((result.command_status or b"").decode(), file=out)
        elif status == pq.ExecStatus.EMPTY_QUERY:
            continue
        elif status == pq.ExecStatus.FATAL_ERROR:
            if table is not None:
                table.end()
                table = None
            fine = False
            _error(result)
        else:
            print("COPY with STDIN or STDOUT needs psql", file=sys.stderr)
            return False
    return fine


def _error(result: pq.abc.PGresult) -> None:
    def field(code: pq.DiagnosticField) -> str:
        return (result.error_field(code) or b"").decode()

    print(
        f"ERROR:  {field(pq.DiagnosticField.MESSAGE_PRIMARY)}  [{field(pq.DiagnosticField.SQLSTATE)}]", file=sys.stderr
    )
    for label, code in (("DETAIL", pq.DiagnosticField.MESSAGE_DETAIL), ("HINT", pq.DiagnosticField.MESSAGE_HINT)):
        if field(code):
            print(f"{label}:  {field(code)}", file=sys.stderr)


class _Table:
    def __init__(self, result: pq.abc.PGresult, out: TextIO) -> None:
        self._out = out
        self._names = [(result.fname(place) or b"").decode() for place in range(result.nfields)]
        self._right = [result.ftype(place) in _NUMBERS for place in range(result.nfields)]
        self._waiting: list[list[str]] = []
        self._widths: list[int] | None = None
        self._rows = 0

    def add(self, result: pq.abc.PGresult) -> None:
        for row in _rows(result, len(self._names)):
            self._rows += 1
            if self._widths is not None:
                self._line(row)
                continue
            self._waiting.append(row)
            if len(self._waiting) >= ROWS_MEASURED:
                self._head()

    def end(self) -> None:
        if self._widths is None:
            self._head()
        print(f"({self._rows} row{'' if self._rows == 1 else 's'})", file=self._out)

    def _head(self) -> None:
        self._widths = [
            max([len(name), *(len(row[place]) for row in self._waiting)]) for place, name in enumerate(self._names)
        ]
        print(
            " " + " | ".join(n.center(w) for n, w in zip(self._names, self._widths, strict=True)).rstrip(),
            file=self._out,
        )
        print("-" + "-+-".join("-" * width for width in self._widths) + "-", file=self._out)
        for row in self._waiting:
            self._line(row)
        self._waiting.clear()

    def _line(self, row: list[str]) -> None:
        cells = zip(row, self._widths or [], self._right, strict=True)
        shown = (value.rjust(width) if right else value.ljust(width) for value, width, right in cells)
        print(" " + " | ".join(shown).rstrip(), file=self._out)


_NUMBERS = {20, 21, 23, 26, 700, 701, 1700}


def _rows(result: pq.abc.PGresult, columns: int) -> Iterator[list[str]]:
    for row in range(result.ntuples):
        yield [(result.get_value(row, column) or b"").decode() for column in range(columns)]
