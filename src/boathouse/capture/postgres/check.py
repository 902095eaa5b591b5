"""What must hold at a PostgreSQL before it can be captured, each failing with the SQL that mends it. Reads only."""

from __future__ import annotations

import psycopg

from boathouse.capture.postgres.connect import Row, texts
from boathouse.capture.source import Finding
from boathouse.contracts.source_errors import SourceRefused

VERSION_MIN = 120_000
"""Generated columns, which are told apart from others, came with 12."""
ROOTS_VERSION = 140_000
"""From here on publications tell changes of partitions as those of their roots. 13 says that it can, but its walsender dies by a
segmentation fault, and the server with it, or passes changes over, once a partition has been attached (13.18)."""
VIA_ROOT = "coalesce((to_jsonb(p)->>'pubviaroot')::boolean, false)"
"""Of a `pg_publication p`, which has no such column in 12."""


def check_server(connection: psycopg.Connection[Row], slot: str) -> list[Finding]:
    """Version, settings, room for a slot of this name and a sender, and what the user may."""
    names = ("server_version_num", "wal_level", "max_replication_slots", "max_wal_senders")
    found = texts(connection, "SELECT " + ", ".join(f"current_setting('{name}')" for name in names))[0]
    version, level, slots_max, senders_max = int(found[0]), found[1], int(found[2]), int(found[3])
    findings = []
    if version < VERSION_MIN:
        findings.append(Finding("error", "server_version", "PostgreSQL before 12 is not captured"))
    if level != "logical":
        findings.append(
            Finding("error", "wal_level", f"it is {level}: the log does not tell what changes",
                    "ALTER SYSTEM SET wal_level = logical; -- and restart the server")
        )  # fmt: skip
    facts = texts(
        connection,
        "SELECT pg_is_in_recovery()::text, (SELECT count(*) FROM pg_replication_slots WHERE slot_name <> %s)::text, "
        "(SELECT count(*) FROM pg_stat_replication)::text, (SELECT rolreplication OR rolsuper OR pg_has_role(oid, "
        "coalesce((SELECT oid FROM pg_roles WHERE rolname = 'rds_replication'), oid), 'MEMBER') AND EXISTS (SELECT FROM "
        "pg_roles WHERE rolname = 'rds_replication') FROM pg_roles WHERE rolname = current_user)::text, "
        "has_database_privilege(current_database(), 'CREATE')::text",
        (slot,),
    )[0]
    recovering, slots, senders, replicates, creates = facts
    if recovering == "true":
        findings.append(
            Finding("error", "pg_is_in_recovery", "it is a standby: watermarks cannot be written",
                    "Name the primary in the secret, or all hosts and target_session_attrs = \"read-write\".", passes=True)
        )  # fmt: skip
    if int(slots) >= slots_max:
        findings.append(
            Finding("error", "max_replication_slots", f"all {slots_max} are in use",
                    f"ALTER SYSTEM SET max_replication_slots = {slots_max + 4}; -- and restart the server", passes=True)
        )  # fmt: skip
    if int(senders) >= senders_max:
        findings.append(
            Finding("error", "max_wal_senders", f"all {senders_max} are in use",
                    f"ALTER SYSTEM SET max_wal_senders = {senders_max + 4}; -- and restart the server", passes=True)
        )  # fmt: skip
    if replicates != "true":
        findings.append(Finding("error", "REPLICATION", "this user may not read the log", "ALTER ROLE … REPLICATION;"))
    if creates != "true":
        findings.append(
            Finding("error", "CREATE", "this user may not make the publication", "GRANT CREATE ON DATABASE … TO …;")
        )
    return findings


def check_slot(connection: psycopg.Connection[Row], slot: str) -> list[Finding]:
    """A slot of our name that is there already must be usable."""
    found = texts(
        connection,
        "SELECT plugin, coalesce(to_jsonb(s)->>'wal_status', '') FROM pg_replication_slots s WHERE slot_name = %s",
        (slot,),
    )
    drop = f"SELECT pg_drop_replication_slot('{slot}');"
    if found and found[0][0] != "pgoutput":
        return [Finding("error", slot, "a slot of this name belongs to somebody else", drop)]
    if found and found[0][1] == "lost":
        return [Finding("error", slot, "the slot has lost the log that it needs: the tables must be dumped anew", drop)]
    return []


def check_publication(connection: psycopg.Connection[Row], publication: str) -> list[Finding]:
    """A publication of our name that is there already tells partitions' changes as their root's, or may be made to."""
    ours = f"SELECT {VIA_ROOT} OR pg_has_role(pubowner, 'USAGE') FROM pg_publication p WHERE pubname = %s"
    found = texts(connection, ours, (publication,))
    if not found or found[0][0] == "t" or connection.info.server_version < ROOTS_VERSION:
        return []
    return [Finding("error", publication, _UNTOLD, _mend(publication))]


def require_roots(connection: psycopg.Connection[Row], publication: str) -> None:
    """The publication tells partitions' changes as their root's.

    Raises:
        SourceRefused: it does not any more.
    """
    if texts(connection, f"SELECT {VIA_ROOT} FROM pg_publication p WHERE pubname = %s", (publication,)) == [("f",)]:
        raise SourceRefused(f"{publication}: {_UNTOLD}", hint=_mend(publication))


_UNTOLD = "the publication tells changes of partitions as theirs, not as those of the tables that they are parts of"


def _mend(publication: str) -> str:
    return f'ALTER PUBLICATION "{publication}" SET (publish_via_partition_root = true);'
