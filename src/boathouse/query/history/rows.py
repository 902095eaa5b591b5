"""Statements and connections as rows of the history: plain values, secrets masked.

Received from the observer's writer; handed to `segments`, and to the live views as JSON. Moments are microseconds since
1970, UTC, which the views turn into timestamps.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from functools import lru_cache
from typing import Any

from boathouse.contracts.observing import (
    ConnectionEvent,
    CursorFacts,
    Queued,
    RaisedMessage,
    SessionFacts,
    StatementRun,
)
from boathouse.sql.redshift.redact import redact

TEXT_CHARACTERS_MAX = 65_535
"""What is kept of one statement's text, as in Redshift's `stl_querytext`."""
ERROR_CHARACTERS_MAX = 512

STATEMENT = {
    "query": "BIGINT", "xid": "BIGINT", "pid": "INTEGER", "userid": "INTEGER", "username": "VARCHAR", "db": "VARCHAR",
    "label": "VARCHAR", "kind": "VARCHAR", "verb": "VARCHAR", "text": "VARCHAR", "started": "BIGINT",
    "planned": "BIGINT", "ended": "BIGINT", "aborted": "INTEGER", "errcode": "VARCHAR", "error": "VARCHAR",
    "returned": "BIGINT", "source": "BIGINT", "caller": "BIGINT", "session_userid": "INTEGER",
    "service_class": "INTEGER", "queue": "VARCHAR", "slots": "INTEGER", "entered": "BIGINT", "admitted": "BIGINT",
    "waited": "BIGINT", "evictions": "JSON", "rule_actions": "JSON", "maintained": "JSON",
    "burst": "BIGINT",
    "engine": "VARCHAR",
}  # fmt: skip
EVICTION = {
    "service_class": "INTEGER", "queue": "VARCHAR", "slots": "INTEGER", "entered": "BIGINT", "admitted": "BIGINT",
    "gone": "BIGINT",
}  # fmt: skip
RULE_ACTION = {"rule": "VARCHAR", "action": "VARCHAR", "at": "BIGINT", "service_class": "INTEGER", "queue": "VARCHAR"}
MAINTAINED = {
    "place": "VARCHAR", "name": "VARCHAR", "id": "BIGINT", "size": "BIGINT", "began": "BIGINT", "over": "BIGINT",
    "gathered": "BOOLEAN",
}  # fmt: skip
CONNECTION = {
    "event": "VARCHAR", "recorded": "BIGINT", "pid": "INTEGER", "username": "VARCHAR", "db": "VARCHAR",
    "host": "VARCHAR", "port": "VARCHAR", "method": "VARCHAR", "tls_version": "VARCHAR", "tls_cipher": "VARCHAR",
    "duration": "BIGINT", "userid": "INTEGER", "application_name": "VARCHAR", "driver_version": "VARCHAR",
    "os_version": "VARCHAR", "plugin_name": "VARCHAR", "protocol_version": "INTEGER",
}  # fmt: skip
MESSAGE = {
    "userid": "INTEGER", "session_userid": "INTEGER", "pid": "INTEGER", "xid": "BIGINT", "message_xid": "BIGINT",
    "query": "BIGINT", "recorded": "BIGINT", "level": "VARCHAR", "message": "VARCHAR", "line": "INTEGER", "text": "VARCHAR",
    "label": "VARCHAR",
}  # fmt: skip
SESSION = {
    "pid": "INTEGER", "userid": "INTEGER", "username": "VARCHAR", "db": "VARCHAR", "started": "BIGINT",
    "ended": "BIGINT", "application_name": "VARCHAR", "timeout": "INTEGER", "timed_out": "INTEGER",
}  # fmt: skip
CURSOR = {
    "userid": "INTEGER", "name": "VARCHAR", "xid": "BIGINT", "pid": "INTEGER", "started": "BIGINT",
    "fetched": "BIGINT",
}  # fmt: skip
LIVE_SESSION = SESSION | {
    "query": "BIGINT", "xid": "BIGINT", "label": "VARCHAR", "kind": "VARCHAR", "text": "VARCHAR",
    "query_started": "BIGINT", "query_ended": "BIGINT", "in_transaction": "BOOLEAN", "transaction_started": "BIGINT",
}  # fmt: skip

SCAN = {
    "userid": "INTEGER", "query": "BIGINT", "xid": "BIGINT", "pid": "INTEGER", "place": "INTEGER", "started": "BIGINT",
    "ended": "BIGINT", "aborted": "INTEGER", "name": "VARCHAR", "location": "VARCHAR", "format": "VARCHAR",
    "listed": "BIGINT", "listing": "BIGINT", "partitioned": "VARCHAR", "filtered": "VARCHAR", "nested": "VARCHAR",
    "bytes": "BIGINT", "bytes_max": "BIGINT", "files": "INTEGER", "partitions": "INTEGER", "qualified": "INTEGER",
}  # fmt: skip


def microseconds(moment: datetime | None) -> int | None:
    """Since 1970; None for None."""
    return None if moment is None else int(moment.timestamp() * 1_000_000)


@lru_cache(maxsize=512)
def shown(text: str) -> str:
    """A text without its secrets, no longer than what is kept."""
    # A bulk INSERT is megabytes: masking all of it would keep the processor from its statements.
    return redact(text[: 3 * TEXT_CHARACTERS_MAX]).strip()[:TEXT_CHARACTERS_MAX]


def text_of(text: str) -> str:
    """The same; long texts, which do not come again, are not remembered."""
    return shown(text) if len(text) < 4000 else shown.__wrapped__(text)


def statement_row(run: StatementRun) -> dict[str, Any]:
    """A statement as it stands: without its end while it runs."""
    session, error = run.session, run.error
    return {
        "query": run.number,
        "xid": run.transaction,
        "pid": session.pid,
        "userid": session.user_id,
        "username": session.user,
        "db": session.database,
        "label": text_of(run.label)[:320],
        "kind": run.kind,
        "verb": run.verb,
        "text": text_of(run.text),
        "started": microseconds(run.started),
        "planned": microseconds(run.planned),
        "ended": microseconds(run.ended),
        "aborted": int(error is not None),
        "errcode": None if error is None else error.sqlstate,
        "error": None if error is None else text_of(error.message)[:ERROR_CHARACTERS_MAX],
        "returned": run.rows,
        "source": run.source,
        "caller": run.caller,
        "session_userid": run.session_user_id,
        "burst": run.burst,
        "engine": run.engine,
        "maintained": [
            {"place": one.schema, "name": one.table, "id": one.table_id, "size": one.rows}
            | {"began": microseconds(one.started), "over": microseconds(one.ended), "gathered": one.gathered}
            for one in run.maintained
        ]
        or None,
    } | _queue_facts(run)


def _queue_facts(run: StatementRun) -> dict[str, Any]:
    """Its last stay in a queue, the time it waited in all, and what became of it before; nothing without a slot."""
    if not run.queued:
        return {}
    *before, last = run.queued
    return _stay(last) | {
        "waited": sum(_waited(stay, run) for stay in run.queued),
        "evictions": [_stay(stay) | {"gone": microseconds(stay.ended)} for stay in before] or None,
        "rule_actions": [
            {"rule": one.rule, "action": one.action, "at": microseconds(one.at)}
            | {"service_class": one.service_class, "queue": one.queue}
            for one in run.rule_actions
        ]
        or None,
    }


def _stay(stay: Queued) -> dict[str, Any]:
    return {
        "service_class": stay.service_class,
        "queue": stay.queue,
        "slots": stay.slots,
        "entered": microseconds(stay.entered),
        "admitted": microseconds(stay.started),
    }


def _waited(stay: Queued, run: StatementRun) -> int:
    """Microseconds; of one that waits still, none yet."""
    until = stay.started or stay.ended or run.ended or stay.entered
    return int(((until - stay.entered).total_seconds() + stay.again_seconds) * 1_000_000)


def scan_rows(run: StatementRun) -> Iterator[dict[str, Any]]:
    """A row for each external table that a statement has read."""
    for place, scan in enumerate(run.scans):
        values = (
            run.session.user_id, run.number, run.transaction, run.session.pid, place, microseconds(run.started),
            microseconds(run.ended or run.started), int(run.error is not None), scan.table, scan.location,
            scan.format.upper(), microseconds(scan.listed), scan.listing_us, _letter(scan.is_partitioned),
            _letter(scan.is_filtered), _letter(scan.is_nested), scan.size_bytes, scan.file_bytes_max, scan.files,
            scan.partitions, scan.partitions_read,
        )  # fmt: skip
        yield dict(zip(SCAN, values, strict=True))


def _letter(value: bool) -> str:
    return "t" if value else "f"


def message_row(message: RaisedMessage) -> dict[str, Any]:
    """What a procedure told."""
    run = message.run
    return {
        "userid": run.session.user_id,
        "session_userid": run.session_user_id,
        "pid": run.session.pid,
        "xid": run.transaction,
        "message_xid": message.transaction,
        "query": run.number,
        "recorded": microseconds(message.at),
        "level": message.level,
        "message": text_of(message.text)[:1024],
        "line": message.line,
        "text": text_of(run.text)[:500],
        "label": text_of(run.label)[:320],
    }


def connection_row(event: ConnectionEvent) -> dict[str, Any]:
    """A connection's event."""
    client = event.client
    return {
        "event": event.kind,
        "recorded": microseconds(event.at),
        "pid": event.pid,
        "username": event.user[:50],
        "db": event.database[:50],
        "host": event.host,
        "port": event.port,
        "method": event.method,
        "tls_version": event.tls_version,
        "tls_cipher": event.tls_cipher,
        "duration": event.duration_us,
        "userid": event.user_id,
        "application_name": text_of(client.get("application_name", ""))[:250],
        "driver_version": text_of(client.get("driver_version", ""))[:64],
        "os_version": text_of(client.get("os_version", ""))[:64],
        "plugin_name": text_of(client.get("plugin_name", ""))[:32],
        "protocol_version": 0,
    }


def cursor_row(session: SessionFacts, cursor: CursorFacts) -> dict[str, Any]:
    """An open cursor."""
    return {
        "userid": session.user_id,
        "name": cursor.name,
        "xid": cursor.transaction,
        "pid": session.pid,
        "started": microseconds(cursor.started),
        "fetched": cursor.fetched,
    }


def session_row(session: SessionFacts, ended: datetime | None) -> dict[str, Any]:
    """A session; `ended` None while it is connected."""
    return {
        "pid": session.pid,
        "userid": session.user_id,
        "username": session.user,
        "db": session.database,
        "started": microseconds(session.started),
        "ended": microseconds(ended),
        "application_name": text_of(session.application_name)[:250],
        "timeout": session.timeout_seconds,
        "timed_out": int(session.timed_out),
    }
