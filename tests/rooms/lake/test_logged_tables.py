"""Delta Lake and Iceberg tables, in local folders and on an S3 endpoint."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from tests.rooms.lake.logged_tables import Put, write_delta, write_iceberg
from tests.rooms.lake.whole_house import Client, opened, with_secrets

from boathouse.contracts.errors import BoathouseError, FeatureNotSupported, InsufficientPrivilege, StorageError

KEYS = {"access_key_id": "id", "secret_access_key": "not-a-secret"}
Root = Callable[[str], tuple[str, Put]]


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, endpoint: str) -> Iterator[Any]:
    home = tmp_path_factory.mktemp("logged") / "h"
    with_secrets(home, {"s3": KEYS})
    with opened(home, s3_endpoint=endpoint) as found:
        yield found


@pytest.fixture(params=["local", "s3"])
def root(request: pytest.FixtureRequest, house: Any, endpoint: str) -> Root:
    """Makes a table's root, and what writes files below it."""
    if request.param == "local":

        def local(name: str) -> tuple[str, Put]:
            folder: Path = house.service.house.home / "lake" / name

            def put(path: str, data: bytes) -> None:
                (folder / path).parent.mkdir(parents=True, exist_ok=True)
                (folder / path).write_bytes(data)

            return str(folder), put

        return local
    store = boto3.client("s3", endpoint_url=endpoint, region_name="us-east-1", aws_access_key_id="id",
                         aws_secret_access_key="not-a-secret")  # fmt: skip
    store.create_bucket(Bucket="river")

    def remote(name: str) -> tuple[str, Put]:
        return f"s3://river/{name}", lambda path, data: store.put_object(
            Bucket="river", Key=f"{name}/{path}", Body=data
        )

    return remote


def test_a_delta_table_is_what_its_log_says(client: Client, root: Root) -> None:
    place, put = root("delta")
    write_delta(put, [{"1": [1, 2], "2": [3]}, {"1": [10, 20], "3": [30]}])
    name = f"delta_{'s3' if place.startswith('s3') else 'local'}"
    client.run(
        f"CREATE EXTERNAL TABLE lk.{name} (n bigint, more integer) PARTITIONED BY (k integer) STORED AS DELTA LOCATION '{place}'"
    )
    found = client.run(f"SELECT n, more, k, \"$path\" LIKE '{place}/k=%' FROM lk.{name} WHERE k < 3 ORDER BY n")
    assert found == [(10, None, 1, True), (20, None, 1, True)]
    assert client.one(f"SELECT count(*) FROM lk.{name}") == 3
    assert client.run(f"SELECT n FROM lk.{name} WHERE k = 3") == [(30,)]
    shown = [line for (line,) in client.run(f"EXPLAIN SELECT n FROM lk.{name} WHERE k = 3")]
    assert any("format:DELTA (files: 2 read; bytes: " in line for line in shown)
    with pytest.raises(FeatureNotSupported, match="only read"):
        client.run(f"INSERT INTO lk.{name} VALUES (1, 2, 3)")


def test_an_iceberg_table_is_what_its_latest_metadata_says(client: Client, root: Root) -> None:
    place, put = root("iceberg")
    name = f"iceberg_{'s3' if place.startswith('s3') else 'local'}"
    old = write_iceberg(put, place, {"old": [(1, "x")]}, 1)
    write_iceberg(put, place, {"a": [(1, "x"), (2, "y")], "b": [(3, "z")]}, 2)
    client.run(f"CREATE EXTERNAL TABLE lk.{name} (N integer, s varchar(5)) STORED AS ICEBERG LOCATION '{place}/'")
    assert client.run(f"SELECT n, s FROM lk.{name} ORDER BY n") == [(1, "x"), (2, "y"), (3, "z")]
    assert client.one(f'SELECT count(DISTINCT "$path") FROM lk.{name} WHERE n > 1') == 2
    client.run(f"ALTER TABLE lk.{name} SET TABLE PROPERTIES ('metadata_location'='{old}')")
    assert client.one(f"SELECT count(*) FROM lk.{name}") == 1


def test_the_property_of_other_engines_says_that_a_table_is_iceberg(client: Client, house: Any) -> None:
    folder: Path = house.service.house.home / "lake" / "told"

    def put(path: str, data: bytes) -> None:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)

    write_iceberg(put, str(folder), {"a": [(7, "x")]})
    client.run("CREATE EXTERNAL TABLE lk.told (n integer) STORED AS PARQUET LOCATION 'told/' "
               "TABLE PROPERTIES ('table_type'='ICEBERG')")  # fmt: skip
    assert client.run("SELECT n FROM lk.told") == [(7,)]


def test_a_log_cannot_name_files_outside_the_roots(client: Client, house: Any, tmp_path: Path) -> None:
    folder: Path = house.service.house.home / "lake" / "sly"

    def put(path: str, data: bytes) -> None:
        place = (tmp_path if path.startswith("data/") else folder) / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(data)

    write_iceberg(put, str(tmp_path), {"a": [(1, "x")]})
    for name in ("m1.avro", "snap-1.avro"):
        (tmp_path / "metadata").mkdir(exist_ok=True)
        (tmp_path / "metadata" / name).write_bytes((folder / "metadata" / name).read_bytes())
    client.run("CREATE EXTERNAL TABLE lk.sly (n integer) STORED AS ICEBERG LOCATION 'sly/'")
    with pytest.raises(InsufficientPrivilege, match="outside the folders"):
        client.run("SELECT n FROM lk.sly")


def test_a_folder_without_a_log_is_an_error_in_plain_words(client: Client) -> None:
    client.run("CREATE EXTERNAL TABLE lk.none_ice (n integer) STORED AS ICEBERG LOCATION 'none/'")
    client.run("CREATE EXTERNAL TABLE lk.none_delta (n integer) STORED AS DELTA LOCATION 'none/'")
    with pytest.raises(StorageError, match="holds no Iceberg table"):
        client.run("SELECT n FROM lk.none_ice")
    with pytest.raises(BoathouseError, match="none") as failure:
        client.run("SELECT n FROM lk.none_delta")
    assert failure.value.sqlstate == "58030"
