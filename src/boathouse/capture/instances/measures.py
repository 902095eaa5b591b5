"""What captures are measured by, in Prometheus' text format: how many there are in each state, how far behind, what waits.

Received from a warehouse's engine, or a state's session; served by the HTTP endpoints at /metrics. Names of captures, tables and
outputs are not in it, as in the other metrics.
"""

from __future__ import annotations

from datetime import datetime

from prometheus_client import CollectorRegistry, Gauge, generate_latest

from boathouse.capture.instances.status import seconds_since
from boathouse.contracts.engine import EngineSession


def render(engine: EngineSession, now: datetime) -> bytes:
    """All of it as text, of every capture that the session knows."""
    registry = CollectorRegistry()
    states = Gauge("boathouse_captures", "Captures, by how they go.", ["state"], registry=registry)
    for paused, state in engine.fetch(
        "SELECT i.paused, s.state FROM boathouse.capture_integrations i LEFT JOIN boathouse.capture_states s ON s.id = i.id"
    ):
        states.labels("paused" if paused else str(state or "pending")).inc()
    idle = Gauge(
        "boathouse_capture_stored_seconds",
        "Since the place in a source's log was last stored, at most.",
        registry=registry,
    )
    stored = engine.fetch(
        "SELECT p.noted FROM boathouse.capture_progress p JOIN boathouse.capture_integrations i ON i.id = p.id WHERE NOT i.paused"
    )
    idle.set(max((seconds_since(noted, now) or 0.0 for (noted,) in stored), default=0.0))
    _lags(engine, now, registry)
    tables = Gauge("boathouse_capture_tables", "Captured tables, and those set aside.", ["state"], registry=registry)
    for (reason,) in engine.fetch("SELECT reason FROM boathouse.capture_tables"):
        tables.labels("captured" if reason is None else "failed").inc()
    outputs = Gauge(
        "boathouse_capture_outputs", "Outputs beside the warehouse, by their state.", ["state"], registry=registry
    )
    behind = Gauge("boathouse_capture_output_bytes_behind", "Bytes that wait for outputs, of all.", registry=registry)
    for state, waiting in engine.fetch(
        "SELECT s.state, s.behind FROM boathouse.capture_outputs o JOIN boathouse.capture_output_states s ON s.id = o.id AND "
        "s.name = o.name"
    ):
        outputs.labels(str(state)).inc()
        behind.inc(int(str(waiting)))
    dumps = Gauge("boathouse_capture_dumps", "Dumps that have not ended, by their state.", ["state"], registry=registry)
    for (state,) in engine.fetch("SELECT state FROM boathouse.capture_dumps WHERE NOT done"):
        dumps.labels(str(state)).inc()
    return generate_latest(registry)


def _lags(engine: EngineSession, now: datetime, registry: CollectorRegistry) -> None:
    found = engine.fetch(
        "SELECT g.caught_up, g.bytes_behind, g.transactions_behind, g.kept_bytes, g.keys_remembered "
        "FROM boathouse.capture_lags g JOIN boathouse.capture_integrations i ON i.id = g.id WHERE NOT i.paused"
    )
    seconds = [seconds_since(since, now) for since, *_ in found]
    for name, says, values in (
        ("lag_seconds", "Since a capture had all that its source's log had then, at most.", seconds),
        ("bytes_behind", "Bytes of a source's log that are not captured, at most.", [row[1] for row in found]),
        ("transactions_behind", "The same in transactions, where the source counts them.", [row[2] for row in found]),
        ("log_kept_bytes", "Bytes of its log that a source keeps, at most.", [row[3] for row in found]),
        ("keys_remembered", "Keys that the dumps of a capture remember, at most.", [row[4] for row in found]),
    ):
        known = [float(str(value)) for value in values if value is not None]
        Gauge(f"boathouse_capture_{name}", says, registry=registry).set(max(known, default=0.0))
