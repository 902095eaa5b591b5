"""The macros that rewritten SQL calls, as `memory.rs.<name>(…)`.

Received by the engine, which creates them once per process in its in-memory catalog, where they are in no user's way
and never reach the warehouse file. Errors are raised as `BH<SQLSTATE>|message`, which `errors.translate` reads.
Macros are expressions that DuckDB inlines: nothing runs per row in Python.

Source of every behaviour: Redshift Developer Guide, the page of the function with the same name.
"""

from __future__ import annotations

import re

import duckdb

from boathouse.contracts.types import ARRAY_OIDS, OIDS
from boathouse.engines.duckdb.computed.table import COMPUTED, register
from boathouse.engines.duckdb.spatial.table import SPATIAL
from boathouse.engines.duckdb.super_macros import SUPER_MACROS
from boathouse.engines.duckdb.system.functions import CATALOG_MACROS, LENT_COLUMNS


def _fail(sqlstate: str, message: str) -> str:
    return f"error('BH{sqlstate}|{message}')"


_ZERO = _fail("22012", "Divide by zero")

_HALF = f"CAST({10**19} AS HUGEINT)"

_NUMBERS = (
    f"int_div(x, y) AS CASE WHEN y = 0 AND x IS NOT NULL THEN {_ZERO} ELSE x // y END",
    f"divided(quotient, dividend, divisor) AS CASE WHEN divisor = 0 AND dividend IS NOT NULL THEN {_ZERO} ELSE quotient END",
    f"float_div(x, y) AS CASE WHEN y = 0 AND x IS NOT NULL THEN {_ZERO} ELSE x / y END",
    f"modulus(x, y) AS CASE WHEN y = 0 AND x IS NOT NULL THEN {_ZERO} ELSE x % y END",
    f"ln(x) AS CASE WHEN x <= 0 THEN {_fail('2201E', 'cannot take logarithm of a number that is not positive')} "
    "ELSE ln(x) END",
    f"log10(x) AS CASE WHEN x <= 0 THEN {_fail('2201E', 'cannot take logarithm of a number that is not positive')} "
    "ELSE log10(x) END",
    f"sqrt(x) AS CASE WHEN x < 0 THEN {_fail('2201F', 'cannot take square root of a negative number')} "
    "ELSE sqrt(x) END",
    f"acos(x) AS CASE WHEN abs(x) > 1 THEN {_fail('22003', 'input is out of range')} ELSE acos(x) END",
    f"asin(x) AS CASE WHEN abs(x) > 1 THEN {_fail('22003', 'input is out of range')} ELSE asin(x) END",
    # Underflow is zero; overflow is an error, as it is for every other number.
    f"finite(y, x) AS CASE WHEN isinf(y) AND NOT isinf(x) THEN {_fail('22003', 'value out of range: overflow')} "
    "ELSE y END",
    "exp(x) AS memory.rs.finite(exp(x), x)",
    # The engine adds up in 128 bits, which hold some numbers of 39 digits: no numeric has these, and no file of a lake.
    # A numeric as the count of its smallest unit: a product with a power of ten would need more digits than there are.
    "units(x, places) AS CASE WHEN places = 0 THEN CAST(x AS HUGEINT) "
    "ELSE CAST(replace(CAST(x AS VARCHAR), '.', '') AS HUGEINT) END",
    # Of long numerics the short ones are added up as they are, of the others, for it takes long, 10^19 units and the rest.
    "short(x, most) AS CASE WHEN x BETWEEN -most AND most THEN x END",
    f"long_high(x, places, most) AS CASE WHEN x NOT BETWEEN -most AND most THEN memory.rs.units(x, places) // {_HALF} END",
    f"long_low(x, places, most) AS CASE WHEN x NOT BETWEEN -most AND most THEN memory.rs.units(x, places) % {_HALF} END",
    "cut_off(whole, rest) AS CASE WHEN whole > 0 AND rest < 0 THEN whole - 1 WHEN whole < 0 AND rest > 0 THEN whole + 1 "
    "ELSE whole END",
    "average_of(low, high, n) AS memory.rs.cut_off((high // n) * {half} + ((high % n) * {half} + low) // n, "
    "((high % n) * {half} + low) % n)".replace("{half}", _HALF),
    f"numeric_fits(x, most) AS CASE WHEN x > most OR x < -most THEN "
    f"{_fail('22003', 'Numeric data overflow (result precision)')} ELSE x END",
    "degrees(x) AS memory.rs.finite(degrees(x), x)",
    f"cot(x) AS CASE WHEN sin(x) = 0 THEN {_fail('22003', 'value out of range: overflow')} ELSE 1 / tan(x) END",
    f"power(x, y) AS CASE WHEN x = 0 AND y < 0 THEN {_fail('2201F', 'zero raised to a negative power is undefined')} "
    "WHEN x < 0 AND NOT isinf(x) AND floor(y) <> y THEN "
    f"{_fail('2201F', 'a negative number raised to a non-integer power yields a complex result')} "
    "WHEN isinf(y) THEN pow(x, y) ELSE memory.rs.finite(pow(x, y), x) END",
    # The engine's own is a power of a third: cubes of integers come out a little off.
    "cbrt(x) AS CASE WHEN round(cbrt(x)) ** 3 = x THEN round(cbrt(x)) ELSE cbrt(x) END",
    "to_hex(x) AS lower(to_hex(CAST(x AS BIGINT)))",
    # Digits are summed by place value; the alphabet's position is the digit's value.
    "strtol(x, base) AS CASE WHEN x IS NULL OR base IS NULL THEN NULL "
    f"WHEN base < 2 OR base > 36 THEN {_fail('22023', 'the base must be between 2 and 36')} "
    "WHEN ltrim(regexp_replace(lower(trim(x)), '^[-+]?(0x)?', ''), "
    "left('0123456789abcdefghijklmnopqrstuvwxyz', CAST(base AS INTEGER))) <> '' "
    f"THEN {_fail('22P02', 'the text is not a number in that base')} "
    "ELSE (CASE WHEN left(trim(x), 1) = '-' THEN -1 ELSE 1 END) * list_reduce(list_prepend(CAST(0 AS BIGINT), "
    "list_transform(string_split(regexp_replace(lower(trim(x)), '^[-+]?(0x)?', ''), ''), lambda c: "
    "CAST(strpos('0123456789abcdefghijklmnopqrstuvwxyz', c) - 1 AS BIGINT))), "
    "lambda a, d: a * CAST(base AS BIGINT) + d) END",
    # A value's register among 2^15, and the rank of what is left of its hash: the zeros before its first one, and one.
    "hll_item(x) AS CASE WHEN x IS NOT NULL THEN memory.rs.hll_pack(hash(x)) END",
    "hll_pack(h) AS CAST(((h >> 49) << 6) | CAST(CASE WHEN (h & 562949953421311) = 0 THEN 50 "
    "ELSE greatest(1, 49 - floor(log2(CAST(h & 562949953421311 AS DOUBLE)))) END AS UBIGINT) AS UINTEGER)",
    # The shortest text that reads back: 2, not 2.0.
    "float_text(x) AS regexp_replace(CAST(x AS VARCHAR), '\\.0$', '')",
)

_TEXT = (
    "concat(x, y) AS x || y",
    "without_case(x) AS CASE WHEN x IS NULL THEN NULL ELSE struct_pack(k := lower(x), v := x) END",
    "compare(x, y) AS CASE WHEN x < y THEN -1 WHEN x > y THEN 1 WHEN x = y THEN 0 END",
    f"chr(x) AS CASE WHEN x = 0 THEN {_fail('54000', 'null character not permitted')} "
    "WHEN x < 0 OR x > 1114111 OR x BETWEEN 55296 AND 57343 THEN "
    f"{_fail('54000', 'requested character not valid for encoding')} ELSE chr(CAST(x AS INTEGER)) END",
    f"fits(n) AS CASE WHEN n > 65535 THEN {_fail('22001', 'the result is longer than 65535 bytes')} ELSE n END",
    f"listagg_fits(x) AS CASE WHEN strlen(x) > 65535 THEN {_fail('54000', 'Result size exceeds LISTAGG limit')} "
    "ELSE x END",
    "ascii(x) AS CASE WHEN x = '' THEN 0 ELSE ascii(x) END",
    # Blanks alone: the engine's own would take every space of Unicode.
    "btrim(x) AS trim(x, ' '), (x, y) AS trim(x, y)",
    "ltrim(x) AS ltrim(x, ' '), (x, y) AS ltrim(x, y)",
    "rtrim(x) AS rtrim(x, ' '), (x, y) AS rtrim(x, y)",
    "octet_length(x) AS CAST(strlen(x) AS INTEGER)",
    "charindex(part, x) AS CAST(strpos(x, part) AS INTEGER)",
    "octetindex(part, x) AS CASE WHEN strpos(x, part) = 0 THEN 0 "
    "ELSE CAST(strlen(left(x, strpos(x, part) - 1)) + 1 AS INTEGER) END",
    "left_of(x, n) AS CASE WHEN n <= 0 THEN substring(x, 1, 0) ELSE left(x, n) END",
    "right_of(x, n) AS CASE WHEN n <= 0 THEN substring(x, 1, 0) ELSE right(x, n) END",
    "lpad(x, n) AS CASE WHEN n <= 0 THEN '' ELSE lpad(x, CAST(memory.rs.fits(n) AS INTEGER), ' ') END, "
    "(x, n, fill) AS CASE WHEN n <= 0 THEN '' WHEN fill = '' THEN left(x, n) "
    "ELSE lpad(x, CAST(memory.rs.fits(n) AS INTEGER), fill) END",
    "rpad(x, n) AS CASE WHEN n <= 0 THEN '' ELSE rpad(x, CAST(memory.rs.fits(n) AS INTEGER), ' ') END, "
    "(x, n, fill) AS CASE WHEN n <= 0 THEN '' WHEN fill = '' THEN left(x, n) "
    "ELSE rpad(x, CAST(memory.rs.fits(n) AS INTEGER), fill) END",
    "repeat_of(x, n) AS CASE WHEN strlen(x) = 0 THEN '' ELSE "
    "repeat(x, memory.rs.fits(strlen(x) * least(greatest(CAST(n AS BIGINT), 0), 65536)) // strlen(x)) END",
    f"split_part(x, mark, n) AS CASE WHEN n <= 0 THEN {_fail('22023', 'field position must be greater than zero')} "
    "WHEN mark = '' THEN CASE WHEN n = 1 THEN x ELSE '' END ELSE split_part(x, mark, CAST(n AS INTEGER)) END",
    # A start before the first character uses up part of the length.
    "substring(x, start) AS substring(x, greatest(start, 1)), "
    f"(x, start, n) AS CASE WHEN n < 0 THEN {_fail('22011', 'negative substring length not allowed')} "
    "ELSE substring(x, greatest(start, 1), greatest(CASE WHEN start < 1 THEN start + n - 1 ELSE n END, 0)) END",
    "initcap(x) AS CASE WHEN x IS NULL THEN NULL ELSE array_to_string(list_transform(regexp_extract_all(x, "
    "'[\\p{L}\\p{N}]+|[^\\p{L}\\p{N}]+'), lambda w: upper(w[1]) || lower(w[2:])), '') END",
    "quote_ident(x) AS CASE WHEN regexp_full_match(x, '[a-z_][a-z0-9_]*') THEN x "
    "ELSE '\"' || replace(x, '\"', '\"\"') || '\"' END",
    "quote_literal(x) AS '''' || replace(replace(x, '\\', '\\\\'), '''', '''''') || ''''",
    # Bytes, of VARBYTE.
    "bytes_part(x, start) AS x[greatest(start, 1):], "
    f"(x, start, n) AS CASE WHEN n < 0 THEN {_fail('22011', 'negative substring length not allowed')} "
    "ELSE x[greatest(start, 1):start + n - 1] END",
    "bytes_hex(x) AS lower(hex(x))",
    "bytes_length(x) AS CAST(octet_length(x) AS INTEGER)",
    "bytes_of_integer(x, digits) AS unhex(right(lpad(to_hex(CAST(x AS BIGINT)), 16, '0'), digits))",
    f"integer_of_bytes(x, n) AS CASE WHEN octet_length(x) > n THEN {_fail('22003', 'the bytes are longer than the type')} "
    "WHEN octet_length(x) = 0 THEN 0 ELSE CAST(('0x' || hex(x))::UBIGINT::HUGEINT - CASE WHEN octet_length(x) = n AND x[1:1] >= "
    "unhex('80') THEN (1::HUGEINT << CAST(8 * n AS INTEGER)) ELSE 0 END AS BIGINT) END",
    "bits(x) AS CAST(CAST(x AS BIT) AS VARCHAR)",
    "bytes_and(x, y) AS unbin(CAST(CAST(x AS BIT) & CAST(y AS BIT) AS VARCHAR))",
    "bytes_or(x, y) AS unbin(CAST(CAST(x AS BIT) | CAST(y AS BIT) AS VARCHAR))",
    "bytes_xor(x, y) AS unbin(CAST(xor(CAST(x AS BIT), CAST(y AS BIT)) AS VARCHAR))",
    "bytes_not(x) AS unbin(CAST(~CAST(x AS BIT) AS VARCHAR))",
    f"getbit(x, n) AS CASE WHEN n < 0 OR n >= 8 * octet_length(x) THEN {_fail('22003', 'there is no bit of that number')} "
    "ELSE CAST(memory.rs.bits(x)[-1 - n] AS INTEGER) END",
    f"from_hex(x) AS CASE WHEN x IS NULL THEN NULL WHEN regexp_full_match(x, '([0-9A-Fa-f]{{2}})*') THEN unhex(x) "
    f"ELSE {_fail('22023', 'the text is not a hexadecimal number')} END",
    "to_varbyte(x, form) AS CASE lower(form) WHEN 'hex' THEN memory.rs.from_hex(repeat('0', length(x) % 2) || x) "
    "WHEN 'base64' THEN from_base64(x) "
    f"WHEN 'binary' THEN CASE WHEN regexp_full_match(x, '[01]*') THEN unbin(x) ELSE "
    f"{_fail('22023', 'the text is not a binary number')} END "
    f"WHEN 'utf8' THEN encode(x) WHEN 'utf-8' THEN encode(x) ELSE {_fail('22023', 'unknown binary format')} END",
    "from_varbyte(x, form) AS CASE lower(form) WHEN 'hex' THEN lower(hex(x)) WHEN 'base64' THEN to_base64(x) "
    "WHEN 'binary' THEN memory.rs.bits(x) "
    f"WHEN 'utf8' THEN decode(x) WHEN 'utf-8' THEN decode(x) ELSE {_fail('22023', 'unknown binary format')} END",
    # At most n bytes, cut between characters; `x` may be a sub-query, which has no place inside a lambda.
    "cut(x, n) AS CASE WHEN strlen(x) <= n THEN x WHEN strlen(x) = length(x) THEN left(x, n) "
    "ELSE list_reduce(regexp_extract_all(x, '(?s).'), "
    "lambda a, c, i: CASE WHEN length(a) = i - 1 AND strlen(a) + strlen(c) <= n THEN a || c ELSE a END, '') END",
    "fit_varchar(x, n) AS CASE WHEN x IS NULL OR strlen(x) <= n THEN x WHEN strlen(rtrim(x, ' ')) <= n THEN left(x, n) "
    "ELSE error('BH22001|value too long for type character varying(' || n || ')') END",
    "fit_char(x, n) AS CASE WHEN x IS NULL OR strlen(rtrim(x, ' ')) <= n THEN rtrim(x, ' ') "
    "ELSE error('BH22001|value too long for type character(' || n || ')') END",
    f"level(x, n) AS CASE WHEN x > n THEN {_fail('54001', 'CONNECT BY goes deeper than 1000 levels: is there a cycle?')} "
    "ELSE x END",
    "pad(x, n) AS rpad(x, greatest(n - strlen(x) + length(x), length(x))::INTEGER, ' ')",
)

_CASTS = (
    "integer_text(x, form) AS CASE WHEN x IS NULL OR regexp_full_match(x, '\\s*[-+]?[0-9]+\\s*') THEN trim(x) "
    "ELSE error('BH22P02|Invalid digit, Value ''' || "
    "coalesce(nullif(regexp_extract(x, '^\\s*[-+]?[0-9]*(.)', 1), ''), ' ') || ''', Pos ' || "
    "length(regexp_extract(x, '^\\s*[-+]?[0-9]*')) || ', Type: ' || form) END",
    "digits(x) AS CASE WHEN regexp_full_match(x, '\\s*[-+]?[0-9]+\\s*') THEN trim(x) END",
    "to_integer(x) AS CAST(memory.rs.integer_text(x, 'Integer') AS INTEGER)",
    "to_boolean(x) AS CASE WHEN x IS NULL THEN NULL WHEN lower(trim(x)) IN ('t', 'true', 'y', 'yes', '1', 'on') "
    "THEN true WHEN lower(trim(x)) IN ('f', 'false', 'n', 'no', '0', 'off') THEN false "
    "ELSE error('BH22P02|invalid input syntax for type boolean: \"' || x || '\"') END",
    "to_timestamp(x) AS CASE WHEN x IS NULL THEN NULL ELSE coalesce(TRY_CAST(x AS TIMESTAMP), "
    "try_strptime(x, ['%Y%m%d', '%Y%m%d %H%M%S', '%Y%m%d %H:%M:%S.%f', '%Y%m%d %H:%M:%S', "
    "'%Y%m%d %H:%M', '%m/%d/%Y', '%m/%d/%Y %H:%M:%S', '%m-%d-%Y', '%b %d, %Y', "
    "'%B %d, %Y', '%b %d, %Y %H:%M:%S', '%d-%b-%Y', '%d %b %Y', '%Y %b %d']), "
    "error('BH22007|invalid input syntax for type timestamp: \"' || x || '\"')) END",
    "to_timestamptz(x) AS CASE WHEN x IS NULL THEN NULL ELSE coalesce(TRY_CAST(x AS TIMESTAMPTZ), "
    "TRY_CAST(regexp_replace(x, '^(\\S+[ T]\\d{1,2}:\\d{2})( ?[-+A-Za-z])', '\\1:00\\2') AS TIMESTAMPTZ), "
    "CAST(memory.rs.to_timestamp(x) AS TIMESTAMPTZ)) END",
    # Kept in UTC, as on Redshift: the engine compares hours and zones apart.
    "to_timetz(x) AS timezone('UTC', CAST(regexp_replace(trim(x), '^(\\d{1,2}:\\d{2})([-+ ].*)?$', '\\1:00\\2') "
    "AS TIMETZ))",
    # '1-2' is a year and two months, '3 4:05:06' three days and some hours.
    "to_interval(x) AS CASE WHEN regexp_full_match(trim(x), '[-+]?\\d+-\\d+') THEN CAST(regexp_replace(trim(x), "
    "'^([-+]?)(\\d+)-(\\d+)$', '\\1\\2 years \\1\\3 months') AS INTERVAL) "
    "WHEN regexp_full_match(trim(x), '[-+]?\\d+ \\d+:\\d+.*') THEN CAST(regexp_replace(trim(x), "
    "'^([-+]?\\d+) (.*)$', '\\1 days \\2') AS INTERVAL) ELSE CAST(replace(x, ',', ' ') AS INTERVAL) END",
    "to_date(x) AS CASE WHEN x IS NULL THEN NULL ELSE coalesce(TRY_CAST(x AS DATE), "
    "CAST(TRY_CAST(x AS TIMESTAMP) AS DATE), CAST(try_strptime(x, ['%Y%m%d', '%m/%d/%Y', '%m-%d-%Y', '%b %d, %Y', "
    "'%B %d, %Y', '%d-%b-%Y', '%d %b %Y', '%Y %b %d']) AS DATE), "
    "error('BH22007|invalid input syntax for type date: \"' || x || '\"')) END",
)

_TIMES = (
    "last_day(d) AS last_day(CAST(d AS TIMESTAMP))",
    # The last day of a month stays the last day.
    "add_months(d, n) AS CASE WHEN CAST(d AS DATE) = last_day(CAST(d AS DATE)) "
    "THEN last_day(CAST(d AS DATE) + to_months(CAST(n AS INTEGER))) + "
    "(CAST(d AS TIMESTAMP) - date_trunc('day', CAST(d AS TIMESTAMP))) "
    "ELSE CAST(d AS TIMESTAMP) + to_months(CAST(n AS INTEGER)) END",
    "months_between(a, b) AS CASE WHEN day(a) = day(b) OR (CAST(a AS DATE) = last_day(CAST(a AS DATE)) "
    "AND CAST(b AS DATE) = last_day(CAST(b AS DATE))) THEN CAST((year(a) - year(b)) * 12 + month(a) - month(b) "
    "AS DOUBLE) ELSE (year(a) - year(b)) * 12 + month(a) - month(b) + "
    "(epoch(CAST(a AS TIMESTAMP)) - epoch(date_trunc('month', CAST(a AS TIMESTAMP))) "
    "- epoch(CAST(b AS TIMESTAMP)) + epoch(date_trunc('month', CAST(b AS TIMESTAMP)))) / (31 * 86400.0) END",
    "next_day(d, name) AS CASE WHEN d IS NULL OR name IS NULL THEN NULL ELSE CAST(d AS DATE) + CAST(1 + ("
    "CASE WHEN lower(name) IN ('su', 'sun', 'sunday') THEN 0 WHEN lower(name) IN ('m', 'mo', 'mon', 'monday') THEN 1 "
    "WHEN lower(name) IN ('tu', 'tue', 'tues', 'tuesday') THEN 2 "
    "WHEN lower(name) IN ('w', 'we', 'wed', 'wednesday') THEN 3 "
    "WHEN lower(name) IN ('th', 'thu', 'thurs', 'thursday') THEN 4 "
    "WHEN lower(name) IN ('f', 'fr', 'fri', 'friday') THEN 5 "
    f"WHEN lower(name) IN ('sa', 'sat', 'saturday') THEN 6 ELSE {_fail('22023', 'invalid day of week')} END "
    "- dayofweek(d) + 6) % 7 AS INTEGER) END",
    # A 29 February and a year without one: the first of March, not the last of February.
    "interval_months(x) AS year(x) * 12 + month(x)",
    "interval_days(x) AS day(x)",
    "interval_microseconds(x) AS hour(x) * 3600000000 + minute(x) * 60000000 + microsecond(x)",
    "interval_of(m, d, u) AS to_months(CAST(m AS INTEGER)) + to_days(CAST(d AS INTEGER)) + to_microseconds(CAST(u AS BIGINT))",
    "add_years(d, n) AS d + to_months(CAST(12 * n AS INTEGER)) + to_days(CASE WHEN month(d) = 2 AND day(d) = 29 "
    "AND day(d + to_months(CAST(12 * n AS INTEGER))) = 28 THEN 1 ELSE 0 END)",
    # A century begins with a year that ends in 01.
    "trunc_years(d, n) AS date_trunc('year', d) - to_months(CAST(12 * ((year(d) - 1) % n) AS INTEGER))",
    "zone_shows(d, zone, minutes) AS CASE WHEN minutes IS NULL THEN timezone(zone, d) "
    "ELSE CAST(d AS TIMESTAMP) + to_minutes(minutes) END",
    "zone_means(d, zone, minutes) AS CASE WHEN minutes IS NULL THEN timezone(zone, d) "
    "ELSE CAST(d - to_minutes(minutes) AS TIMESTAMPTZ) END",
    # Boundaries crossed: weeks begin on Sunday here, on Monday in DATE_TRUNC.
    "week_diff(a, b) AS CAST(floor(CAST(CAST(b AS DATE) - DATE '1969-12-28' AS DOUBLE) / CAST(7 AS DOUBLE)) "
    "- floor(CAST(CAST(a AS DATE) - DATE '1969-12-28' AS DOUBLE) / CAST(7 AS DOUBLE)) AS BIGINT)",
)

_JSON = (
    "is_valid_json(x) AS CASE WHEN x IS NULL THEN NULL WHEN json_valid(x) THEN "
    "json_type(CAST(x AS JSON)) = 'OBJECT' ELSE false END",
    "is_valid_json_array(x) AS CASE WHEN x IS NULL THEN NULL WHEN json_valid(x) THEN "
    "json_type(CAST(x AS JSON)) = 'ARRAY' ELSE false END",
    "json_of(x, lax) AS CASE WHEN x IS NULL OR x = '' THEN NULL WHEN json_valid(x) THEN CAST(x AS JSON) "
    f"WHEN lax THEN NULL ELSE {_fail('22P02', 'JSON parsing error: invalid JSON')} END",
    "json_step(x) AS CASE WHEN regexp_full_match(x, '[0-9]+') THEN '[' || x || ']' "
    "ELSE '.\"' || replace(x, '\"', '\\\"') || '\"' END",
    "json_element(x, i, lax) AS CASE WHEN json_array_length(memory.rs.json_of(x, lax)) > i AND i >= 0 "
    "THEN json_extract_string(memory.rs.json_of(x, lax), '$[' || i || ']') END",
    "json_length(x, lax) AS CASE WHEN x IS NULL THEN NULL "
    "WHEN json_type(memory.rs.json_of(x, lax)) = 'ARRAY' THEN CAST(json_array_length(CAST(x AS JSON)) AS INTEGER) "
    f"WHEN lax THEN NULL ELSE {_fail('22P02', 'JSON parsing error: not an array')} END",
)

_TYPE_NAMES = " ".join(
    f"WHEN {oid} THEN '{name}'"
    for name, oid in (*OIDS.items(), *((f"{name}[]", oid) for name, oid in ARRAY_OIDS.items()))
)

_CATALOG = (
    # PostgreSQL's format_type: the engine's own knows other types under these numbers.
    f"type_name(x) AS CASE x {_TYPE_NAMES} WHEN 0 THEN '-' WHEN 2276 THEN '\"any\"' ELSE '???' END",
    "format_type(x, m) AS CASE WHEN x IS NULL THEN NULL WHEN m >= 4 AND x IN (1042, 1043) "
    "THEN memory.rs.type_name(x) || '(' || (m - 4) || ')' WHEN m >= 4 AND x = 1700 "
    "THEN 'numeric(' || ((m - 4) >> 16) || ',' || ((m - 4) & 65535) || ')' ELSE memory.rs.type_name(x) END",
    "is_visible(x) AS x IS NOT NULL",
    "encoding_name(x) AS CASE WHEN x = 6 THEN 'UTF8' ELSE '' END",
)


def _statement(macro: str) -> str:
    name, rest = macro.split("(", 1)
    own = re.sub(
        rf"(?<![\w.]){name}\(", f"system.main.{name}(", rest
    )  # the engine's of that name, wherever it is asked
    return f"CREATE OR REPLACE MACRO memory.rs.{name}({own}"


_SCHEMA = "CREATE SCHEMA IF NOT EXISTS memory.rs"

PURE_MACROS: tuple[str, ...] = (
    _SCHEMA,
    *(_statement(macro) for macro in (*_NUMBERS, *_TEXT, *_CASTS, *_TIMES, *_JSON, *SUPER_MACROS)),
)
"""Those that ask neither catalog nor session: they mean the same in every process."""

MACROS: tuple[str, ...] = (
    _SCHEMA,
    *(f'CREATE OR REPLACE TEMP TABLE "system:{name}" ({columns})' for name, columns in LENT_COLUMNS.items()),
    *(
        _statement(macro)
        for macro in (*_NUMBERS, *_TEXT, *_CASTS, *_TIMES, *_JSON, *SUPER_MACROS, *_CATALOG, *CATALOG_MACROS)
    ),
    *(f'DROP TABLE temp.main."system:{name}"' for name in LENT_COLUMNS),
)
"""Run in order on the engine's connection; each may run again."""


def install(connection: duckdb.DuckDBPyConnection) -> None:
    """Give a connection all functions that rewrites call: the macros, and those that are computed in Python."""
    register_all(connection)
    for macro in MACROS:
        connection.execute(macro)


def register_all(connection: duckdb.DuckDBPyConnection) -> None:
    """Make the functions that are computed in Python known."""
    register(connection, COMPUTED)
    register(connection, SPATIAL)
