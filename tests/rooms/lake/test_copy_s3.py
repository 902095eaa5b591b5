"""COPY from S3 over HTTP. Facts: Redshift Developer Guide, pages "COPY from Amazon S3", "Using a manifest"."""

from __future__ import annotations

import gzip
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto.server import ThreadedMotoServer

from boathouse.lake.storage_s3 import S3Storage

sys.path.insert(0, str(Path(__file__).parent))
from copy_house import CopyHouse

KEYS = "ACCESS_KEY_ID 'demo-key' SECRET_ACCESS_KEY 'demo-secret'"


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    server = ThreadedMotoServer(port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture(scope="module")
def bucket(endpoint: str) -> Any:
    client = boto3.client("s3", endpoint_url=endpoint, region_name="us-east-1", aws_access_key_id="demo-key",
                          aws_secret_access_key="demo-secret")  # fmt: skip
    client.create_bucket(Bucket="loads")
    for left in client.list_objects_v2(Bucket="loads").get("Contents", ()):  # other modules' objects: one store for all
        client.delete_object(Bucket="loads", Key=left["Key"])
    return client


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, endpoint: str) -> Iterator[CopyHouse]:
    made = CopyHouse(tmp_path_factory.mktemp("copy") / "home", {"lake": {"s3_endpoint": endpoint}})
    yield made
    made.close()


def test_objects_of_a_prefix_are_loaded(house: CopyHouse, bucket: Any) -> None:
    house.table("a integer")
    for part in range(3):
        bucket.put_object(Bucket="loads", Key=f"day/{part}.gz", Body=gzip.compress(f"{part}\n".encode()))
    bucket.put_object(Bucket="loads", Key="other", Body=b"9\n")
    house.run(f"COPY t FROM 's3://loads/day/' {KEYS} GZIP")
    assert house.run("SELECT a FROM t ORDER BY 1") == [(0,), (1,), (2,)]
    assert "The specified S3 prefix" in str(house.fails(f"COPY t FROM 's3://loads/none' {KEYS}"))


def test_a_local_manifest_may_list_objects(house: CopyHouse, bucket: Any) -> None:
    house.table("a integer")
    bucket.put_object(Bucket="loads", Key="far", Body=b"1\n")
    house.file("near", "2\n")
    house.file("list", json.dumps({"entries": [{"url": "s3://loads/far"}, {"url": "near"}]}))
    house.run(f"COPY t FROM 'list' {KEYS} MANIFEST")
    assert house.run("SELECT a FROM t ORDER BY 1") == [(1,), (2,)]


@pytest.mark.parametrize("compression", ["", "GZIP"])
def test_an_object_replaced_by_one_of_the_same_length_fails_the_load(
    house: CopyHouse, bucket: Any, monkeypatch: pytest.MonkeyPatch, compression: str
) -> None:
    house.table("a integer")
    old, new = (gzip.compress(text, mtime=0) if compression else text for text in (b"1\n", b"2\n"))
    assert len(old) == len(new)
    bucket.put_object(Bucket="loads", Key="moving", Body=old)
    fetch = S3Storage.fetch

    def fetch_late(storage: S3Storage, path: str, to: Path, *more: Any) -> str | None:
        bucket.put_object(Bucket="loads", Key="moving", Body=new)
        return fetch(storage, path, to, *more)

    monkeypatch.setattr(S3Storage, "fetch", fetch_late)
    failure = house.fails(f"COPY t FROM 's3://loads/moving' {KEYS} {compression}")
    assert "changed while it was read" in str(failure) and failure.retryable
    assert house.run("SELECT count(*) FROM t") == [(0,)]
