"""The query history: an observer that remembers, and what the system relations read.

Told of every statement and connection by the sessions, on their threads, where it only puts the fact into a queue. A
thread of its own writes what has come together twice a second, redacted, to files of JSON lines in the home's
`history/`; the engine reads these files through views, so no transaction of a user ever waits for the log, or the log
for it. What runs now is answered from memory.

A statement that outlasts one round of the writer is noted in a file of its own. What is still noted there when the home
opens was cut off by a crash: it goes to the log as aborted.
"""

from __future__ import annotations

import json
import logging
import os
import threading
from collections import deque
from typing import Any

from boathouse.contracts.house import House
from boathouse.contracts.observing import ConnectionEvent, RaisedMessage, SessionFacts, StatementRun
from boathouse.query.history.profiles import profile_rows
from boathouse.query.history.rows import (
    connection_row,
    cursor_row,
    message_row,
    microseconds,
    scan_rows,
    session_row,
    statement_row,
    text_of,
)
from boathouse.query.history.segments import Segments
from boathouse.query.history.sources import LIVE_FUNCTION, source_views
from boathouse.query.settings import QuerySettings

LOG = logging.getLogger(__name__)

ROUND_SECONDS = 0.5
"""Between two rounds of the writer: what ended longer ago than two of them survives a crash."""
WAITING_MAX = 20_000
"""Facts that wait for the writer; while the disk takes none, the oldest beyond these are lost."""
PROFILES_WAITING_MAX = 2_000
"""Statements that wait for the writer with what their steps did, some kilobytes each; later ones wait without."""
SETTLE_SECONDS_MAX = 5.0
CUT_OFF = "the server ended while the statement ran"


class History:
    """See `contracts.observing.Observer`.

    Args:
        house: being opened; its home holds the files.
    """

    def __init__(self, house: House) -> None:
        self._clock = house.clock
        kept: QuerySettings = house.settings["query"]
        folder = house.home / "history"
        limits = (kept.history_days_max, kept.history_rows_max, kept.history_bytes_max)
        self._statements = Segments(folder, "statements", *limits)
        self._connections = Segments(folder, "connections", *limits)
        self._sessions_ended = Segments(folder, "sessions", *limits)
        self._messages = Segments(folder, "messages", *limits)
        self._profiles = Segments(folder, "profiles", *limits)
        self._scans = Segments(folder, "scans", *limits)
        self._files = (self._statements, self._connections, self._sessions_ended, self._messages, self._profiles,
                       self._scans)  # fmt: skip
        self._under_way = folder / "under_way.json"
        self._recover()
        self._ended: deque[StatementRun] = deque(maxlen=WAITING_MAX)
        self._events: deque[ConnectionEvent] = deque(maxlen=WAITING_MAX)
        self._closed: deque[dict[str, Any]] = deque(maxlen=WAITING_MAX)
        self._raised: deque[RaisedMessage] = deque(maxlen=WAITING_MAX)
        self._sessions: dict[int, SessionFacts] = {}
        self._running: dict[int, StatementRun] = {}
        self._latest: dict[int, StatementRun] = {}
        self._noted: set[int] = set()
        self._wanted = threading.Condition()
        self._asked = self._done = 0
        self._stopping = False
        house.engine.provide(LIVE_FUNCTION, self._live)
        session = house.engine.session()
        try:
            for view in source_views(*(one.pattern for one in self._files)):
                session.execute(view)
        finally:
            session.close()
        self._writer = threading.Thread(target=self._write, name="boathouse-history", daemon=True)
        self._writer.start()

    # -- what is told ------------------------------------------------------------------------------------

    def session_opened(self, session: SessionFacts) -> None:
        """Somebody has connected."""
        self._sessions[session.pid] = session

    def session_closed(self, session: SessionFacts) -> None:
        """Somebody has gone."""
        self._sessions.pop(session.pid, None)
        self._latest.pop(session.pid, None)
        self._closed.append(session_row(session, self._clock.now()))

    def statement_began(self, run: StatementRun) -> None:
        """A statement begins."""
        self._running[run.number] = run
        if run.caller is None:
            self._latest[run.session.pid] = run

    def statement_ended(self, run: StatementRun) -> None:
        """It has ended, well or not."""
        self._running.pop(run.number, None)
        if len(self._ended) >= PROFILES_WAITING_MAX:
            run.profiles = []
        self._ended.append(run)

    def connection(self, event: ConnectionEvent) -> None:
        """A connection's event."""
        self._events.append(event)

    def raised(self, message: RaisedMessage) -> None:
        """A procedure has told something."""
        self._raised.append(message)

    def settle(self) -> None:
        """Wait until all that has been told is in the files."""
        with self._wanted:
            self._asked += 1
            mine = self._asked
            self._wanted.notify_all()
            self._wanted.wait_for(lambda: self._done >= mine or self._stopping, SETTLE_SECONDS_MAX)

    def close(self) -> None:
        """Write the rest and stop."""
        with self._wanted:
            self._stopping = True
            self._wanted.notify_all()
        self._writer.join(SETTLE_SECONDS_MAX)
        for segments in self._files:
            segments.close()

    # -- the writer ---------------------------------------------------------------------------------------

    def _write(self) -> None:
        stopping = False
        while not stopping:
            with self._wanted:
                self._wanted.wait_for(lambda: self._stopping or self._asked > self._done, ROUND_SECONDS)
                stopping, asked = self._stopping, self._asked
            try:
                self._round()
            except OSError as failure:
                # A full disk: the facts stay in memory, as many as may wait, until it takes them again.
                LOG.warning("the query history cannot be written: %s", failure.strerror)
            except Exception:
                LOG.exception("a round of the query history failed")
            with self._wanted:
                self._done = asked
                self._wanted.notify_all()

    def _round(self) -> None:
        self._write_parts(_drain(self._ended, self._statements, statement_row))
        _drain(self._events, self._connections, connection_row)
        _drain(self._closed, self._sessions_ended, dict)
        _drain(self._raised, self._messages, message_row)
        limit = self._clock.now().timestamp() - ROUND_SECONDS
        long = {number: run for number, run in self._running.copy().items() if run.started.timestamp() < limit}
        if long.keys() != self._noted:
            rows = [statement_row(run) for run in long.values() if run.ended is None]
            part = self._under_way.with_suffix(".part")
            with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
                json.dump(rows, file)
                file.flush()
                os.fdatasync(file.fileno())
            part.replace(self._under_way)
            self._noted = set(long)

    def _write_parts(self, ended: list[StatementRun]) -> None:
        """What they read and what their steps did. Lost where the disk is full: statements are worth waiting for."""
        self._scans.append([row for run in ended for row in scan_rows(run)])
        self._profiles.append([row for run in ended for row in profile_rows(run)])

    def _recover(self) -> None:
        """Statements that a crash cut off are aborted."""
        if not self._under_way.exists():
            return
        try:
            rows = json.loads(self._under_way.read_bytes())
        except ValueError:
            rows = []
        known = {row.get("query") for row in self._statements.last_rows()}
        now = microseconds(self._clock.now())
        cut = {"ended": now, "aborted": 1, "errcode": "57P01", "error": CUT_OFF}
        self._statements.append([{**row, **cut} for row in rows if row["query"] not in known])
        self._under_way.unlink()

    # -- what runs now ---------------------------------------------------------------------------------------

    def _live(self, what: str) -> str:
        """JSON rows for the views: `sessions`, each with its latest statement, `cursors`, or `statements` that run."""
        if what == "statements":
            return json.dumps([statement_row(run) for run in self._running.copy().values()])
        if what == "cursors":
            sessions = self._sessions.copy().values()
            return json.dumps([cursor_row(one, cursor) for one in sessions for cursor in one.cursors.copy().values()])
        rows = []
        for session in list(self._sessions.copy().values()):
            latest = self._latest.get(session.pid)
            row = session_row(session, None)
            row |= {"in_transaction": session.transaction_started is not None}
            row |= {"transaction_started": microseconds(session.transaction_started)}
            if latest is not None:
                row |= {"query": latest.number, "xid": latest.transaction, "label": text_of(latest.label)}
                row |= {"kind": latest.kind, "text": text_of(latest.text)}
                row |= {"query_started": microseconds(latest.started), "query_ended": microseconds(latest.ended)}
            rows.append(row)
        return json.dumps(rows)


def _drain(waiting: deque[Any], segments: Segments, row: Any) -> list[Any]:
    """Write what waits, and return it; where that fails it waits on."""
    taken = []
    while waiting:
        taken.append(waiting.popleft())
    try:
        segments.append([row(one) for one in taken])
    except OSError:
        waiting.extendleft(reversed(taken))
        raise
    return taken
