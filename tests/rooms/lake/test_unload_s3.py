"""UNLOAD to S3 over HTTP. Facts: Redshift Developer Guide, page "UNLOAD"."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import boto3
import pyarrow.dataset as ds
import pyarrow.fs
import pytest
from moto.server import ThreadedMotoServer

from boathouse.contracts import errors
from boathouse.lake.unload.journal import open_journal, sweep
from boathouse.sql.statements import Credentials

sys.path.insert(0, str(Path(__file__).parent))
from unload_house import UnloadSession, open_house

KEYS = Credentials(access_key_id="demo-key", secret_access_key="demo-secret", region="us-east-1")


@pytest.fixture(scope="module")
def endpoint():
    server = ThreadedMotoServer(port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture(scope="module")
def client(endpoint):
    return boto3.client("s3", endpoint_url=endpoint, region_name="us-east-1", aws_access_key_id="demo-key",
                        aws_secret_access_key="demo-secret")  # fmt: skip


@pytest.fixture
def bucket(client, request):
    name = request.node.name.replace("_", "-").lower()[:60].rstrip("-")
    client.create_bucket(Bucket=name)
    return name


@pytest.fixture
def session(tmp_path, endpoint):
    house = open_house(tmp_path, {"s3": {"access_key_id": "k", "secret_access_key": "s"}}, s3_endpoint=endpoint)
    made = UnloadSession(house)
    yield made
    made.engine.close()
    house.engine.close()


def names(client, bucket):
    return [entry["Key"] for entry in client.list_objects_v2(Bucket=bucket).get("Contents", [])]


def test_partitioned_parquet_with_a_manifest_reads_back(session, client, bucket, endpoint):
    query = "SELECT i, i % 3 AS k FROM range(30000) t(i)"
    session.unload(query, f"s3://{bucket}/out", KEYS, FORMAT="parquet", PARTITION_BY=("k",), MANIFEST=True)
    manifest = json.loads(client.get_object(Bucket=bucket, Key="out/manifest")["Body"].read())
    urls = [entry["url"].removeprefix(f"s3://{bucket}/") for entry in manifest["entries"]]
    assert sorted([*urls, "out/manifest"]) == names(client, bucket)
    assert {url.split("/")[1] for url in urls} == {"k=0", "k=1", "k=2"}
    remote = pyarrow.fs.S3FileSystem(endpoint_override=endpoint, access_key="k", secret_key="s", region="us-east-1")
    found = ds.dataset([f"{bucket}/{url}" for url in urls], filesystem=remote, format="parquet", partitioning="hive")
    assert found.count_rows() == 30000


def test_a_non_empty_prefix_is_refused_and_cleanpath_clears_it(session, client, bucket):
    client.put_object(Bucket=bucket, Key="out/old", Body=b"x")
    client.put_object(Bucket=bucket, Key="other", Body=b"x")
    with pytest.raises(errors.ObjectNotInPrerequisiteState, match="not empty"):
        session.unload("SELECT 1", f"s3://{bucket}/out/", KEYS)
    session.unload("SELECT 1", f"s3://{bucket}/out/", KEYS, CLEANPATH=True)
    assert names(client, bucket) == ["other", "out/0000_part_00"]


def test_a_missing_bucket_is_named_and_no_key_is(session):
    with pytest.raises(errors.StorageError) as caught:
        session.unload("SELECT 1", "s3://no-such-bucket/out/", KEYS)
    assert "no-such-bucket" in caught.value.message
    assert "demo-secret" not in repr(caught.value) + str(caught.value.detail)


def test_a_sweep_deletes_what_an_interrupted_unload_had_published(session, client, bucket):
    client.put_object(Bucket=bucket, Key="out/0000_part_00", Body=b"half")
    client.put_object(Bucket=bucket, Key="kept", Body=b"x")
    paths = [f"s3://{bucket}/out/000{n}_part_00" for n in range(2)]
    journal = open_journal(session.house, "id", f"s3://{bucket}/out/", KEYS, paths)
    assert "demo-secret" not in journal.path.read_text()
    sweep(session.house)
    assert names(client, bucket) == ["kept"]
    assert not journal.path.exists()
