"""UNLOAD … FORMAT ICEBERG: a table that pyiceberg, DuckDB's own reader and our external tables read alike.

Source: Apache Iceberg's specification, format version 2; Redshift Developer Guide, "UNLOAD".
"""

from __future__ import annotations

import importlib
import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any

import boto3
import duckdb
import pytest
from pyiceberg.table import StaticTable
from tests.rooms.lake.whole_house import Client, opened, with_secrets

from boathouse.contracts.errors import (
    DatatypeMismatch,
    DuplicateColumn,
    FeatureNotSupported,
    InvalidParameterValue,
    ObjectNotInPrerequisiteState,
)
from boathouse.lake.unload.iceberg import publish

KEYS = {"access_key_id": "id", "secret_access_key": "not-a-secret"}
COLUMNS = (
    "small smallint, n integer, big bigint, exact numeric(20,4), f real, d double precision, flag boolean, s varchar(40), "
    "c char(4), day date, at timestamp, zoned timestamptz, clock time, bytes varbyte"
)
ROWS = [
    (1, 2, 2**62, Decimal("1234567890123456.7891"), 0.5, 0.1, True, "é|x", "ab  ", date(1999, 12, 31),
     datetime(2020, 1, 2, 3, 4, 5, 6), datetime(2020, 1, 2, 3, 4, 5, tzinfo=UTC), time(1, 2, 3, 4), b"\x01\xff"),
    (-1, -2, -(2**63), Decimal("-0.0001"), -0.25, -1e300, False, "", "    ", date(1, 1, 1),
     datetime(1969, 12, 31, 23, 59, 59), datetime(1969, 12, 31, 23, 59, 59, tzinfo=UTC), time(0), b""),
    (None, 3) + (None,) * 12,
]  # fmt: skip


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, endpoint: str) -> Iterator[Any]:
    home = tmp_path_factory.mktemp("iceberg") / "h"
    with_secrets(home, {"s3": KEYS})
    boto3.client("s3", endpoint_url=endpoint, region_name="us-east-1", aws_access_key_id="id",
                 aws_secret_access_key="not-a-secret").create_bucket(Bucket="glacier")  # fmt: skip
    with opened(home, s3_endpoint=endpoint) as found:
        made = Client(found)
        made.run(f"CREATE TABLE types ({COLUMNS})")
        marks = ", ".join(f"${place + 1}" for place in range(13)) + ", from_hex($14)"
        for row in ROWS:
            made.run(f"INSERT INTO types VALUES ({marks})", [*row[:13], None if row[13] is None else row[13].hex()])
        made.close()
        yield found


@pytest.fixture(scope="module")
def reader(endpoint: str) -> Iterator[duckdb.DuckDBPyConnection]:
    """DuckDB by itself, with its own reader of Iceberg tables."""
    made = duckdb.connect()
    for name in ("avro", "iceberg", "httpfs"):
        module = importlib.import_module(f"duckdb_extension_{name}")
        folder = Path(str(module.__file__)).parent / "extensions" / f"v{duckdb.__version__}"
        made.load_extension(str(folder / f"{name}.duckdb_extension"))
    made.execute(
        "CREATE SECRET (TYPE s3, KEY_ID 'id', SECRET 'not-a-secret', REGION 'us-east-1', URL_STYLE 'path', USE_SSL false, "
        f"ENDPOINT '{endpoint.removeprefix('http://')}'); SET TimeZone = 'UTC'"
    )
    yield made
    made.close()


def lake(house: Any, name: str) -> Path:
    return house.service.house.home / "lake" / name


def theirs(endpoint: str, place: str) -> StaticTable:
    return StaticTable.from_metadata(
        place,
        {
            "s3.endpoint": endpoint,
            "s3.access-key-id": "id",
            "s3.secret-access-key": "not-a-secret",
            "s3.region": "us-east-1",
        },
    )


@pytest.mark.parametrize("where", ["local", "s3"])
def test_every_type_is_read_alike_by_three_readers(
    client: Client, house: Any, reader: duckdb.DuckDBPyConnection, endpoint: str, where: str
) -> None:
    place = str(lake(house, "every")) if where == "local" else "s3://glacier/every"
    assert client.run(f"UNLOAD ('SELECT * FROM types') TO '{place}' FORMAT ICEBERG") == "UNLOAD"
    assert client.notices[-1].message == "UNLOAD completed, 3 record(s) unloaded successfully."
    kept = theirs(endpoint, place)
    assert [str(field.field_type) for field in kept.schema().fields] == [
        "int", "int", "long", "decimal(20, 4)", "float", "double", "boolean", "string", "string", "date", "timestamp",
        "timestamptz", "time", "binary",
    ]  # fmt: skip
    by_library = [tuple(row.values()) for row in kept.scan().to_arrow().to_pylist()]
    assert sorted(by_library, key=lambda row: row[1]) == sorted(ROWS, key=lambda row: row[1])
    assert reader.execute(f"SELECT * FROM iceberg_scan('{place}') ORDER BY n").fetchall() == [ROWS[1], ROWS[0], ROWS[2]]
    client.run(f"CREATE EXTERNAL TABLE lk.every_{where} ({COLUMNS}) STORED AS ICEBERG LOCATION '{place}/'")
    assert client.run(f"SELECT * FROM lk.every_{where} ORDER BY n") == client.run("SELECT * FROM types ORDER BY n")


def test_partitions_are_told_by_value_and_prune(
    client: Client, house: Any, reader: duckdb.DuckDBPyConnection, endpoint: str
) -> None:
    client.run(
        "CREATE TABLE parts (n integer, k varchar(40), day date);"
        "INSERT INTO parts VALUES (1, '', '2020-01-01'), (2, NULL, '2020-01-01'), (3, 'a/b', NULL), (4, 'x', '2020-01-02'), "
        "(5, '__HIVE_DEFAULT_PARTITION__', '2020-01-02'), (6, 'x', '2020-01-02')"
    )
    place = lake(house, "parts")
    client.run(f"UNLOAD ('SELECT * FROM parts') TO '{place}' FORMAT ICEBERG PARTITION BY (k, day)")
    expected = client.run("SELECT * FROM parts ORDER BY n")
    assert reader.execute(f"SELECT * FROM iceberg_scan('{place}') ORDER BY n").fetchall() == expected
    kept = theirs(endpoint, str(place))
    for condition, found in (
        ("k = ''", {1}),
        ("k IS NULL", {2}),
        ("day = '2020-01-02'", {4, 5, 6}),
        ("k = 'a/b'", {3}),
    ):
        scan = kept.scan(condition)
        assert set(scan.to_arrow()["n"].to_pylist()) == found, condition
        assert len(list(scan.plan_files())) == len({row[1:] for row in expected if row[0] in found}), condition
    files = kept.inspect.files().to_pylist()
    assert sum(file["record_count"] for file in files) == 6
    assert all(Path(file["file_path"]).stat().st_size == file["file_size_in_bytes"] for file in files)


def test_allowoverwrite_makes_a_version_and_cleanpath_a_table(
    client: Client, house: Any, reader: duckdb.DuckDBPyConnection, endpoint: str
) -> None:
    place = lake(house, "versions")
    unload = f"UNLOAD ('SELECT {{0}}::int AS n') TO '{place}/' FORMAT ICEBERG"
    scanned = f"SELECT * FROM iceberg_scan('{place}')"
    client.run(unload.format(1))
    with pytest.raises(ObjectNotInPrerequisiteState, match="not empty"):
        client.run(unload.format(2))
    client.run(unload.format(2) + " ALLOWOVERWRITE")
    assert reader.execute(scanned).fetchall() == [(2,)]
    kept = theirs(endpoint, str(place))
    first, second = kept.snapshots()
    assert (second.parent_snapshot_id, second.sequence_number) == (first.snapshot_id, 2)
    assert kept.scan(snapshot_id=first.snapshot_id).to_arrow().to_pylist() == [{"n": 1}]
    with pytest.raises(DatatypeMismatch, match="other columns") as failure:
        client.run(f"UNLOAD ('SELECT 1 AS n, 2 AS m') TO '{place}/' FORMAT ICEBERG ALLOWOVERWRITE")
    assert failure.value.detail == "There: n int."
    client.run(f"UNLOAD ('SELECT ''x'' AS word') TO '{place}/' FORMAT ICEBERG CLEANPATH")
    assert reader.execute(scanned).fetchall() == [("x",)]
    assert len(theirs(endpoint, str(place)).snapshots()) == 1
    assert sorted(path.suffix for path in place.rglob("*") if path.is_file()) == [
        ".avro",
        ".avro",
        ".json",
        ".parquet",
        ".text",
    ]
    client.run(f"UNLOAD ('SELECT 1 AS n WHERE false') TO '{place}/' FORMAT ICEBERG CLEANPATH")
    assert reader.execute(scanned).fetchall() == []


def test_what_fails_leaves_the_table_as_it_was(
    client: Client, house: Any, reader: duckdb.DuckDBPyConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = lake(house, "kept")
    client.run(f"UNLOAD ('SELECT 1 AS n') TO '{place}' FORMAT ICEBERG")
    before = sorted(str(path) for path in place.rglob("*"))
    send = publish.send_files

    def overtaken(session: Any, storage: Any, targets: Any) -> None:
        send(session, storage, targets)
        (place / "metadata" / "v2.metadata.json").write_text("{}")  # another engine's, meanwhile

    monkeypatch.setattr(publish, "send_files", overtaken)
    with pytest.raises(ObjectNotInPrerequisiteState, match="got version 2 meanwhile"):
        client.run(f"UNLOAD ('SELECT 2 AS n') TO '{place}' FORMAT ICEBERG ALLOWOVERWRITE")
    assert json.loads((place / "metadata" / "v2.metadata.json").read_text()) == {}
    (place / "metadata" / "v2.metadata.json").unlink()
    assert sorted(str(path) for path in place.rglob("*")) == before
    assert not list((house.service.house.home / "unload").glob("*"))


@pytest.mark.parametrize(
    ("query", "words", "failure"),
    [
        ("SELECT 1 AS a, 2 AS a", "", DuplicateColumn),
        ("SELECT interval ''1 day'' AS i", "", FeatureNotSupported),
        ("SELECT 1 AS a", "MANIFEST", InvalidParameterValue),
        ("SELECT 1 AS a", "GZIP", InvalidParameterValue),
        ("SELECT 1 AS a", "HEADER", InvalidParameterValue),
        ("SELECT 1 AS a", "EXTENSION 'x'", InvalidParameterValue),
    ],
)
def test_what_a_table_cannot_be_is_refused(client: Client, query: str, words: str, failure: type[Exception]) -> None:
    with pytest.raises(failure):
        client.run(f"UNLOAD ('{query}') TO 'refused/' FORMAT ICEBERG {words}")


def test_the_log_names_the_table(client: Client, house: Any) -> None:
    client.run("UNLOAD ('SELECT 1 AS n') TO 'logged_table' FORMAT AS ICEBERG")
    logged = client.run(
        "SELECT file_format, compression_type, unloaded_location, unloaded_rows, unloaded_files_count "
        "FROM sys_unload_history ORDER BY start_time DESC LIMIT 1"
    )
    assert logged == [("ICEBERG", "SNAPPY", f"{lake(house, 'logged_table')}/", 1, 1)]
