"""Automated snapshots, and the end of those whose retention has passed: a thread beside the statements."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from boathouse.contracts.engine import EngineSession
from boathouse.contracts.errors import BoathouseError
from boathouse.contracts.house import House
from boathouse.contracts.rooms import RunAs
from boathouse.query.past import noted

LOG = logging.getLogger(__name__)

_LOOK_SECONDS = 60.0


class _Stopping(BoathouseError):
    """The house stops in the middle of a snapshot."""


def keep_snapshots(house: House, run: RunAs, pause: Callable[[float], bool]) -> None:
    """Go on until `pause` says that the house stops."""
    while not pause(_LOOK_SECONDS):
        try:
            look_once(house, pause)
        except _Stopping:
            return
        except BoathouseError as failure:
            LOG.warning("automated snapshots: %s", failure.message)


def look_once(house: House, pause: Callable[[float], bool]) -> None:
    """Let go what is over, and make the snapshot that is due."""
    engine = house.engine.session()
    try:
        now = noted.instant(house)
        found = noted.every(engine)
        for one in found:
            if one.is_over(now):
                _forget(house, engine, one)
        hours = house.settings["storage"].snapshot_hours
        last = max((one.made for one in found if one.kind == "automated"), default=None)
        if hours > 0 and (last is None or last + timedelta(hours=hours) <= now):
            _keep(house, engine, now, pause)
        _forget_restores(engine, now)
        house.engine.snapshots.rest()
    finally:
        engine.close()


def _keep(house: House, engine: EngineSession, now: datetime, pause: Callable[[float], bool]) -> None:
    def check() -> None:
        if pause(0):
            raise _Stopping("the house stops")

    name = f"rs:{now:%Y-%m-%d-%H-%M-%S}"
    days = house.settings["storage"].snapshot_retention_days
    engine.begin()
    try:
        kept = noted.keep(house, engine, name, "automated", days, None, check)
    except BaseException:
        engine.rollback()
        raise
    _commit(house, engine, kept.place)
    LOG.info("snapshot %s made: %d bytes", name, kept.bytes)


def _forget(house: House, engine: EngineSession, snapshot: noted.Noted) -> None:
    engine.begin()
    try:
        noted.forget(house, engine, snapshot)
    except BaseException:
        engine.rollback()
        house.engine.snapshots.settle(snapshot.place, committed=False)
        raise
    _commit(house, engine, snapshot.place)


def _commit(house: House, engine: EngineSession, place: str) -> None:
    committed = False
    try:
        engine.commit()
        committed = True
    finally:
        house.engine.snapshots.settle(place, committed=committed)


def _forget_restores(engine: EngineSession, now: datetime) -> None:
    before = now - timedelta(days=noted.RESTORES_KEPT_DAYS)
    if engine.fetch("SELECT 1 FROM boathouse.table_restores WHERE began < $1 LIMIT 1", (before,)):
        engine.execute("DELETE FROM boathouse.table_restores WHERE began < $1", (before,))
