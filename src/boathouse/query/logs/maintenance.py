"""What VACUUM and ANALYZE did, table by table: noted with the statement, shown by Redshift's system tables.

Received from `query.define`: each table as it has been dealt with. The note goes with the statement into the history, which
keeps and bounds it. VACUUM finds nothing to sort or to reclaim in a file of the engine's own, which keeps no dead rows beyond a
checkpoint; its rows say `Skipped`, Redshift's word for a table that needs nothing. In a lake it gathers files: `Finished`.
Columns: Redshift Developer Guide, the pages of the relations' names.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING

from boathouse.contracts.observing import Maintained
from boathouse.contracts.relations import Relation
from boathouse.contracts.rooms import SystemRelation
from boathouse.query.history.rows import MAINTAINED

if TYPE_CHECKING:
    from boathouse.query.session import QuerySession

TABLES_MAX = 1_000
"""Of one statement; what a VACUUM of a larger database met is not noted table by table."""

_TABLES = (
    "SELECT schema_name, table_name, CASE WHEN json_valid(comment) THEN (comment::JSON ->> 'oid')::BIGINT END, row_count "
    "FROM memory.rs.stored_tables() LEFT JOIN memory.rs.stored_sizes() USING (database_name, schema_name, table_name) "
    "WHERE database_name = $1 AND schema_name NOT IN ('boathouse', 'main') "
)


def note_maintained(
    session: QuerySession, relation: Relation | None, started: datetime, *, gathered: bool = False
) -> None:
    """One table, or with None every table of the database, has been dealt with by the statement that runs."""
    run = session.observed.run
    if run is None:
        return
    one = "" if relation is None else "AND schema_name = $2 AND table_name = $3 "
    place = () if relation is None else (relation.schema, relation.name)
    ended = session.house.clock.now()
    for schema, table, number, rows in session.engine.fetch(
        f"{_TABLES}{one}ORDER BY 1, 2 LIMIT {TABLES_MAX}", (session.database, *place)
    ):
        size = int(str(rows or 0))
        oid = None if number is None else int(str(number))
        run.maintained.append(Maintained(str(schema), str(table), oid, size, started, ended, gathered))


_ONE = (
    "(SELECT userid, xid, query, db, upper(text) AS said, unnest(from_json(maintained, "
    f"'{json.dumps([MAINTAINED])}')) AS one FROM memory.rs.history_statements WHERE maintained IS NOT NULL)"
)
_VACUUM, _ANALYZE = f"{_ONE} WHERE said LIKE 'VACUUM%'", f"{_ONE} WHERE said LIKE 'ANALY%'"
_STATUS = "CASE WHEN one.gathered THEN 'Finished' ELSE 'Skipped' END AS status"
_BEGAN, _OVER = "make_timestamp(one.began)", "make_timestamp(one.over)"


def _nothing(kind: str, *names: str) -> str:
    return ", ".join(f"NULL::{kind} AS {name}" for name in names)


def _columns(text: str) -> tuple[tuple[str, str], ...]:
    return tuple((name, kind) for name, kind in (part.split(" ", 1) for part in text.split(", ")))


_PREVIOUS = f"lag({_BEGAN}) OVER (PARTITION BY db, one.place, one.name ORDER BY one.began)"

MAINTENANCE_RELATIONS = (
    SystemRelation(
        "stl_vacuum",
        _columns(
            "userid integer, xid bigint, table_id integer, status char(30), rows bigint, sortedrows integer, blocks integer, "
            "max_merge_partitions integer, eventtime timestamp, reclaimable_rows bigint, reclaimable_space_mb bigint, "
            "cutoff_xid bigint, is_recluster integer"
        ),
        f'SELECT userid, xid, one.id::INTEGER AS table_id, {_STATUS}, one.size AS "rows", '
        f"one.size::INTEGER AS sortedrows, {_nothing('INTEGER', 'blocks', 'max_merge_partitions')}, {_OVER} AS eventtime, "
        "0::BIGINT AS reclaimable_rows, 0::BIGINT AS reclaimable_space_mb, NULL::BIGINT AS cutoff_xid, "
        f"(said LIKE '%RECLUSTER%')::INTEGER AS is_recluster FROM {_VACUUM}",
        "userid",
    ),
    SystemRelation(
        "svl_vacuum_percentage",
        _columns("xid bigint, table_id integer, percentage bigint"),
        f"SELECT xid, one.id::INTEGER AS table_id, 100::BIGINT AS percentage FROM {_VACUUM}",
        superusers_only=True,
    ),
    SystemRelation(
        "svv_vacuum_progress",
        _columns("table_name varchar, status varchar, time_remaining_estimate varchar"),
        "SELECT one.name AS table_name, 'Complete' AS status, NULL::VARCHAR AS time_remaining_estimate "
        f"FROM {_VACUUM} ORDER BY one.over DESC LIMIT 1",
        superusers_only=True,
    ),
    SystemRelation(
        "svv_vacuum_summary",
        _columns(
            "table_name varchar, xid bigint, sort_partitions bigint, merge_increments bigint, elapsed_time bigint, "
            "row_delta bigint, sortedrow_delta bigint, block_delta integer, max_merge_partitions integer"
        ),
        f"SELECT one.name AS table_name, xid, 0::BIGINT AS sort_partitions, 0::BIGINT AS merge_increments, "
        "one.over - one.began AS elapsed_time, 0::BIGINT AS row_delta, 0::BIGINT AS sortedrow_delta, 0::INTEGER AS block_delta, "
        f"0::INTEGER AS max_merge_partitions FROM {_VACUUM}",
        superusers_only=True,
    ),
    SystemRelation(
        "sys_vacuum_history",
        _columns(
            "user_id integer, transaction_id bigint, query_id bigint, database_name text, schema_name text, table_name text, "
            "table_id integer, vacuum_type text, is_automatic boolean, status text, start_time timestamp, end_time timestamp, "
            "record_time timestamp, duration bigint, rows_before_vacuum bigint, size_before_vacuum bigint, "
            "reclaimable_rows bigint, reclaimed_rows bigint, reclaimed_blocks bigint, sortedrows_before_vacuum bigint, "
            "sortedrows_after_vacuum bigint"
        ),
        "SELECT userid AS user_id, xid AS transaction_id, query AS query_id, db AS database_name, one.place AS schema_name, "
        "one.name AS table_name, one.id::INTEGER AS table_id, CASE WHEN said LIKE '%DELETE ONLY%' THEN 'Delete' "
        "WHEN said LIKE '%SORT ONLY%' THEN 'Sort' WHEN said LIKE '%REINDEX%' THEN 'Reindex' WHEN said LIKE '%RECLUSTER%' THEN "
        f"'Recluster' ELSE 'Full' END AS vacuum_type, false AS is_automatic, {_STATUS}, {_BEGAN} AS start_time, "
        f"{_OVER} AS end_time, {_OVER} AS record_time, one.over - one.began AS duration, one.size AS rows_before_vacuum, "
        "NULL::BIGINT AS size_before_vacuum, 0::BIGINT AS reclaimable_rows, 0::BIGINT AS reclaimed_rows, "
        "0::BIGINT AS reclaimed_blocks, one.size AS sortedrows_before_vacuum, one.size AS sortedrows_after_vacuum "
        f"FROM {_VACUUM}",
        "user_id",
    ),
    SystemRelation(
        "stl_analyze",
        _columns(
            "userid integer, xid bigint, database char(30), table_id integer, status char(15), rows double precision, "
            "modified_rows double precision, threshold_percent integer, is_auto char(1), starttime timestamp, "
            "endtime timestamp, prevtime timestamp, num_predicate_cols integer, num_new_predicate_cols integer, "
            "is_background char(1), auto_analyze_phase char(100)"
        ),
        'SELECT userid, xid, db AS "database", one.id::INTEGER AS table_id, \'Full\' AS status, one.size::DOUBLE AS "rows", '
        f"NULL::DOUBLE AS modified_rows, 0::INTEGER AS threshold_percent, 'f' AS is_auto, {_BEGAN} AS starttime, {_OVER} AS "
        f"endtime, {_PREVIOUS} AS prevtime, {_nothing('INTEGER', 'num_predicate_cols', 'num_new_predicate_cols')}, "
        f"'f' AS is_background, NULL::VARCHAR AS auto_analyze_phase FROM {_ANALYZE}",
        "userid",
    ),
    SystemRelation(
        "sys_analyze_history",
        _columns(
            "user_id integer, transaction_id bigint, database_name text, schema_name text, table_name text, table_id integer, "
            "is_automatic boolean, status text, start_time timestamp, end_time timestamp, rows double precision, "
            "modified_rows double precision, analyze_threshold_percent integer, last_analyze_time timestamp"
        ),
        "SELECT userid AS user_id, xid AS transaction_id, db AS database_name, one.place AS schema_name, one.name AS table_name, "
        f"one.id::INTEGER AS table_id, false AS is_automatic, 'Full' AS status, {_BEGAN} AS start_time, {_OVER} AS end_time, "
        'one.size::DOUBLE AS "rows", NULL::DOUBLE AS modified_rows, 0::INTEGER AS analyze_threshold_percent, '
        f"{_PREVIOUS} AS last_analyze_time FROM {_ANALYZE}",
        "user_id",
    ),
)
