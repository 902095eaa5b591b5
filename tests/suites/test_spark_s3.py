"""Parquet in S3 over Spark: read by Spark's own client of S3 where it has one, else read by the house, and it goes along.

Two schemas with keys of their own lie in one bucket: what one key may not read is not read by what another one left open.
Needs Spark (`make .venv/.spark`); Spark's own client comes with `make .venv/.spark` where there is Maven.
"""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import boto3
import psycopg
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.clients.conftest import DATABASE, PASSWORD, running
from tests.rooms.lake.guarded_s3 import guarded_s3
from tests.suites.spark_suite import PYTHON, QUICK, SETTINGS, require_spark

from boathouse.app.assemble import OpenHouse, open_house
from boathouse.app.home import create_home
from boathouse.app.initialise import ADMIN, initialise
from boathouse.contracts.users import User
from boathouse.wire.postgres.scram import make_verifier

require_spark()

JARS = sorted((PYTHON.parents[1] / "s3").glob("*.jar"))
"""Hadoop's client of S3 and what it needs; empty where Maven could not bring them."""
PROPERTIES = f"{QUICK} spark.jars={','.join(map(str, JARS))}" if JARS else QUICK
NORTH, SOUTH = "AKIANORTHNORTHNORTH0", "AKIASOUTHSOUTHSOUTH0"
SECRETS = {NORTH: "north/Secret+Key/0123456789", SOUTH: "south/Secret+Key/9876543210"}
DECLARED = "(id bigint, amount bigint) STORED AS PARQUET LOCATION"
JOINED = "SELECT n.amount, s.amount FROM north.sales AS n JOIN south.sales AS s ON s.id = n.id ORDER BY 1"


def _fill(endpoint: str) -> None:
    client = boto3.client("s3", endpoint_url=endpoint, region_name="us-east-1", aws_access_key_id="x",
                          aws_secret_access_key="x")  # fmt: skip
    client.create_bucket(Bucket="coast")
    for place, amount in (("north", 10), ("south", 20)):
        for folder in ("sales", "parts/y=2023/m=a b", "parts/y=2024/m=c"):
            file = io.BytesIO()
            pq.write_table(pa.table({"id": [1, 2], "amount": [amount, amount + 1]}), file)
            client.put_object(Bucket="coast", Key=f"{place}/{folder}/a.parquet", Body=file.getvalue())


def _declare(connection: psycopg.Connection[Any]) -> None:
    for place in ("north", "south"):
        connection.execute(
            f"CREATE EXTERNAL SCHEMA {place} FROM DATA CATALOG DATABASE '{place}' SECRET '{place}' "
            "CREATE EXTERNAL DATABASE IF NOT EXISTS".encode()
        )
        connection.execute(f"CREATE EXTERNAL TABLE {place}.sales {DECLARED} 's3://coast/{place}/sales/'".encode())
    # The other one's folder, by this one's key.
    connection.execute(f"CREATE EXTERNAL TABLE south.foreign {DECLARED} 's3://coast/north/sales/'".encode())
    partitioned = DECLARED.replace("STORED", "PARTITIONED BY (y integer, m varchar(5)) STORED")
    connection.execute(f"CREATE EXTERNAL TABLE north.parts {partitioned} 's3://coast/north/parts/'".encode())
    for year, month in ((2023, "a b"), (2024, "c")):
        where = f"s3://coast/north/parts/y={year}/m={month}/"
        connection.execute(f"ALTER TABLE north.parts ADD PARTITION (y={year}, m='{month}') LOCATION '{where}'".encode())


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[OpenHouse, psycopg.Connection[Any]]]:
    home = tmp_path_factory.mktemp("spark-s3") / "h"
    initialise(home, DATABASE, PASSWORD)
    secrets = [
        f'[{place}]\naccess_key_id = "{key}"\nsecret_access_key = "{SECRETS[key]}"\n'
        for place, key in (("north", NORTH), ("south", SOUTH))
    ]
    (home / "secrets.toml").write_text("".join(secrets))
    with guarded_s3({"north": NORTH, "south": SOUTH}) as (behind, endpoint):
        _fill(behind)
        spark = {**SETTINGS, "properties": PROPERTIES, "reads_s3": True, "ship_bytes_max": 1}
        opened = open_house(home, {"spark": spark, "lake": {"s3_endpoint": endpoint}})
        with (
            running(opened) as server,
            psycopg.connect(**server.keywords, autocommit=True, prepare_threshold=None) as connection,
        ):
            _declare(connection)
            connection.execute("SET engine TO spark")
            connection.execute("SET enable_result_cache_for_session TO off")
            yield opened, connection
        opened.close()


@pytest.mark.skipif(not JARS, reason="Spark has no client of S3: Maven could not bring it")
def test_spark_reads_each_table_with_the_keys_of_its_schema(
    house: tuple[OpenHouse, psycopg.Connection[Any]], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "boathouse")
    _, connection = house
    assert connection.execute(JOINED).fetchall() == [(10, 20), (11, 21)]
    counted = "SELECT y, m, count(*), sum(amount) FROM north.parts GROUP BY y, m ORDER BY y"
    assert connection.execute(counted).fetchall() == [(2023, "a b", 2, 21), (2024, "c", 2, 21)]
    assert connection.execute("SELECT sum(amount) FROM north.parts WHERE m = 'a b'").fetchall() == [(21,)]
    with pytest.raises(psycopg.Error) as failure:
        connection.execute("SELECT sum(amount) FROM south.foreign")
    assert not any(secret in caplog.text + str(failure.value) for secret in SECRETS.values())
    told = connection.execute("SELECT query_text, error_message FROM sys_query_history").fetchall()
    assert not any(secret in str(told) for secret in SECRETS.values())


@pytest.mark.skipif(bool(JARS), reason="Spark has a client of S3")
def test_without_a_client_of_s3_it_says_so(house: tuple[OpenHouse, psycopg.Connection[Any]]) -> None:
    with pytest.raises(psycopg.errors.FeatureNotSupported, match="client of S3"):
        house[1].execute(JOINED)


@pytest.mark.skipif(not JARS, reason="Spark has no client of S3: Maven could not bring it")
def test_tables_of_a_lake_on_s3_are_read_from_their_files(tmp_path: Path) -> None:
    home = tmp_path / "h"
    place = {"data_path": "s3://coast/north/warehouse/", "data_secret": "north"}
    with guarded_s3({"north": NORTH}) as (behind, endpoint):
        _fill(behind)
        create_home(home, DATABASE, {"kind": "ducklake", **place})
        key = f'[north]\naccess_key_id = "{NORTH}"\nsecret_access_key = "{SECRETS[NORTH]}"\n'
        (home / "secrets.toml").write_text(key)
        spark = {**SETTINGS, "properties": PROPERTIES, "reads_s3": True, "ship_bytes_max": 0}
        opened = open_house(home, {"spark": spark, "lake": {"s3_endpoint": endpoint}})
        opened.put_user(User(ADMIN, str(make_verifier(PASSWORD, b"salt" * 4, b"salt" * 4)), True))
        with (
            running(opened) as server,
            psycopg.connect(**server.keywords, autocommit=True, prepare_threshold=None) as connection,
        ):
            connection.execute("CREATE TABLE sales (id bigint, amount bigint)")
            connection.execute("INSERT INTO sales VALUES (1, 10), (2, 20), (3, 30)")
            connection.execute("DELETE FROM sales WHERE id = 2")
            connection.execute("SET engine TO spark")
            assert connection.execute("SELECT count(*), sum(amount) FROM sales").fetchall() == [(2, 40)]
        opened.close()


def test_what_spark_does_not_read_itself_goes_along(
    house: tuple[OpenHouse, psycopg.Connection[Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    opened, connection = house
    settings: Any = opened.settings
    monkeypatch.setitem(settings, "spark", replace(settings["spark"], reads_s3=False))
    with pytest.raises(psycopg.errors.FeatureNotSupported, match="ship_bytes_max"):
        connection.execute(JOINED)
    monkeypatch.setitem(settings, "spark", replace(settings["spark"], reads_s3=False, ship_bytes_max=1 << 20))
    assert connection.execute(JOINED).fetchall() == [(10, 20), (11, 21)]
    with pytest.raises(psycopg.Error):
        connection.execute("SELECT sum(amount) FROM south.foreign")
