"""What a house has done, counted for whoever watches it: connections, statements, errors, durations, memory.

Told as every observer is; read by the HTTP endpoint in Prometheus' text format. Counts begin at 0 with the process.
Nothing here names a user, a table or a text.
"""

from __future__ import annotations

from collections.abc import Callable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest

from boathouse.contracts.house import House
from boathouse.contracts.observing import ConnectionEvent, RaisedMessage, SessionFacts, StatementRun

_DURATIONS = (0.001, 0.005, 0.025, 0.1, 0.5, 2.5, 10.0, 60.0, 600.0)
"""Upper bounds in seconds: from a look-up to a nightly load."""
_MEMORY = (
    "SELECT coalesce(sum(memory_usage_bytes), 0)::BIGINT, coalesce(sum(temporary_storage_bytes), 0)::BIGINT "
    "FROM duckdb_memory()"
)


class Metrics:
    """See `contracts.observing.Observer`.

    Args:
        house: whose engine is asked for its memory.
        sessions: how many there are now.
        queues: each queue's name, how many wait in it and how many run.
    """

    def __init__(
        self, house: House, sessions: Callable[[], int], queues: Callable[[], list[tuple[str, int, int]]] = list
    ) -> None:
        self._house = house
        self._queues = queues
        self._registry = mine = CollectorRegistry()
        ProcessCollector(registry=mine)
        self._statements = Counter(
            "boathouse_statements", "Statements that have ended.", ["kind", "outcome"], registry=mine
        )
        self._errors = Counter("boathouse_errors", "Statements that failed, by SQLSTATE.", ["sqlstate"], registry=mine)
        self._seconds = Histogram(
            "boathouse_statement_seconds",
            "From a statement's start to its end.",
            ["kind"],
            buckets=_DURATIONS,
            registry=mine,
        )
        self._rows = Counter("boathouse_rows", "Rows sent or changed.", registry=mine)
        self._connections = Counter("boathouse_connection_events", "Events of connections.", ["event"], registry=mine)
        self._running = Gauge("boathouse_statements_running", "Statements that run now.", registry=mine)
        Gauge("boathouse_sessions", "Sessions that are open.", registry=mine).set_function(sessions)
        self._memory = Gauge("boathouse_engine_memory_bytes", "Memory of the engine.", registry=mine)
        self._queued = Gauge("boathouse_queue_waiting", "Statements that wait for a slot.", ["queue"], registry=mine)
        self._executing = Gauge("boathouse_queue_running", "Statements that hold slots.", ["queue"], registry=mine)
        self._spilled = Gauge("boathouse_engine_spilled_bytes", "Disk taken by what spilled.", registry=mine)

    def session_opened(self, session: SessionFacts) -> None:
        """Sessions are counted where they are."""

    def session_closed(self, session: SessionFacts) -> None:
        """See above."""

    def statement_began(self, run: StatementRun) -> None:
        """A statement begins."""
        self._running.inc()

    def statement_ended(self, run: StatementRun) -> None:
        """It has ended."""
        self._running.dec()
        canceled = run.error is not None and run.error.sqlstate == "57014"
        outcome = "ok" if run.error is None else "canceled" if canceled else "failed"
        self._statements.labels(run.kind, outcome).inc()
        if run.error is not None:
            self._errors.labels(run.error.sqlstate).inc()
        if run.ended is not None:
            self._seconds.labels(run.kind).observe(max(0.0, (run.ended - run.started).total_seconds()))
        self._rows.inc(run.rows or 0)

    def connection(self, event: ConnectionEvent) -> None:
        """A connection's event."""
        self._connections.labels(event.kind).inc()

    def raised(self, message: RaisedMessage) -> None:
        """Messages are not counted."""

    def settle(self) -> None:
        """Nothing waits here."""

    def close(self) -> None:
        """Nothing to write."""

    def render(self) -> bytes:
        """All of it as text."""
        engine = self._house.engine.session()
        try:
            ((memory, spilled),) = engine.fetch(_MEMORY)
        finally:
            engine.close()
        self._memory.set(int(str(memory)))
        self._spilled.set(int(str(spilled)))
        self._queued.clear()
        self._executing.clear()
        for name, waiting, running in self._queues():
            self._queued.labels(name).set(waiting)
            self._executing.labels(name).set(running)
        return generate_latest(self._registry)
