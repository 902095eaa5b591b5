"""Materialized views with AUTO REFRESH YES: refreshed as their owners soon after a base table has changed.

Receives the house and the way to run a statement as a user; reads the marks that changes leave (decision 8). Readers see
the old rows until a refresh commits, as on Redshift. A view whose refresh fails is left alone for a while.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

from boathouse.contracts.errors import BoathouseError
from boathouse.contracts.house import House
from boathouse.contracts.rooms import RunAs
from boathouse.query.materialized.refresh import forget_refreshes
from boathouse.query.state.marks import STALE
from boathouse.sql.statements import QualifiedName, RefreshMaterializedView

LOG = logging.getLogger(__name__)

AFTER_FAILURE_SECONDS = 60.0
FORGET_SECONDS = 3600.0
"""Between two looks for refreshes that are too old to be remembered."""
_STALE = (
    "SELECT DISTINCT t.schema_name, t.table_name, "
    "memory.rs.user_name(memory.rs.owner_id('relation', t.schema_name, t.table_name)) FROM memory.rs.stored_tables() t "
    f"JOIN {STALE} m ON m.schema_name = t.schema_name AND m.name = t.table_name "
    "WHERE t.database_name = current_database() AND json_valid(t.comment) "
    "AND (t.comment::JSON ->> 'auto_refresh') = 'true' ORDER BY 1, 2"
)
_MARKS = f"SELECT EXISTS (SELECT 1 FROM {STALE})"

Failures = dict[tuple[str, str], float]


def refresh_stale(house: House, run: RunAs, pause: Callable[[float], bool]) -> None:
    """Go on until `pause` says that the house stops."""
    failures: Failures = {}
    forgotten = float("-inf")
    while not pause(house.settings["query"].auto_refresh_seconds):
        look_once(house, run, pause, failures)
        if house.clock.monotonic() >= forgotten + FORGET_SECONDS:
            _forget(house)
            forgotten = house.clock.monotonic()


def look_once(house: House, run: RunAs, pause: Callable[[float], bool], failures: Failures) -> None:
    """Refresh every automatic view that is stale.

    Args:
        failures: when each view failed last, in the clock's monotonic seconds.
    """
    for schema, name, owner in _stale(house):
        now = house.clock.monotonic()
        if pause(0):
            return
        if now < failures.get((schema, name), float("-inf")) + AFTER_FAILURE_SECONDS:
            continue
        text = f'REFRESH MATERIALIZED VIEW "{schema}"."{name}"'
        try:
            run(owner, RefreshMaterializedView(text=text, name=QualifiedName(name, schema)))
        except BoathouseError as failure:
            # The refresh itself has noted it in svl_mv_refresh_status.
            failures[schema, name] = now
            LOG.warning("materialized view %s.%s cannot be refreshed: %s", schema, name, failure.message)
        else:
            failures.pop((schema, name), None)


def _forget(house: House) -> None:
    try:
        forget_refreshes(house)
    except BoathouseError as failure:
        LOG.warning("old refreshes of materialized views cannot be dropped: %s", failure.message)


def _stale(house: House) -> list[tuple[str, str, str]]:
    engine = house.engine.session()
    try:
        if not engine.fetch(_MARKS)[0][0]:
            return []
        return [(str(schema), str(name), str(owner)) for schema, name, owner in engine.fetch(_STALE)]
    finally:
        engine.close()
