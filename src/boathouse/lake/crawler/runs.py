"""Runs of crawlers: which run now and may be stopped, and which there were.

Receives a run as it begins and ends; keeps the history by transactions of its own, so that a failed run is told of, too.
`sys_crawl_history` and `sys_crawl_detail` show it; they are ours, Redshift has none. Kept for `load_history_days`.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from boathouse.contracts.engine import EngineSession
from boathouse.contracts.errors import BoathouseError, ObjectNotInPrerequisiteState, QueryCanceled
from boathouse.contracts.house import House
from boathouse.contracts.rooms import SystemRelation
from boathouse.contracts.session import Session

log = logging.getLogger(__name__)

MESSAGE_CHARACTERS_MAX = 1024
DETAILS_KEPT_MAX = 10_000
"""Rows of one run."""

TABLES = (
    "CREATE SEQUENCE IF NOT EXISTS boathouse.crawl_ids START 1",
    "CREATE TABLE IF NOT EXISTS boathouse.crawls (crawl_id BIGINT, crawler VARCHAR, database_name VARCHAR, "
    "username VARCHAR, scheduled BOOLEAN, state VARCHAR, start_time TIMESTAMP, end_time TIMESTAMP, files BIGINT, "
    "bytes BIGINT, message VARCHAR)",
    "CREATE TABLE IF NOT EXISTS boathouse.crawl_details (crawl_id BIGINT, name VARCHAR, action VARCHAR, "
    "location VARCHAR, format VARCHAR, partitions BIGINT, files BIGINT)",
)

_COUNTED = ("created", "updated", "unchanged", "deprecated", "deleted", "skipped")

SYSTEM_RELATIONS = (
    SystemRelation(
        "sys_crawl_history",
        (
            ("crawl_id", "bigint"), ("crawler_name", "varchar"), ("database_name", "varchar"), ("user_name", "varchar"),
            ("is_scheduled", "boolean"), ("state", "varchar(16)"), ("start_time", "timestamp"), ("end_time", "timestamp"),
            ("files", "bigint"), ("bytes", "bigint"), *((name, "bigint") for name in _COUNTED),
            ("message", "varchar(1024)"),
        ),
        "SELECT c.crawl_id, c.crawler AS crawler_name, c.database_name, c.username AS user_name, "
        "c.scheduled AS is_scheduled, c.state, c.start_time, c.end_time, c.files, c.bytes, "
        + ", ".join(f"count(d.action) FILTER (d.action = '{name}') AS {name}" for name in _COUNTED)
        + ", c.message FROM boathouse.crawls c LEFT JOIN boathouse.crawl_details d USING (crawl_id) GROUP BY ALL",
        superusers_only=True,
    ),
    SystemRelation(
        "sys_crawl_detail",
        (
            ("crawl_id", "bigint"), ("name", "varchar"), ("action", "varchar(16)"), ("location", "varchar"),
            ("format", "varchar"), ("partitions", "bigint"), ("files", "bigint"),
        ),
        "SELECT crawl_id, name, action, location, format, partitions, files FROM boathouse.crawl_details",
        superusers_only=True,
    ),
)  # fmt: skip

_running: dict[tuple[str, str], threading.Event] = {}
_lock = threading.Lock()


@dataclass
class Run:
    """One run on its way.

    Attributes:
        files, bytes: found so far.
    """

    number: int
    started: datetime
    files: int = 0
    bytes: int = 0
    stopping: threading.Event = field(default_factory=threading.Event)

    def check(self, session: Session) -> None:
        """Raise QueryCanceled where the client cancelled or somebody stopped the crawler."""
        session.check_cancelled()
        if self.stopping.is_set():
            raise QueryCanceled("the crawler was stopped")


def is_running(house: House, name: str) -> bool:
    """True while a run of that crawler is on its way."""
    return (str(house.home), name) in _running


def require_resting(house: House, name: str) -> None:
    """Raise ObjectNotInPrerequisiteState while a run of that crawler is on its way."""
    if is_running(house, name):
        raise ObjectNotInPrerequisiteState(f'crawler "{name}" is running', hint=f"STOP CRAWLER {name} ends the run.")


def stop(house: House, name: str) -> None:
    """Ask the run of that crawler to end.

    Raises:
        ObjectNotInPrerequisiteState: it does not run.
    """
    with _lock:
        found = _running.get((str(house.home), name))
        if found is None:
            raise ObjectNotInPrerequisiteState(f'crawler "{name}" is not running')
        found.set()


def begin(house: House, session: Session, crawler: str, database: str, *, scheduled: bool) -> Run:
    """Note that a run begins.

    Raises:
        ObjectNotInPrerequisiteState: another run of that crawler is on its way.
    """
    run = Run(0, house.clock.now())
    with _lock:
        require_resting(house, crawler)
        _running[str(house.home), crawler] = run.stopping
    try:
        own = session.engine.sibling()
        try:
            ((number,),) = own.fetch("SELECT memory.rs.next_number('boathouse.crawl_ids')")
            run.number = int(str(number))
            own.execute(
                "INSERT INTO boathouse.crawls VALUES (?, ?, ?, ?, ?, 'RUNNING', ?, NULL, 0, 0, '')",
                [run.number, crawler, database, session.user, scheduled, _plain(run.started)],
            )
        finally:
            own.close()
    except BaseException:
        _forget(house, crawler)
        raise
    return run


def end(
    house: House,
    session: Session,
    crawler: str,
    run: Run,
    details: Sequence[tuple[object, ...]],
    failure: BaseException | None,
) -> None:
    """Note how a run ended. What goes wrong here is logged and nothing else."""
    _forget(house, crawler)
    state = "COMPLETED" if failure is None else "STOPPED" if isinstance(failure, QueryCanceled) else "FAILED"
    message = "" if failure is None else str(getattr(failure, "message", "an error of the crawler's own"))
    own = session.engine.sibling()
    try:
        own.execute(
            "UPDATE boathouse.crawls SET state = ?, end_time = ?, files = ?, bytes = ?, message = ? WHERE crawl_id = ?",
            [state, _plain(house.clock.now()), run.files, run.bytes, message[:MESSAGE_CHARACTERS_MAX], run.number],
        )
        _put_details(own, run.number, details[:DETAILS_KEPT_MAX])
        before = _plain(house.clock.now() - timedelta(days=house.settings["lake"].load_history_days))
        own.execute("DELETE FROM boathouse.crawls WHERE end_time < ?", [before])
        own.execute("DELETE FROM boathouse.crawl_details WHERE crawl_id NOT IN (SELECT crawl_id FROM boathouse.crawls)")
    except BoathouseError as problem:
        log.warning("the history of crawl %d could not be written: %s", run.number, problem)
    finally:
        own.close()


def _put_details(engine: EngineSession, number: int, details: Sequence[tuple[object, ...]]) -> None:
    for first in range(0, len(details), 500):
        rows = [(number, *row) for row in details[first : first + 500]]
        marks = ", ".join("(" + ", ".join("?" * len(row)) + ")" for row in rows)
        engine.execute(f"INSERT INTO boathouse.crawl_details VALUES {marks}", [part for row in rows for part in row])


def sweep(house: House) -> None:
    """At start: runs that the end of the process cut off have failed."""
    engine = house.engine.session()
    try:
        engine.execute(
            "UPDATE boathouse.crawls SET state = 'FAILED', end_time = start_time, message = 'the house stopped' "
            "WHERE state = 'RUNNING'"
        )
    finally:
        engine.close()


def last_started(engine: EngineSession, crawler: str) -> datetime | None:
    """When the last run of a crawler began, in UTC without a zone."""
    rows = engine.fetch("SELECT max(start_time) FROM boathouse.crawls WHERE crawler = ?", [crawler])
    found = rows[0][0]
    return found if isinstance(found, datetime) else None


def last_state(engine: EngineSession, crawler: str) -> str:
    """How the last run of a crawler ended; empty where it never ran."""
    rows = engine.fetch(
        "SELECT state FROM boathouse.crawls WHERE crawler = ? AND state <> 'RUNNING' ORDER BY crawl_id DESC LIMIT 1",
        [crawler],
    )
    return str(rows[0][0]) if rows else ""


def _forget(house: House, crawler: str) -> None:
    with _lock:
        _running.pop((str(house.home), crawler), None)


def _plain(moment: datetime) -> datetime:
    return moment.replace(tzinfo=None)
