"""A load while it runs: `stv_load_state`, and the row of `sys_load_history` that says `running`.

Receives the load's log as it fills; keeps one row in the process's own memory until the load ends, however it ends.
"""

from __future__ import annotations

from datetime import datetime

from boathouse.contracts.engine import EngineSession
from boathouse.lake.copy.logs.tables import HISTORY, RUNNING, STATES, arrow_table
from boathouse.lake.copy.logs.write import LoadLog, history_row


class Progress:
    """The row of one load.

    Args:
        engine: a session of its own, outside any transaction.
    """

    def __init__(self, engine: EngineSession, found: LoadLog) -> None:
        self._engine = engine
        self._log = found

    def show(self, now: datetime, current_file: str) -> None:
        """Replace the row: this file is being read."""
        found = self._log
        done = sum(file.size for file in found.files)
        percent = 100 * done // found.found_bytes if found.found_bytes else 0
        lines = sum(file.lines for file in found.files)
        state = (
            found.user, found.session, found.query, 0, found.session, now.replace(tzinfo=None), found.found_bytes, done,
            found.found_bytes, done, lines, found.found_files, len(found.files),
            current_file.encode()[:256].decode(errors="ignore"), percent,
        )  # fmt: skip
        history = dict(zip((name for name, _ in HISTORY), history_row(found, now), strict=True))
        history |= {"status": "running", "end_time": None}
        self._engine.begin()
        try:
            self._remove()
            self._engine.lend("load_state", arrow_table(RUNNING, [(*state, *history.values())]))
            self._engine.execute(f"INSERT INTO {STATES} SELECT * FROM load_state")
            self._engine.take_back("load_state")
        except BaseException:
            self._engine.rollback()
            raise
        self._engine.commit()

    def end(self) -> None:
        """The load has ended."""
        self._remove()

    def _remove(self) -> None:
        self._engine.execute(f"DELETE FROM {STATES} WHERE query = {self._log.query}")
