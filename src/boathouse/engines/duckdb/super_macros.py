"""SUPER in the engine: VARIANT values, their kinds, keys to compare them by, and the functions over them.

Received by the engine with the other macros; called by rewritten SQL as `memory.rs.<name>(…)`.

Sources: Redshift Developer Guide, "Querying semistructured data" (query-super), "SUPER configurations", "Limitations"
(limitations-super), and the pages of the functions.
"""

from __future__ import annotations

_INTEGERS = "('INT8', 'INT16', 'INT32', 'INT64', 'INT128', 'UINT8', 'UINT16', 'UINT32', 'UINT64', 'UINT128')"

SUPER_MACROS: tuple[str, ...] = (
    # A text with a point, an exponent or many digits goes the exact way, be they in a string or a number. So does one with an
    # attribute twice in an object, which is the longer for it: the engine would keep both, and to compare such values ends
    # the process (DuckDB 1.5.5). The last one stays.
    "super_of(x) AS CASE WHEN regexp_matches(x, '[0-9][.eE]|[0-9]{19}') "
    "OR strlen(CAST(CAST(CAST(CAST(x AS JSON) AS VARIANT) AS JSON) AS VARCHAR)) <> strlen(json(x)) "
    "THEN variant_bytes_to_variant(bh_super_bytes(CAST(x AS VARCHAR))) "
    "ELSE CAST(CAST(x AS JSON) AS VARIANT) END",
    "super_kind(x) AS CASE WHEN x IS NULL THEN NULL ELSE CASE left(variant_typeof(x), 3) WHEN 'BOO' THEN 1 "
    "WHEN 'ARR' THEN 4 WHEN 'OBJ' THEN 5 WHEN 'DEC' THEN 2 WHEN 'DOU' THEN 2 WHEN 'FLO' THEN 2 WHEN 'INT' THEN 2 "
    "WHEN 'UIN' THEN 2 ELSE 3 END END",
    "super_whole(x) AS variant_typeof(x) IN " + _INTEGERS,
    "super_text(x) AS CASE WHEN memory.rs.super_kind(x) = 3 THEN CAST(x AS VARCHAR) END",
    "super_double(x) AS CASE WHEN memory.rs.super_kind(x) = 2 THEN TRY_CAST(x AS DOUBLE) "
    "WHEN memory.rs.super_kind(x) = 1 THEN CASE WHEN variant_typeof(x) = 'BOOL_TRUE' THEN 1 ELSE 0 END END",
    "super_decimal(x) AS CASE WHEN memory.rs.super_kind(x) = 2 AND abs(TRY_CAST(x AS DOUBLE)) < 1e20 "
    "THEN TRY_CAST(x AS DECIMAL(38, 18)) END",
    "super_large(x) AS CASE WHEN memory.rs.super_kind(x) = 2 AND abs(TRY_CAST(x AS DOUBLE)) >= 1e20 "
    "THEN TRY_CAST(x AS DECIMAL(38, 0)) END",
    # Equal keys are equal values, and keys sort as Redshift sorts: boolean, number, string, array, object.
    "super_key(x) AS CASE WHEN x IS NOT NULL THEN struct_pack(kind := memory.rs.super_kind(x), "
    "size := memory.rs.super_double(x), digits := memory.rs.super_decimal(x), "
    "large := memory.rs.super_large(x), "
    "text := CASE memory.rs.super_kind(x) WHEN 3 THEN rtrim(CAST(x AS VARCHAR), ' ') "
    "WHEN 4 THEN CAST(CAST(variant_normalize(x) AS JSON) AS VARCHAR) "
    "WHEN 5 THEN CAST(CAST(variant_normalize(x) AS JSON) AS VARCHAR) END) END",
    # Values of different kinds are unequal, but neither is less.
    "super_less(x, y) AS CASE WHEN memory.rs.super_kind(x) = memory.rs.super_kind(y) AND memory.rs.super_kind(x) < 4 "
    "THEN memory.rs.super_key(x) < memory.rs.super_key(y) END",
    "super_at_most(x, y) AS CASE WHEN memory.rs.super_kind(x) = memory.rs.super_kind(y) "
    "AND memory.rs.super_kind(x) < 4 THEN memory.rs.super_key(x) <= memory.rs.super_key(y) END",
    "super_is_text(x, y) AS CASE WHEN memory.rs.super_kind(x) = 3 THEN rtrim(CAST(x AS VARCHAR), ' ') = rtrim(y, ' ') "
    "WHEN x IS NOT NULL AND y IS NOT NULL THEN false END",
    "super_number_text(x) AS CASE WHEN memory.rs.super_kind(x) = 2 THEN CAST(x AS VARCHAR) || "
    "CASE WHEN variant_typeof(x) IN ('DOUBLE', 'FLOAT') THEN 'f' ELSE '' END END",
    "super_calculate(sign, x, y) AS CASE WHEN sign IN ('/', '%') AND memory.rs.super_kind(x) = 2 "
    "AND memory.rs.super_double(y) = 0 THEN error('BH22012|Divide by zero') ELSE variant_bytes_to_variant("
    "bh_super_number(sign, memory.rs.super_number_text(x), memory.rs.super_number_text(y))) END",
    "super_of_decimal(x) AS memory.rs.super_of(regexp_replace(CAST(x AS VARCHAR), '\\.?0+$', ''))",
    "super_of_integer(x) AS CASE WHEN x >= 0 THEN CAST(CAST(x AS UBIGINT) AS VARIANT) ELSE CAST(x AS VARIANT) END",
    "super_concat(x, y) AS CAST(memory.rs.super_text(x) || memory.rs.super_text(y) AS VARIANT)",
    # Casts out of SUPER: NULL where the value is of another kind.
    "super_varchar(x) AS CASE WHEN memory.rs.super_kind(x) < 4 THEN CAST(x AS VARCHAR) END",
    "super_boolean(x) AS CASE memory.rs.super_kind(x) WHEN 1 THEN variant_typeof(x) = 'BOOL_TRUE' "
    "WHEN 2 THEN CASE WHEN memory.rs.super_whole(x) THEN TRY_CAST(x AS DOUBLE) <> 0 END "
    "WHEN 3 THEN CASE WHEN lower(trim(CAST(x AS VARCHAR))) IN ('t', 'true', 'y', 'yes', '1') THEN true "
    "WHEN lower(trim(CAST(x AS VARCHAR))) IN ('f', 'false', 'n', 'no', '0') THEN false END END",
    "super_number(x) AS CASE WHEN memory.rs.super_kind(x) < 4 THEN x END",
    "super_strict(x, result, kind) AS CASE WHEN x IS NOT NULL AND result IS NULL "
    "THEN error('BH22018|cannot cast this SUPER value to ' || kind) ELSE result END",
    # Navigation that must not miss.
    "super_attribute(x, name) AS CASE WHEN x IS NULL THEN NULL WHEN memory.rs.super_kind(x) <> 5 "
    "THEN error('BH22023|navigation to \"' || name || '\" in a SUPER value that is no object') "
    "WHEN NOT list_contains(json_keys(CAST(x AS JSON)), name) "
    "THEN error('BH22023|the SUPER object has no attribute \"' || name || '\"') END",
    "super_element(x, place) AS CASE WHEN x IS NULL THEN NULL WHEN memory.rs.super_kind(x) <> 4 "
    "THEN error('BH22023|navigation to [' || place || '] in a SUPER value that is no array') "
    "WHEN place >= json_array_length(CAST(x AS JSON)) OR place < 0 "
    "THEN error('BH22023|the SUPER array has no element [' || place || ']') END",
    # What a value is. False for NULL, as the guide says.
    "json_typeof(x) AS CASE memory.rs.super_kind(x) WHEN 1 THEN 'boolean' WHEN 2 THEN 'number' WHEN 3 THEN 'string' "
    "WHEN 4 THEN 'array' WHEN 5 THEN 'object' END",
    "is_array(x) AS coalesce(memory.rs.super_kind(x) = 4, false)",
    "is_object(x) AS coalesce(memory.rs.super_kind(x) = 5, false)",
    "is_scalar(x) AS coalesce(memory.rs.super_kind(x) < 4, false)",
    "is_varchar(x) AS coalesce(memory.rs.super_kind(x) = 3, false)",
    "is_char(x) AS coalesce(memory.rs.super_kind(x) = 3, false)",
    "is_boolean(x) AS coalesce(memory.rs.super_kind(x) = 1, false)",
    "is_bigint(x) AS coalesce(memory.rs.super_whole(x) AND TRY_CAST(x AS BIGINT) IS NOT NULL, false)",
    "is_integer(x) AS coalesce(memory.rs.super_whole(x) AND TRY_CAST(x AS INTEGER) IS NOT NULL, false)",
    "is_smallint(x) AS coalesce(memory.rs.super_whole(x) AND TRY_CAST(x AS SMALLINT) IS NOT NULL, false)",
    "is_float(x) AS coalesce(variant_typeof(x) IN ('DOUBLE', 'FLOAT'), false)",
    "is_decimal(x) AS coalesce(memory.rs.super_kind(x) = 2 AND variant_typeof(x) NOT IN ('DOUBLE', 'FLOAT'), false)",
    "decimal_precision(x) AS CASE WHEN memory.rs.is_decimal(x) "
    "THEN length(ltrim(regexp_replace(CAST(x AS VARCHAR), '[-.]', '', 'g'), '0')) END",
    "decimal_scale(x) AS CASE WHEN memory.rs.is_decimal(x) THEN length(split_part(CAST(x AS VARCHAR), '.', 2)) END",
    "json_size(x) AS CASE WHEN x IS NOT NULL THEN strlen(CAST(CAST(x AS JSON) AS VARCHAR)) END",
    # Arrays.
    "items(x) AS CASE WHEN memory.rs.super_kind(x) = 4 THEN TRY_CAST(x AS VARIANT[]) END",
    "entries(x) AS CASE WHEN memory.rs.super_kind(x) = 5 THEN TRY_CAST(x AS MAP(VARCHAR, VARIANT)) END",
    "get_array_length(x) AS len(memory.rs.items(x))",
    "subarray(x, start) AS CASE WHEN start >= 0 THEN CAST(memory.rs.items(x)[CAST(start AS BIGINT) + 1:] AS VARIANT) END, "
    "(x, start, n) AS CASE WHEN start >= 0 AND n >= 0 THEN "
    "CAST(memory.rs.items(x)[CAST(start AS BIGINT) + 1:CAST(start AS BIGINT) + n] AS VARIANT) END",
    "array_concat(x, y) AS CASE WHEN memory.rs.items(x) IS NOT NULL AND memory.rs.items(y) IS NOT NULL "
    "THEN CAST(list_concat(memory.rs.items(x), memory.rs.items(y)) AS VARIANT) END",
    # Level by level, until no element is an array; a macro cannot call itself.
    "flatter(x) AS CAST(flatten(list_transform(memory.rs.items(x), lambda e: CASE WHEN variant_typeof(e) LIKE 'ARRAY%' "
    "THEN TRY_CAST(e AS VARIANT[]) ELSE [e] END)) AS VARIANT)",
    "array_flatten(x) AS CASE WHEN memory.rs.items(x) IS NOT NULL THEN list_reduce(list_transform(range(64), "
    "lambda i: NULL::VARIANT), lambda a, i: CASE WHEN len(list_filter(memory.rs.items(a), "
    "lambda e: variant_typeof(e) LIKE 'ARRAY%')) > 0 THEN memory.rs.flatter(a) ELSE a END, x) END",
    "split_to_array(x) AS CAST(string_split(x, ',') AS VARIANT), (x, mark) AS CAST(string_split(x, mark) AS VARIANT)",
    "at_place(x, place) AS CASE WHEN place >= 0 THEN memory.rs.items(x)[CAST(place AS BIGINT) + 1] END",
    # JSON text in and out.
    "can_json_parse(x) AS json_valid(x)",
    "json_parse(x) AS CASE WHEN x IS NULL THEN NULL WHEN json_valid(x) THEN memory.rs.super_of(x) "
    "ELSE error('BH22P02|JSON parsing error: invalid JSON') END",
    "json_parse_lax(x) AS CASE WHEN json_valid(x) THEN memory.rs.super_of(x) END",
    "json_serialize(x) AS nullif(CAST(CAST(x AS JSON) AS VARCHAR), 'null')",
    "json_serialize_to_varbyte(x) AS encode(memory.rs.json_serialize(x))",
)
