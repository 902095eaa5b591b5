"""Is the log that a server has the one that a stored place is of? Standbys that were promoted have another, from the place of the
promotion on: what was captured behind that place may never have happened there, whatever the numbers say.

Receives a connection in replication mode and the stored place; reads only.

Source: PostgreSQL documentation, "Streaming Replication Protocol": IDENTIFY_SYSTEM, TIMELINE_HISTORY.
"""

from __future__ import annotations

import psycopg
from psycopg import pq
from psycopg.pq.abc import PGconn, PGresult

from boathouse.capture.postgres.connect import first_line
from boathouse.capture.postgres.position import Log, Lsn, parse_lsn
from boathouse.contracts.source_errors import SourceGap, SourceUnavailable


def log_behind(connection: PGconn, after: Lsn) -> Log:
    """Whose log the server has now.

    Raises:
        SourceGap: it is not one that the place is in.
    """
    found = _answer(connection, "IDENTIFY_SYSTEM")
    now = Log(int(found.get_value(0, 0) or b"0"), int(found.get_value(0, 1) or b"0"))
    if after.of is None or after.of == now:
        return now
    if after.of.system != now.system:
        raise SourceGap("the source is another server, with another log, than the one that was captured")
    parted = None
    if after.of.timeline < now.timeline:
        history = _answer(connection, f"TIMELINE_HISTORY {now.timeline}").get_value(0, 1) or b""
        parted = parted_at(history.decode(errors="replace"), after.of.timeline)
    if parted is None or not after <= parted:
        here = Lsn(after.value)
        raise SourceGap(
            f"the source was promoted at {parted or 'another place'}, and the capture stands at {here} of the log before: what "
            "was captured may not be there any more"
        )
    return now


def parted_at(history: str, timeline: int) -> Lsn | None:
    """Where a timeline ends in another one's history; None where it is no part of it."""
    for line in history.splitlines():
        words = line.split()
        if len(words) >= 2 and words[0] == str(timeline):
            return parse_lsn(words[1])
    return None


def _answer(connection: PGconn, command: str) -> PGresult:
    try:
        result = connection.exec_(command.encode())
    except psycopg.OperationalError as failure:
        raise SourceUnavailable(f"the source failed: {first_line(str(failure))}") from None
    if result.status != pq.ExecStatus.TUPLES_OK:
        raise SourceUnavailable(f"the source failed: {first_line(result.error_message.decode(errors='replace'))}")
    return result
