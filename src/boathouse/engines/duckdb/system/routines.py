"""pg_proc, pg_aggregate and pg_language: the functions of our catalogue, the types' input and output functions, and
what users have made.

The first follow from `sql.redshift.functions` and never change while the house is open, so they are made once. The texts
of users' procedures and functions are shown to whoever may call them.
Source: PostgreSQL "pg_proc"; Redshift Developer Guide, "PG_PROC_INFO".
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import pyarrow as pa

from boathouse.contracts import types as t
from boathouse.contracts.rooms import SystemRelation
from boathouse.contracts.types import SqlType
from boathouse.engines.duckdb.system.snapshot import Viewer
from boathouse.engines.duckdb.system.types import TYPES, io_functions
from boathouse.sql.redshift.functions import FUNCTIONS, Function
from boathouse.sql.redshift.types import known_type

_ANY = 2276
_KINDS = {"s": 1043, "n": 1700, "d": 701, "i": 23, "m": 1114, "v": 4000, "u": 25, "x": _ANY}
"""The type of an argument, by the letter that the catalogue of functions gives it."""

_FIRST_OID = 3_100
_LANGUAGE_OIDS = {"internal": 12, "c": 13, "sql": 14, "plpgsql": 100125, "plpythonu": 100126}
_VOID, _RECORD = 2278, 2249

_COLUMNS = (
    ("oid", "oid"), ("proname", "name"), ("pronamespace", "oid"), ("proowner", "oid"), ("prolang", "oid"),
    ("procost", "real"), ("prorows", "real"), ("provariadic", "oid"), ("prosupport", "regproc"), ("prokind", '"char"'),
    ("prosecdef", "boolean"), ("proleakproof", "boolean"), ("proisstrict", "boolean"), ("proretset", "boolean"),
    ("provolatile", '"char"'), ("proparallel", '"char"'), ("pronargs", "smallint"), ("pronargdefaults", "smallint"),
    ("prorettype", "oid"), ("proargtypes", "oidvector"), ("proallargtypes", "oid[]"), ("proargmodes", '"char"[]'),
    ("proargnames", "text[]"), ("proargdefaults", "pg_node_tree"), ("protrftypes", "oid[]"), ("prosrc", "text"),
    ("probin", "text"), ("prosqlbody", "pg_node_tree"), ("proconfig", "text[]"), ("proacl", "aclitem[]"),
    ("proisagg", "boolean"), ("proiswindow", "boolean"),
)  # fmt: skip

_NAMES = ", ".join(name for name, _ in _COLUMNS)
PG_PROC = SystemRelation(
    "pg_proc",
    _COLUMNS,
    f"SELECT {_NAMES} FROM system.proc_rows UNION ALL SELECT {_NAMES} FROM system.user_routines",
    kept=True,
)
PG_PROC_INFO = SystemRelation(
    "pg_proc_info",
    (("prooid", "oid"), *_COLUMNS[1:]),
    definition=f"SELECT {_NAMES.replace('oid', 'oid AS prooid', 1)} FROM pg_proc",
)
ROUTINE_TEXTS = (
    "SELECT oid, memory.rs.types_text(proargtypes) AS arguments, memory.rs.format_type(prorettype, NULL) AS result, "
    "'CREATE OR REPLACE FUNCTION pg_catalog.' || proname || '(' || memory.rs.types_text(proargtypes) || ') RETURNS ' "
    "|| memory.rs.format_type(prorettype, NULL) || ' LANGUAGE internal AS $$' || proname || '$$' AS definition "
    "FROM system.proc_rows UNION ALL SELECT oid, arguments, result, definition FROM system.user_routines"
)
"""The source `routine_texts`: what pg_get_functiondef() and its like say."""

PG_AGGREGATE = SystemRelation(
    "pg_aggregate",
    (
        ("aggfnoid", "regproc"), ("aggkind", '"char"'), ("aggnumdirectargs", "smallint"), ("aggtransfn", "regproc"),
        ("aggfinalfn", "regproc"), ("aggtranstype", "oid"), ("agginitval", "text"), ("aggsortop", "oid"),
    ),
    "SELECT oid AS aggfnoid, 'n' AS aggkind, 0::SMALLINT AS aggnumdirectargs, 0::BIGINT AS aggtransfn, "
    "0::BIGINT AS aggfinalfn, prorettype AS aggtranstype, NULL::VARCHAR AS agginitval, 0::BIGINT AS aggsortop "
    "FROM system.proc_rows WHERE prokind = 'a'",
    kept=True,
)  # fmt: skip

PG_LANGUAGE = SystemRelation(
    "pg_language",
    (
        ("oid", "oid"), ("lanname", "name"), ("lanowner", "oid"), ("lanispl", "boolean"), ("lanpltrusted", "boolean"),
        ("lanplcallfoid", "oid"), ("laninline", "oid"), ("lanvalidator", "oid"), ("lanacl", "aclitem[]"),
    ),
    "SELECT oid::BIGINT AS oid, l.name AS lanname, 1::BIGINT AS lanowner, l.name IN ('plpgsql', 'plpythonu') AS lanispl, "
    "l.name IN ('sql', 'plpgsql') AS lanpltrusted, "
    "0::BIGINT AS lanplcallfoid, 0::BIGINT AS laninline, 0::BIGINT AS lanvalidator, a.acl AS lanacl FROM "
    "(VALUES " + ", ".join(f"({oid}, '{name}')" for name, oid in _LANGUAGE_OIDS.items()) + ") AS l(oid, name) "
    "LEFT JOIN system.acls a ON a.acl_of = 'language' AND a.acl_on = l.name",
    kept=True,
)  # fmt: skip

ROUTINES = (PG_PROC, PG_PROC_INFO, PG_AGGREGATE, PG_LANGUAGE)


@cache
def proc_rows() -> pa.Table:
    """The rows of pg_proc that are always there."""
    return _table([*_of_catalogue(), *_of_types()])


def _table(rows: list[dict[str, Any]], further: tuple[tuple[str, str], ...] = ()) -> pa.Table:
    kinds = {"oid": pa.int64(), "regproc": pa.int64(), "smallint": pa.int16(), "boolean": pa.bool_(),
             "real": pa.float32(), "oidvector": pa.list_(pa.int64()), "oid[]": pa.list_(pa.int64()),
             "text[]": pa.list_(pa.string()), "aclitem[]": pa.list_(pa.string()),
             '"char"[]': pa.list_(pa.string())}  # fmt: skip
    return pa.table(
        {
            name: pa.array([row.get(name) for row in rows], kinds.get(kind, pa.string()))
            for name, kind in (*_COLUMNS, *further)
        }
    )


_USERS = """
SELECT r.* EXCLUDE (language, argument_names), r.language, r.argument_names,
    memory.rs.schema_oid(r.schema_name), memory.rs.owner_id(r.kind, r.schema_name, r.place),
    memory.rs.holds(getvariable('user_id'), r.kind, r.schema_name, r.place, ['EXECUTE']), a.acl
FROM (SELECT *, name || '(' || replace(signature, ',', ', ') || ')' AS place FROM (
    SELECT 'procedure' AS kind, prooid, schema_name, name, signature, arguments, NULL AS returns, 'volatile' AS volatility,
        body, definer, settings, 'plpgsql' AS language, '[]' AS argument_names FROM boathouse.procedures
    UNION ALL SELECT 'function', prooid, schema_name, name, signature, arguments, returns, volatility, body, false, '[]',
        language, argument_names FROM boathouse.functions)) r
LEFT JOIN memory.rs.acls() a ON a.acl_of = r.kind AND a.acl_in = r.schema_name AND a.acl_on = r.place
ORDER BY prooid
"""


def user_routines(viewer: Viewer, table: Callable[[str], pa.Table]) -> pa.Table:
    """The procedures and functions of users: rows of pg_proc, and their texts."""
    rows = [_of_user(row) for row in viewer.engine.fetch(_USERS)]
    return _table(rows, (("arguments", "text"), ("result", "text"), ("definition", "text")))


def _of_user(row: tuple[Any, ...]) -> dict[str, Any]:
    kind, oid, schema, name, _, arguments, returns, volatility, body, definer, settings, *more = row
    _, language, names, place, owner, seen, acl = more
    is_procedure = kind == "procedure"
    listed = json.loads(arguments)
    named = json.loads(names) or [""] * len(listed)
    found = listed if is_procedure else [[one, of, "IN", False] for one, of in zip(named, listed, strict=True)]
    shown = ["refcursor" if cursor else _shown(of) for _, of, _, cursor in found]
    oids = [1790 if cursor else _oid(of) for _, of, _, cursor in found]
    inputs = [one for one, (_, _, mode, _) in zip(oids, found, strict=True) if mode != "OUT"]
    outputs = [one for one, (_, _, mode, _) in zip(oids, found, strict=True) if mode != "IN"]
    gives = _oid(returns) if returns else (outputs or [_VOID])[0] if len(outputs) < 2 else _RECORD
    takes = ", ".join(
        " ".join(part for part in ("" if mode == "IN" else mode, argument, of) if part)
        for (argument, _, mode, _), of in zip(found, shown, strict=True)
    )
    made = _row(oid, name, inputs, gives, "p" if is_procedure else "f", volatility[0])
    if outputs:
        made |= {"proallargtypes": oids, "proargmodes": [{"IN": "i", "OUT": "o"}.get(one[2], "b") for one in found]}
    if any(one[0] for one in found):
        made["proargnames"] = [one[0] for one in found]
    text = _definition(kind, f"{schema}.{name}({takes})", returns, volatility, body, definer, language)
    return made | {
        "pronamespace": place, "proowner": owner, "prolang": _LANGUAGE_OIDS[language],
        "proisstrict": False, "prosecdef": definer, "prosrc": body if seen else None, "proacl": acl,
        "proconfig": [f"{key}={value}" for key, value in json.loads(settings)] or None, "arguments": takes,
        "result": None if is_procedure else _shown(returns), "definition": text if seen else None,
    }  # fmt: skip


def _definition(
    kind: str, head: str, returns: str | None, volatility: str, body: str, definer: bool, language: str
) -> str:
    lines = [f"CREATE OR REPLACE {kind.upper()} {head}"]
    lines += [f" RETURNS {returns}", f" {volatility.upper()}"] if returns else []
    lines += [" SECURITY DEFINER"] if definer else []
    quote = "$$" if "$$" not in body else "$_$"
    return "\n".join((*lines, f"AS {quote}{body}{quote} LANGUAGE {language}"))


def _shown(text: str) -> str:
    found = known_type(text)
    return text if found is None else found.name


def _oid(text: str) -> int:
    found = known_type(text)
    return _ANY if found is None else found.oid


def _of_catalogue() -> Iterator[dict[str, Any]]:
    for number, function in enumerate(sorted(FUNCTIONS.values(), key=lambda one: one.name)):
        letters = function.takes.replace("?", "").replace("*", "")
        takes = [_KINDS.get(letter, _ANY) for letter in letters]
        yield _row(
            _FIRST_OID + number,
            function.name,
            takes,
            _result(function),
            kind={"aggregate": "a", "window": "w"}.get(function.kind, "f"),
            volatile="s" if function.kind == "session" else "v" if function.name == "random" else "i",
            defaults=len(takes) - function.least,
        )


def _result(function: Function) -> int:
    if isinstance(function.returns, SqlType):
        return function.returns.oid
    try:
        found = function.returns([t.DOUBLE if letter == "d" else t.UNKNOWN for letter in function.takes])
    except (IndexError, ValueError):
        return _ANY
    return _ANY if found == t.UNKNOWN else found.oid


def _of_types() -> Iterator[dict[str, Any]]:
    oids = {one.name: one.oid for one in TYPES}
    for name, (oid, takes, gives) in io_functions().items():
        yield _row(oid, name, [oids[takes]], oids[gives])


def _row(
    oid: int, name: str, takes: list[int], gives: int, kind: str = "f", volatile: str = "i", defaults: int = 0
) -> dict[str, Any]:
    return {
        "oid": oid, "proname": name, "pronamespace": 11, "proowner": 1, "prolang": _LANGUAGE_OIDS["internal"],
        "procost": 1.0, "prorows": 0.0, "provariadic": 0, "prosupport": 0, "prokind": kind, "prosecdef": False,
        "proleakproof": False, "proisstrict": True, "proretset": False, "provolatile": volatile, "proparallel": "s",
        "pronargs": len(takes), "pronargdefaults": defaults, "prorettype": gives, "proargtypes": takes, "prosrc": name,
        "proisagg": kind == "a", "proiswindow": kind == "w",
    }  # fmt: skip
