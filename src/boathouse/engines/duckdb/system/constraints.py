"""pg_constraint, pg_index and pg_depend: keys as Redshift has them, informational, and what views stand on.

A primary or unique key has an index only in name: clients look for keys in `pg_index`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import pyarrow as pa

from boathouse.contracts.errors import BoathouseError
from boathouse.contracts.rooms import SystemRelation
from boathouse.engines.duckdb.system.snapshot import Viewer
from boathouse.sql.token_reader import TokenReader

_ENDINGS = {"p": "pkey", "u": "key", "f": "fkey"}
_WORDS = {"p": "PRIMARY KEY", "u": "UNIQUE", "f": "FOREIGN KEY"}
_PLAIN = re.compile("[a-z_][a-z0-9_]*")
_SCHEMA = pa.schema([
    ("name", pa.string()), ("kind", pa.string()), ("reloid", pa.int64()), ("schema", pa.string()),
    ("relation", pa.string()), ("keys", pa.list_(pa.int16())), ("columns", pa.list_(pa.string())),
    ("other", pa.int64()), ("other_keys", pa.list_(pa.int16())), ("definition", pa.string()), ("other_columns", pa.string()),
])  # fmt: skip

PG_CONSTRAINT = SystemRelation(
    "pg_constraint",
    (
        ("oid", "oid"), ("conname", "name"), ("connamespace", "oid"), ("contype", '"char"'),
        ("condeferrable", "boolean"), ("condeferred", "boolean"), ("convalidated", "boolean"), ("conrelid", "oid"),
        ("contypid", "oid"), ("conindid", "oid"), ("conparentid", "oid"), ("confrelid", "oid"),
        ("confupdtype", '"char"'), ("confdeltype", '"char"'), ("confmatchtype", '"char"'), ("conislocal", "boolean"),
        ("coninhcount", "integer"), ("connoinherit", "boolean"), ("conkey", "int2[]"), ("confkey", "int2[]"),
        ("conpfeqop", "oid[]"), ("conppeqop", "oid[]"), ("conffeqop", "oid[]"), ("confdelsetcols", "int2[]"),
        ("conexclop", "oid[]"), ("conbin", "pg_node_tree"), ("consrc", "text"),
    ),
    """
SELECT oid, name AS conname, memory.rs.schema_oid(schema) AS connamespace, kind AS contype, false AS condeferrable,
    false AS condeferred, false AS convalidated, reloid AS conrelid, 0::BIGINT AS contypid, index AS conindid,
    0::BIGINT AS conparentid, other AS confrelid, CASE WHEN kind = 'f' THEN 'a' ELSE ' ' END AS confupdtype,
    CASE WHEN kind = 'f' THEN 'a' ELSE ' ' END AS confdeltype, CASE WHEN kind = 'f' THEN 's' ELSE ' ' END AS confmatchtype,
    true AS conislocal, 0::INTEGER AS coninhcount, true AS connoinherit, keys AS conkey, other_keys AS confkey,
    CASE WHEN kind = 'f' THEN list_transform(keys, lambda k: 96::BIGINT) END AS conpfeqop,
    CASE WHEN kind = 'f' THEN list_transform(keys, lambda k: 96::BIGINT) END AS conppeqop,
    CASE WHEN kind = 'f' THEN list_transform(keys, lambda k: 96::BIGINT) END AS conffeqop,
    NULL::SMALLINT[] AS confdelsetcols, NULL::BIGINT[] AS conexclop, NULL::VARCHAR AS conbin, NULL::VARCHAR AS consrc
FROM system.keys
""",
    kept=True,
)  # fmt: skip

PG_INDEX = SystemRelation(
    "pg_index",
    (
        ("indexrelid", "oid"), ("indrelid", "oid"), ("indnatts", "smallint"), ("indnkeyatts", "smallint"),
        ("indisunique", "boolean"), ("indnullsnotdistinct", "boolean"), ("indisprimary", "boolean"),
        ("indisexclusion", "boolean"), ("indimmediate", "boolean"), ("indisclustered", "boolean"),
        ("indisvalid", "boolean"), ("indcheckxmin", "boolean"), ("indisready", "boolean"), ("indislive", "boolean"),
        ("indisreplident", "boolean"), ("indkey", "int2vector"), ("indcollation", "oidvector"),
        ("indclass", "oidvector"), ("indoption", "int2vector"), ("indexprs", "pg_node_tree"),
        ("indpred", "pg_node_tree"),
    ),
    """
SELECT index AS indexrelid, reloid AS indrelid, len(keys)::SMALLINT AS indnatts, len(keys)::SMALLINT AS indnkeyatts,
    true AS indisunique, false AS indnullsnotdistinct, kind = 'p' AS indisprimary, false AS indisexclusion,
    true AS indimmediate, false AS indisclustered, true AS indisvalid, false AS indcheckxmin, true AS indisready,
    true AS indislive, false AS indisreplident, keys AS indkey,
    list_transform(keys, lambda k: 0::BIGINT) AS indcollation, list_transform(keys, lambda k: 1978::BIGINT) AS indclass,
    list_transform(keys, lambda k: 0::SMALLINT) AS indoption, NULL::VARCHAR AS indexprs, NULL::VARCHAR AS indpred
FROM system.keys WHERE kind <> 'f'
""",
    kept=True,
)  # fmt: skip

PG_REWRITE = SystemRelation(
    "pg_rewrite",
    (
        ("oid", "oid"), ("rulename", "name"), ("ev_class", "oid"), ("ev_type", '"char"'), ("ev_enabled", '"char"'),
        ("is_instead", "boolean"), ("ev_qual", "pg_node_tree"), ("ev_action", "pg_node_tree"), ("ev_attr", "smallint"),
    ),
    """
SELECT memory.rs.stable_oid('rule', oid::VARCHAR) AS oid, '_RETURN' AS rulename, oid AS ev_class, '1' AS ev_type,
    'O' AS ev_enabled, true AS is_instead, NULL::VARCHAR AS ev_qual, NULL::VARCHAR AS ev_action, (-1)::SMALLINT AS ev_attr
FROM system.relations WHERE kind = 'v'
""",
    kept=True,
)  # fmt: skip

PG_DEPEND = SystemRelation(
    "pg_depend",
    (
        ("classid", "oid"), ("objid", "oid"), ("objsubid", "integer"), ("refclassid", "oid"), ("refobjid", "oid"),
        ("refobjsubid", "integer"), ("deptype", '"char"'),
    ),
    """
SELECT 2618::BIGINT AS classid, memory.rs.stable_oid('rule', v.oid::VARCHAR) AS objid, 0::INTEGER AS objsubid,
    1259::BIGINT AS refclassid, t.oid AS refobjid, 0::INTEGER AS refobjsubid, 'n' AS deptype
FROM (SELECT oid, unnest(depends::JSON::JSON[]) AS pair FROM system.relations WHERE NOT late_binding) v
JOIN system.relations t ON t.schema = (v.pair ->> 0) AND t.name = (v.pair ->> 1)
UNION ALL
SELECT 2618, memory.rs.stable_oid('rule', oid::VARCHAR), 0, 1259, oid, 0, 'i' FROM system.relations WHERE kind = 'v'
UNION ALL
SELECT 2606, oid, 0, 1259, reloid, unnest(keys)::INTEGER, 'a' FROM system.keys
UNION ALL
SELECT 2606, oid, 0, 1259, other, unnest(other_keys)::INTEGER, 'n' FROM system.keys WHERE kind = 'f'
UNION ALL
SELECT 2606, oid, 0, 1259, index, 0, 'n' FROM system.keys WHERE kind = 'f' AND index <> 0
UNION ALL
SELECT 1259, index, 0, 2606, oid, 0, 'i' FROM system.keys WHERE kind <> 'f'
""",
    kept=True,
)  # fmt: skip

CONSTRAINTS = (PG_CONSTRAINT, PG_INDEX, PG_REWRITE, PG_DEPEND)

_INDEX = "memory.rs.stable_oid('index', {0}.reloid || '.' || {0}.name)"
KEYS = (
    "SELECT memory.rs.stable_oid('constraint', k.reloid || '.' || k.name) AS oid, k.*, CASE WHEN k.kind <> 'f' "
    f"THEN {_INDEX.format('k')} ELSE coalesce((SELECT min({_INDEX.format('p')}) FROM system.key_texts p WHERE p.kind <> 'f' "
    "AND p.reloid = k.other AND list_sort(p.keys) = list_sort(k.other_keys)), 0) END::BIGINT AS index FROM system.key_texts k"
)
"""The source `keys`: what `key_texts` found, numbered; a foreign key has the index of the key that it refers to."""


def key_texts(viewer: Viewer, table: Callable[[str], pa.Table]) -> pa.Table:
    """The keys that the relations' notes tell of, their columns as numbers; a key that has lost a column is none."""
    places: dict[tuple[str, str], dict[str, int]] = {}
    for row in table("columns").select(["schema", "relation", "name", "place"]).to_pylist():
        places.setdefault((row["schema"], row["relation"]), {})[row["name"]] = row["place"]
    relations = table("relations").select(["oid", "schema", "name", "constraints"]).to_pylist()
    oids = {(row["schema"], row["name"]): row["oid"] for row in relations}
    primary: dict[tuple[str, str], list[str]] = {}
    found = []
    for row in relations:
        for text in row["constraints"] or ():
            key = _read(text)
            if key is not None:
                if key["kind"] == "p":
                    primary[row["schema"], row["name"]] = key["columns"]
                found.append((row, key))
    rows = [made for row, key in found if (made := _row(row, key, places, oids, primary))]
    return pa.Table.from_pylist(list(_named(rows)), _SCHEMA)


def _read(text: str) -> dict[str, Any] | None:
    reader = TokenReader(text)
    key: dict[str, Any] = {"name": None, "other": None, "other_columns": None}
    try:
        if reader.accept("constraint"):
            key["name"] = reader.identifier("a name")
        key["kind"] = {"primary": "p", "foreign": "f"}.get(reader.next().value, "u")
        if key["kind"] != "u":
            reader.expect("key")
        key["columns"] = list(reader.identifiers_in_parentheses())
        if key["kind"] == "f":
            reader.expect("references")
            other = reader.name()
            key["other"] = (other.schema, other.name)
            key["other_columns"] = list(reader.identifiers_in_parentheses()) if reader.sees("(") else None
    except BoathouseError:
        return None
    return key


def _row(
    row: Mapping[str, Any],
    key: Mapping[str, Any],
    places: Mapping[tuple[str, str], Mapping[str, int]],
    oids: Mapping[tuple[str, str], int],
    primary: Mapping[tuple[str, str], list[str]],
) -> dict[str, Any] | None:
    own = places.get((row["schema"], row["name"]), {})
    made: dict[str, Any] = {
        "name": key["name"], "kind": key["kind"], "reloid": row["oid"], "schema": row["schema"],
        "relation": row["name"], "columns": key["columns"], "other": 0, "other_keys": None,
        "definition": f"{_WORDS[key['kind']]} ({_listed(key['columns'])})", "other_columns": None,
    }  # fmt: skip
    names = [(own, key["columns"], "keys")]
    if key["other"] is not None:
        schema, name = key["other"]
        place = (schema or row["schema"], name) if schema or (row["schema"], name) in oids else ("public", name)
        theirs = key["other_columns"] or primary.get(place)
        if place not in oids or theirs is None:
            return None
        made["other"] = oids[place]
        made["other_columns"] = f"({_listed(theirs)})"
        names.append((places.get(place, {}), theirs, "other_keys"))
    for known, wanted, into in names:
        if not set(wanted) <= set(known):
            return None
        made[into] = [known[name] for name in wanted]
    return made


def _listed(names: Iterable[str]) -> str:
    return ", ".join(name if _PLAIN.fullmatch(name) else '"' + name.replace('"', '""') + '"' for name in names)


def _named(rows: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Keys without a name of their own get PostgreSQL's; a second one of the same name is numbered."""
    taken = {(row["reloid"], row["name"]) for row in rows}
    for row in rows:
        if row["name"] is None:
            middle = "" if row["kind"] == "p" else "_".join(row["columns"]) + "_"
            name = plain = f"{row['relation']}_{middle}{_ENDINGS[row['kind']]}"
            number = 0
            while (row["reloid"], name) in taken:
                number += 1
                name = f"{plain}{number}"
            taken.add((row["reloid"], name))
            row["name"] = name
        yield row
