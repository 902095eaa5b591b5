"""A lake is kept in order beside the statements: a thread of the one server that leads.

Each look gathers the tables that are in many small files, each in a transaction of its own, and lets go what nobody needs any
more. What was done, and what failed, is in the log and in `svv_upkeep`; what loses to a change of somebody's waits for the next
look.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from boathouse.contracts.engine import EngineSession
from boathouse.contracts.errors import BoathouseError
from boathouse.contracts.house import House
from boathouse.contracts.rooms import RunAs, SystemRelation
from boathouse.query.past.noted import instant

LOG = logging.getLogger(__name__)

KEPT_DAYS = 7
TABLES = (
    "CREATE TABLE IF NOT EXISTS boathouse.upkeep (began TIMESTAMP NOT NULL, ended TIMESTAMP NOT NULL, action VARCHAR NOT NULL, "
    "schema_name VARCHAR, table_name VARCHAR, status VARCHAR NOT NULL, message VARCHAR, commits BIGINT, files BIGINT)",
)
SYSTEM_RELATIONS = (
    SystemRelation(
        "svv_upkeep",
        (
            ("start_time", "timestamp"), ("end_time", "timestamp"), ("action", "varchar(16)"), ("schema_name", "varchar(128)"),
            ("table_name", "varchar(128)"), ("status", "varchar(16)"), ("message", "varchar(1024)"),
            ("commits_forgotten", "bigint"), ("files_removed", "bigint"),
        ),
        "SELECT began AS start_time, ended AS end_time, action, schema_name, table_name, status, message, "
        "commits AS commits_forgotten, files AS files_removed FROM boathouse.upkeep",
        superusers_only=True,
    ),
)  # fmt: skip


def keep_in_order(house: House, run: RunAs, pause: Callable[[float], bool]) -> None:
    """Go on until `pause` says that the house stops, or another server leads."""
    minutes = house.settings["storage"].upkeep_minutes
    if house.engine.history is None or minutes <= 0:
        return
    while not pause(minutes * 60):
        try:
            look_once(house, pause)
        except BoathouseError as failure:
            LOG.warning("upkeep of the lake: %s", failure.message)


def look_once(house: House, pause: Callable[[float], bool]) -> None:
    """Do what there is to do now."""
    history = house.engine.history
    assert history is not None
    engine = house.engine.session()
    try:
        for place in history.crowded(engine):
            if pause(0):
                return
            _done(house, engine, "gather", place, lambda place=place: history.gather(engine, place))  # type: ignore[misc]
        if not pause(0):
            _done(house, engine, "forget", (None, None), lambda: history.forget(engine))
        before = instant(house) - timedelta(days=KEPT_DAYS)
        if engine.fetch("SELECT 1 FROM boathouse.upkeep WHERE began < $1 LIMIT 1", (before,)):
            engine.execute("DELETE FROM boathouse.upkeep WHERE began < $1", (before,))
    finally:
        engine.close()


def _done(
    house: House, engine: EngineSession, action: str, place: tuple[str | None, str | None], work: Callable[[], Any]
) -> None:
    """Do one thing in a transaction of its own, and note how it ended."""
    began, status, message = instant(house), "done", None
    found: tuple[int | None, int | None] = (None, None)
    engine.begin()
    try:
        found = work() or found
        engine.commit()
    except BoathouseError as failure:
        status, message = "failed", failure.message
        LOG.warning("upkeep of the lake, %s %s: %s", action, ".".join(one or "" for one in place), message)
        if engine.in_transaction:  # a COMMIT that failed has ended it
            engine.rollback()
    if status == "done" and action == "forget" and not found[1]:
        return  # a note would be a commit to forget the next time
    LOG.info("upkeep of the lake, %s: %s", action, status)
    note = (began, instant(house), action, *place, status, message, *found)
    engine.execute("INSERT INTO boathouse.upkeep VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)", note)
