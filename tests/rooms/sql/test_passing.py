"""Texts for a PostgreSQL behind the house: which tables they need, and which are not believed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from boathouse.sql.passing.classify import classify
from boathouse.sql.passing.inspect import inspect

READ = {
    "SELECT * FROM s.a": {"SELECT s.a"},
    "select b.x, count(*) from S.A as b join \"S\".\"A\" c using (x) group by 1": {"SELECT s.a", "SELECT S.A"},
    "SELECT * FROM a": {"SELECT public.a"},
    "SELECT 1": set(),
    "SELECT (SELECT max(x) FROM s.b), ARRAY(SELECT x FROM s.c) FROM s.a WHERE EXISTS (SELECT 1 FROM s.d)": {
        "SELECT s.a", "SELECT s.b", "SELECT s.c", "SELECT s.d"},
    "WITH q AS (SELECT * FROM s.a) SELECT * FROM q": {"SELECT s.a"},
    "WITH q AS (SELECT * FROM q) SELECT * FROM q": {"SELECT public.q"},
    "WITH RECURSIVE q(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM q WHERE n < 5) SELECT * FROM q": set(),
    "WITH p AS (SELECT * FROM q), q AS (SELECT 1) SELECT * FROM p, q": {"SELECT public.q"},
    "SELECT * FROM (WITH q AS (SELECT 1) SELECT * FROM q) x, q": {"SELECT public.q"},
    "WITH q AS (SELECT 1) SELECT * FROM s.q": {"SELECT s.q"},
    "INSERT INTO s.a (x) SELECT y FROM s.b": {"INSERT s.a", "SELECT s.b"},
    "INSERT INTO s.a VALUES (1) ON CONFLICT (x) DO UPDATE SET x = 2": {"INSERT s.a", "SELECT s.a", "UPDATE s.a"},
    "UPDATE s.a SET x = (SELECT 1 FROM s.b) FROM s.c WHERE s.a.i = s.c.i": {
        "UPDATE s.a", "SELECT s.a", "SELECT s.b", "SELECT s.c"},
    "DELETE FROM s.a USING s.b WHERE a.i = b.i RETURNING *": {"DELETE s.a", "SELECT s.a", "SELECT s.b"},
    "WITH d AS (DELETE FROM s.a RETURNING *) SELECT * FROM d": {"DELETE s.a", "SELECT s.a"},
    "MERGE INTO s.a USING s.b ON a.i = b.i WHEN MATCHED THEN DELETE": {
        "INSERT s.a", "UPDATE s.a", "DELETE s.a", "SELECT s.a", "SELECT s.b"},
    "SELECT * FROM s.a FOR UPDATE": {"UPDATE s.a", "SELECT s.a"},
    "EXPLAIN (ANALYZE, COSTS off) SELECT * FROM s.a": {"SELECT s.a"},
    "EXPLAIN ANALYZE VERBOSE DELETE FROM s.a": {"DELETE s.a", "SELECT s.a"},
    "DECLARE c SCROLL CURSOR FOR SELECT * FROM s.a": {"SELECT s.a"},
    "PREPARE p (int) AS SELECT * FROM s.a WHERE x = $1": {"SELECT s.a"},
    "COPY s.a (x, y) TO STDOUT": {"SELECT s.a"},
    "COPY s.a FROM STDIN (FORMAT csv)": {"INSERT s.a"},
    "COPY (SELECT * FROM s.a) TO STDOUT": {"SELECT s.a"},
    "TRUNCATE TABLE s.a, b RESTART IDENTITY": {"TRUNCATE s.a", "TRUNCATE public.b"},
    "BEGIN; SELECT * FROM s.a; COMMIT": {"SELECT s.a"},
    "SET TIME ZONE 'UTC'; SHOW TimeZone; FETCH 3 FROM c; EXECUTE p (1, 'x')": set(),
    "SELECT 'a''b; DROP TABLE s.x', $q$ FROM s.y $q$, \"s.z\" FROM s.a -- FROM s.n\n/* FROM s.m /* nested */ */": {"SELECT s.a"},
    "SELECT relname FROM pg_catalog.pg_class, pg_namespace, information_schema.tables": set(),
    "SELECT pg_catalog.format_type(a.atttypid, a.atttypmod) FROM pg_catalog.pg_attribute a "
    "WHERE attname OPERATOR(pg_catalog.~) '^(t)$' COLLATE pg_catalog.default": set(),
}  # fmt: skip


@pytest.mark.parametrize("text", READ)
def test_the_tables_of_a_text_are_found(text: str) -> None:
    found = inspect(text)
    assert found.problem is None
    needed = {f"{one.privilege} {one.schema}.{one.name}" for one in found.needed}
    # What is changed is read, too: PostgreSQL asks for SELECT where columns are, here it is always.
    assert needed == READ[text]


REFUSED = """
SELECT pg_read_file('/etc/passwd')
SELECT * FROM pg_ls_dir('.')
SELECT query_to_xml('SELECT * FROM s.x', true, false, '')
SELECT public.lower('x')
SELECT "lower"('x'), "pg_read_file"('x')
SELECT ('/etc/passwd'::text).pg_read_file
SELECT set_config('search_path', 's', false)
WITH pg_read_file AS (SELECT 1) SELECT pg_read_file('/etc/passwd')
WITH xmltable AS (SELECT 1) SELECT * FROM XMLTABLE('/a' PASSING '<a/>' COLUMNS b text)
TABLE s.x
SELECT (TABLE s.x)
SELECT * INTO s.y FROM s.x
CREATE TABLE s.y AS SELECT * FROM s.x
DO $$ BEGIN DELETE FROM s.x; END $$
CALL s.p()
SET search_path = s
SET LOCAL search_path TO s
SET standard_conforming_strings = off
SET client_encoding = 'SJIS'
SET ROLE postgres
SET SESSION AUTHORIZATION postgres
RESET search_path
LISTEN a
NOTIFY a
COPY s.x TO '/tmp/x'
COPY s.x TO PROGRAM 'cat'
COPY (DELETE FROM s.x RETURNING pg_read_file('x')) TO STDOUT
COPY s.x FROM STDIN WHERE pg_read_file('x') = ''
TRUNCATE s.x CASCADE
SELECT * FROM other.s.x
SELECT U&"\\0073" FROM t
SELECT 'open
SELECT * FROM pg_catalog.pg_authid_x WHERE pg_sleep(1) IS NULL
EXPLAIN CREATE TABLE x (a int)
PREPARE TRANSACTION 'x'
COMMIT PREPARED 'x'
EXECUTE p (pg_read_file('x'))
DEALLOCATE p; SELECT lo_export(1, '/tmp/x')
SELECT * FROM dblink('dbname=x', 'SELECT 1') AS t(a int)
SELECT nextval('s.q')
SELECT * FROM t TABLESAMPLE system (10)
SELECT pg_notify('a', 'b')
VACUUM s.x
GRANT SELECT ON s.x TO me
LOCK TABLE s.x
EXPLAIN EXECUTE p
SELECT * FROM XMLTABLE('/a' PASSING '<a/>' COLUMNS b text)
""".strip().split("\n")


@pytest.mark.parametrize("text", REFUSED)
def test_what_cannot_be_read_in_full_is_refused(text: str) -> None:
    assert inspect(text).problem


def test_the_open_part_of_the_catalog_holds_nobodys_values() -> None:
    for name in (
        "pg_authid",
        "pg_shadow",
        "pg_statistic",
        "pg_stats",
        "pg_stat_activity",
        "pg_largeobject",
        "pg_settings",
    ):
        assert inspect(f"SELECT * FROM pg_catalog.{name}").needed
    for name in ("user_mapping_options", "_pg_user_mappings"):
        assert inspect(f"SELECT * FROM information_schema.{name}").needed


def test_a_backslash_is_postgresqls_own() -> None:
    # With Redshift's rule the string would go on to the last quote, and hide the table.
    assert {one.name for one in inspect(r"SELECT '\' FROM s.x WHERE a = '\'").needed} == {"x"}
    assert inspect(r"SELECT E'\' FROM s.x WHERE a = '").needed == frozenset()


def test_signs_that_postgresql_reads_otherwise() -> None:
    # Its comments end at a carriage return, and its words go on over what is white space elsewhere.
    assert inspect("SELECT 1 --\rFROM s.x").problem
    assert inspect("SELECT 1\u00a0FROM s.x").problem
    assert inspect("SELECT 1 --\r\nFROM s.x").needed
    assert inspect("SELECT é FROM s.x").problem
    assert inspect("SELECT \"é\", 'ü' FROM s.x").needed


def test_names_are_cut_by_postgresql() -> None:
    assert inspect(f"SELECT * FROM s.{'x' * 64}").problem


@given(st.text(max_size=60), st.sampled_from(["SELECT ", "INSERT INTO ", "WITH a AS (", "COPY ", "EXPLAIN ", ""]))
def test_no_text_at_all_does_more_than_be_refused(text: str, start: str) -> None:
    inspect(start + text)
    classify((start + text).encode(), "crm")


@pytest.mark.parametrize(
    ("text", "verb", "kind", "slot"),
    [
        ("SELECT 1", "SELECT", "query", None),
        (" /* note */ -- x\n (SELECT a FROM t)", "SELECT", "query", "read"),
        ("SELECT * FROM pg_catalog.pg_class c JOIN pg_namespace n ON true", "SELECT", "query", None),
        ("WITH d AS (DELETE FROM t RETURNING *) SELECT * FROM d", "SELECT", "query", "write"),
        ("insert into t values (1)", "INSERT", "query", "write"),
        ("COPY t TO STDOUT", "COPY", "query", "read"),
        ("COPY t FROM STDIN", "COPY", "query", "load"),
        ("CREATE TABLE t (a int)", "DDL", "ddl", None),
        ("CREATE TABLE t AS SELECT 1", "DDL", "ddl", "write"),
        ("BEGIN", "UTILITY", "utility", None),
        ("commit", "COMMIT", "utility", None),
        ("gibberish", "UTILITY", "utility", None),
        ("", "UTILITY", "utility", None),
    ],
)
def test_texts_are_told_apart_for_the_log_and_the_queues(text: str, verb: str, kind: str, slot: str | None) -> None:
    found = classify(text.encode(), "crm")
    assert (found.verb, found.kind, found.slot, found.is_text) == (verb, kind, slot, True)


def test_bytes_that_are_no_text_are_shown_and_marked() -> None:
    assert not classify(b"SELECT '\xff'", "crm").is_text
    assert classify(b"SELECT '\xfc'", "crm", "latin-1").text == "SELECT 'ü'"
