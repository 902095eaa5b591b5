"""What was called, how long it took, how it ended: `svl_stored_proc_call`.

Written beside the call's own transaction, so that the row of a call that failed stays.
Columns: Redshift Developer Guide, "SVL_STORED_PROC_CALL".
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from boathouse.contracts.rooms import SystemRelation
from boathouse.query.session import QuerySession
from boathouse.sql.redshift.redact import redact

TABLES = (
    "CREATE TABLE IF NOT EXISTS boathouse.procedure_calls (userid INTEGER, session_userid INTEGER, query INTEGER, "
    'label VARCHAR, xid BIGINT, pid INTEGER, "database" VARCHAR, querytxt VARCHAR, starttime TIMESTAMP, '
    "endtime TIMESTAMP, aborted INTEGER, from_sp_call INTEGER)",
)
SYSTEM_RELATIONS: tuple[SystemRelation, ...] = (
    SystemRelation(
        "svl_stored_proc_call",
        (
            ("userid", "integer"),
            ("session_userid", "integer"),
            ("query", "integer"),
            ("label", "char(320)"),
            ("xid", "bigint"),
            ("pid", "integer"),
            ("database", "char(32)"),
            ("querytxt", "char(4000)"),
            ("starttime", "timestamp"),
            ("endtime", "timestamp"),
            ("aborted", "integer"),
            ("from_sp_call", "integer"),
        ),
        "SELECT * FROM boathouse.procedure_calls",
    ),
)


@contextmanager
def journalled(session: QuerySession, text: str, name: str) -> Iterator[None]:
    """Keep a row of a call."""
    started = session.house.clock.now()
    run = session.observed.run
    aborted = 1
    try:
        yield
        aborted = 0
    finally:
        beside = session.engine.sibling()
        try:
            beside.execute(
                "INSERT INTO boathouse.procedure_calls SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, NULL",
                (
                    session.user_id, session.identity.session_user.id, run.number if run else 0,
                    session.setting("query_group"), run.transaction if run else 0,
                    session.pid, session.database, redact(text)[:4000],
                    started.replace(tzinfo=None), session.house.clock.now().replace(tzinfo=None), aborted,
                ),
            )  # fmt: skip
        finally:
            beside.close()
