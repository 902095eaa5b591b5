"""The catalogue of Redshift's functions: argument kinds, result type, and what the engine calls instead.

Received: names from `sql.redshift.dialect` and the binder. Handed on: result types to the binder, engine forms to
`sql.rewrites.calls`. What is not here does not exist for users, which also keeps the engine's own functions
(files, environment, settings) out of reach.

Source: Redshift Developer Guide, "SQL functions reference".
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from boathouse.contracts import types as t
from boathouse.contracts.types import SqlType
from boathouse.sql.redshift.catalog_functions import CATALOG_FUNCTIONS
from boathouse.sql.redshift.catalogue.spatial_functions import SPATIAL_FUNCTIONS
from boathouse.sql.redshift.result_types import (
    average,
    common_type,
    date_sum,
    first,
    rounded,
    sign,
    summed,
    text_or_bytes,
    widened,
)

Returns = SqlType | Callable[[Sequence[SqlType]], SqlType]


@dataclass(frozen=True, slots=True)
class Function:
    """One function.

    Attributes:
        name: lower case.
        takes: a letter per argument: `s` text, `n` number, `d` double, `i` integer, `m` moment (date or timestamp),
            `b` boolean, `t` interval, `y` integer or VARBYTE, `z` VARBYTE, `g` GEOMETRY, `e` GEOMETRY or GEOGRAPHY,
            `w` hexadecimal digits or VARBYTE,
            `q` number or interval, `o` number or moment, `v` SUPER, `x` anything, `u` a word, no
            value (a date part); after `?` optional, `*` repeats the last.
        returns: the result type, or a rule over the arguments' types.
        engine: the engine's function; `rs.name` is one of our macros; "" where a rewrite of its own builds the form.
        kind: scalar, aggregate, window, or session (a fact of the session).
    """

    name: str
    takes: str
    returns: Returns
    engine: str = ""
    kind: str = "scalar"

    @property
    def least(self) -> int:
        """The fewest arguments."""
        return len(self.takes.partition("?")[0].replace("*", ""))

    @property
    def most(self) -> int | None:
        """The most arguments; None without limit."""
        return None if self.takes.endswith("*") else len(self.takes.replace("?", ""))

    def letter(self, index: int) -> str:
        """The kind of the argument at `index`."""
        letters = self.takes.replace("?", "").replace("*", "")
        return letters[min(index, len(letters) - 1)] if letters else "x"


def _table(kind: str, *rows: tuple[str, str, Returns] | tuple[str, str, Returns, str]) -> dict[str, Function]:
    found: dict[str, Function] = {}
    for row in rows:
        names, takes, returns = row[0].split(), row[1], row[2]
        engine = row[3] if len(row) == 4 else ""
        for name in names:
            found[name] = Function(name, takes, returns, engine, kind)
    return found


_MATHS = _table(
    "scalar",
    ("abs", "n", first, "abs"),
    ("acos", "d", t.DOUBLE, "rs.acos"),
    ("asin", "d", t.DOUBLE, "rs.asin"),
    ("atan", "d", t.DOUBLE, "atan"),
    ("atan2", "dd", t.DOUBLE, "atan2"),
    ("cbrt", "d", t.DOUBLE, "rs.cbrt"),
    ("ceil ceiling", "n", rounded, "ceil"),
    ("cos", "d", t.DOUBLE, "cos"),
    ("cot", "d", t.DOUBLE, "rs.cot"),
    ("degrees", "d", t.DOUBLE, "rs.degrees"),
    ("exp dexp", "d", t.DOUBLE, "rs.exp"),
    ("floor", "n", rounded, "floor"),
    ("ln dlog1", "d", t.DOUBLE, "rs.ln"),
    ("log dlog10", "d", t.DOUBLE, "rs.log10"),
    ("mod", "nn", widened, ""),
    ("pi", "", t.DOUBLE, "pi"),
    ("power pow", "dd", t.DOUBLE, "rs.power"),
    ("radians", "d", t.DOUBLE, "radians"),
    ("random", "", t.DOUBLE, "random"),
    ("round", "n?i", rounded, "round"),
    ("sign", "n", sign, "sign"),
    ("sin", "d", t.DOUBLE, "sin"),
    ("sqrt dsqrt", "d", t.DOUBLE, "rs.sqrt"),
    ("tan", "d", t.DOUBLE, "tan"),
    ("to_hex", "y", t.VARCHAR, "rs.to_hex"),
    ("trunc", "x?i", rounded, ""),
    ("strtol", "si", t.BIGINT, "rs.strtol"),
)
_TEXT = _table(
    "scalar",
    ("ascii", "s", t.INTEGER, "rs.ascii"),
    ("bpcharcmp bttext_pattern_cmp", "ss", t.INTEGER, "rs.compare"),
    ("btrim trim", "s?s", t.VARCHAR, "rs.btrim"),
    ("ltrim", "s?s", t.VARCHAR, "rs.ltrim"),
    ("rtrim", "s?s", t.VARCHAR, "rs.rtrim"),
    ("char_length character_length len length textlen", "s", t.INTEGER, "length"),
    ("octet_length", "s", t.INTEGER, "rs.octet_length"),
    ("charindex position", "ss", t.INTEGER, "rs.charindex"),
    ("strpos", "ss", t.INTEGER, "strpos"),
    ("octetindex", "ss", t.INTEGER, "rs.octetindex"),
    ("chr", "i", t.VARCHAR, "rs.chr"),
    ("concat textcat", "ss", text_or_bytes, "rs.concat"),
    ("crc32", "s", t.VARCHAR, "bh_crc32"),
    ("md5", "s", t.VARCHAR, "md5"),
    ("sha sha1 func_sha1", "s", t.VARCHAR, "sha1"),
    ("sha2", "si", t.VARCHAR, "bh_sha2"),
    ("initcap", "s", t.VARCHAR, "rs.initcap"),
    ("left", "si", t.VARCHAR, "rs.left_of"),
    ("right", "si", t.VARCHAR, "rs.right_of"),
    ("lower", "s", t.VARCHAR, "lower"),
    ("upper", "s", t.VARCHAR, "upper"),
    ("lpad", "si?s", t.VARCHAR, "rs.lpad"),
    ("rpad", "si?s", t.VARCHAR, "rs.rpad"),
    ("quote_ident", "s", t.VARCHAR, "rs.quote_ident"),
    ("quote_literal", "s", t.VARCHAR, "rs.quote_literal"),
    ("regexp_count", "ss?is", t.INTEGER, ""),
    ("regexp_instr", "ss?iiis", t.INTEGER, ""),
    ("regexp_replace", "ss?sis", t.VARCHAR, ""),
    ("regexp_substr", "ss?iis", t.VARCHAR, ""),
    ("repeat replicate", "si", t.VARCHAR, "rs.repeat_of"),
    ("replace", "sss", t.VARCHAR, "replace"),
    ("reverse", "s", t.VARCHAR, "reverse"),
    ("soundex", "s", t.varchar(4), "bh_soundex"),
    ("difference", "ss", t.INTEGER, "bh_difference"),
    ("split_part", "ssi", t.VARCHAR, "rs.split_part"),
    ("substring substr", "si?i", text_or_bytes, "rs.substring"),
    ("translate", "sss", t.VARCHAR, "translate"),
    ("text_to_int_alt", "s", t.INTEGER, "bh_text_to_int"),
    ("text_to_numeric_alt", "s?xxx", t.numeric(38, 0), ""),
    ("fnv_hash", "x?i", t.BIGINT, ""),
    ("murmur3_32_hash", "x?i", t.INTEGER, ""),
    ("farmfingerprint64", "x", t.BIGINT, ""),
    ("to_varbyte", "ss", t.VARBYTE, "rs.to_varbyte"),
    ("from_hex", "s", t.VARBYTE, "rs.from_hex"),
    ("getbit", "zi", t.INTEGER, "rs.getbit"),
    ("from_varbyte", "zs", t.VARCHAR, "rs.from_varbyte"),
)
_TIME = _table(
    "scalar",
    ("add_months", "mi", t.TIMESTAMP, "rs.add_months"),
    ("convert_timezone", "sx?m", t.TIMESTAMP, ""),
    ("date_cmp timestamp_cmp date_cmp_timestamp timestamp_cmp_date", "mm", t.INTEGER, "rs.compare"),
    ("date_cmp_timestamptz timestamp_cmp_timestamptz timestamptz_cmp", "mm", t.INTEGER, "rs.compare"),
    ("timestamptz_cmp_date timestamptz_cmp_timestamp", "mm", t.INTEGER, "rs.compare"),
    ("interval_cmp", "tt", t.INTEGER, "rs.compare"),
    ("date_part pgdate_part", "um", t.DOUBLE, ""),
    ("extract", "um", lambda of: t.DOUBLE if of[-1] == t.TIMESTAMPTZ else t.INTEGER, ""),
    ("date", "m", t.DATE, ""),
    ("date_part_year", "m", t.INTEGER, "year"),
    ("date_trunc", "um", t.TIMESTAMP, ""),
    ("dateadd date_add", "uim", date_sum, ""),
    ("datediff date_diff", "umm", t.BIGINT, ""),
    ("getdate sysdate", "", t.TIMESTAMP, ""),
    ("now", "", t.TIMESTAMPTZ, ""),
    ("last_day", "m", t.DATE, "rs.last_day"),
    ("months_between", "mm", t.DOUBLE, "rs.months_between"),
    ("next_day", "ms", t.DATE, "rs.next_day"),
    ("timeofday", "", t.VARCHAR, ""),
    ("timezone", "sm", lambda of: t.TIMESTAMP if of[-1] == t.TIMESTAMPTZ else t.TIMESTAMPTZ, ""),
    ("to_date", "ss?b", t.DATE, ""),
    ("to_timestamp", "ss?b", t.TIMESTAMPTZ, ""),
    ("to_char", "xs", t.VARCHAR, ""),
    ("to_number", "ss", t.numeric(38, 0), ""),
)
_CHOICE = _table(
    "scalar",
    ("coalesce nvl", "x*", common_type, ""),
    ("ifnull", "xx", common_type, ""),
    ("isnull", "xx", common_type, "coalesce"),
    ("nvl2", "xxx", lambda of: common_type(of[1:]), ""),
    ("nullif", "xx", first, ""),
    ("greatest", "x*", common_type, "greatest"),
    ("least", "x*", common_type, "least"),
    ("decode", "xxx*", lambda of: common_type([*of[2::2], *(of[-1:] if len(of) % 2 == 0 else [])]), ""),
)
_NESTED = _table(
    "scalar",
    ("json_extract_path_text", "sx*", t.VARCHAR, ""),
    ("json_extract_array_element_text", "si?x", t.VARCHAR, ""),
    ("json_array_length", "s?x", t.INTEGER, ""),
    ("is_valid_json", "s", t.BOOLEAN, "rs.is_valid_json"),
    ("is_valid_json_array", "s", t.BOOLEAN, "rs.is_valid_json_array"),
    ("can_json_parse", "s", t.BOOLEAN, "rs.can_json_parse"),
    ("json_parse", "s", t.SUPER, "rs.json_parse"),
    ("json_serialize", "v", t.VARCHAR, "rs.json_serialize"),
    ("json_serialize_to_varbyte", "v", t.VARBYTE, "rs.json_serialize_to_varbyte"),
    ("json_typeof", "v", t.VARCHAR, "rs.json_typeof"),
    ("json_size", "v", t.BIGINT, "rs.json_size"),
    ("decimal_precision", "v", t.INTEGER, "rs.decimal_precision"),
    ("decimal_scale", "v", t.INTEGER, "rs.decimal_scale"),
    ("get_array_length", "v", t.BIGINT, "rs.get_array_length"),
    ("subarray", "vi?i", t.SUPER, "rs.subarray"),
    ("array_concat", "vv", t.SUPER, "rs.array_concat"),
    ("array_flatten", "v", t.SUPER, "rs.array_flatten"),
    ("split_to_array", "s?s", t.SUPER, "rs.split_to_array"),
    ("array", "?x*", t.SUPER, ""),
    ("object", "?x*", t.SUPER, ""),
    *((f"is_{word}", "v", t.BOOLEAN, f"rs.is_{word}") for word in (
        "array", "object", "scalar", "bigint", "boolean", "char", "decimal", "float", "integer", "smallint", "varchar",
    )),
)  # fmt: skip
_AGGREGATES = _table(
    "aggregate",
    ("sum", "q", summed),
    ("avg", "q", average),
    ("count", "?x", t.BIGINT),
    ("min max any_value", "x", first),
    ("stddev stddev_samp stddev_pop variance var_samp var_pop", "n", t.DOUBLE),
    ("bool_and bool_or", "b", t.BOOLEAN),
    ("bit_and bit_or", "i", first),
    ("listagg string_agg", "s?s", t.VARCHAR),
    ("array_agg", "x", lambda of: t.sql_array_of(of[0] if of[0] != t.UNKNOWN else t.TEXT)),
    ("median", "o", average),
    ("percentile_cont", "n", t.DOUBLE),
    ("percentile_disc approximate_percentile_disc", "x", first),
    ("approximate_count hll", "x", t.BIGINT),
)
_WINDOWS = _table(
    "window",
    ("rank dense_rank row_number", "", t.BIGINT),
    ("ntile", "i", t.BIGINT),
    ("cume_dist percent_rank", "", t.DOUBLE),
    ("lag lead", "x?ix", first),
    ("first_value last_value", "x", first),
    ("nth_value", "xi", first),
    ("ratio_to_report", "n", t.DOUBLE),
)
_SESSION = _table(
    "session",
    ("version", "", t.VARCHAR),
    ("current_user session_user user", "", t.NAME),
    ("current_user_id", "", t.INTEGER),
    ("current_user_id", "", t.INTEGER),
    ("current_database current_schema", "", t.NAME),
    ("current_schemas", "?x", t.sql_array_of(t.NAME)),
    ("current_setting", "s?x", t.VARCHAR),
    ("db_collation", "", t.VARCHAR),
    ("pg_backend_pid slice_num", "", t.INTEGER),
    ("pg_last_query_id", "", t.INTEGER),
    ("pg_last_copy_count pg_last_copy_id pg_last_unload_count pg_last_unload_id", "", t.BIGINT),
)
_CATALOG = _table("scalar", *CATALOG_FUNCTIONS)
_SPATIAL = _table("scalar", *SPATIAL_FUNCTIONS)

_PRIVILEGES = _table(
    "scalar",
    ("has_table_privilege has_any_column_privilege", "xx?x", t.BOOLEAN),
    ("has_schema_privilege has_database_privilege has_language_privilege", "xx?x", t.BOOLEAN),
    ("has_function_privilege has_assumerole_privilege", "xx?x", t.BOOLEAN),
    ("has_column_privilege", "xxx?x", t.BOOLEAN),
    ("user_is_member_of role_is_member_of", "xx", t.BOOLEAN),
    ("pg_has_role", "xx?x", t.BOOLEAN),
)

FUNCTIONS: dict[str, Function] = {
    **_MATHS, **_TEXT, **_TIME, **_CHOICE, **_NESTED, **_AGGREGATES, **_WINDOWS, **_SESSION, **_CATALOG,
    **_PRIVILEGES, **_SPATIAL,
}  # fmt: skip
"""Every function by name."""

_ALIASES: dict[str, str] = {
    "group_concat": "listagg",
    "rand": "random",
    "lower_hex": "to_hex",
    "from_base": "strtol",
    "logical_and": "bool_and",
    "logical_or": "bool_or",
    "bitwise_and_agg": "bit_and",
    "bitwise_or_agg": "bit_or",
    "variance_pop": "var_pop",
    "approx_distinct": "approximate_count",
    "approx_quantile": "approximate_percentile_disc",
    "str_position": "strpos",
    "parse_json": "json_parse",
    "json_extract_scalar": "json_extract_path_text",
    "string_to_array": "split_to_array",
    "s_h_a": "sha",
    "m_d5": "md5",
    "s_h_a2": "sha2",
    "decode_case": "decode",
    "regexp_extract": "regexp_substr",
    "ts_or_ds_add": "dateadd",
    "ts_or_ds_diff": "datediff",
    "timestamp_trunc": "date_trunc",
    "time_to_str": "to_char",
    "str_to_date": "to_date",
    "str_to_time": "to_timestamp",
    "current_version": "version",
}


def find(name: str) -> Function | None:
    """The function of that name (Redshift's, or that of sqlglot's class); None where there is none."""
    name = name.lower()
    return FUNCTIONS.get(name) or FUNCTIONS.get(_ALIASES.get(name, ""))


def return_type(name: str, arguments: Sequence[SqlType]) -> SqlType | None:
    """The result type for these argument types; None where no such function exists.

    Units and literals count as arguments (their types are UNKNOWN).
    """
    function = find(name)
    if function is None:
        return None
    if isinstance(function.returns, SqlType):
        return function.returns
    return function.returns(arguments) if arguments else t.UNKNOWN
