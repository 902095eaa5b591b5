"""Text to nodes: each statement of the house, its errors and its refusals."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlglot import exp

from boathouse.contracts.errors import (
    BoathouseError,
    FeatureNotSupported,
    InvalidParameterValue,
    InvalidTableDefinition,
    SqlSyntaxError,
)
from boathouse.contracts.types import SqlType, numeric, varchar
from boathouse.sql import statements as nodes
from boathouse.sql.parse import parse, parse_statement
from boathouse.sql.redshift.types import duckdb_type, from_sqlglot, parse_type
from boathouse.sql.split import split


def one(sql: str) -> nodes.Statement:
    (found,) = parse(sql)
    return found


# -- splitting -------------------------------------------------------------------------------------------


def test_semicolons_inside_quotes_and_comments_do_not_split() -> None:
    sql = "select ';', \"a;b\", $x$;$x$ /* ; /* ; */ ; */ ; -- ;\n select 2 ;;"
    assert [text for text, _ in split(sql)] == ["select ';', \"a;b\", $x$;$x$", "select 2"]


def test_comments_alone_are_no_statement() -> None:
    assert parse(" -- nothing\n /* here */ ;; ") == ()


_PIECES = st.sampled_from(
    [
        "select",
        " ",
        ";",
        "'a;'",
        "'it''s'",
        '"x;"',
        "$$;$$",
        "$t$'$t$",
        "-- c;\n",
        "/* ; */",
        "1",
        ".5",
        "(",
        ")",
        "#t",
        "\\",
        "é",
    ]
)


@given(st.lists(_PIECES, max_size=30).map("".join))
def test_split_gives_slices_of_the_text_that_cover_every_token(sql: str) -> None:
    try:
        statements = split(sql)
    except SqlSyntaxError:
        return
    previous = 0
    for text, offset in statements:
        assert sql[offset : offset + len(text)] == text
        assert previous <= offset
        previous = offset + len(text)


_WORDS = st.sampled_from(
    [
        "select",
        "from",
        "create",
        "table",
        "external",
        "schema",
        "copy",
        "unload",
        "alter",
        "drop",
        "add",
        "column",
        "partition",
        "set",
        "show",
        "to",
        "as",
        "(",
        ")",
        ",",
        ";",
        "=",
        "'a'",
        "1",
        "$1",
        "t",
        '"T"',
        ".",
        "::",
        "into",
        "values",
        "insert",
        "where",
        "identity",
        "default",
        "distkey",
        "sortkey",
        "varchar",
        "struct",
        "<",
        ">",
        "by",
        "location",
        "with",
        "csv",
        "json",
        "explain",
        "prepare",
        "execute",
        "begin",
        "close",
        "merge",
        "delete",
        "update",
        "[",
        "]",
        "*",
        "-",
        "#",
        "@",
        "case",
        "when",
        "end",
        "null",
        "not",
        "in",
        "exists",
        "grant",
        "like",
        "view",
    ]
)


@given(st.one_of(st.text(max_size=40), st.lists(_WORDS, max_size=14).map(" ".join)))
def test_no_text_raises_anything_but_a_boathouse_error(sql: str) -> None:
    try:
        parse(sql)
    except BoathouseError as error:
        assert error.position is None or 1 <= error.position <= len(sql) + 2


# -- queries ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sql", "verb"),
    [
        ("select 1", "SELECT"),
        ("(select 1) union all (select 2)", "SELECT"),
        ("with a as (select 1) select * from a", "SELECT"),
        ("values (1, 2), (3, 4)", "SELECT"),
        ("table t", "SELECT"),
        ("insert into t values (1)", "INSERT"),
        ("update t set a = 1", "UPDATE"),
        ("delete from t", "DELETE"),
        ("delete t where a = 1", "DELETE"),
        ("merge into a using b on a.x = b.x when matched then delete when not matched then insert values (1)", "MERGE"),
    ],
)
def test_a_query_has_its_verb(sql: str, verb: str) -> None:
    found = one(sql)
    assert isinstance(found, nodes.Relational)
    assert found.verb == verb


def test_delete_without_from_names_its_table() -> None:
    found = one("delete t where a = 1")
    assert isinstance(found, nodes.Relational)
    assert isinstance(found.tree.this, exp.Table)


def test_the_highest_parameter_is_counted() -> None:
    found = one("select $1, $3 -- $9\n, '$7'")
    assert isinstance(found, nodes.Relational)
    assert found.parameters == 3


def test_catalog_queries_of_psql_are_read() -> None:
    found = one(
        "SELECT c.oid::pg_catalog.regclass FROM pg_catalog.pg_class c "
        "WHERE c.relname OPERATOR(pg_catalog.~) '^(t)$' COLLATE pg_catalog.default"
    )
    assert isinstance(found, nodes.Relational)
    cast = found.tree.find(exp.Cast)
    assert cast is not None
    assert from_sqlglot(cast.to).name == "regclass"


def test_select_into_is_create_table_as() -> None:
    found = one("select a into temp #x from t")
    assert isinstance(found, nodes.CreateTableAs)
    assert found.temporary and found.name.name == "#x"
    assert found.query.tree.args.get("into") is None


@pytest.mark.parametrize(
    ("sql", "message", "position"),
    [
        ("selec 1", 'syntax error at or near "selec"', 1),
        ("select 1 +", "syntax error at end of input", 11),
        ("select * from (select 1", "syntax error at end of input", 24),
        ("select a from t where where", 'syntax error at or near "where"', 23),
        ("select 1 2", 'syntax error at or near "2"', 10),
        ("select 1; selec 2", 'syntax error at or near "selec"', 11),
        ("create table t (a int,)", 'syntax error at or near ")"', 23),
        ("create table t (a int) diststyle odd", 'syntax error at or near "odd"', 34),
        ("create view v as selct 1", 'syntax error at or near "selct"', 18),
        ("explain select 1 2", 'syntax error at or near "2"', 18),
        ("prepare p as select 1 2", 'syntax error at or near "2"', 23),
        ("select 'abc", "unterminated quoted string", 8),
        ('select "abc', "unterminated quoted identifier", 8),
        ("select /* abc", "unterminated /* comment", 8),
        ("copy t from 's3://b/k' nonsense", 'syntax error at or near "nonsense"', 24),
        ("alter table t alter column a set default 1", 'syntax error at or near "set"', 30),
    ],
)
def test_a_syntax_error_says_what_and_where(sql: str, message: str, position: int) -> None:
    with pytest.raises(SqlSyntaxError) as caught:
        parse(sql)
    assert (caught.value.message, caught.value.position) == (message, position)


@pytest.mark.parametrize(
    "sql",
    [
        "attach 'x' as y",
        "pragma x",
        "install httpfs",
        "load x",
        "copy t to 'file'",
        "create macro m() as 1",
        "create sequence s",
        "create type t as enum ('a')",
        "create index i on t (a)",
        "export database 'x'",
        "import database 'x'",
        "checkpoint",
        "describe t",
        "summarize t",
        "pivot t on a",
        "from t",
        "savepoin a",
        "create or replace table t (a int)",
        "select 1 returning",
        "delete from t returning a",
        "create table t (a int check (a > 1))",
    ],
)
def test_what_redshift_has_not_is_a_syntax_error(sql: str) -> None:
    with pytest.raises(SqlSyntaxError):
        parse(sql)


@pytest.mark.parametrize(
    "sql",
    [
        "savepoint a",
        "rollback to savepoint a",
        "create model m from t",
        "create datashare d",
        "create database d",
        "create masking policy p with (a int) using (1)",
        "attach rls policy p on t to public",
        "analyze compression",
        "create table t (a hllsketch)",
        "create external schema s from hive metastore database 'x' uri 'u'",
    ],
)
def test_what_redshift_has_and_we_have_not_is_refused_as_a_feature(sql: str) -> None:
    with pytest.raises(FeatureNotSupported):
        parse(sql)


# -- DDL -------------------------------------------------------------------------------------------------


def test_column_attributes_come_in_any_order() -> None:
    """CREATE TABLE page: column_attributes and column_constraints."""
    found = one(
        "create table if not exists s.T (id bigint encode az64 identity(0, 2) distkey, "
        "a varchar(10) default 'x'::varchar(3) encode zstd not null sortkey, b decimal, c text unique, "
        '"D" char(3) null references o (id), primary key (id), constraint u unique (a)) backup no'
    )
    assert isinstance(found, nodes.CreateTable)
    assert str(found.name) == "s.t" and found.if_not_exists
    columns = {column.name: column for column in found.columns}
    assert columns["id"].identity == (0, 2) and columns["id"].distkey and not columns["id"].nullable
    assert columns["a"].default is not None and columns["a"].encode == "zstd" and columns["a"].sortkey
    assert columns["b"].type == numeric(18, 0)
    assert columns["c"].type == varchar(256) and columns["c"].unique
    assert columns["d"].references == "o (id)"
    assert found.attributes.constraints == ("primary key (id)", "constraint u unique (a)")
    assert not found.attributes.backup


def test_table_attributes_come_in_any_order() -> None:
    found = one(
        "create temp table t (a int, b int) interleaved sortkey (a, b) backup yes distkey(a) diststyle key encode auto"
    )
    assert isinstance(found, nodes.CreateTable)
    assert found.temporary
    assert found.attributes == nodes.TableAttributes("key", "a", ("a", "b"), "interleaved")


def test_create_table_as_keeps_attributes_and_names() -> None:
    found = one("create table t (x, y) diststyle all sortkey auto as (select 1, 2)")
    assert isinstance(found, nodes.CreateTableAs)
    assert found.columns == ("x", "y") and found.attributes.sortstyle == "auto"
    assert found.query.text == "(select 1, 2)" and found.text[found.query.offset :] == found.query.text


def test_a_late_binding_view_says_so() -> None:
    found = one("create or replace view v (a) as select 1 with no schema binding")
    assert isinstance(found, nodes.CreateView)
    assert found.late_binding and found.or_replace and found.query.text == "select 1"


@pytest.mark.parametrize(
    ("sql", "action"),
    [
        ("add column a int default 1 not null", "add_column"),
        ("drop column a", "drop_column"),
        ("rename column a to b", "rename_column"),
        ("rename a to b", "rename_column"),
        ("rename to b", "rename"),
        ("alter column a type varchar(20)", "alter_type"),
        ("alter column a encode zstd", "encode"),
        ("alter diststyle even", "attributes"),
        ("alter distkey a", "attributes"),
        ("alter sortkey none", "attributes"),
        ("append from s.u", "append"),
        ("owner to x", "owner"),
        ("add primary key (a)", "add_constraint"),
        ("drop constraint c", "drop_constraint"),
    ],
)
def test_alter_table_knows_its_actions(sql: str, action: str) -> None:
    found = one(f"alter table t {sql}")
    assert isinstance(found, nodes.AlterTable)
    assert found.action == action


@pytest.mark.parametrize(
    "sql",
    [
        "create table t (a int distkey, b int distkey)",
        "create table t (a varchar(70000))",
        "create table t (a decimal(39, 1))",
        "create table t (a decimal(5, 6))",
        "create table t (a char(5000))",
        "create table t (a varchar identity(1,1))",
        "create table t (a int encode middle_out)",
        "create table t (a int) diststyle even distkey (a)",
    ],
)
def test_a_contradictory_table_is_refused(sql: str) -> None:
    with pytest.raises(InvalidTableDefinition):
        parse(sql)


def test_several_objects_are_dropped_at_once() -> None:
    found = one("drop table if exists a, s.b, dev.s.c cascade")
    assert isinstance(found, nodes.Drop)
    assert [str(name) for name in found.names] == ["a", "s.b", "dev.s.c"]
    assert found.if_exists and found.cascade


# -- session ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sql", "name", "value", "local"),
    [
        ("set search_path to a, \"B\", '$user'", "search_path", "a, B, $user", False),
        ("set session query_group = 'x'", "query_group", "x", False),
        ("set local x.y to 5", "x.y", "5", True),
        ("set time zone 'UTC'", "timezone", "UTC", False),
        ("set names 'utf8'", "client_encoding", "utf8", False),
        ("set statement_timeout to default", "statement_timeout", None, False),
        ("set extra_float_digits = -3", "extra_float_digits", "-3", False),
        ("SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY", "default_transaction_read_only", "on", False),
    ],
)
def test_set_reads_every_spelling(sql: str, name: str, value: str | None, local: bool) -> None:
    found = one(sql)
    assert isinstance(found, nodes.Set)
    assert (found.name, found.value, found.local) == (name, value, local)


@pytest.mark.parametrize(
    ("sql", "kind"),
    [
        ("begin", nodes.Begin),
        ("begin work isolation level serializable read write", nodes.Begin),
        ("start transaction read only", nodes.Begin),
        ("end transaction", nodes.Commit),
        ("commit work", nodes.Commit),
        ("abort", nodes.Rollback),
        ("rollback", nodes.Rollback),
        ("reset all", nodes.Reset),
        ("show search_path", nodes.Show),
        ("discard all", nodes.Discard),
        ("deallocate p", nodes.Discard),
        ("deallocate prepare all", nodes.Discard),
        ("close all", nodes.Discard),
        ("unlisten *", nodes.Discard),
        ("vacuum", nodes.Maintain),
        ("vacuum delete only t to 75 percent boost", nodes.Maintain),
        ("analyze verbose t (a, b)", nodes.Maintain),
        ("analyze t predicate columns", nodes.Maintain),
        ("lock table a, b in access exclusive mode", nodes.Maintain),
        ("truncate table t", nodes.Truncate),
        ("comment on column s.t.c is 'x'", nodes.Comment),
        ("explain verbose select 1", nodes.Explain),
        ("explain create table t as select 1", nodes.Explain),
    ],
)
def test_session_and_maintenance_statements_are_read(sql: str, kind: type[nodes.Statement]) -> None:
    assert isinstance(one(sql), kind)


def test_prepared_statements_carry_types_and_values() -> None:
    prepared = one("prepare p (int, varchar(5)) as insert into t values ($1, $2)")
    assert isinstance(prepared, nodes.Prepare)
    assert prepared.types == (SqlType("integer"), varchar(5))
    executed = one("execute p (1, 'a, (b)', coalesce(null, 2))")
    assert isinstance(executed, nodes.Execute)
    assert [value.sql() for value in executed.values] == ["1", "'a, (b)'", "COALESCE(NULL, 2)"]


# -- types -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "shown", "engine"),
    [
        ("int2", "smallint", "SMALLINT"),
        ("varchar(max)", "character varying(65535)", "VARCHAR"),
        ("nchar(3)", "character(3)", "VARCHAR"),
        ("dec(10, 2)", "numeric(10,2)", "DECIMAL(10,2)"),
        ("float(20)", "real", "FLOAT"),
        ("timestamp(6) with time zone", "timestamp with time zone", "TIMESTAMPTZ"),
        ("interval year to month", "interval", "INTERVAL"),
        ("super", "super", "VARIANT"),
        ("binary varying(4)", "varbyte(4)", "BLOB"),
        (
            "struct<a:int,b:array<struct<c:varchar(20)>>>",
            "struct<a:integer,b:array<struct<c:character varying(20)>>>",
            'STRUCT("a" INTEGER, "b" STRUCT("c" VARCHAR)[])',
        ),
        ("map<string,boolean>", "map<character varying,boolean>", "MAP(VARCHAR, BOOLEAN)"),
    ],
)
def test_a_type_is_shown_as_redshift_shows_it_and_read_back(text: str, shown: str, engine: str) -> None:
    """Data types page."""
    found = parse_type(text)
    assert (str(found), duckdb_type(found)) == (shown, engine)
    assert parse_type(shown) == found


# -- external tables -------------------------------------------------------------------------------------


def test_an_access_log_table_keeps_its_regular_expression() -> None:
    """CREATE EXTERNAL TABLE page: ROW FORMAT SERDE with RegexSerDe; Hive undoes the escapes."""
    found = one(
        "CREATE EXTERNAL TABLE lake.logs (owner varchar(256), at varchar(256), agent varchar(256)) "
        "ROW FORMAT SERDE 'org.apache.hadoop.hive.serde2.RegexSerDe' "
        r"""WITH SERDEPROPERTIES ('input.regex' = '([^ ]*) \\[(.*?)\\] (\"[^\"]*\") (\\d+)') """
        "LOCATION 's3://logs/access/'"
    )
    assert isinstance(found, nodes.CreateExternalTable)
    assert dict(found.format.serde_properties) == {"input.regex": r"""([^ ]*) \[(.*?)\] ("[^"]*") (\d+)"""}
    assert found.location == "s3://logs/access/"


def test_an_external_table_has_partitions_delimiters_and_properties() -> None:
    found = one(
        r"create external table s.t (a int, b map<string,array<int>>) partitioned by (d date, h int) row format delimited "
        r"fields terminated by '\t' escaped by '\\' lines terminated by '\n' null defined as '' stored as textfile "
        r"location 's3://b/k/' table properties ('skip.header.line.count' = '1', 'numRows'='5')"
    )
    assert isinstance(found, nodes.CreateExternalTable)
    assert [name for name, _ in found.partitions] == ["d", "h"]
    assert (found.format.field_delimiter, found.format.escape, found.format.line_delimiter) == ("\t", "\\", "\n")
    assert found.format.null_as == "" and len(found.properties) == 2


def test_partitions_are_added_moved_and_dropped() -> None:
    added = one(
        "alter table s.t add if not exists partition (d='2020-01-01', h=5) location 's3://a' partition (d='x', h=-1) location 'b'"
    )
    assert isinstance(added, nodes.AddPartitions)
    assert added.partitions == (((("d", "2020-01-01"), ("h", "5")), "s3://a"), ((("d", "x"), ("h", "-1")), "b"))
    assert isinstance(one("alter table s.t drop partition (d='x')"), nodes.DropPartitions)
    assert isinstance(one("alter table s.t partition (d='x') set location 'y'"), nodes.SetLocation)
    moved = one("alter table s.t set location 'y'")
    assert isinstance(moved, nodes.SetLocation) and moved.values == ()


def test_external_schemas_and_crawlers_are_read() -> None:
    schema = one(
        "create external schema s from data catalog database 'D' region 'eu-west-1' iam_role default create external database if not exists"  # noqa: E501
    )
    assert isinstance(schema, nodes.CreateExternalSchema)
    assert schema.catalog_database == "d" and schema.create_database and schema.credentials.region == "eu-west-1"
    crawler = one("create crawler c database 'd' targets ('s3://a/', 's3://b/') table prefix 'p_' secret 'lake'")
    assert isinstance(crawler, nodes.CreateCrawler)
    assert crawler.targets == ("s3://a/", "s3://b/") and crawler.credentials.secret == "lake"
    assert isinstance(one("start crawler c"), nodes.StartCrawler)
    dropped = one("drop schema s drop external database cascade")
    assert isinstance(dropped, nodes.Drop) and dropped.external_database


def test_a_statement_is_parsed_once() -> None:
    assert parse_statement("select 42") is parse_statement("select 42")


def test_a_bad_option_value_is_no_syntax_error() -> None:
    with pytest.raises(InvalidParameterValue):
        parse("copy t from 's3://b' csv delimiter 'ab'")


@pytest.mark.parametrize(
    ("text", "parameters", "strings"),
    [
        ("SELECT $1,$2", 2, []),
        ("VALUES ($1,$2,$3)", 3, []),
        ("SELECT $1||$$it's a\\b$$||$2", 2, ["it's a\\b"]),
        ("SELECT $tag$ $9,$ $$ $tag$,$1", 1, [" $9,$ $$ "]),
    ],
)
def test_parameters_without_spaces_are_not_taken_for_dollar_quotes(
    text: str, parameters: int, strings: list[str]
) -> None:
    (found,) = parse(text)
    assert isinstance(found, nodes.Relational)
    assert found.parameters == parameters
    assert [node.name for node in found.tree.find_all(exp.Literal) if node.is_string] == strings


def test_values_stand_as_a_statement_of_one_row_or_many() -> None:
    for text in ("VALUES (1,2)", "VALUES (1,2),(3,4) ORDER BY 1 LIMIT 1", "VALUES (1) UNION ALL SELECT 2"):
        (found,) = parse(text)
        assert found.verb == "SELECT"
        assert found.tree.find(exp.Values) is not None


def test_crawlers_and_classifiers_are_read() -> None:
    crawler = one(
        "create crawler c targets 'a/' database 'D' exclude ('*.bak') schedule 'cron(0 5 * * ? *)' update behavior log "
        "delete behavior log recrawl crawl_new_folders_only table grouping similar_schemas classifiers ('x', 'y')"
    )
    assert isinstance(crawler, nodes.CreateCrawler) and crawler.catalog_database == "d"
    assert dict(crawler.clauses) == {
        "exclusions": ("*.bak",), "schedule": "cron(0 5 * * ? *)", "on_update": "log", "on_delete": "log",
        "recrawl": "crawl_new_folders_only", "grouping": "similar_schemas", "classifiers": ("x", "y"),
    }  # fmt: skip
    altered = one("alter crawler c schedule none exclude ()")
    assert isinstance(altered, nodes.AlterCrawler) and dict(altered.clauses) == {"schedule": "", "exclusions": ()}
    assert altered.credentials is None
    assert isinstance(one("stop crawler c"), nodes.StopCrawler)
    shown = one("show crawlers")
    assert isinstance(shown, nodes.ShowCrawlers) and shown.name is None
    made = one("create classifier if not exists g grok '%{WORD:w}' classification 'c' custom patterns 'A b'")
    assert isinstance(made, nodes.CreateClassifier) and made.kind == "grok" and made.if_not_exists
    for wrong in (
        "create crawler c database 'd' targets 'a' targets 'b'",
        "alter crawler c",
        "create classifier g grok 'x'",
    ):
        with pytest.raises(SqlSyntaxError):
            one(wrong)
