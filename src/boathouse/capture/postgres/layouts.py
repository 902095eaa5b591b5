"""Where the rows of captured tables lie, compared from time to time: what takes rows from a table or gives it some without
the log telling them.

A partition that is attached or detached brings or takes its rows by a change of the catalog alone, and a TRUNCATE of one is not
told where the log speaks of its root. So each table has a layout: its own number, and for each of its partitions the file of
its rows and the transaction that made it a part. Receives the layout that is known and hands on the one of now, with a
verdict: whether the table must be dumped again. Reads only.

Rows that came with a partition are told from those that came later, and were told, by the transactions that wrote them; so a new
and empty partition costs no dump. Nor does one whose file was written anew by VACUUM FULL: it has rows from before.

The publication is looked at with them: one that was dropped and made again, or altered, may not have told changes meanwhile, and
servers since 18 read on without a word.

Source: PostgreSQL documentation, `pg_inherits`, "System Columns"; "Logical Replication Restrictions".
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

import psycopg
from psycopg import sql

from boathouse.capture.changes import TablePath
from boathouse.capture.postgres.connect import Name, Row, rows, texts

LOOK_SECONDS = 5.0
"""Between two looks; a partition that the log names for the first time is looked at sooner."""
_XIDS = 1 << 32
_TREE = """
WITH RECURSIVE captured AS (
    SELECT c.oid, n.nspname, c.relname, c.relkind, c.relispartition, coalesce((
        SELECT concat_ws(' ', p.oid, p.xmin, r.oid) FROM pg_publication p
        LEFT JOIN pg_publication_rel r ON r.prpubid = p.oid AND r.prrelid = c.oid
        WHERE p.pubname = %s AND p.pubinsert AND p.pubupdate AND p.pubdelete AND p.pubtruncate
        AND to_jsonb(r)->>'prqual' IS NULL AND to_jsonb(r)->>'prattrs' IS NULL AND (r.oid IS NOT NULL OR EXISTS (
            SELECT FROM pg_publication_tables t WHERE (t.pubname, schemaname, tablename) = (p.pubname, n.nspname, c.relname)))
    ), '') AS told
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE (n.nspname, c.relname) IN (SELECT * FROM unnest(%s::text[], %s::text[])) AND c.relkind IN ('r', 'p')
), tree(root, oid, part_since) AS (
    SELECT oid, oid, NULL::xid FROM captured WHERE relkind = 'p'
    UNION ALL
    SELECT tree.root, i.inhrelid, CASE WHEN age(i.xmin) > age(tree.part_since) THEN tree.part_since ELSE i.xmin END
    FROM tree JOIN pg_inherits i ON i.inhparent = tree.oid WHERE to_jsonb(i)->>'inhdetachpending' IS DISTINCT FROM 'true'
)
SELECT nspname, relname, oid::text, relispartition::text, txid_snapshot_xmin(txid_current_snapshot())::text, told,
txid_snapshot_xmax(txid_current_snapshot())::text, relkind::text FROM captured
UNION ALL
SELECT r.nspname, r.relname, tree.oid::text, c.relfilenode::text, tree.part_since::text, n.nspname, c.relname, 'part'
FROM tree JOIN captured r ON r.oid = tree.root JOIN pg_class c ON c.oid = tree.oid AND c.relkind <> 'p'
JOIN pg_namespace n ON n.oid = c.relnamespace
"""
_CAME_WITH = """
SELECT EXISTS (SELECT FROM ONLY {part} AS l JOIN pg_type t ON t.oid = (SELECT reltype FROM pg_class WHERE oid = {oid})
WHERE NOT (age(l.xmin) < age({since}::xid) AND t.xmin = {since}::xid AND l.cmin = '0'))::text
"""
"""Rows of the transaction that made a partition count as come with it, also those that savepoints of it wrote, whose numbers are
later ones: only the first statement of a transaction can be told from theirs, as the partition's making came before."""
_FROM_BEFORE = "SELECT EXISTS (SELECT FROM ONLY {part} AS l WHERE age(l.xmin) > age({since}::xid))::text"
_WRITERS = """
SELECT DISTINCT coalesce('process ' || l.pid, 'a prepared one') FROM pg_locks l JOIN pg_locks x ON
x.virtualtransaction = l.virtualtransaction AND x.locktype = 'transactionid' AND x.mode = 'ExclusiveLock' AND x.granted
WHERE l.locktype = 'relation' AND l.granted AND l.relation = ANY (%s::oid[]) AND l.database = (SELECT oid FROM pg_database
WHERE datname = current_database()) AND l.mode IN ('RowExclusiveLock', 'ShareRowExclusiveLock', 'ExclusiveLock',
'AccessExclusiveLock') AND age(x.transactionid) > age(%s::xid)
AND txid_snapshot_xmax(txid_current_snapshot()) - %s::bigint < 1000000000 ORDER BY 1
"""
"""A lock goes after its transaction can be seen; more than 10^9 transactions further on, none can be so old."""


@dataclass(frozen=True, slots=True)
class Layout:
    """One table's.

    Attributes:
        oid: the table's own number.
        is_part: it has become a partition of another one.
        horizon: every transaction below had ended when it was looked at.
        parts: by number: its file, and the transaction that made it a part, both as text.
        told: by what the publication tells all that changes in it; empty where it does not, None where nobody has looked.
        ceiling: when it was first seen to be told so, no transaction had a number from here on. Of those below, what they had
            changed before it was told, is not; 0 where all is.
    """

    oid: str
    is_part: bool
    horizon: int
    parts: Mapping[str, tuple[str, str]]
    told: str | None = None
    ceiling: int = 0

    def __str__(self) -> str:
        parts = {oid: list(part) for oid, part in self.parts.items()}
        return json.dumps([self.oid, self.is_part, self.horizon, parts, self.told, self.ceiling], separators=(",", ":"))

    def is_same(self, other: Layout) -> bool:
        """True where nothing has moved; time passes."""
        return (self.oid, self.is_part, self.parts, self.told) == (other.oid, other.is_part, other.parts, other.told)

    def is_told_like(self, other: Layout) -> bool:
        """True where it is the same table, and its changes have been told all the time."""
        return (self.oid, self.told) == (other.oid, other.told)


def parse_layout(text: str) -> Layout:
    """From its text."""
    oid, is_part, horizon, parts, *more = json.loads(text)
    return Layout(oid, is_part, horizon, {number: (file, since) for number, (file, since) in parts.items()}, *more)


@dataclass(frozen=True, slots=True)
class Look:
    """What a look has found.

    Attributes:
        layouts: of the tables that are there.
        parts: the captured table that each partition is of, by the partition's own name.
        names: the partitions' names by number.
        roots: the tables whose rows are those of partitions.
    """

    layouts: dict[TablePath, Layout]
    parts: dict[TablePath, TablePath]
    names: dict[str, TablePath]
    roots: set[TablePath]


def look(connection: psycopg.Connection[Row], publication: str, paths: list[TablePath]) -> Look:
    """Where the rows lie now.

    Args:
        publication: which tells the log of them.
        paths: of captured tables.
    """
    found = Look({}, {}, {}, set())
    parts: dict[TablePath, dict[str, tuple[str, str]]] = defaultdict(dict)
    given = (publication, [schema for schema, _ in paths], [name for _, name in paths])
    for schema, table, oid, told, since, owner, name, kind in texts(connection, _TREE, given):
        path = (schema, table)
        if kind == "part":
            parts[path][oid] = (told, since)
            found.parts[owner, name] = path
            found.names[oid] = (owner, name)
        else:
            found.layouts[path] = Layout(oid, told == "true", int(since), parts[path], owner, int(name))
            if kind == "p":
                found.roots.add(path)
    return found


def has_moved(connection: psycopg.Connection[Row], known: Layout, now: Look, path: TablePath) -> bool:
    """Whether a table that was as `known` has lost or got rows, or changes of them, that the log does not tell."""
    layout = now.layouts[path]
    if layout.oid != known.oid or not known.parts.keys() <= layout.parts.keys():
        return True
    if known.told is not None and layout.told != known.told:
        return True  # what changed in between may not have been told
    for oid, (file, since) in layout.parts.items():
        before = known.parts.get(oid)
        if before is not None and before[1] != since:
            return True  # it was taken out meanwhile, and what changed then was not told
        if before is None and _is_there(connection, _CAME_WITH, now.names[oid], oid, since):
            return True
        if before is not None and before[0] != file:
            near = layout.horizon - known.horizon < _XIDS // 4
            if not near or not _is_there(connection, _FROM_BEFORE, now.names[oid], oid, str(known.horizon % _XIDS)):
                return True
    return False


def writers(connection: psycopg.Connection[Row], layout: Layout) -> list[str]:
    """Whose transactions may have changed a table before it was told, and go on: no read sees that yet, and the log will not tell
    it."""
    if not layout.ceiling:
        return []
    given = ([int(layout.oid), *map(int, layout.parts)], str(layout.ceiling % _XIDS), layout.ceiling)
    return [who for (who,) in texts(connection, _WRITERS, given)]


def _is_there(connection: psycopg.Connection[Row], query: str, part: TablePath, oid: str, since: str) -> bool:
    """Whether a partition has such a row; one that this user may not read, or that has just gone, may have."""
    may = texts(connection, "SELECT has_table_privilege(%s::oid, 'SELECT')::text", (oid,))[0][0]
    if may != "true":
        return query == _CAME_WITH
    made = sql.SQL(query).format(part=Name(*part), oid=sql.Literal(int(oid)), since=sql.Literal(since))
    return rows(connection, made.as_string(connection))[0][0] == b"true"
