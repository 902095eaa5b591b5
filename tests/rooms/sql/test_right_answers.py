"""Right answers where a plain translation gives wrong ones; each case names the Redshift page that says so."""

from __future__ import annotations

import datetime
from decimal import Decimal

import duckdb
import pytest

from boathouse.contracts import types as t
from boathouse.contracts.errors import BoathouseError
from boathouse.contracts.relations import Column, Relation
from boathouse.engines.duckdb.errors import translate
from boathouse.engines.duckdb.macros import install
from boathouse.sql.bind.bind import bind
from boathouse.sql.parse import parse_statement
from boathouse.sql.rewrites import rewrite
from boathouse.sql.statements import Relational
from boathouse.sql.targets.to_duckdb import to_duckdb

SALES = Relation(
    "public",
    "sales",
    "table",
    (
        Column("i", t.INTEGER),
        Column("b", t.BIGINT),
        Column("n", t.numeric(10, 2)),
        Column("d", t.DOUBLE),
        Column("s", t.varchar(10)),
        Column("c", t.char(5)),
        Column("dt", t.DATE),
        Column("ts", t.TIMESTAMP),
        Column("sp", t.SUPER),
    ),
    '"memory"."main"."sales"',
)


class OneTable:
    def functions(self, schema: str | None, name: str) -> tuple[()]:
        return ()

    def relation(self, schema: str | None, name: str) -> Relation | None:
        return SALES if name == "sales" else None

    def has_schema(self, schema: str) -> bool:
        return schema == "public"


@pytest.fixture
def engine():
    connection = duckdb.connect()
    connection.execute("SET timezone = 'UTC'; SET GLOBAL integer_division = true")
    install(connection)
    connection.execute(
        "SET VARIABLE statement_start = TIMESTAMPTZ '2020-01-02 03:04:05+00';"
        "SET VARIABLE transaction_start = TIMESTAMPTZ '2020-01-02 03:04:04.5+00'; SET VARIABLE current_user = 'ann'"
    )
    connection.execute(
        "CREATE TABLE sales (i INT, b BIGINT, n DECIMAL(10,2), d DOUBLE, s VARCHAR, c VARCHAR, dt DATE, ts TIMESTAMP, "
        "sp VARIANT)"
    )
    connection.execute(
        "INSERT INTO sales VALUES "
        "(1, 10, 1.50, 2.5, 'abc', 'ab', '2008-02-29', '2008-02-29 10:00:00', '{\"a\":[1,2]}'::JSON::VARIANT), "
        "(2, 20, 2.25, 0.5, 'b', 'b', '2008-03-01', '2008-03-01 00:00:00', NULL)"
    )
    yield connection
    connection.close()


def translated(text: str) -> str:
    statement = parse_statement(text)
    assert isinstance(statement, Relational)
    return to_duckdb(rewrite(bind(statement, OneTable())))


def run(engine: duckdb.DuckDBPyConnection, text: str) -> list[tuple[object, ...]]:
    sql = translated(text)
    try:
        return engine.execute(sql).fetchall()
    except duckdb.Error as failure:
        raise translate(failure) from failure


D = Decimal
EXPRESSIONS: list[tuple[str, str, object]] = [
    ("r_numeric_computations201", "5/2", 2),
    ("r_numeric_computations201", "-7/2", -3),
    ("r_numeric_computations201", "10.0/3", D("3.333333333333")),
    ("r_numeric_computations201", "5.0::float8/2", 2.5),
    ("r_MOD", "mod(-7, 2)", -1),
    ("r_CAST_function", "'abcdef'::varchar(3)", "abc"),
    ("r_Character_types", "'éé'::varchar(3)", "é"),
    ("r_Character_types", "'abcdef'::char(3)", "abc"),
    ("r_Character_types", "'a'::char(3) = 'a   '", True),
    ("r_LEN", "len('ab  '::char(6))", 2),
    ("r_LEN", "octet_length('é')", 2),
    ("r_CONCAT", "concat('a', NULL)", None),
    ("REGEXP_REPLACE", "regexp_replace('the fox', '[a-z]+', '<$0>')", "<the> <fox>"),
    ("REGEXP_REPLACE", "regexp_replace('abab', '(a)(b)', '$2$1')", "baba"),
    ("REGEXP_REPLACE", "regexp_replace('ABab', 'a', 'x', 1, 'i')", "xBxb"),
    ("REGEXP_SUBSTR", "regexp_substr('a1b22', '[0-9]+', 1, 2)", "22"),
    ("REGEXP_SUBSTR", "regexp_substr('abc', 'z')", ""),
    ("REGEXP_COUNT", "regexp_count('abcabc', 'c')", 2),
    ("REGEXP_INSTR", "regexp_instr('xxabc', 'a')", 3),
    ("REGEXP_INSTR", "regexp_instr('xx', 'a')", 0),
    ("pattern-matching-conditions-similar-to", "'xabx' similar to '%(a|b)%'", True),
    ("pattern-matching-conditions-similar-to", "'xabx' similar to 'a'", False),
    ("pattern-matching-conditions-similar-to", "'a.c' similar to 'a.c' and not 'abc' similar to 'a.c'", True),
    ("r_DATEDIFF_function", "datediff(week, '2019-12-31', '2020-01-06')", 1),
    ("r_DATEDIFF_function", "datediff(week, '2009-01-01', '2009-12-31')", 52),
    ("r_DATEDIFF_function", "datediff(qtr, '1998-07-01', '2008-07-01')", 40),
    ("r_DATEDIFF_function", "datediff(year, '2008-12-31', '2009-01-01')", 1),
    ("r_DATEDIFF_function", "datediff(hour, '2008-01-01 10:59:00', '2008-01-01 11:00:00')", 1),
    ("r_DATEADD_function", "dateadd(month, 1, '2008-02-29')", datetime.datetime(2008, 3, 29)),
    ("r_DATEADD_function", "dateadd(qtr, 1, '2008-11-30')", datetime.datetime(2009, 2, 28)),
    ("r_ADD_MONTHS", "add_months('2008-02-29', 1)", datetime.datetime(2008, 3, 31)),
    ("r_ADD_MONTHS", "add_months('2008-03-31', -1)", datetime.datetime(2008, 2, 29)),
    ("r_LAST_DAY", "last_day('2008-02-03 10:00:00')", datetime.date(2008, 2, 29)),
    ("r_NEXT_DAY", "next_day('2014-08-20', 'Tuesday')", datetime.date(2014, 8, 26)),
    ("r_MONTHS_BETWEEN_function", "months_between('1969-01-18', '1969-03-18')", -2.0),
    ("r_GETDATE", "getdate()", datetime.datetime(2020, 1, 2, 3, 4, 5)),
    ("r_SYSDATE", "sysdate", datetime.datetime(2020, 1, 2, 3, 4, 4, 500000)),
    ("r_CURRENT_DATE_function", "current_date", datetime.date(2020, 1, 2)),
    ("r_DATE_PART_function", "date_part(dow, timestamp '2008-02-29 10:00:00')", 5),
    ("r_DATE_PART_function", "date_part(epoch, timestamp '2008-02-29 10:00:00')", 1204279200.0),
    ("r_DATE_TRUNC", "date_trunc('week', timestamp '2008-03-02 10:00:00')", datetime.datetime(2008, 2, 25)),
    ("CONVERT_TIMEZONE", "convert_timezone('EST', '2008-03-05 09:25:29')", datetime.datetime(2008, 3, 5, 4, 25, 29)),
    (
        "r_TO_CHAR",
        "to_char(timestamp '2009-12-31 23:15:59', 'MONTH-DY-DD-YYYY HH12:MIPM')",
        "DECEMBER -THU-31-2009 11:15PM",
    ),
    ("r_TO_CHAR", "to_char(date '2008-01-05', 'Dy, FMMonth DDth, YYYY Q WW')", "Sat, January 05th, 2008 1 01"),
    ("r_TO_CHAR", "to_char(timestamp '2008-01-05 10:00:00.123', 'MS')", "123"),
    ("r_TO_CHAR", "to_char(-125.8, '999D99S')", "125.80-"),
    ("r_TO_CHAR", "to_char(125.8, '999.99')", " 125.80"),
    ("r_TO_CHAR", "to_char(1234567, '9,999,999')", " 1,234,567"),
    ("r_TO_CHAR", "to_char(-12.5, 'FM999.99')", "-12.5"),
    ("r_TO_CHAR", "to_char(12345, '999')", " ###"),
    ("r_TO_DATE_function", "to_date('02 Oct 2001', 'DD Mon YYYY')", datetime.date(2001, 10, 2)),
    ("r_TO_NUMBER", "to_number('12,454.8-', '99G999D9S')", D("-12454.8")),
    ("r_SUBSTRING", "substring('abc', -1, 3)", "a"),
    ("r_SUBSTRING", "substring('caterpillar', 6, 4)", "pill"),
    ("JSON_EXTRACT_PATH_TEXT", "json_extract_path_text('{\"f4\":{\"f6\":\"star\"}}', 'f4', 'f6')", "star"),
    ("JSON_EXTRACT_PATH_TEXT", "json_extract_path_text('{', 'f4', true)", None),
    ("JSON_EXTRACT_ARRAY_ELEMENT_TEXT", "json_extract_array_element_text('[111,112,113]', 2)", "113"),
    ("JSON_ARRAY_LENGTH", "json_array_length('[1,2]')", 2),
    ("IS_VALID_JSON", "is_valid_json('[1]')", False),
    ("IS_VALID_JSON_ARRAY", "is_valid_json_array('[1]')", True),
    ("JSON_TYPEOF", "json_typeof(json_parse('[1]'))", "array"),
    ("r_DECODE_expression", "decode(null, null, 'a', 'b')", "a"),
    ("r_NVL2", "nvl2(null, 1, 2)", 2),
    ("r_GREATEST_LEAST", "greatest(1, null, 3)", 3),
    ("r_STRTOL", "strtol('abcd1234', 16)", 2882343476),
    ("r_TO_HEX", "to_hex(255)", "ff"),
    ("r_INITCAP", "initcap('nibh.enim hello wORLD')", "Nibh.Enim Hello World"),
    ("r_SPLIT_PART", "split_part('a-b-c', '-', 4)", ""),
    ("r_CHARINDEX", "charindex('fish', 'dogfish')", 4),
    ("r_BTRIM", "btrim('xax', 'x')", "a"),
    ("r_CAST_function", "2.5::float8::varchar || 2.0::float8::varchar", "2.52"),
    ("r_Boolean_type", "'yes'::boolean", True),
    ("r_CAST_function", "'20080105'::date", datetime.date(2008, 1, 5)),
    ("r_EXTRACT_function", "extract(qtr from date '2008-05-01')", 2),
    ("r_CURRENT_USER", "current_user", "ann"),
]


@pytest.mark.parametrize(("page", "expression", "wanted"), EXPRESSIONS, ids=[f"{p}: {e}" for p, e, _ in EXPRESSIONS])
def test_an_expression_has_the_documented_value(engine, page, expression, wanted):
    assert run(engine, f"SELECT {expression}") == [(wanted,)], page


QUERIES: list[tuple[str, str, list[tuple[object, ...]]]] = [
    ("r_AVG", "SELECT avg(i), avg(n), avg(d) FROM sales", [(1, D("1.87"), 1.5)]),
    ("r_AVG", "SELECT avg(i) OVER () FROM sales", [(1,), (1,)]),
    ("r_SUM", "SELECT sum(i), sum(b), sum(n) FROM sales", [(3, D(30), D("3.75"))]),
    ("r_LISTAGG", "SELECT listagg(s) WITHIN GROUP (ORDER BY i DESC) FROM sales", [("babc",)]),
    ("r_LISTAGG", "SELECT listagg(DISTINCT s, '|') WITHIN GROUP (ORDER BY s) FROM sales", [("abc|b",)]),
    ("r_WF_LISTAGG", "SELECT listagg(s, ',') WITHIN GROUP (ORDER BY i) OVER (PARTITION BY i) FROM sales ORDER BY i",
     [("abc",), ("b",)]),
    ("r_Character_types", "SELECT c FROM sales WHERE c = 'ab   '", [("ab   ",)]),
    ("r_numeric_computations201", "SELECT n/i, n/n FROM sales ORDER BY i",
     [(D("1.5000000000000"), D("1.00000000000")), (D("1.1250000000000"), D("1.00000000000"))]),
    ("r_numeric_computations201", "SELECT sum(n)/count(*) FROM sales", [(D("1.8750"),)]),
    ("r_APPROXIMATE_PERCENTILE_DISC",
     "SELECT approximate percentile_disc(0.5) WITHIN GROUP (ORDER BY b), median(i) FROM sales", [(10, D("1.50"))]),
    ("r_WF_RATIO_TO_REPORT", "SELECT ratio_to_report(b) OVER () FROM sales ORDER BY i", [(1 / 3,), (2 / 3,)]),
    ("query-super", "SELECT sp, sp.a[1] FROM sales ORDER BY i", [('{"a":[1,2]}', "2"), (None, None)]),
    ("r_ORDER_BY_clause", "SELECT nullif(i, 1) FROM sales ORDER BY 1 DESC", [(None,), (2,)]),
    ("r_conditions_LIKE", "SELECT s FROM sales WHERE s LIKE 'a%' OR s ILIKE 'B'", [("abc",), ("b",)]),
]  # fmt: skip


@pytest.mark.parametrize(("page", "query", "rows"), QUERIES, ids=[q for _, q, _ in QUERIES])
def test_a_query_has_the_documented_rows(engine, page, query, rows):
    assert run(engine, query) == rows, page


FAILURES: list[tuple[str, str, str, str]] = [
    ("r_numeric_computations201", "SELECT 1/0", "22012", "Divide by zero"),
    ("r_numeric_computations201", "SELECT 1.0/0", "22012", "Divide by zero"),
    ("r_numeric_computations201", "SELECT 1::float8/0", "22012", "Divide by zero"),
    ("r_numeric_computations201", "SELECT i/(i-1) FROM sales", "22012", "Divide by zero"),
    ("r_MOD", "SELECT 5%0", "22012", "Divide by zero"),
    ("r_CAST_function", "SELECT '2.5'::int", "22P02", "Invalid digit, Value '.', Pos 1, Type: Integer"),
    ("r_INSERT_30", "INSERT INTO sales (s) VALUES ('12345678901')", "22001",
     "value too long for type character varying(10)"),
    ("r_INSERT_30", "INSERT INTO sales (i) SELECT '2.5'", "22P02", "Invalid digit, Value '.', Pos 1, Type: Integer"),
    ("r_INSERT_30", "INSERT INTO sales (c) SELECT s || 'xyz' FROM sales UNION ALL SELECT s FROM sales", "22001",
     "value too long for type character(5)"),
    ("r_UPDATE", "UPDATE sales SET s = s || 'xxxxxxxxxxx'", "22001", "value too long for type character varying(10)"),
    ("c_SQL_functions", "SELECT getenv('HOME')", "42883", "function getenv(unknown) does not exist"),
    ("c_SQL_functions", "SELECT read_text('/etc/hosts')", "42883", "function read_text(unknown) does not exist"),
    ("r_CHECKSUM", "SELECT checksum(s) FROM sales", "0A000",
     "the function CHECKSUM is not supported: the documentation names no algorithm"),
    ("REGEXP_REPLACE", "SELECT regexp_replace(s, '(', 'b', 1, 'p') FROM sales", "2201B",
     "invalid regular expression: missing )"),
]  # fmt: skip


@pytest.mark.parametrize(("page", "query", "sqlstate", "message"), FAILURES, ids=[q for _, q, _, _ in FAILURES])
def test_a_wrong_statement_fails_as_documented(engine, page, query, sqlstate, message):
    with pytest.raises(BoathouseError) as failure:
        run(engine, query)
    assert (failure.value.sqlstate, failure.value.message) == (sqlstate, message), page


def test_values_that_fit_are_stored_as_the_column_stores_them(engine):
    run(engine, "INSERT INTO sales (i, s, c, n) VALUES ('3', 'é', 'ab        ', 2.345)")
    assert run(engine, "SELECT s, c, n FROM sales WHERE i = 3") == [("é", "ab   ", D("2.35"))]


def test_a_computed_text_without_a_value_fits_every_column(engine):
    run(engine, "INSERT INTO sales (i, s, c) SELECT 4, CASE WHEN i > 99 THEN s || 'x' END, s || NULL FROM sales")
    assert set(run(engine, "SELECT s, c FROM sales WHERE i = 4")) == {(None, None)}


def test_a_parameter_is_checked_against_its_column(engine):
    sql = translated("INSERT INTO sales (s) VALUES ($1)")
    with pytest.raises(duckdb.Error, match="BH22001"):
        engine.execute(sql, ["12345678901"])


def test_a_cast_parameter_is_cut_to_its_length(engine):
    assert engine.execute(translated("SELECT $1::varchar(3)"), ["abcdef"]).fetchall() == [("abc",)]


def test_a_missing_super_value_has_no_kind(engine):
    assert run(engine, "SELECT is_array(sp.a), json_typeof(sp) FROM sales ORDER BY i") == [
        (True, "object"),
        (False, None),
    ]


@pytest.mark.parametrize(
    "text",
    ["SELECT sum(i) AS s FROM sales WHERE i = 5 AND b >= 10", "SELECT i * b AS x, i + 1 AS y FROM sales"],
)
def test_simple_queries_stay_simple(text):
    assert "memory.rs" not in translated(text)


def test_a_comparison_with_a_date_literal_stays_visible_to_the_optimizer():
    assert '"sales"."dt" >= CAST(\'2008-01-01\' AS DATE)' in translated("SELECT i FROM sales WHERE dt >= '2008-01-01'")


def test_rows_that_are_stored_keep_the_engines_types(engine):
    statement = parse_statement("SELECT sp, c FROM sales")
    assert isinstance(statement, Relational)
    sql = to_duckdb(rewrite(bind(statement, OneTable())), stored=True)
    assert engine.execute(f"SELECT typeof(sp), c FROM ({sql}) ORDER BY c").fetchall() == [
        ("VARIANT", "ab"),
        ("VARIANT", "b"),
    ]
