"""SQL types as the whole house speaks of them: Redshift's names, PostgreSQL's oids on the wire.

Received from DDL, the binder and the engine; handed to endpoints, which need oid, size and typmod.
Sources: Redshift Developer Guide "Data types"; PostgreSQL `pg_type.dat`; the oids of GEOMETRY
(3000), GEOGRAPHY (3001), SUPER (4000) and VARBYTE (6551) are those of Amazon's drivers.
"""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa


@dataclass(frozen=True, slots=True)
class SqlType:
    """One SQL type.

    Attributes:
        name: canonical lower-case name, a key of `OIDS`, or one of `struct`, `array`, `map` (nested lake types).
        length: bytes for `character`, `character varying` and `varbyte`; None is unlimited.
        precision, scale: for `numeric`.
        fields: for `struct`, the (name, type) pairs in order; for `array` the one pair ("element", type);
            for `map` the pairs ("key", type), ("value", type).
        insensitive: of a text that is compared without regard to case (COLLATE CASE_INSENSITIVE).
    """

    name: str
    length: int | None = None
    precision: int | None = None
    scale: int | None = None
    fields: tuple[tuple[str, SqlType], ...] = ()
    insensitive: bool = False

    @property
    def oid(self) -> int:
        """The type's oid on the wire. Nested types travel as SUPER; arrays of scalars as PostgreSQL's arrays."""
        if self.name == "array":
            return ARRAY_OIDS.get(self.element.name, OIDS["super"])
        return OIDS.get(self.name, OIDS["super"])

    @property
    def size(self) -> int:
        """`pg_type.typlen`: bytes, or -1 for variable."""
        return SIZES.get(self.name, -1)

    @property
    def typmod(self) -> int:
        """`pg_attribute.atttypmod`: length + 4, or precision and scale packed, or -1."""
        if self.name in ("character", "character varying") and self.length is not None:
            return self.length + 4
        if self.name == "numeric" and self.precision is not None:
            return ((self.precision << 16) | (self.scale or 0)) + 4
        return -1

    @property
    def element(self) -> SqlType:
        """The element type of an array."""
        return self.fields[0][1]

    @property
    def is_integer(self) -> bool:
        """True for smallint, integer, bigint."""
        return self.name in ("smallint", "integer", "bigint")

    @property
    def is_number(self) -> bool:
        """True for integers, numeric and floats."""
        return self.is_integer or self.name in ("numeric", "real", "double precision")

    @property
    def is_float(self) -> bool:
        """True for real and double precision."""
        return self.name in ("real", "double precision")

    @property
    def is_text(self) -> bool:
        """True for char, varchar, name and for literals whose type is still open."""
        return self.name in _TEXTS

    @property
    def is_reference(self) -> bool:
        """True for regclass and its like: an oid that is shown by name."""
        return self.name in REFERENCES

    @property
    def is_list(self) -> bool:
        """True for PostgreSQL's arrays and the catalog's vectors."""
        return self.is_catalog_array or self.name in ("int2vector", "oidvector")

    @property
    def is_catalog_array(self) -> bool:
        """True for PostgreSQL's own arrays, which count from 1; a lake's arrays and the catalog's vectors do not."""
        return self.name == "array" and self.fields[0][0] == _ITEM

    @property
    def is_nested(self) -> bool:
        """True for struct, array, map and SUPER."""
        return self.name in ("struct", "array", "map", "super")

    @property
    def is_spatial(self) -> bool:
        """True for GEOMETRY and GEOGRAPHY."""
        return self.name in ("geometry", "geography")

    @property
    def is_opaque(self) -> bool:
        """True for types that are neither compared nor ordered, and that few functions take."""
        return self.is_spatial

    def __deepcopy__(self, memo: dict[int, object]) -> SqlType:
        """Itself, being immutable: syntax trees that carry types are copied often."""
        return self

    def __str__(self) -> str:
        """The type as Redshift prints it (`format_type`)."""
        if self.name in ("character", "character varying", "varbyte") and self.length is not None:
            return f"{self.name}({self.length})"
        if self.name == "numeric" and self.precision is not None:
            return f"numeric({self.precision},{self.scale or 0})"
        if self.name == "struct":
            return "struct<" + ",".join(f"{n}:{t}" for n, t in self.fields) + ">"
        if self.is_catalog_array:
            return f"{self.element}[]"
        if self.name == "array":
            return f"array<{self.element}>"
        if self.name == "map":
            return f"map<{self.fields[0][1]},{self.fields[1][1]}>"
        return self.name


def array_of(element: SqlType) -> SqlType:
    """The array type of an element type."""
    return SqlType("array", fields=(("element", element),))


def sql_array_of(element: SqlType) -> SqlType:
    """PostgreSQL's array of an element type: `text[]`, what the system catalog and its functions speak of."""
    return SqlType("array", fields=((_ITEM, element),))


def map_of(key: SqlType, value: SqlType) -> SqlType:
    """The map type of a key and a value type."""
    return SqlType("map", fields=(("key", key), ("value", value)))


def struct_of(*fields: tuple[str, SqlType]) -> SqlType:
    """The struct type of named fields, in order."""
    return SqlType("struct", fields=fields)


def numeric(precision: int, scale: int) -> SqlType:
    """NUMERIC(precision, scale)."""
    return SqlType("numeric", precision=precision, scale=scale)


def varchar(length: int | None = None) -> SqlType:
    """VARCHAR(length in bytes); None is unlimited."""
    return SqlType("character varying", length=length)


def char(length: int) -> SqlType:
    """CHAR(length in bytes), blank-padded where it is shown."""
    return SqlType("character", length=length)


_ITEM = "item"

BOOLEAN = SqlType("boolean")
SMALLINT = SqlType("smallint")
INTEGER = SqlType("integer")
BIGINT = SqlType("bigint")
REAL = SqlType("real")
DOUBLE = SqlType("double precision")
VARCHAR = SqlType("character varying")
TEXT = SqlType("text")
NAME = SqlType("name")
OID = SqlType("oid")
DATE = SqlType("date")
TIME = SqlType("time without time zone")
TIMETZ = SqlType("time with time zone")
TIMESTAMP = SqlType("timestamp without time zone")
TIMESTAMPTZ = SqlType("timestamp with time zone")
INTERVAL = SqlType("interval")
SUPER = SqlType("super")
VARBYTE = SqlType("varbyte")
GEOMETRY = SqlType("geometry")
GEOGRAPHY = SqlType("geography")
REGCLASS = SqlType("regclass")
REGPROC = SqlType("regproc")
REGTYPE = SqlType("regtype")
LETTER = SqlType('"char"')
"""The catalog's one-byte type, written with its quotes."""
INT2VECTOR = SqlType("int2vector", fields=((_ITEM, SMALLINT),))
OIDVECTOR = SqlType("oidvector", fields=((_ITEM, OID),))
UUID = SqlType("uuid")
JSON = SqlType("json")
UNKNOWN = SqlType("unknown")
"""A literal or parameter whose type its context decides: `'abc'`, `NULL`, `$1`."""

REFERENCES: dict[str, int] = {
    "regproc": 24,
    "regprocedure": 2202,
    "regoper": 2203,
    "regoperator": 2204,
    "regclass": 2205,
    "regtype": 2206,
    "regnamespace": 4089,
    "regrole": 4096,
}
"""Oids that are shown by the name of what they point at."""

_CATALOG_TEXTS: dict[str, int] = {'"char"': 18, "pg_node_tree": 194, "aclitem": 1033, "anyarray": 2277, "inet": 869}
"""Types of the system catalog that travel as text."""

_TEXTS = frozenset(("character", "character varying", "text", "name", "unknown", *_CATALOG_TEXTS))

OIDS: dict[str, int] = {
    "boolean": 16,
    "bytea": 17,
    "name": 19,
    "bigint": 20,
    "smallint": 21,
    "integer": 23,
    "text": 25,
    "oid": 26,
    "json": 114,
    "real": 700,
    "double precision": 701,
    "unknown": 705,
    "character": 1042,
    "character varying": 1043,
    "date": 1082,
    "time without time zone": 1083,
    "timestamp without time zone": 1114,
    "timestamp with time zone": 1184,
    "interval": 1186,
    "time with time zone": 1266,
    "numeric": 1700,
    "refcursor": 1790,
    "uuid": 2950,
    "geometry": 3000,
    "geography": 3001,
    "super": 4000,
    "varbyte": 6551,
    "xid": 28,
    "int2vector": 22,
    "oidvector": 30,
    **REFERENCES,
    **_CATALOG_TEXTS,
}

ARRAY_OIDS: dict[str, int] = {
    "boolean": 1000,
    "name": 1003,
    "smallint": 1005,
    "integer": 1007,
    "text": 1009,
    "character varying": 1015,
    "bigint": 1016,
    "real": 1021,
    "double precision": 1022,
    "oid": 1028,
    "timestamp without time zone": 1115,
    "date": 1182,
    "timestamp with time zone": 1185,
    "numeric": 1231,
    '"char"': 1002,
    "character": 1014,
    "aclitem": 1034,
}

SIZES: dict[str, int] = {
    "boolean": 1,
    "smallint": 2,
    "integer": 4,
    "oid": 4,
    "real": 4,
    "date": 4,
    "bigint": 8,
    "double precision": 8,
    "time without time zone": 8,
    "timestamp without time zone": 8,
    "timestamp with time zone": 8,
    "time with time zone": 12,
    "interval": 16,
    "uuid": 16,
    "name": 64,
    "xid": 4,
    '"char"': 1,
    **dict.fromkeys(REFERENCES, 4),
}

TYPE_OF_OID: dict[int, SqlType] = {oid: SqlType(name) for name, oid in OIDS.items()} | {
    oid: sql_array_of(SqlType(name)) for name, oid in ARRAY_OIDS.items()
}
"""Parameter types by the oid that a client sends in Parse."""


def arrow_type(sql_type: SqlType) -> pa.DataType:
    """The Arrow type in which an engine hands over a column of this type; the contract of `Rows.batches`.

    SUPER, JSON and nested lake types arrive as JSON text; numeric without precision as decimal128(38, scale or 0);
    regclass and its like as both the oid and the name, one for each format.
    """
    if sql_type.name == "numeric":
        return pa.decimal128(sql_type.precision or 38, sql_type.scale or 0)
    if sql_type.name == "array" and sql_type.element.name in ARRAY_OIDS:
        return pa.list_(arrow_type(sql_type.element))
    if sql_type.name in ("int2vector", "oidvector"):
        return pa.list_(arrow_type(sql_type.element))
    if sql_type.is_reference:
        return pa.struct([("oid", pa.int64()), ("name", pa.string())])
    return _ARROW.get(sql_type.name, pa.string())


_ARROW: dict[str, pa.DataType] = {
    "boolean": pa.bool_(),
    "smallint": pa.int16(),
    "integer": pa.int32(),
    "bigint": pa.int64(),
    "oid": pa.int64(),
    "xid": pa.int64(),
    "real": pa.float32(),
    "double precision": pa.float64(),
    "date": pa.date32(),
    "time without time zone": pa.time64("us"),
    "timestamp without time zone": pa.timestamp("us"),
    "timestamp with time zone": pa.timestamp("us", tz="UTC"),
    "interval": pa.month_day_nano_interval(),
    "bytea": pa.binary(),
    "varbyte": pa.binary(),
    "geometry": pa.binary(),
    "geography": pa.binary(),
}
