"""External tables and crawls on an S3 endpoint over HTTP."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import boto3
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.rooms.lake.lake_house import LakeSession, make_house, schema_statement, table_statement

from boathouse.contracts import types as t
from boathouse.lake import define
from boathouse.lake.crawler.crawl import Crawl, CrawledTable
from boathouse.lake.crawler.crawlers import Crawler
from boathouse.lake.crawler.runs import Run
from boathouse.lake.scans.facts import scans_of
from boathouse.lake.settings import LakeSettings
from boathouse.sql.statements import ExternalFormat

KEYS = {"access_key_id": "id", "secret_access_key": "not-a-secret"}


@pytest.fixture
def session(tmp_path: Path, endpoint: str) -> LakeSession:
    house = make_house(tmp_path, {"lake": LakeSettings(s3_endpoint=endpoint)}, {"s3": KEYS})
    made = LakeSession(house)
    define.create_external_schema(house, made, schema_statement("lake", "sales"))  # type: ignore[arg-type]
    return made


@pytest.fixture
def bucket(endpoint: str) -> Any:
    client = boto3.client(
        "s3",
        endpoint_url=endpoint,
        region_name="us-east-1",
        aws_access_key_id="id",
        aws_secret_access_key="not-a-secret",
    )
    client.create_bucket(Bucket="river")

    def put(key: str, data: bytes) -> None:
        client.put_object(Bucket="river", Key=key, Body=data)

    return put


def parquet(**columns: Any) -> bytes:
    out = io.BytesIO()
    pq.write_table(pa.table(columns), out)
    return out.getvalue()


def test_a_crawled_bucket_is_queried_in_place_within_one_transaction(session: LakeSession, bucket: Any) -> None:
    for year in range(1990, 2010):
        bucket(f"sales/year={year}/month=a b/0000_part_00.parquet", parquet(amount=[year, 1]))
    session.engine.execute("BEGIN")
    found: list[CrawledTable] = []
    crawler = Crawler("c", "sales", ("s3://river/sales",))
    Crawl(session.house, session, crawler, Run(1, session.house.clock.now()), found).go()  # type: ignore[arg-type]
    assert [(one.name, one.action, one.partitions, one.files) for one in found] == [("sales", "created", 20, 20)]
    sql = 'SELECT c."month", sum(c."amount"), min(c."$path") FROM "lake"."sales" AS c WHERE c."year" > 2007 GROUP BY 1'
    assert [facts.files for facts in scans_of(session.tree(sql))] == [2]
    path = "s3://river/sales/year=2008/month=a b/0000_part_00.parquet"
    assert session.rows(sql) == [("a b", 2008 + 2009 + 2, path)]
    session.engine.execute("COMMIT")


def test_text_objects_are_read_by_their_prefix(session: LakeSession, bucket: Any) -> None:
    bucket("text/a.tbl", b"1|one|\n2|two|\n")
    bucket("text/b.tbl", b"3|three|\n")
    bucket("text_other/c.tbl", b"4|four|\n")
    statement = table_statement(
        "lake.text",
        [("n", t.INTEGER), ("s", t.varchar(9))],
        "s3://river/text",
        format=ExternalFormat(field_delimiter="|"),
    )
    define.create_external_table(session.house, session, statement)  # type: ignore[arg-type]
    found = session.rows('SELECT c."n", c."s" FROM "lake"."text" AS c ORDER BY 1')
    assert found == [(1, "one"), (2, "two"), (3, "three")]
