"""What the source's catalog says of its tables: columns, the key that tells rows apart, and what stands in the way.

Receives a connection; hands on `TableSchema`s and findings. The catalog tells of today: the log's own Relation messages
say what was valid at a place in it.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace

import psycopg

from boathouse.capture.changes import Column, TablePath, TableSchema
from boathouse.capture.postgres.check import ROOTS_VERSION
from boathouse.capture.postgres.connect import Row, texts
from boathouse.capture.postgres.types import KEY_TYPES_REFUSED, warehouse_type
from boathouse.capture.postgres.watermarks import TABLE
from boathouse.capture.source import Finding, Only, Wanted
from boathouse.contracts.source_errors import SourceRefused

_TABLES = """
SELECT n.nspname, c.relname, c.oid::text, c.relkind::text, c.relpersistence::text, c.relreplident::text,
       c.relispartition::text, row_security_active(c.oid)::text, has_table_privilege(c.oid, 'SELECT')::text,
       coalesce(i.indexrelid::text, ''), coalesce(i.indkey::text, ''), (pg_has_role(c.relowner, 'USAGE') OR EXISTS (
       SELECT FROM pg_publication_rel r JOIN pg_publication p ON p.oid = prpubid WHERE prrelid = c.oid AND pubname ~ '^boathouse_'
       ))::text
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_index i ON i.indrelid = c.oid AND i.indisvalid
     AND (CASE WHEN c.relreplident = 'i' THEN i.indisreplident ELSE i.indisprimary END)
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
ORDER BY 1, 2
"""
_COLUMNS = """
SELECT a.attrelid::text, a.attname, a.attnum::text, a.atttypid::text, a.atttypmod::text, a.attnotnull::text,
       format_type(a.atttypid, a.atttypmod)
FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '' AND c.relkind IN ('r', 'p') AND n.nspname !~ '^pg_'
  AND n.nspname <> 'information_schema'
ORDER BY a.attrelid, a.attnum
"""
_UNTOLD_PARTS = """
WITH RECURSIVE tree(root, identity, key, oid) AS (
    SELECT c.oid, c.relreplident, (SELECT array_agg(a.attname ORDER BY a.attname) FROM pg_index i JOIN pg_attribute a ON
           a.attrelid = c.oid AND a.attnum = ANY (i.indkey) WHERE i.indrelid = c.oid AND i.indisreplident), c.oid
    FROM pg_class c WHERE c.relkind = 'p' AND NOT c.relispartition
    UNION ALL
    SELECT tree.root, tree.identity, tree.key, i.inhrelid FROM tree JOIN pg_inherits i ON i.inhparent = tree.oid
)
SELECT DISTINCT ON (tree.root) tree.root::text, n.nspname, c.relname,
       CASE WHEN c.relkind <> 'r' THEN 'is not an ordinary table' WHEN c.relpersistence <> 'p' THEN 'is unlogged'
       ELSE 'has another REPLICA IDENTITY' END
FROM tree JOIN pg_class c ON c.oid = tree.oid AND c.relkind <> 'p' JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind <> 'r' OR c.relpersistence <> 'p' OR NOT CASE
    WHEN c.relreplident = 'f' THEN true
    WHEN tree.identity = 'i' THEN c.relreplident = 'i' AND tree.key = (SELECT array_agg(a.attname ORDER BY a.attname) FROM
         pg_index i JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = ANY (i.indkey)
         WHERE i.indrelid = c.oid AND i.indisreplident)
    ELSE c.relreplident = tree.identity END
ORDER BY tree.root, n.nspname, c.relname
"""
_BASE = """
WITH RECURSIVE base(oid, typmod) AS (
    SELECT %s::oid, %s::integer
    UNION ALL
    SELECT t.typbasetype, CASE WHEN base.typmod = -1 THEN t.typtypmod ELSE base.typmod END
    FROM base JOIN pg_type t ON t.oid = base.oid WHERE t.typtype = 'd'
)
SELECT oid::text, typmod::text FROM base WHERE oid NOT IN (SELECT oid FROM pg_type WHERE typtype = 'd')
"""
_FIRST_OWN_OID = 16_384


@dataclass(frozen=True, slots=True)
class SourceTable:
    """A table of the source.

    Attributes:
        key_casts: for each key column, the SQL type to compare a text with.
        is_partitioned: its rows lie in its partitions; of any other table rows are its own, without its children's.
    """

    schema: TableSchema
    key_casts: tuple[str, ...]
    is_partitioned: bool = False


class Catalog:
    """Reads the catalog; domains are remembered."""

    def __init__(self, connection: psycopg.Connection[Row]) -> None:
        self._connection = connection
        self._bases: dict[tuple[int, int], tuple[int, int]] = {}

    def base_of(self, oid: int, typmod: int) -> tuple[int, int]:
        """The type that a domain is over; any other type itself."""
        if oid < _FIRST_OWN_OID:
            return oid, typmod
        found = self._bases.get((oid, typmod))
        if found is None:
            rows = texts(self._connection, _BASE, (oid, typmod))
            found = self._bases[oid, typmod] = (int(rows[0][0]), int(rows[0][1])) if rows else (oid, typmod)
        return found

    def read(self, wanted: Wanted) -> tuple[dict[TablePath, SourceTable], list[Finding]]:
        """The tables that can be captured, and why others cannot.

        Args:
            wanted: of tables that are not named those that are none, or parts of others, are passed over.
        """
        columns: dict[str, list[tuple[str, ...]]] = defaultdict(list)
        for row in texts(self._connection, _COLUMNS):
            columns[row[0]].append(row)
        has_roots = self._connection.info.server_version >= ROOTS_VERSION
        untold = {row[0]: row[1:] for row in texts(self._connection, _UNTOLD_PARTS)}
        found: dict[TablePath, SourceTable] = {}
        findings: list[Finding] = []
        seen = set()
        for row in texts(self._connection, _TABLES):
            path = (row[0], row[1])
            if path == TABLE or not wanted.covers(path):
                continue
            is_named = path in wanted.named
            if not is_named and (row[3] not in ("r", "p") or row[6] == "true") and (has_roots or row[3] != "r"):
                continue  # a partition's rows are its root's
            seen.add(path)
            finding = _refusal(row, columns[row[2]], untold.get(row[2]), has_roots=has_roots)
            if finding is not None:
                findings.append(finding if is_named else replace(finding, level="warning"))
            else:
                found[path] = self._table(path, row[10], columns[row[2]], row[3] == "p")
        for path in sorted(wanted.named - seen):
            gone = "the table does not exist, or this user may not see it"
            findings.append(Finding("error", ".".join(path), gone, passes=True, table=path))
        return found, findings

    def require(self, path: TablePath) -> SourceTable:
        """One table as it is now.

        Raises:
            SourceRefused: it cannot be captured (any more).
        """
        found, findings = self.read(Only([path]))
        if path not in found:
            raise SourceRefused(f"{findings[0].subject}: {findings[0].message}", hint=findings[0].mend or None)
        return found[path]

    def _table(self, path: TablePath, indkey: str, columns: list[tuple[str, ...]], is_partitioned: bool) -> SourceTable:
        made = tuple(
            Column(name, warehouse_type(*self.base_of(int(oid), int(typmod))), f"{oid}:{typmod}", notnull != "true")
            for _, name, _, oid, typmod, notnull, _ in columns
        )
        places = {int(row[2]): index for index, row in enumerate(columns)}
        key = tuple(places[int(number)] for number in indkey.split())
        return SourceTable(TableSchema(*path, made, key), tuple(columns[index][6] for index in key), is_partitioned)


def _refusal(
    row: tuple[str, ...], columns: list[tuple[str, ...]], untold: tuple[str, ...] | None, *, has_roots: bool
) -> Finding | None:
    schema, name, _, kind, persistence, identity, partition, secured, readable, index, indkey, owned = row
    subject, quoted = f"{schema}.{name}", f'"{schema}"."{name}"'

    def refuse(message: str, mend: str = "") -> Finding:
        return Finding("error", subject, message, mend, table=(schema, name))

    if kind == "p" and not has_roots:
        return refuse(
            "it is partitioned: before PostgreSQL 14 the log tells of its partitions alone, which can be captured"
        )
    if partition == "true" and has_roots:
        return refuse("it is a partition: its rows are captured as those of the table that it is a part of")
    if kind not in ("r", "p"):
        return refuse("it is not an ordinary table")
    if persistence != "p":
        return refuse("its changes are not in the log: it is unlogged", f"ALTER TABLE {quoted} SET LOGGED;")
    if readable != "true":
        return refuse("this user may not read it", f"GRANT SELECT ON {quoted} TO CURRENT_USER;")
    if owned != "true":
        return refuse(
            "this user does not own it, and may not let a publication tell of it", f"ALTER TABLE {quoted} OWNER TO …;"
        )
    if secured == "true":
        return refuse("row security hides rows from this user", "ALTER ROLE … BYPASSRLS;")
    if identity == "n":
        return refuse("it has REPLICA IDENTITY NOTHING", f"ALTER TABLE {quoted} REPLICA IDENTITY DEFAULT;")
    if untold is not None:
        part = f'"{untold[0]}"."{untold[1]}"'
        mends = {"is unlogged": "SET LOGGED", "has another REPLICA IDENTITY": f"REPLICA IDENTITY {_identity(identity)}"}
        mend = f"ALTER TABLE {part} {mends[untold[2]]};" if untold[2] in mends else ""
        return refuse(
            f"the log does not tell all that changes in it: its partition {untold[0]}.{untold[1]} {untold[2]}", mend
        )
    if not index:
        return refuse("it has no primary key", f"ALTER TABLE {quoted} ADD PRIMARY KEY (…);")
    by_number = {column[2]: column for column in columns}
    for number in indkey.split():
        column = by_number.get(number)
        if column is None or int(column[3]) in KEY_TYPES_REFUSED:
            what = "an expression or a generated column" if column is None else f"a {KEY_TYPES_REFUSED[int(column[3])]}"
            return refuse(f"its key has {what}, which does not tell rows apart reliably")
    return None


def _identity(kind: str) -> str:
    """What a partition needs where its root has this one."""
    return {"d": "DEFAULT", "f": "FULL"}.get(kind, "USING INDEX …")
