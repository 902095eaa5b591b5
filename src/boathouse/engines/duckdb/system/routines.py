"""pg_proc, pg_aggregate and pg_language: the functions of our catalogue, and the types' input and output functions.

The rows follow from `sql.redshift.functions` and never change while the house is open, so they are made once.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pyarrow as pa

from boathouse.contracts import types as t
from boathouse.contracts.rooms import SystemRelation
from boathouse.contracts.types import SqlType
from boathouse.engines.duckdb.system.types import TYPES, io_functions
from boathouse.sql.redshift.functions import FUNCTIONS, Function

_ANY = 2276
_KINDS = {"s": 1043, "n": 1700, "d": 701, "i": 23, "m": 1114, "v": 4000, "u": 25, "x": _ANY}
"""The type of an argument, by the letter that the catalogue of functions gives it."""

_FIRST_OID = 3_100
_LANGUAGE_OIDS = {"internal": 12, "c": 13, "sql": 14}

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

PG_PROC = SystemRelation("pg_proc", _COLUMNS, "SELECT * FROM system.proc_rows", kept=True)

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
    "SELECT oid::BIGINT AS oid, name AS lanname, 1::BIGINT AS lanowner, false AS lanispl, name = 'sql' AS lanpltrusted, "
    "0::BIGINT AS lanplcallfoid, 0::BIGINT AS laninline, 0::BIGINT AS lanvalidator, NULL::VARCHAR[] AS lanacl FROM "
    "(VALUES " + ", ".join(f"({oid}, '{name}')" for name, oid in _LANGUAGE_OIDS.items()) + ") AS l(oid, name)",
    kept=True,
)  # fmt: skip

ROUTINES = (PG_PROC, PG_AGGREGATE, PG_LANGUAGE)


def proc_rows() -> pa.Table:
    """The rows of pg_proc."""
    kinds = {"oid": pa.int64(), "regproc": pa.int64(), "smallint": pa.int16(), "boolean": pa.bool_(),
             "real": pa.float32(), "oidvector": pa.list_(pa.int64()), "oid[]": pa.list_(pa.int64()),
             "text[]": pa.list_(pa.string()), "aclitem[]": pa.list_(pa.string()),
             '"char"[]': pa.list_(pa.string())}  # fmt: skip
    rows = [*_of_catalogue(), *_of_types()]
    return pa.table(
        {name: pa.array([row.get(name) for row in rows], kinds.get(kind, pa.string())) for name, kind in _COLUMNS}
    )


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
