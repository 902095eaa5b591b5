"""Notes of tables and of views' columns, where a lake keeps none that could be found quickly.

Received from the lake's session: COMMENT statements. A lake has comments of tables, but only a list that asks for the size
of every table shows them; those of columns are listed at no such price. So a table's note stands in the note of one of its
columns, under `table`, and moves to another when that one is dropped. Views have a comment, their columns have none: these
stand in the view's note under `column_notes`. Read back by `memory.rs.stored_tables()` and `stored_columns()`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

_NAME = r'(?:"(?:[^"]|"")*"|\w+)'
_COMMENT = re.compile(
    rf"COMMENT ON (?P<kind>TABLE|VIEW|COLUMN) (?P<place>{_NAME}(?:\.{_NAME})*) IS (?:NULL|'(?P<text>.*)')$", re.DOTALL
)
_PART = re.compile(_NAME)
_TABLE, _COLUMNS = "table", "column_notes"

Place = tuple[str, str, str]


class LakeNotes:
    """One session's notes while it writes them.

    Args:
        run: runs one statement on the session's connection; its answer has `fetchall`.
    """

    def __init__(self, run: Callable[..., Any]) -> None:
        self._run = run
        self._tables: dict[Place, dict[str, dict[str, Any]]] = {}
        """The notes of each column, for tables that are being written."""
        self._views: dict[Place, dict[str, Any]] = {}

    def forget(self) -> None:
        """Something else than a comment runs."""
        self._tables.clear()
        self._views.clear()

    def comment(self, sql: str) -> Any:
        """Do what a COMMENT statement says."""
        found = _COMMENT.match(sql)
        assert found is not None, "comments are written by our own DDL alone"
        parts = [_plain(part) for part in _PART.findall(found["place"])]
        text = None if found["text"] is None else found["text"].replace("''", "'")
        if found["kind"] == "VIEW":
            place = (parts[0], parts[1], parts[2])
            kept = self._view(place).get(_COLUMNS)
            self._views[place] = _note(text) | ({_COLUMNS: kept} if kept else {})
            return self._write_view(place)
        if found["kind"] == "TABLE":
            return self._of_table((parts[0], parts[1], parts[2]), text)
        return self._of_column((parts[0], parts[1], parts[2]), parts[3], text)

    def spare(self, place_text: str, column_text: str) -> None:
        """A column is about to be dropped: what it keeps for its table moves to another."""
        parts = [_plain(part) for part in _PART.findall(place_text)]
        place, column = (parts[0], parts[1], parts[2]), _plain(column_text)
        columns = self._table(place)
        kept = columns.get(column, {}).get(_TABLE)
        others = [name for name in columns if name != column]
        if kept is not None and others:
            columns[others[0]][_TABLE] = kept
            self._write_column(place, others[0])
        self.forget()

    def _of_table(self, place: Place, text: str | None) -> Any:
        columns = self._table(place)
        holder = next((name for name, note in columns.items() if _TABLE in note), next(iter(columns)))
        columns[holder].pop(_TABLE, None)
        if text is not None:
            columns[holder][_TABLE] = text
        return self._write_column(place, holder)

    def _of_column(self, place: Place, column: str, text: str | None) -> Any:
        columns = self._table(place)
        if not columns:
            notes = self._view(place).setdefault(_COLUMNS, {})
            notes["c:" + column] = text
            return self._write_view(place)
        kept = columns.get(column, {}).get(_TABLE)
        columns[column] = {name: fact for name, fact in _note(text).items() if name != _TABLE}
        if kept is not None:
            columns[column][_TABLE] = kept
        return self._write_column(place, column)

    def _table(self, place: Place) -> dict[str, dict[str, Any]]:
        """The columns with their notes, in order; empty for a view."""
        if place not in self._tables:
            view = self._run(f"SELECT 1 FROM duckdb_views() WHERE {_at('view_name', place)}").fetchall()
            rows = self._run(
                f"SELECT column_name, comment FROM duckdb_columns() WHERE {_at('table_name', place)} ORDER BY column_index"
            ).fetchall()
            self._tables[place] = {} if view else {name: _note(comment) for name, comment in rows}
        return self._tables[place]

    def _view(self, place: Place) -> dict[str, Any]:
        if place not in self._views:
            rows = self._run(f"SELECT comment FROM duckdb_views() WHERE {_at('view_name', place)}").fetchall()
            self._views[place] = _note(rows[0][0]) if rows else {}
        return self._views[place]

    def _write_view(self, place: Place) -> Any:
        return self._run(f"COMMENT ON VIEW {_quoted(place)} IS {_literal(self._views[place])}")

    def _write_column(self, place: Place, column: str) -> Any:
        return self._run(f"COMMENT ON COLUMN {_quoted((*place, column))} IS {_literal(self._tables[place][column])}")


def _note(text: str | None) -> dict[str, Any]:
    found = json.loads(text) if text else {}
    return found if isinstance(found, dict) else {}


def _plain(part: str) -> str:
    return part[1:-1].replace('""', '"') if part.startswith('"') else part


def _quoted(parts: tuple[str, ...]) -> str:
    return ".".join('"' + part.replace('"', '""') + '"' for part in parts)


def _literal(value: str | dict[str, Any]) -> str:
    """A text as the engine's literal; a note as the text of its JSON, NULL for an empty one."""
    if value == {}:
        return "NULL"
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, sort_keys=True)
    return "'" + text.replace("'", "''") + "'"


def _at(column: str, place: Place) -> str:
    database, schema, name = (_literal(part) for part in place)
    return f"database_name = {database} AND schema_name = {schema} AND {column} = {name}"
