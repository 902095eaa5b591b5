"""pg_type: the types that travel over our wire, their arrays, and PostgreSQL's pseudo types, under PostgreSQL's numbers.

The rows never change, so they are made once, as an Arrow table; input and output functions are rows of pg_proc.
Source: PostgreSQL `pg_type`; GEOMETRY, GEOGRAPHY, SUPER and VARBYTE as in `contracts.types`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import pyarrow as pa

from boathouse.contracts.rooms import SystemRelation


class _Type(NamedTuple):
    oid: int
    name: str
    length: int
    category: str
    array: int = 0
    function: str = ""
    """What its input and output functions are called: `int4` in int4in, int4out, int4recv, int4send."""
    kind: str = "b"
    preferred: bool = False
    element: int = 0


TYPES: tuple[_Type, ...] = (
    _Type(16, "bool", 1, "B", 1000, preferred=True),
    _Type(17, "bytea", -1, "U", 1001),
    _Type(18, "char", 1, "Z", 1002),
    _Type(19, "name", 64, "S", 1003, element=18),
    _Type(20, "int8", 8, "N", 1016),
    _Type(21, "int2", 2, "N", 1005),
    _Type(22, "int2vector", -1, "A", 1006, element=21),
    _Type(23, "int4", 4, "N", 1007),
    _Type(24, "regproc", 4, "N", 1008),
    _Type(25, "text", -1, "S", 1009, preferred=True),
    _Type(26, "oid", 4, "N", 1028, preferred=True),
    _Type(27, "tid", 6, "U", 1010),
    _Type(28, "xid", 4, "U", 1011),
    _Type(29, "cid", 4, "U", 1012),
    _Type(30, "oidvector", -1, "A", 1013, element=26),
    _Type(114, "json", -1, "U", 199, "json_"),
    _Type(194, "pg_node_tree", -1, "Z", 0, "pg_node_tree_"),
    _Type(700, "float4", 4, "N", 1021),
    _Type(701, "float8", 8, "N", 1022, preferred=True),
    _Type(705, "unknown", -2, "X", kind="p"),
    _Type(869, "inet", -1, "I", 1041, "inet_", preferred=True),
    _Type(1033, "aclitem", 12, "U", 1034),
    _Type(1042, "bpchar", -1, "S", 1014),
    _Type(1043, "varchar", -1, "S", 1015),
    _Type(1082, "date", 4, "D", 1182, "date_"),
    _Type(1083, "time", 8, "D", 1183, "time_"),
    _Type(1114, "timestamp", 8, "D", 1115, "timestamp_"),
    _Type(1184, "timestamptz", 8, "D", 1185, "timestamptz_", preferred=True),
    _Type(1186, "interval", 16, "T", 1187, "interval_", preferred=True),
    _Type(1266, "timetz", 12, "D", 1270),
    _Type(1700, "numeric", -1, "N", 1231, "numeric_"),
    _Type(2202, "regprocedure", 4, "N", 2207),
    _Type(2203, "regoper", 4, "N", 2208),
    _Type(2204, "regoperator", 4, "N", 2209),
    _Type(2205, "regclass", 4, "N", 2210),
    _Type(2206, "regtype", 4, "N", 2211),
    _Type(2249, "record", -1, "P", 2287, "record_", kind="p"),
    _Type(2275, "cstring", -2, "P", 1263, "cstring_", kind="p"),
    _Type(2276, "any", 4, "P", 0, "any_", kind="p"),
    _Type(2277, "anyarray", -1, "P", 0, "anyarray_", kind="p"),
    _Type(2278, "void", 4, "P", 0, "void_", kind="p"),
    _Type(2279, "trigger", 4, "P", 0, "trigger_", kind="p"),
    _Type(2281, "internal", 8, "P", 0, "internal_", kind="p"),
    _Type(2283, "anyelement", 4, "P", 0, "anyelement_", kind="p"),
    _Type(2950, "uuid", 16, "U", 2951, "uuid_"),
    _Type(3000, "geometry", -1, "U", 0, "geometry_"),
    _Type(3001, "geography", -1, "U", 0, "geography_"),
    _Type(4000, "super", -1, "U", 0, "super_"),
    _Type(4089, "regnamespace", 4, "N", 4090),
    _Type(4096, "regrole", 4, "N", 4097),
    _Type(6551, "varbyte", -1, "U", 0, "varbyte_"),
)

ARRAY_FUNCTIONS: dict[str, int] = {"array_in": 750, "array_out": 751, "array_recv": 2400, "array_send": 2401}
_FIRST_FUNCTION = 10_500


def io_functions() -> dict[str, tuple[int, str, str]]:
    """Input, output, receive and send functions: name → (oid, argument's type name, result's type name)."""
    found = {name: (oid, "cstring", "anyarray") for name, oid in ARRAY_FUNCTIONS.items()}
    for one in TYPES:
        for ending in ("in", "out", "recv", "send"):
            takes, gives = {
                "in": ("cstring", one.name),
                "recv": ("cstring", one.name),
                "out": (one.name, "cstring"),
            }.get(ending, (one.name, "bytea"))
            found.setdefault(f"{one.function or one.name}{ending}", (_FIRST_FUNCTION + len(found), takes, gives))
    return found


def _rows() -> Iterator[dict[str, object]]:
    functions = io_functions()
    for one in TYPES:
        name = one.function or one.name
        yield _row(one, *(functions[name + ending][0] for ending in ("in", "out", "recv", "send")))
        if one.array:
            array = _Type(one.array, f"_{one.name}", -1, "A", element=one.oid)
            yield _row(array, *ARRAY_FUNCTIONS.values())


def _row(one: _Type, input_: int, output: int, receive: int, send: int) -> dict[str, object]:
    wide = one.length == 8 or one.name in ("record", "interval", "timetz")
    return {
        "oid": one.oid, "typname": one.name, "typnamespace": 11, "typowner": 1, "typlen": one.length,
        "typbyval": 0 < one.length <= 8 and one.name not in ("name", "tid"), "typtype": one.kind,
        "typcategory": one.category, "typispreferred": one.preferred, "typisdefined": True, "typdelim": ",",
        "typrelid": 0, "typsubscript": ARRAY_FUNCTIONS["array_in"] if one.category == "A" else 0,
        "typelem": one.element, "typarray": one.array, "typinput": input_, "typoutput": output,
        "typreceive": receive, "typsend": send, "typmodin": 0, "typmodout": 0, "typanalyze": 0,
        "typalign": "d" if wide else {1: "c", 2: "s", 64: "c", -2: "c"}.get(one.length, "i"),
        "typstorage": "x" if one.length == -1 else "p", "typnotnull": False, "typbasetype": 0, "typtypmod": -1,
        "typndims": 0, "typcollation": 100 if one.category == "S" else 0, "typdefaultbin": None, "typdefault": None,
        "typacl": None,
    }  # fmt: skip


_COLUMNS = (
    ("oid", "oid"), ("typname", "name"), ("typnamespace", "oid"), ("typowner", "oid"), ("typlen", "smallint"),
    ("typbyval", "boolean"), ("typtype", '"char"'), ("typcategory", '"char"'), ("typispreferred", "boolean"),
    ("typisdefined", "boolean"), ("typdelim", '"char"'), ("typrelid", "oid"), ("typsubscript", "regproc"),
    ("typelem", "oid"), ("typarray", "oid"), ("typinput", "regproc"), ("typoutput", "regproc"),
    ("typreceive", "regproc"), ("typsend", "regproc"), ("typmodin", "regproc"), ("typmodout", "regproc"),
    ("typanalyze", "regproc"), ("typalign", '"char"'), ("typstorage", '"char"'), ("typnotnull", "boolean"),
    ("typbasetype", "oid"), ("typtypmod", "integer"), ("typndims", "integer"), ("typcollation", "oid"),
    ("typdefaultbin", "pg_node_tree"), ("typdefault", "text"), ("typacl", "aclitem[]"),
)  # fmt: skip

PG_TYPE = SystemRelation("pg_type", _COLUMNS, "SELECT * FROM system.type_rows", kept=True)


def type_rows() -> pa.Table:
    """The rows of pg_type."""
    kinds = {"oid": pa.int64(), "regproc": pa.int64(), "smallint": pa.int16(), "integer": pa.int32(),
             "boolean": pa.bool_(), "aclitem[]": pa.list_(pa.string())}  # fmt: skip
    rows = list(_rows())
    return pa.table(
        {name: pa.array([row[name] for row in rows], kinds.get(kind, pa.string())) for name, kind in _COLUMNS}
    )
