"""What captures are measured by, in Prometheus' text format: how many there are in each state, how far behind, what waits.

Received from a warehouse's engine, or a state's session; served by the HTTP endpoints at /metrics. Names of captures, tables and
outputs are not in it, as in the other metrics.
"""

from __future__ import annotations

from datetime import datetime

from prometheus_client import CollectorRegistry, Gauge, generate_latest

from boathouse.contracts.engine import EngineSession


def render(engine: EngineSession, now: datetime) -> bytes:
    """All of it as text, of every capture that the session knows."""
    registry = CollectorRegistry()
    states = Gauge("boathouse_captures", "Captures, by how they go.", ["state"], registry=registry)
    for paused, state in engine.fetch(
        "SELECT i.paused, s.state FROM boathouse.capture_integrations i LEFT JOIN boathouse.capture_states s ON s.id = i.id"
    ):
        states.labels("paused" if paused else str(state or "pending")).inc()
    lag = Gauge(
        "boathouse_capture_lag_seconds",
        "Since the place in a source's log was last stored, at most.",
        registry=registry,
    )
    latest = 0.0
    for (noted,) in engine.fetch(
        "SELECT p.noted FROM boathouse.capture_progress p JOIN boathouse.capture_integrations i ON i.id = p.id WHERE NOT i.paused"
    ):
        if noted is not None:
            since = noted if isinstance(noted, datetime) else datetime.fromisoformat(str(noted))
            latest = max(latest, (now.replace(tzinfo=None) - since.replace(tzinfo=None)).total_seconds())
    lag.set(latest)
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
