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
    "routine_texts": "oid BIGINT, arguments VARCHAR, result VARCHAR, definition VARCHAR",
    "pg_description": "objoid BIGINT, objsubid INTEGER, description VARCHAR",
    "view_texts": "oid BIGINT, query VARCHAR",
    "session_settings": "name VARCHAR, setting VARCHAR",
    "keys": "oid BIGINT, definition VARCHAR, other BIGINT, other_columns VARCHAR",
    "index_texts": "oid BIGINT, definition VARCHAR, columns VARCHAR[]",
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


def _text(relation: str, column: str, key: str = "oid", condition: str = "true") -> str:
    """One column of a lent relation by number."""
    rows = f"SELECT {key} AS oid, any_value({column}) AS one FROM {_lent(relation)} WHERE {condition} GROUP BY 1"
    return f"(SELECT map(list(oid), list(one)) FROM ({rows}))"


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
    f"ELSE coalesce({_CLASS_OIDS}[regexp_replace(trim(lower(replace(x, '\"', ''))), ' *\\. *', '.', 'g')], "
    "error('BH42P01|relation \"' || replace(x, '\"', '') || '\" does not exist')) END",
    *_reference("regnamespace", "schemas", "name", "schema", "3F000"),
    *_reference("regrole", "owners", "name", "role", "42704"),
    *_reference("regproc", "pg_proc", "proname", "function", "42883"),
    *_reference("regoper", "pg_operator", "oprname", "operator", "42883"),
    "regtype_name(x, lent) AS CASE WHEN x = 0 THEN '-' ELSE "
    "coalesce(nullif(memory.rs.type_name(x), '???'), CAST(x AS VARCHAR)) END",
    _reference("regtype", "type_rows", "typname", "type", "42704")[1],
    f"is_table_visible(x, path, lent) AS (SELECT map(list(oid), list(visible)) FROM ({_VISIBLE}))[x]",
    f"user_by_id(x, lent) AS CASE WHEN x IS NOT NULL THEN coalesce({_text('owners', 'name')}[x], "
    "'unknown (OID=' || x || ')') END",
    f"obj_description(x, lent) AS {_text('pg_description', 'description', 'objoid', 'objsubid = 0')}[x]",
    "col_description(x, n, lent) AS (SELECT map(list(oid), list(text)) FROM (SELECT objoid || '.' || objsubid AS oid, "
    f"any_value(description) AS text FROM {_lent('pg_description')} GROUP BY 1))[x || '.' || n]",
    f"view_definition(x, lent) AS {_text('view_texts', 'query')}[x]",
    f"constraint_definition(x, path, lent, names) AS {_text('keys', 'definition')}[x] || coalesce(' REFERENCES ' || "
    f"memory.rs.regclass_name({_text('keys', 'nullif(other, 0)')}[x], path, names) || {_text('keys', 'other_columns')}[x], '')",
    f"index_definition(x, n, lent) AS CASE WHEN coalesce(n, 0) = 0 THEN {_text('index_texts', 'definition')}[x] "
    f"ELSE {_text('index_texts', 'columns')}[x][n] END",
    "types_text(x) AS array_to_string(list_transform(x, lambda one: memory.rs.format_type(one, NULL)), ', ')",
    *(
        f"function_{column}(x, lent) AS {_text('routine_texts', column)}[x]"
        for column in ("arguments", "result", "definition")
    ),
    # Where an asked-for relation or schema stands: by number or by name, along the search path.
    f"relation_by_oid(x, lent) AS (SELECT {{'s': schema, 'n': name}} FROM {_lent('relation_names')} WHERE oid = x LIMIT 1)",
    "relation_by_name(x, path, lent) AS (SELECT arg_min({'s': schema, 'n': name}, place) FROM (SELECT schema, name, "
    f"coalesce(list_position({_PATH}, schema), 0) AS place FROM {_lent('relation_names')}) WHERE CASE WHEN contains(x, '.') "
    "THEN schema || '.' || name = regexp_replace(lower(replace(x, '\"', '')), '^' || current_database() || '\\.(.+\\.)', '\\1') "
    "ELSE name = lower(replace(x, '\"', '')) AND place > 0 END)",
    f"schema_named(x, lent) AS (SELECT any_value(name) FROM {_lent('schemas')} "
    "WHERE name = lower(CAST(x AS VARCHAR)) OR CAST(oid AS VARCHAR) = CAST(x AS VARCHAR))",
    "nothing(x) AS CAST(NULL AS VARCHAR), (x, y) AS CAST(NULL AS VARCHAR), (x, y, z) AS CAST(NULL AS VARCHAR)",
    # The engine does not tell how many bytes a table takes; rather none than a number made up.
    "no_size(x) AS CAST(NULL AS BIGINT), (x, y) AS CAST(NULL AS BIGINT)",
    "database_size(x) AS (SELECT sum(total_blocks * block_size)::BIGINT FROM pragma_database_size() "
    "WHERE database_name = current_database())",
    "size_text(x) AS CASE WHEN abs(x) < 10240 THEN CAST(x AS BIGINT) || ' bytes' "
    "WHEN abs(x) < 10485760 THEN CAST(round(x / 1024.0) AS BIGINT) || ' kB' "
    "WHEN abs(x) < 10737418240 THEN CAST(round(x / 1048576.0) AS BIGINT) || ' MB' "
    "WHEN abs(x) < 10995116277760 THEN CAST(round(x / 1073741824.0) AS BIGINT) || ' GB' "
    "ELSE CAST(round(x / 1099511627776.0) AS BIGINT) || ' TB' END",
    f"setting_of(x, lent) AS {_text('session_settings', 'setting', 'name')}[lower(x)]",
    "encoding_number(x) AS CASE WHEN lower(replace(x, '-', '')) IN ('utf8', 'unicode') THEN 6 ELSE -1 END",
    "filenode(x) AS CAST(x AS BIGINT)",
    "utf8() AS 'UTF8'",
    "no_locks() AS ''",
    "never() AS false, (x) AS x IS NULL AND NULL",
    "temp_schema() AS CAST(11601 AS BIGINT)",
    "joined(x, mark, missing) AS array_to_string(list_transform(x, lambda w: coalesce(w, missing)), mark)",
    "array_bound(x, n, is_upper, first) AS CASE WHEN n = 1 AND len(x) > 0 THEN "
    "CAST(CASE WHEN is_upper THEN len(x) - 1 + first ELSE first END AS INTEGER) END",
    "substring_matching(x, p) AS CASE WHEN regexp_matches(x, p) THEN regexp_extract(x, p, CASE WHEN contains(p, '(') THEN 1 "
    "ELSE 0 END) END",
    'parse_ident(x) AS list_transform(regexp_extract_all(x, \'("[^"]*"|[^."]+)\'), '
    "lambda w: CASE WHEN w[1] = '\"' THEN trim(w, '\"') ELSE lower(trim(w)) END)",
    "quote_nullable(x) AS coalesce(memory.rs.quote_literal(x), 'NULL')",
    "array_remove(x, y) AS list_filter(x, lambda e: e IS DISTINCT FROM y)",
    "dimensions(x) AS CASE WHEN len(x) > 0 THEN 1 END",
    "array_position(x, y) AS CAST(nullif(list_position(x, y), 0) AS INTEGER)",
    "subscripts(x, first) AS list_transform(range(0, len(x)), lambda n: CAST(n + first AS INTEGER))",
    "options(x) AS list_transform(x, lambda o: {'option_name': split_part(o, '=', 1), "
    "'option_value': substring(o, strpos(o, '=') + 1)})",
    "expanded(x) AS list_transform(x, lambda e, n: {'x': e, 'n': CAST(n AS INTEGER)})",
    "record(x) AS '(' || array_to_string(list_transform(x, lambda w: CASE WHEN w IS NULL THEN '' "
    "WHEN regexp_matches(w, '[(),\"\\\\\\s]|^$') THEN '\"' || replace(w, '\"', '\"\"') || '\"' ELSE w END), ',') || ')'",
    f"format_encoding(x) AS CASE x {_CODES} END",
)
