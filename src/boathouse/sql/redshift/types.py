"""Type names, as users write them, to `SqlType`, and on to the engine's names.

Received from the DDL parsers (tokens), from casts in sqlglot's trees and from notes (text). Redshift's scalar types
with all their aliases, and Hive's nested ones (`struct<a:int,b:array<string>>`) for external tables.

Source: Redshift Developer Guide, "Data types", "CREATE EXTERNAL TABLE".
"""

from __future__ import annotations

from functools import lru_cache
from typing import NoReturn

from sqlglot import exp

from boathouse.contracts import types
from boathouse.contracts.errors import BoathouseError, FeatureNotSupported, InvalidTableDefinition, UndefinedObject
from boathouse.contracts.types import SqlType
from boathouse.sql.token_reader import TokenReader

VARCHAR_LENGTH_MAX = 65_535
CHAR_LENGTH_MAX = 4_096
VARBYTE_LENGTH_MAX = 16_777_216
NUMERIC_PRECISION_MAX = 38
DDL_VARCHAR_LENGTH = 256
"""The length of VARCHAR and TEXT where a column's definition gives none."""

_SCALARS: dict[str, SqlType] = {
    **dict.fromkeys(("smallint", "int2", "tinyint"), types.SMALLINT),
    **dict.fromkeys(("integer", "int", "int4"), types.INTEGER),
    **dict.fromkeys(("bigint", "int8"), types.BIGINT),
    **dict.fromkeys(("real", "float4"), types.REAL),
    **dict.fromkeys(("double precision", "float8", "double"), types.DOUBLE),
    **dict.fromkeys(("boolean", "bool"), types.BOOLEAN),
    "date": types.DATE,
    "timetz": types.TIMETZ,
    "timestamptz": types.TIMESTAMPTZ,
    "super": types.SUPER,
    "geometry": types.GEOMETRY,
    "geography": types.GEOGRAPHY,
    "name": types.NAME,
    "oid": types.OID,
    "uuid": types.UUID,
    "json": types.JSON,
    "bytea": SqlType("bytea"),
    "unknown": types.UNKNOWN,
    **{name: SqlType(name) for name in types.REFERENCES},
    **dict.fromkeys(("xid", "cid"), SqlType("xid")),
    "int2vector": types.INT2VECTOR,
    "oidvector": types.OIDVECTOR,
    **{name: SqlType(name) for name in ("pg_node_tree", "aclitem", "anyarray", "inet")},
    "cstring": types.TEXT,
    # The information schema's domains.
    **dict.fromkeys(("sql_identifier",), types.NAME),
    **dict.fromkeys(("character_data", "yes_or_no"), types.VARCHAR),
    "cardinal_number": types.INTEGER,
    "time_stamp": types.TIMESTAMPTZ,
}
_VARCHARS = ("varchar", "nvarchar", "character varying", "char varying", "nchar varying", "string")
_CHARS = ("char", "character", "nchar", "bpchar")
_NUMERICS = ("numeric", "decimal", "dec")
_VARBYTES = ("varbyte", "varbinary", "binary varying", "binary", "blob")
_REFUSED = ("hllsketch", "bit", "money", "xml", "hstore", "jsonb", "timestamp_ntz",
            "anyelement")  # fmt: skip
_NOT_COLUMNS = (
    "uuid", "json", "bytea", "name", "oid", "unknown", "regclass", "regtype", "regproc", "regnamespace", "regrole",
    "xid", "cid", "serial", "bigserial", "smallserial", "inet", "cidr", "macaddr", "point", "line", "box", "path",
    "polygon", "circle", "tsvector", "tsquery", "int4range", "int8range", "numrange", "tsrange", "daterange",
)  # fmt: skip
"""PostgreSQL's types that no column of Redshift has."""
_INSTEAD = {
    **dict.fromkeys(("serial", "bigserial", "smallserial"), "Use IDENTITY(1, 1)."),
    **dict.fromkeys(("json", "jsonb", "hstore", "xml"), "Use SUPER."),
    **dict.fromkeys(("uuid", "name", "inet", "cidr", "macaddr"), "Use VARCHAR."),
    "bytea": "Use VARBYTE.",
    "money": "Use NUMERIC.",
}
_FOLLOWERS = {"double": "precision", "character": "varying", "char": "varying", "nchar": "varying", "binary": "varying"}

_ENGINE: dict[str, str] = {
    "boolean": "BOOLEAN",
    "smallint": "SMALLINT",
    "integer": "INTEGER",
    "bigint": "BIGINT",
    **dict.fromkeys(("oid", "xid", *types.REFERENCES), "BIGINT"),
    "int2vector": "SMALLINT[]",
    "oidvector": "BIGINT[]",
    "real": "FLOAT",
    "double precision": "DOUBLE",
    "date": "DATE",
    "time without time zone": "TIME",
    "time with time zone": "TIMETZ",
    "timestamp without time zone": "TIMESTAMP",
    "timestamp with time zone": "TIMESTAMPTZ",
    "interval": "INTERVAL",
    "super": "VARIANT",
    "json": "JSON",
    "uuid": "UUID",
    "varbyte": "BLOB",
    "bytea": "BLOB",
    "geometry": "BLOB",
    "geography": "BLOB",
}


def parse_type(text: str, *, ddl: bool = False) -> SqlType:
    """The type that `text` names; `ddl` fills in the lengths of a column's definition (VARCHAR is VARCHAR(256)).

    Raises:
        UndefinedObject: no such type. FeatureNotSupported: Redshift's, but not here.
        InvalidTableDefinition: a length or precision outside its limits. SqlSyntaxError: not a type at all.
    """
    return _parse_type(text, ddl)


@lru_cache(maxsize=1024)
def _parse_type(text: str, ddl: bool) -> SqlType:
    reader = TokenReader(text)
    found = read_type(reader, ddl=ddl)
    reader.finish()
    return found


def read_type(reader: TokenReader, *, ddl: bool = False) -> SqlType:
    """Read one type from a statement; errors carry the position of the type's name."""
    start = reader.mark()
    for schema in ("pg_catalog", "information_schema"):
        if reader.accept(schema, "."):
            break
    if reader.token.kind == "quoted" and reader.token.value == "char":
        reader.next()
        return _subscripted(reader, types.LETTER, ddl, start) if reader.sees("[") else types.LETTER
    if reader.token.kind not in ("word", "quoted"):
        reader.fail(hint="Expected a type.")
    word = reader.next().value.lower()
    follower = _FOLLOWERS.get(word)
    if follower and reader.accept(follower):
        word = f"{word} {follower}"
    if word in ("struct", "array", "map") and reader.sees("<"):
        return _nested(reader, word, ddl)
    found = _sized(reader, word, ddl, start)
    if reader.sees("["):
        return _subscripted(reader, found, ddl, start)
    return found


def _sized(reader: TokenReader, word: str, ddl: bool, start: int) -> SqlType:
    if word in _VARCHARS:
        default = VARCHAR_LENGTH_MAX if word == "string" else DDL_VARCHAR_LENGTH
        return types.varchar(_length(reader, VARCHAR_LENGTH_MAX, default if ddl else None, "varchar", start))
    if word in _CHARS:
        length = _length(reader, CHAR_LENGTH_MAX, DDL_VARCHAR_LENGTH if word == "bpchar" else 1, "char", start)
        return types.char(length or 1)
    if word == "text":
        length = _length(reader, VARCHAR_LENGTH_MAX, DDL_VARCHAR_LENGTH if ddl else None, "varchar", start)
        return types.varchar(length) if ddl or length else types.TEXT
    if word in _VARBYTES:
        length = _length(reader, VARBYTE_LENGTH_MAX, 64_000 if ddl else None, "varbyte", start)
        return SqlType("varbyte", length=length)
    if word in _NUMERICS:
        return _numeric(reader, start)
    if word == "float":
        return _float(reader, start)
    if word in ("timestamp", "time", "timestamptz", "timetz"):
        return _time(reader, word, start)
    if word == "interval":
        return _interval(reader)
    if word in _SCALARS and not (ddl and word in _NOT_COLUMNS):
        return _SCALARS[word]
    return _unknown(reader, word, start)


def _unknown(reader: TokenReader, word: str, start: int) -> NoReturn:
    position = reader.tokens[start].start + 1
    if word in _REFUSED or word in _NOT_COLUMNS:
        raise FeatureNotSupported(f"type {word} is not supported", position=position, hint=_INSTEAD.get(word))
    hint = f"Write {word}<...>." if word in ("struct", "array", "map") else None
    raise UndefinedObject(f'type "{word}" does not exist', position=position, hint=hint)


def _invalid(reader: TokenReader, start: int, message: str) -> NoReturn:
    raise InvalidTableDefinition(message, position=reader.tokens[start].start + 1, sqlstate="22023")


def _length(reader: TokenReader, most: int, default: int | None, name: str, start: int) -> int | None:
    if not reader.accept("("):
        return default
    if reader.accept("max"):
        length = VARCHAR_LENGTH_MAX if name == "varchar" else most if name != "varbyte" else 1_024_000
    else:
        length = reader.integer("a length in bytes")
        if length < 1:
            _invalid(reader, start, f"length for type {name} must be at least 1")
        if length > most:
            _invalid(reader, start, f"length for type {name} cannot exceed {most}")
    reader.expect(")")
    return length


def _numeric(reader: TokenReader, start: int) -> SqlType:
    if not reader.accept("("):
        return types.numeric(18, 0)
    precision = reader.integer("a precision")
    scale = reader.integer("a scale") if reader.accept(",") else 0
    reader.expect(")")
    if not 1 <= precision <= NUMERIC_PRECISION_MAX:
        _invalid(reader, start, f"NUMERIC precision {precision} must be between 1 and {NUMERIC_PRECISION_MAX}")
    if not 0 <= scale <= precision:
        _invalid(reader, start, f"NUMERIC scale {scale} must be between 0 and precision {precision}")
    return types.numeric(precision, scale)


def _float(reader: TokenReader, start: int) -> SqlType:
    if not reader.accept("("):
        return types.DOUBLE
    bits = reader.integer("a precision in bits")
    reader.expect(")")
    if not 1 <= bits <= 53:
        _invalid(reader, start, "precision for type float must be between 1 and 53 bits")
    return types.REAL if bits <= 24 else types.DOUBLE


def _time(reader: TokenReader, word: str, start: int) -> SqlType:
    if reader.accept("("):
        digits = reader.integer("a number of fractional digits")
        reader.expect(")")
        if not 0 <= digits <= 6:
            _invalid(reader, start, f"{word}({digits}) precision must be between 0 and 6")
    zoned = word.endswith("tz")
    if not zoned and reader.accept("with"):
        reader.expect("time", "zone")
        zoned = True
    elif not zoned and reader.accept("without"):
        reader.expect("time", "zone")
    if word.startswith("timestamp"):
        return types.TIMESTAMPTZ if zoned else types.TIMESTAMP
    return types.TIMETZ if zoned else types.TIME


def _interval(reader: TokenReader) -> SqlType:
    units = ("year", "month", "day", "hour", "minute", "second")
    if reader.accept_any(*units):
        if reader.accept("("):
            reader.integer()
            reader.expect(")")
        if reader.accept("to"):
            reader.expect_any(*units)
    if reader.accept("("):
        reader.integer("a number of fractional digits")
        reader.expect(")")
    return types.INTERVAL


def _nested(reader: TokenReader, word: str, ddl: bool) -> SqlType:
    reader.expect("<")
    if word == "array":
        found = types.array_of(read_type(reader, ddl=ddl))
    elif word == "map":
        key = read_type(reader, ddl=ddl)
        reader.expect(",")
        found = types.map_of(key, read_type(reader, ddl=ddl))
    else:
        fields = [_field(reader, ddl)]
        while reader.accept(","):
            fields.append(_field(reader, ddl))
        found = types.struct_of(*fields)
    _close_angle(reader)
    return found


def _field(reader: TokenReader, ddl: bool) -> tuple[str, SqlType]:
    name = reader.identifier("a field name")
    reader.accept(":")
    return name, read_type(reader, ddl=ddl)


def _close_angle(reader: TokenReader) -> None:
    """`>`, also as one half of `>>`, which closes two types."""
    if reader.sees(">>"):
        token = reader.token
        here = reader.tokens.index(token)
        half = (token.start + 1, token.end)
        reader.tokens[here : here + 1] = [
            type(token)("operator", ">", token.start, half[0]),
            type(token)("operator", ">", *half),
        ]
    reader.expect(">")


def _subscripted(reader: TokenReader, element: SqlType, ddl: bool, start: int) -> SqlType:
    if ddl:
        position = reader.tokens[start].start + 1
        raise FeatureNotSupported("array columns are not supported", hint="Use SUPER.", position=position)
    found = element
    while reader.accept("["):
        if not reader.sees("]"):
            reader.integer()
        reader.expect("]")
        found = types.sql_array_of(element)
    return found


def from_sqlglot(data_type: exp.DataType) -> SqlType:
    """The type of a cast in sqlglot's tree.

    Raises:
        UndefinedObject, FeatureNotSupported: as `parse_type`.
    """
    text = data_type.sql(dialect="redshift")
    kind = data_type.this
    if kind == exp.DataType.Type.CHAR and not data_type.expressions:
        return types.char(1)
    inner = data_type.expressions[0] if data_type.expressions else None
    if kind == exp.DataType.Type.ARRAY and isinstance(inner, exp.DataType):
        return types.sql_array_of(from_sqlglot(inner))
    if kind == exp.DataType.Type.TEXT and not data_type.expressions:
        return types.TEXT
    if kind == exp.DataType.Type.UNKNOWN:
        return types.UNKNOWN
    return parse_type(text.replace("VARCHAR(MAX)", f"VARCHAR({VARCHAR_LENGTH_MAX})"))


def duckdb_type(sql_type: SqlType) -> str:
    """The engine's type in which a column of this type is stored.

    Lengths are not part of it: the engine does not enforce them, assignment casts do.
    """
    if sql_type.name == "numeric":
        return f"DECIMAL({sql_type.precision or 38},{sql_type.scale or 0})"
    if sql_type.name == "struct":
        inner = ", ".join(f"{quoted(name)} {duckdb_type(of)}" for name, of in sql_type.fields)
        return f"STRUCT({inner})"
    if sql_type.name == "array":
        return f"{duckdb_type(sql_type.element)}[]"
    if sql_type.name == "map":
        return f"MAP({duckdb_type(sql_type.fields[0][1])}, {duckdb_type(sql_type.fields[1][1])})"
    return _ENGINE.get(sql_type.name, "VARCHAR")


def quoted(name: str) -> str:
    """A name in double quotes, as the engine reads it."""
    return '"' + name.replace('"', '""') + '"'


def known_type(text: str) -> SqlType | None:
    """The type that a note or catalog text names, or None where it names none."""
    try:
        return parse_type(text)
    except BoathouseError:
        return None
