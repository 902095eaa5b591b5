"""Files of changes in a bucket: an upload that takes its time holds up neither the warehouse nor the source."""

from __future__ import annotations

import io
import threading
from pathlib import Path
from typing import Any

import boto3
import psycopg
import pyarrow.parquet as pq
from moto.server import ThreadedMotoServer
from tests.rooms.capture.capture_house import CaptureHouse
from tests.rooms.capture.postgres_server import PostgresUnderTest
from tests.rooms.capture.replay import places, replayed
from tests.rooms.capture.workload import MAKE
from tests.rooms.lake.faulty_s3 import drops, faulty_s3, hangs


def test_an_upload_that_hangs_holds_no_transaction_open(
    db: psycopg.Connection[Any], tmp_path: Path, postgres: PostgresUnderTest
) -> None:
    server = ThreadedMotoServer(port=0, verbose=False)
    server.start()
    bucket = boto3.client(
        "s3", endpoint_url="http://{}:{}".format(*server.get_host_and_port()), region_name="us-east-1",
        aws_access_key_id="a", aws_secret_access_key="b",
    )  # fmt: skip
    bucket.create_bucket(Bucket="lake")
    house = CaptureHouse(tmp_path / "home", postgres)
    home = house.open.home
    with faulty_s3(server.get_host_and_port()) as proxy:
        house.close()
        with (home / "secrets.toml").open("a") as file:
            file.write('[bucket]\naccess_key_id = "a"\nsecret_access_key = "b"\n')
        house.reopen(home, {**house.settings, "lake": {"s3_endpoint": proxy.url, "s3_attempts_max": 1}})
        try:
            db.execute(f"{MAKE}; INSERT INTO t VALUES (1, 0, 'first', NULL)")
            house.integrate()
            house.run("ALTER INTEGRATION shop ADD OUTPUT lake TO 's3://lake/changes' SECRET 'bucket'")
            house.begin()
            house.until_dumped()
            house.until_delivered()
            released = threading.Event()
            proxy.set("PUT /", hangs(released), drops)
            db.execute("UPDATE t SET version = 1")
            house.until(proxy.met.is_set, "nothing is uploaded")
            db.execute("UPDATE t SET version = 2")
            house.until_equal(db)  # while the upload of what was before hangs
            (behind,) = house.run("SELECT entries_behind FROM svv_integration_output")[0]
            assert behind >= 2
            released.set()
            house.until_delivered()
            listed = bucket.list_objects_v2(Bucket="lake", Prefix="changes/")["Contents"]
            bodies = [bucket.get_object(Bucket="lake", Key=one["Key"])["Body"].read() for one in listed]
            rows = [row for body in bodies for row in pq.ParquetFile(io.BytesIO(body)).read().to_pylist()]
            assert [row["version"] for row in rows] == [0, 1, 2] and replayed(rows) == {1: (2, "first", None)}
            assert len(places(rows)) == 2
        finally:
            house.close()
            server.stop()
