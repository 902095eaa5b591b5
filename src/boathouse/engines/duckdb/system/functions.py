"""The macros behind the catalog's own functions and casts: numbers, names by number, numbers by name.

Made by the engine beside its other macros. Those that look something up read relations that `snapshot` lends, under
the names that statements see too (`temp.main."system:…"`); `query` finds these names by `LENDING`.
"""

from __future__ import annotations

from boathouse.engines.duckdb.system.facts import CATALOG_SCHEMAS
from boathouse.engines.duckdb.system.relations import ENCODINGS

_FIXED = " ".join(f"WHEN '{name}' THEN {oid}" for name, oid in CATALOG_SCHEMAS.items())
_CODES = " ".join(f"WHEN {code} THEN '{name}'" for code, name in enumerate(ENCODINGS))


def _lent(relation: str) -> str:
    return f'temp.main."system:{relation}"'


LENT_COLUMNS: dict[str, str] = {
    "relation_names": "oid BIGINT, schema VARCHAR, name VARCHAR",
    "schemas": "oid BIGINT, name VARCHAR",
    "owners": "oid BIGINT, name VARCHAR",
    "type_rows": "oid BIGINT, typname VARCHAR",
    "pg_proc": "oid BIGINT, proname VARCHAR",
    "pg_operator": "oid BIGINT, oprname VARCHAR",
}
"""What macros read of each lent relation: the engine looks at a macro's text when it is made, so they must exist then."""

_QUOTED = "memory.rs.quote_ident({0})"
_PATH = "string_split('pg_temp_1,' || coalesce(path, '') || ',pg_catalog', ',')"
_VISIBLE = f"""
SELECT oid, schema, name, place IS NOT NULL AND place = min(place) OVER (PARTITION BY name) AS visible
FROM (SELECT *, list_position({_PATH}, schema) AS place FROM {_lent("relation_names")})
"""
_CLASS_NAMES = f"""
(SELECT map(list(oid), list(CASE WHEN visible THEN {_QUOTED.format("name")}
    ELSE {_QUOTED.format("schema")} || '.' || {_QUOTED.format("name")} END)) FROM ({_VISIBLE}))
"""
_CLASS_OIDS = f"""
(SELECT map(list(word), list(oid)) FROM (
    SELECT name AS word, oid FROM ({_VISIBLE}) WHERE visible
    UNION ALL SELECT schema || '.' || name, oid FROM {_lent("relation_names")}
    UNION ALL SELECT current_database() || '.' || schema || '.' || name, oid FROM {_lent("relation_names")}))
"""


def _by_oid(relation: str, name: str) -> str:
    """Names by number."""
    named = f"SELECT oid, any_value({name}) AS name FROM {_lent(relation)} GROUP BY oid"
    return f"(SELECT map(list(oid), list({_QUOTED.format('name')})) FROM ({named}))"


def _by_name(relation: str, name: str) -> str:
    """Numbers by name."""
    numbered = f"SELECT {name} AS word, min(oid) AS oid FROM {_lent(relation)} GROUP BY 1"
    return f"(SELECT map(list(word), list(oid)) FROM ({numbered}))"


_WORD = "lower(replace(replace(x, '\"', ''), 'pg_catalog.', ''))"


def _reference(macro: str, relation: str, name: str, what: str, sqlstate: str) -> tuple[str, str]:
    """Both directions of a kind of reference whose names have no schema."""
    missing = f"error('BH{sqlstate}|{what} \"' || x || '\" does not exist')"
    return (
        f"{macro}_name(x, lent) AS CASE WHEN x = 0 THEN '-' ELSE "
        f"coalesce({_by_oid(relation, name)}[x], CAST(x AS VARCHAR)) END",
        f"to_{macro}(x, lent) AS CASE WHEN x IS NULL THEN NULL WHEN x = '-' THEN 0 WHEN regexp_full_match(x, '[0-9]+') "
        f"THEN TRY_CAST(x AS BIGINT) ELSE coalesce({_by_name(relation, name)}[{_WORD}], {missing}) END",
    )


CATALOG_MACROS: tuple[str, ...] = (
    # Where nothing stores a number, the name makes it: the same after a restart, and far from those that are stored.
    "stable_oid(kind, name) AS CAST(1000000000 + md5_number_lower(kind || ':' || name) % 1000000000 AS BIGINT)",
    f"schema_oid(name) AS CAST(CASE name {_FIXED} ELSE memory.rs.stable_oid('schema', name) END AS BIGINT)",
    "default_text(x) AS x",
    "reference(x, shown) AS CASE WHEN x IS NOT NULL THEN {'oid': x, 'name': shown} END",
    "array_text(x) AS '{' || array_to_string(list_transform(x, lambda w: CASE WHEN w IS NULL THEN 'NULL' "
    "WHEN regexp_matches(w, '[{}\",\\\\\\s]|^$|^(?i)null$') THEN '\"' || replace(replace(w, '\\', '\\\\'), '\"', '\\\"') || '\"' "
    "ELSE w END), ',') || '}'",
    f"regclass_name(x, path, lent) AS CASE WHEN x = 0 THEN '-' ELSE coalesce({_CLASS_NAMES}[x], CAST(x AS VARCHAR)) END",
    "to_regclass(x, path, lent) AS CASE WHEN x IS NULL THEN NULL WHEN x = '-' THEN 0 "
    "WHEN regexp_full_match(x, '[0-9]+') THEN TRY_CAST(x AS BIGINT) "
    f"ELSE coalesce({_CLASS_OIDS}[lower(replace(x, '\"', ''))], "
    "error('BH42P01|relation \"' || replace(x, '\"', '') || '\" does not exist')) END",
    *_reference("regnamespace", "schemas", "name", "schema", "3F000"),
    *_reference("regrole", "owners", "name", "role", "42704"),
    *_reference("regproc", "pg_proc", "proname", "function", "42883"),
    *_reference("regoper", "pg_operator", "oprname", "operator", "42883"),
    "regtype_name(x, lent) AS CASE WHEN x = 0 THEN '-' ELSE "
    "coalesce(nullif(memory.rs.type_name(x), '???'), CAST(x AS VARCHAR)) END",
    _reference("regtype", "type_rows", "typname", "type", "42704")[1],
    f"format_encoding(x) AS CASE x {_CODES} END",
)
