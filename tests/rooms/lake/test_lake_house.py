"""External schemas, tables and views in a whole house: beside local tables, in transactions, across sessions."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.rooms.lake.whole_house import Client, opened

from boathouse.contracts.errors import (
    BoathouseError,
    DependentObjects,
    FeatureNotSupported,
    UndefinedSchema,
    UndefinedTable,
    WrongObjectType,
)

ROWS = [(1, "reed"), (2, "rush"), (3, None)]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("lake") / "home"


@pytest.fixture(scope="module")
def clients(home: Path) -> Iterator[tuple[Client, Client]]:
    with opened(home) as house:
        first, second = Client(house), Client(house)
        first.run(
            "CREATE EXTERNAL SCHEMA shore FROM DATA CATALOG DATABASE 'shore_files' "
            "IAM_ROLE 'arn:aws:iam::111122223333:role/reader' CREATE EXTERNAL DATABASE IF NOT EXISTS"
        )
        yield first, second


@pytest.fixture
def client(clients: tuple[Client, Client]) -> Client:
    return clients[0]


@pytest.fixture
def other(clients: tuple[Client, Client]) -> Client:
    return clients[1]


def put(home: Path, name: str, content: str | bytes) -> str:
    path = home / "lake" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return str(path)


def put_parquet(home: Path, name: str, **columns: object) -> None:
    path = home / "lake" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.table(columns), path)


def plants(client: Client, home: Path, name: str) -> str:
    """A fresh external table of ROWS; returns its name with its schema."""
    put_parquet(home, f"{name}/a.parquet", id=[1, 2, 3], kind=["reed", "rush", None])
    client.run(f"CREATE EXTERNAL TABLE shore.{name} (id integer, kind varchar(8)) STORED AS PARQUET LOCATION '{name}/'")
    return f"shore.{name}"


FORMATS = {
    "parquet": ("STORED AS PARQUET", None),
    "delimited": ("ROW FORMAT DELIMITED FIELDS TERMINATED BY ';' STORED AS TEXTFILE", b"1;reed\n2;rush\n3;\\N\n"),
    "gzipped": (
        "ROW FORMAT DELIMITED FIELDS TERMINATED BY ';' STORED AS TEXTFILE",
        gzip.compress(b"1;reed\n2;rush\n3;\\N\n"),
    ),
    "csv": (
        "ROW FORMAT SERDE 'org.apache.hadoop.hive.serde2.OpenCSVSerde' "
        "WITH SERDEPROPERTIES ('separatorChar' = ',', 'quoteChar' = '\"') STORED AS TEXTFILE",
        b'"1","reed"\n"2","rush"\n',
    ),
    "json": (
        "ROW FORMAT SERDE 'org.openx.data.jsonserde.JsonSerDe' STORED AS TEXTFILE",
        "\n".join(json.dumps({"ID": n, "kind": kind}) for n, kind in ROWS).encode(),
    ),
    "regex": (
        "ROW FORMAT SERDE 'org.apache.hadoop.hive.serde2.RegexSerDe' "
        "WITH SERDEPROPERTIES ('input.regex' = '^(\\\\d+) is (\\\\w+)$') STORED AS TEXTFILE",
        b"1 is reed\n2 is rush\n",
    ),
}


@pytest.mark.parametrize("kind", FORMATS)
def test_a_table_of_each_format_joins_a_local_one_and_fills_it(client: Client, home: Path, kind: str) -> None:
    words, content = FORMATS[kind]
    if content is None:
        put_parquet(home, f"of_{kind}/a.parquet", id=[1, 2, 3], kind=["reed", "rush", None])
    else:
        put(home, f"of_{kind}/a{'.gz' if kind == 'gzipped' else ''}", content)
    client.run(f"CREATE EXTERNAL TABLE shore.of_{kind} (id integer, kind varchar(8)) {words} LOCATION 'of_{kind}/'")
    client.run(f"CREATE TABLE weights_{kind} (id integer, grams numeric(6,1))")
    client.run(f"INSERT INTO weights_{kind} VALUES (2, 7.5), (4, 1)")
    joined = client.run(
        f"SELECT w.id, f.kind FROM weights_{kind} w LEFT JOIN shore.of_{kind} f ON f.id = w.id ORDER BY 1"
    )
    assert joined == [(2, "rush"), (4, None)]

    expected = [row for row in ROWS if row[1] is not None or kind not in ("csv", "regex")]
    assert client.run(f"CREATE TABLE kept_{kind} AS SELECT * FROM shore.of_{kind}") == f"SELECT {len(expected)}"
    assert client.run(f"INSERT INTO kept_{kind} SELECT id + 10, kind FROM shore.of_{kind} WHERE id < 3") == "INSERT 0 2"
    found = client.run(f"SELECT id, kind FROM kept_{kind} ORDER BY id")
    assert found == [*expected, (11, "reed"), (12, "rush")]


def test_local_rows_are_changed_by_what_the_files_hold(client: Client, home: Path) -> None:
    name = plants(client, home, "changing")
    client.run("CREATE TABLE beds (id integer, kind varchar(8)); INSERT INTO beds VALUES (1, 'x'), (3, 'y'), (9, 'z')")
    assert client.run(f"UPDATE beds SET kind = f.kind FROM {name} f WHERE f.id = beds.id AND f.id = 1") == "UPDATE 1"
    assert client.run(f"DELETE FROM beds USING {name} f WHERE f.id = beds.id AND f.kind IS NULL") == "DELETE 1"
    assert client.run("SELECT * FROM beds ORDER BY id") == [(1, "reed"), (9, "z")]


@pytest.mark.parametrize("sql", ["UPDATE {} SET kind = 'x'", "DELETE FROM {}", "TRUNCATE {}"])
def test_files_are_never_changed_by_dml(client: Client, home: Path, sql: str) -> None:
    name = f"dml_{sql.split()[0].lower()}"
    plants(client, home, name)
    with pytest.raises(WrongObjectType):
        client.run(sql.format(f"shore.{name}"))
    assert client.run(f"SELECT * FROM shore.{name} ORDER BY id") == ROWS


def test_only_late_binding_views_show_external_tables(client: Client, other: Client, home: Path) -> None:
    """Redshift Developer Guide, "CREATE VIEW": WITH NO SCHEMA BINDING is needed for external tables."""
    name = plants(client, home, "viewed")
    with pytest.raises(FeatureNotSupported, match="bound view"):
        client.run(f"CREATE VIEW fixed AS SELECT * FROM {name}")
    client.run(f"CREATE VIEW loose AS SELECT * FROM {name} WITH NO SCHEMA BINDING")
    assert other.run("SELECT * FROM loose ORDER BY id") == ROWS
    client.run(f"DROP TABLE {name}")
    with pytest.raises(UndefinedTable):
        other.run("SELECT * FROM loose")
    client.run(f"CREATE EXTERNAL TABLE {name} (kind varchar(8)) STORED AS PARQUET LOCATION 'viewed/'")
    assert other.run("SELECT * FROM loose ORDER BY kind") == [("reed",), ("rush",), (None,)]


def test_a_late_binding_view_may_be_made_before_its_table(client: Client, home: Path) -> None:
    client.run("CREATE VIEW early AS SELECT * FROM shore.coming WITH NO SCHEMA BINDING")
    client.run("CREATE VIEW early_named (n) AS SELECT id FROM shore.coming WITH NO SCHEMA BINDING")
    plants(client, home, "coming")
    assert client.run("SELECT kind, id FROM early ORDER BY id") == [(kind, n) for n, kind in ROWS]
    assert client.run("SELECT n FROM early_named ORDER BY 1") == [(1,), (2,), (3,)]


def explained(client: Client, sql: str) -> str:
    return "\n".join(line for (line,) in client.run(f"EXPLAIN {sql}"))


def test_partitions_come_and_go_and_explain_says_which_are_read(client: Client, other: Client, home: Path) -> None:
    for year in (2001, 2002, 2003):
        put(home, f"tides/y={year}/a", f"{year};1\n")
        put(home, f"tides/y={year}/b", f"{year};2\n")
    client.run(
        "CREATE EXTERNAL TABLE shore.tides (taken integer, height integer) PARTITIONED BY (y integer) "
        "ROW FORMAT DELIMITED FIELDS TERMINATED BY ';' STORED AS TEXTFILE LOCATION 'tides/'"
    )
    total = "SELECT count(*), sum(height), min(taken) FROM shore.tides"
    assert other.run(total) == [(0, None, None)]
    for year in (2001, 2002, 2003):
        client.run(f"ALTER TABLE shore.tides ADD PARTITION (y='{year}') LOCATION 'tides/y={year}/'")
    assert other.run(total) == [(6, 9, 2001)]
    assert other.run(f"{total} WHERE y > 2001") == [(4, 6, 2002)]
    plan = explained(other, f"{total} WHERE y > 2001")
    assert "shore.tides" in plan and "partitions: 2 read, 1 pruned; files: 4 read; bytes: 28" in plan
    assert "partitions: 3 read, 0 pruned" in explained(other, f"{total} WHERE height = 1")

    client.run("ALTER TABLE shore.tides DROP PARTITION (y='2001')")
    assert other.run(total) == [(4, 6, 2002)]
    assert other.one("SELECT count(*) FROM svv_external_partitions WHERE tablename = 'tides'") == 2
    moved = put(home, "elsewhere/one", "7;7\n")
    client.run("ALTER TABLE shore.tides PARTITION (y='2002') SET LOCATION 'elsewhere/'")
    found = other.run('SELECT y, height, "$path", "$size" FROM shore.tides WHERE y = 2002')
    assert found == [(2002, 7, moved, 4)]


def test_external_ddl_is_rolled_back_and_unseen_before_it_commits(client: Client, other: Client, home: Path) -> None:
    name = plants(client, home, "tried")
    query = f"SELECT * FROM {name} ORDER BY 1"
    assert other.run(query) == ROWS
    client.run("BEGIN")
    client.run(f"DROP TABLE {name}")
    client.run(f"CREATE EXTERNAL TABLE {name} (kind varchar(8)) STORED AS PARQUET LOCATION 'tried/'")
    assert client.run(query) == [("reed",), ("rush",), (None,)]
    assert other.run(query) == ROWS
    client.run("ROLLBACK")
    assert client.run(query) == ROWS
    client.run("BEGIN")
    client.run(f"DROP TABLE {name}")
    client.run("COMMIT")
    with pytest.raises(UndefinedTable):
        other.run(query)


def test_a_transaction_keeps_the_tables_of_its_beginning_and_nobody_sees_stale_ones_after(
    client: Client, other: Client, home: Path
) -> None:
    name = plants(client, home, "steady")
    query = f"SELECT * FROM {name} ORDER BY 1"
    other.run("BEGIN")
    other.run("CREATE TEMPORARY TABLE began (n integer)")
    assert other.run(query) == ROWS
    client.run(f"DROP TABLE {name}")
    client.run(f"CREATE EXTERNAL TABLE {name} (kind varchar(8)) STORED AS PARQUET LOCATION 'steady/'")
    assert client.run(query) == [("reed",), ("rush",), (None,)]
    assert other.run(query) == ROWS
    other.run("COMMIT")
    assert other.run(query) == [("reed",), ("rush",), (None,)]
    assert client.run(query) == [("reed",), ("rush",), (None,)]


def test_in_a_transaction_without_tables_of_its_own_the_snapshot_holds_too(
    client: Client, other: Client, home: Path
) -> None:
    name = plants(client, home, "snapshot")
    client.run("CREATE TABLE notes (n integer)")
    other.run("BEGIN")
    other.run("INSERT INTO notes VALUES (1)")
    assert other.one(f"SELECT count(*) FROM {name}") == 3
    client.run(f"DROP TABLE {name}")
    client.run(f"CREATE EXTERNAL TABLE {name} (kinds varchar(8)) STORED AS PARQUET LOCATION 'snapshot/'")
    client.run(f"SELECT kinds FROM {name}")
    assert other.run(f"SELECT * FROM {name} ORDER BY 1") == ROWS
    other.run("ROLLBACK")


def test_dropping_the_schema_keeps_the_database_unless_it_is_asked_for(client: Client, home: Path) -> None:
    client.run("CREATE EXTERNAL SCHEMA one FROM DATA CATALOG DATABASE 'shared' CREATE EXTERNAL DATABASE IF NOT EXISTS")
    client.run("CREATE EXTERNAL SCHEMA two FROM DATA CATALOG DATABASE 'shared'")
    put(home, "shared/a", "1\n")
    client.run("CREATE EXTERNAL TABLE one.numbers (n integer) LOCATION 'shared/'")
    assert client.one("SELECT n FROM two.numbers") == 1
    client.run("DROP SCHEMA one")
    with pytest.raises(UndefinedSchema):
        client.run("SELECT n FROM one.numbers")
    assert client.one("SELECT n FROM two.numbers") == 1
    with pytest.raises(DependentObjects):
        client.run("DROP SCHEMA two DROP EXTERNAL DATABASE")
    client.run("DROP SCHEMA two DROP EXTERNAL DATABASE CASCADE")
    assert (home / "lake/shared/a").exists()
    with pytest.raises(BoathouseError, match="shared"):
        client.run("CREATE EXTERNAL SCHEMA three FROM DATA CATALOG DATABASE 'shared'")
    assert client.run("SELECT schemaname FROM svv_external_schemas WHERE databasename = 'shared'") == []


def test_a_log_whose_fields_are_told_apart_by_a_regular_expression_is_queried_like_a_table(
    client: Client, home: Path
) -> None:
    """Server access logs (Amazon S3 User Guide, "Amazon S3 server access log format"), the request in three columns."""
    lines = [
        'owner1 pond [05/Mar/2021:07:00:0{n} +0000] 10.0.0.{n} {who} REQ{n} REST.{verb}.OBJECT {key} "{verb} /pond/{key} '
        'HTTP/1.1" {status} {error} {sent} {size} 1{n} {turn} "{from_}" "{agent}" -\n'.format(**one)
        for one in (
            {"n": 1, "who": "-", "verb": "GET", "key": "a/b%20c.txt", "status": 200, "error": "-", "sent": 77,
             "size": 77, "turn": 5, "from_": "https://pond.example/x", "agent": "Browser/5.0 (X11; Linux)"},
            {"n": 2, "who": "arn:aws:iam::111122223333:user/otter", "verb": "PUT", "key": "d.bin", "status": 403,
             "error": "AccessDenied", "sent": 243, "size": "-", "turn": "-", "from_": "-", "agent": "tool/1.0, sdk"},
        )
    ]  # fmt: skip
    put(home, "access/2021-03-05-07", "".join(lines) + "a line that is none\n")
    names = (
        "owner bucket at address requester request operation key verb path protocol status error sent size took "
        "turnaround referrer agent version"
    )
    columns = names.split()
    word = "([^ ]*)"
    quoted_agent, request = r"(\"[^\"]*\")", rf"\"{word} {word} {word}\""
    groups = [word, word, r"\\[(.*?)\\]", *[word] * 5, request, "(-|[0-9]*)", *[word] * 6, quoted_agent, word]
    pattern = " ".join(groups)
    client.run(
        f"CREATE EXTERNAL TABLE shore.access ({', '.join(f'{column} varchar(256)' for column in columns)}) "
        "ROW FORMAT SERDE 'org.apache.hadoop.hive.serde2.RegexSerDe' "
        f"WITH SERDEPROPERTIES ('input.regex' = '{pattern}') LOCATION 'access/'"
    )
    found = client.run("SELECT at, verb, path, status, sent, agent FROM shore.access WHERE bucket = 'pond' ORDER BY 1")
    assert found == [
        ("05/Mar/2021:07:00:01 +0000", "GET", "/pond/a/b%20c.txt", "200", "77", '"Browser/5.0 (X11; Linux)"'),
        ("05/Mar/2021:07:00:02 +0000", "PUT", "/pond/d.bin", "403", "243", '"tool/1.0, sdk"'),
    ]
    assert client.one("SELECT count(*) FROM shore.access WHERE owner IS NULL") == 1
    assert client.one("SELECT sum(sent::bigint) FROM shore.access WHERE sent <> '-'") == 320
