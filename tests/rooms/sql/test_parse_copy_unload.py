"""COPY and UNLOAD: options, arguments, combinations, authorization; and no secret in any error."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from boathouse.contracts.errors import BoathouseError, FeatureNotSupported, InvalidParameterValue, SqlSyntaxError
from boathouse.sql import statements as nodes
from boathouse.sql.parse import parse
from boathouse.sql.redshift.copy_options import COPY_OPTIONS
from boathouse.sql.redshift.redact import redact
from boathouse.sql.redshift.unload_options import UNLOAD_OPTIONS


def copy(options: str) -> nodes.CopyFrom:
    (found,) = parse(f"copy s.t (a, b) from 's3://bucket/key' {options}")
    assert isinstance(found, nodes.CopyFrom)
    return found


def unload(options: str) -> nodes.Unload:
    (found,) = parse(f"unload ('select * from t') to 's3://bucket/key_' {options}")
    assert isinstance(found, nodes.Unload)
    return found


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ("", {"FORMAT": "text"}),
        ("csv quote as '%' delimiter ';'", {"FORMAT": "csv", "QUOTE": "%", "DELIMITER": ";"}),
        ("format as csv gzip", {"FORMAT": "csv", "COMPRESSION": "gzip"}),
        (
            r"delimiter as '\t' null as '\\N' escape",
            {"FORMAT": "text", "DELIMITER": "\t", "NULL": "\\N", "ESCAPE": True},
        ),
        (r"delimiter '\001' null as '\000'", {"FORMAT": "text", "DELIMITER": "\x01", "NULL": "\0"}),
        ("json 'auto ignorecase'", {"FORMAT": "json", "JSON": "auto ignorecase"}),
        ("json as 's3://b/paths.json' zstd", {"FORMAT": "json", "JSON": "s3://b/paths.json", "COMPRESSION": "zstd"}),
        ("format json", {"FORMAT": "json", "JSON": "auto"}),
        ("format as parquet fillrecord manifest", {"FORMAT": "parquet", "FILLRECORD": True, "MANIFEST": True}),
        ("ignoreheader as 1 maxerror 10", {"FORMAT": "text", "IGNOREHEADER": 1, "MAXERROR": 10}),
        ("compupdate off statupdate", {"FORMAT": "text", "COMPUPDATE": False, "STATUPDATE": True}),
        ("compupdate preset comprows 5", {"FORMAT": "text", "COMPUPDATE": "preset", "COMPROWS": 5}),
        (
            "acceptinvchars as '^' dateformat 'auto' timeformat as 'epochsecs'",
            {"FORMAT": "text", "ACCEPTINVCHARS": "^", "DATEFORMAT": "auto", "TIMEFORMAT": "epochsecs"},
        ),
        (
            "acceptinvchars acceptanydate encoding utf8",
            {"FORMAT": "text", "ACCEPTINVCHARS": True, "ACCEPTANYDATE": True, "ENCODING": "utf8"},
        ),
        (
            "emptyasnull blanksasnull trimblanks truncatecolumns roundec explicit_ids noload removequotes ignoreblanklines",
            {
                "FORMAT": "text",
                **dict.fromkeys(
                    (
                        "EMPTYASNULL",
                        "BLANKSASNULL",
                        "TRIMBLANKS",
                        "TRUNCATECOLUMNS",
                        "ROUNDEC",
                        "EXPLICIT_IDS",
                        "NOLOAD",
                        "REMOVEQUOTES",
                        "IGNOREBLANKLINES",
                    ),
                    True,
                ),
            },
        ),
    ],
)
def test_copy_options_are_read_with_their_arguments(options: str, expected: dict[str, object]) -> None:
    """COPY page, alphabetical parameter list."""
    assert copy(options).options == expected


@pytest.mark.parametrize(
    "options",
    [
        "csv escape",
        "csv removequotes",
        "json 'auto' delimiter ','",
        "parquet gzip",
        "parquet maxerror 5",
        "parquet ignoreheader 1",
        "quote '%'",
        "delimiter 'ab'",
        "delimiter 'é'",
        "maxerror 100001",
        "ignoreallerrors maxerror 5",
        "gzip zstd",
        "csv json",
        "ignoreheader -1",
        "csv delimiter '\"'",
        "maxerror 1 maxerror 2",
        "iam_role 'x' iam_role default secret 's'",
        "access_key_id 'a'",
        "iam_role 'r' access_key_id 'a' secret_access_key 'b'",
        "credentials 'nonsense'",
        "session_token 't'",
    ],
)
def test_copy_refuses_combinations_that_mean_nothing(options: str) -> None:
    with pytest.raises((InvalidParameterValue, SqlSyntaxError)):
        copy(options)


@pytest.mark.parametrize(
    "options",
    [
        "shapefile",
        "encrypted",
        "ssh",
        "readratio 50",
        "credentials 'aws_iam_role=x;master_symmetric_key=k'",
    ],
)
def test_copy_names_what_it_knows_but_has_not(options: str) -> None:
    with pytest.raises(FeatureNotSupported):
        copy(options)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("iam_role default", nodes.Credentials(iam_role="default")),
        (
            "iam_role 'arn:aws:iam::1:role/r' region 'eu-west-1'",
            nodes.Credentials(iam_role="arn:aws:iam::1:role/r", region="eu-west-1"),
        ),
        ("credentials 'aws_iam_role=arn:aws:iam::1:role/r'", nodes.Credentials(iam_role="arn:aws:iam::1:role/r")),
        ("credentials 'arn:aws:iam::1:role/r'", nodes.Credentials(iam_role="arn:aws:iam::1:role/r")),
        (
            "with credentials as 'aws_access_key_id=a;aws_secret_access_key=b/c==;token=t'",
            nodes.Credentials(access_key_id="a", secret_access_key="b/c==", session_token="t"),
        ),
        (
            "access_key_id 'a' secret_access_key 'b' session_token 't'",
            nodes.Credentials(access_key_id="a", secret_access_key="b", session_token="t"),
        ),
        ("secret 'lake'", nodes.Credentials(secret="lake")),
        ("", nodes.Credentials()),
    ],
)
def test_authorization_is_read_in_every_spelling(text: str, expected: nodes.Credentials) -> None:
    """Authorization parameters page; COPY and UNLOAD share them."""
    assert copy(f"csv {text} gzip").credentials == expected
    assert unload(f"{text} csv").credentials == expected


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ("", {"FORMAT": "text", "PARALLEL": True}),
        (
            "parquet partition by (a, B) include cleanpath",
            {"FORMAT": "parquet", "PARALLEL": True, "PARTITION BY": ("a", "b"), "INCLUDE": True, "CLEANPATH": True},
        ),
        (
            "format as csv header delimiter '|' gzip allowoverwrite",
            {
                "FORMAT": "csv",
                "PARALLEL": True,
                "HEADER": True,
                "DELIMITER": "|",
                "COMPRESSION": "gzip",
                "ALLOWOVERWRITE": True,
            },
        ),
        (
            "manifest verbose parallel off maxfilesize as 1.5 gb",
            {"FORMAT": "text", "PARALLEL": False, "MANIFEST": True, "VERBOSE": True, "MAXFILESIZE": 3 << 29},
        ),
        ("json parallel true extension 'ndjson'", {"FORMAT": "json", "PARALLEL": True, "EXTENSION": "ndjson"}),
        (
            "parquet rowgroupsize 64 mb maxfilesize 100",
            {"FORMAT": "parquet", "PARALLEL": True, "ROWGROUPSIZE": 64 << 20, "MAXFILESIZE": 100 << 20},
        ),
        (
            "addquotes escape null as '@'",
            {"FORMAT": "text", "PARALLEL": True, "ADDQUOTES": True, "ESCAPE": True, "NULL": "@"},
        ),
    ],
)
def test_unload_options_are_read_with_their_arguments(options: str, expected: dict[str, object]) -> None:
    """UNLOAD page, parameters."""
    assert unload(options).options == expected


@pytest.mark.parametrize(
    "options",
    [
        "parquet gzip",
        "parquet header",
        "iceberg gzip",
        "iceberg manifest",
        "iceberg extension 'x'",
        "json delimiter ','",
        "csv escape",
        "csv addquotes",
        "allowoverwrite cleanpath",
        "maxfilesize 1 mb",
        "maxfilesize 7 gb",
        "csv rowgroupsize 64",
        "parquet rowgroupsize 16",
        "csv parquet",
        "partition by (a, a)",
        "extension '../x'",
        "delimiter 'ab'",
        "header header",
        "nonsense",
    ],
)
def test_unload_refuses_combinations_that_mean_nothing(options: str) -> None:
    with pytest.raises((InvalidParameterValue, SqlSyntaxError)):
        unload(options)


@pytest.mark.parametrize("options", ["encrypted", "encrypted auto", "kms_key_id 'k'", "format avro", "format orc"])
def test_unload_names_what_it_knows_but_has_not(options: str) -> None:
    with pytest.raises(FeatureNotSupported):
        unload(options)


@pytest.mark.parametrize(
    ("sql", "query"),
    [
        ("unload ('select ''x'' from t') to 'p'", "select 'x' from t"),
        (r"unload ('select \'x\' from t') to 'p'", "select 'x' from t"),
        ("unload ($$select 'x' from t$$) to 'p'", "select 'x' from t"),
        ("unload ($q$ select 1; $q$) to 'p'", "select 1"),
    ],
)
def test_unload_undoes_the_quotes_of_its_query(sql: str, query: str) -> None:
    (found,) = parse(sql)
    assert isinstance(found, nodes.Unload)
    assert found.query == query


@pytest.mark.parametrize("query", ["select 1 limit 5", "delete from t", "selec 1", "", "select 1; select 2"])
def test_unload_takes_one_select_without_an_outer_limit(query: str) -> None:
    with pytest.raises(SqlSyntaxError):
        parse(f"unload ('{query}') to 'p'")


@pytest.mark.parametrize(
    ("tail", "expected"),
    [
        ("", {"format": "text"}),
        ("csv", {"format": "csv"}),
        (
            "with csv header delimiter as ';' null '' quote '''' escape '\\'",
            {"format": "csv", "header": True, "delimiter": ";", "null": "", "quote": "'", "escape": "\\"},
        ),
        (
            "with (format csv, header, delimiter ',', encoding 'utf-8')",
            {"format": "csv", "header": True, "delimiter": ","},
        ),
        ("(format 'text', header false, null '\\N')", {"format": "text", "header": False, "null": "\\N"}),
        ("with binary", {"format": "binary"}),
        ("(FORMAT binary)", {"format": "binary"}),
    ],
)
def test_copy_of_a_stream_reads_old_and_new_options(tail: str, expected: dict[str, object]) -> None:
    (read,) = parse(f'copy t ("A", b) from stdin {tail}')
    assert isinstance(read, nodes.CopyStdin)
    assert (read.columns, read.options) == (("a", "b"), expected)
    (written,) = parse(f"copy (select ')' from t) to stdout {tail}")
    assert isinstance(written, nodes.CopyStdout)
    assert written.options == expected


def test_copy_of_a_table_to_the_client_is_a_query() -> None:
    (found,) = parse("copy s.t (a) to stdout")
    assert isinstance(found, nodes.CopyStdout)
    assert found.query.text == 'SELECT "a" FROM "s"."t"'


def test_the_option_tables_know_no_word_that_parsers_do_not() -> None:
    assert {name for name, option in COPY_OPTIONS.items() if option.supported} >= {"DELIMITER", "MAXERROR", "NOLOAD"}
    assert all(name == name.upper() for name in (*COPY_OPTIONS, *UNLOAD_OPTIONS))


# -- secrets ---------------------------------------------------------------------------------------------

_SECRET = st.text(
    st.characters(min_codepoint=48, max_codepoint=122, exclude_characters="'\\;`^[]<>?@=:"), min_size=16, max_size=40
).map("Zq9#".__add__)
"""Never a word of the statements themselves."""
_AROUND = st.sampled_from(
    ["", " ", " csv", " csv nonsense", " 'x", " delimiter 'ab'", ")", " iam_role", " region 5", ";"]
)
_TEMPLATES = st.sampled_from(
    [
        "copy t from 's3://b' credentials 'aws_access_key_id=A;aws_secret_access_key={}'",
        "copy t from 's3://b' credentials as 'aws_access_key_id=A;aws_secret_access_key=B;token={}'",
        "copy t from 's3://b' access_key_id 'x' secret_access_key '{}'",
        "copy t from 's3://b' secret_access_key /* k */ as\n'{}' access_key_id",
        "unload ('select 1') to 'p' session_token '{}'",
        "create user u password '{}'",
        "alter user u with password '{}'",
        "select aws_secret_access_key={}",
        "copy t from 's3://b' credentials 'aws_secret_access_key={}",
    ]
)


@given(_TEMPLATES, _SECRET, _AROUND)
def test_no_secret_survives_redaction_nor_shows_in_an_error(template: str, secret: str, around: str) -> None:
    sql = template.format(secret) + around
    assert secret not in redact(sql)
    try:
        for statement in parse(sql):
            assert secret not in repr(getattr(statement, "credentials", ""))
    except BoathouseError as error:
        if "select" not in template[:6]:
            assert secret not in f"{error.message} {error.detail} {error.hint}"


@given(st.text(max_size=80))
def test_redaction_reads_any_text(text: str) -> None:
    redact(text)


def test_redaction_leaves_the_rest_of_the_text() -> None:
    sql = "copy t from 's3://b/k' access_key_id 'AKIAIOSFODNN7EXAMPLE' secret_access_key 'abc' region 'eu' csv"
    assert redact(sql) == "copy t from 's3://b/k' access_key_id '***' secret_access_key '***' region 'eu' csv"
    assert redact("select token, password from users") == "select token, password from users"
