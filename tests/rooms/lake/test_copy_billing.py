"""The Cost and Usage Report, loaded the way Amazon delivers it: by its own RedshiftCommands.sql and RedshiftManifest.json.

The report is written here in the shapes of the real one: month and assembly in its keys, `section/Name` in its header, a
manifest with a mandatory entry for each part, DDL with one column per field. The commands run as they were delivered, but
for the placeholders that their reader is told to fill in.
Facts: AWS Cost and Usage Reports User Guide, "Loading report data to other resources: Amazon Redshift", and its data
dictionary.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import os
import random
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import ROUND_DOWN, Decimal
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto.server import ThreadedMotoServer

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))
from copy_house import CopyHouse  # noqa: E402
from whole_house import with_secrets  # noqa: E402

COLUMNS = {
    "identity/LineItemId": "VARCHAR(256)", "identity/TimeInterval": "VARCHAR(100)", "bill/InvoiceId": "VARCHAR(100)",
    "bill/BillingEntity": "VARCHAR(10)", "bill/BillType": "VARCHAR(100)", "bill/PayerAccountId": "VARCHAR(100)",
    "bill/BillingPeriodStartDate": "TIMESTAMPTZ", "bill/BillingPeriodEndDate": "TIMESTAMPTZ",
    "lineItem/UsageAccountId": "VARCHAR(100)", "lineItem/LineItemType": "VARCHAR(100)",
    "lineItem/UsageStartDate": "TIMESTAMPTZ", "lineItem/UsageEndDate": "TIMESTAMPTZ",
    "lineItem/ProductCode": "VARCHAR(100)", "lineItem/UsageType": "VARCHAR(100)", "lineItem/Operation": "VARCHAR(100)",
    "lineItem/ResourceId": "VARCHAR(256)", "lineItem/UsageAmount": "DECIMAL(11,2)",
    "lineItem/NormalizationFactor": "VARCHAR(10)", "lineItem/CurrencyCode": "VARCHAR(10)",
    "lineItem/UnblendedRate": "DECIMAL(11,2)", "lineItem/UnblendedCost": "DECIMAL(11,2)",
    "lineItem/BlendedCost": "DECIMAL(11,2)", "lineItem/LineItemDescription": "VARCHAR(500)",
    "product/ProductName": "VARCHAR(100)", "product/region": "VARCHAR(100)", "product/vcpu": "VARCHAR(100)",
    "reservation/EndTime": "TIMESTAMPTZ", "reservation/TotalReservedUnits": "BIGINT",
    "reservation/UnusedQuantity": "BIGINT",
}  # fmt: skip
MONTH = datetime(2019, 10, 1, tzinfo=UTC)
FOLDER = "/myCURReport/20191001-20191101/fd76beee-0709-42d5-bcb2-bb45f8ba1aae"
"""The prefix that the report was set up with ended in a slash, as it often does: keys begin with one, too."""
PRODUCTS = {"AmazonS3": ("Amazon Simple Storage Service", "EUN1-TimedStorage-ByteHrs"),
            "AmazonEC2": ("Amazon Elastic Compute Cloud", "EUN1-BoxUsage:t3.micro")}  # fmt: skip


def line_items(seed: int, count: int) -> list[dict[str, str]]:
    """Rows of a report; an empty field is one that has no value."""
    chance = random.Random(seed)
    items = []
    for number in range(count):
        product = chance.choice(list(PRODUCTS))
        start = MONTH + timedelta(hours=chance.randrange(700))
        end = start + timedelta(hours=1)
        amount, rate = Decimal(chance.randrange(1, 10**9)) / 10**7, Decimal("0.0230000000")
        reserved = product == "AmazonEC2" and chance.random() < 0.3
        items.append(dict.fromkeys(COLUMNS, "") | {
            "identity/LineItemId": f"{seed}x{number:040x}",
            "identity/TimeInterval": f"{start:%Y-%m-%dT%H:%M:%SZ}/{end:%Y-%m-%dT%H:%M:%SZ}",
            "bill/BillingEntity": "AWS", "bill/BillType": "Anniversary", "bill/PayerAccountId": "123456789012",
            "bill/BillingPeriodStartDate": "2019-10-01T00:00:00Z", "bill/BillingPeriodEndDate": "2019-11-01T00:00:00Z",
            "lineItem/UsageAccountId": "123456789012", "lineItem/LineItemType": "Usage",
            "lineItem/UsageStartDate": f"{start:%Y-%m-%dT%H:%M:%SZ}", "lineItem/UsageEndDate": f"{end:%Y-%m-%dT%H:%M:%SZ}",
            "lineItem/ProductCode": product, "lineItem/UsageType": PRODUCTS[product][1], "lineItem/Operation": "Run",
            "lineItem/ResourceId": "s3spendanalysisblog" if product == "AmazonS3" else "i-0abc", "lineItem/CurrencyCode": "USD",
            "lineItem/UsageAmount": f"{amount:.10f}", "lineItem/UnblendedRate": f"{rate:.10f}",
            "lineItem/UnblendedCost": f"{amount * rate:.10f}", "lineItem/BlendedCost": f"{amount * rate:.10f}",
            "lineItem/LineItemDescription": '$0.023 per GB - first 50 TB / month of "storage", used',
            "product/ProductName": PRODUCTS[product][0], "product/region": "eu-north-1",
            "product/vcpu": "2" if product == "AmazonEC2" else "",
            "reservation/EndTime": "2020-03-01T23:59:59.000Z" if reserved else "",
            "reservation/TotalReservedUnits": "744" if reserved else "",
        })  # fmt: skip
    return items


def deliver(client: Any, bucket: str, parts: list[list[dict[str, str]]]) -> None:
    """Put a report into a bucket: data, manifest, and the commands that load it."""
    entries = []
    for number, items in enumerate(parts, start=1):
        text = io.StringIO(newline="")
        writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(items)
        key = f"{FOLDER}/myCURReport-{number}.csv.gz"
        client.put_object(Bucket=bucket, Key=key, Body=gzip.compress(text.getvalue().encode()))
        entries.append({"url": f"s3://{bucket}/{key}", "mandatory": True})
    manifest = f"{FOLDER}/myCURReport-RedshiftManifest.json"
    client.put_object(Bucket=bucket, Key=manifest, Body=json.dumps({"entries": entries}).encode())
    columns = ",\n".join(f"{name.replace('/', '_')} {kind}" for name, kind in COLUMNS.items())
    commands = (
        f"create table AWSBilling201910 (\n{columns}\n);\n\n"
        f"copy AWSBilling201910 from 's3://<S3_BUCKET_NAME>/{manifest}' credentials 'aws_iam_role=<AWS_ROLE>' "
        "region '<S3_BUCKET_REGION>' GZIP CSV IGNOREHEADER 1 TIMEFORMAT 'auto' manifest;\n"
    )
    client.put_object(Bucket=bucket, Key=f"{FOLDER}/myCURReport-RedshiftCommands.sql", Body=commands.encode())


@pytest.fixture(scope="module")
def client() -> Iterator[Any]:
    server = ThreadedMotoServer(port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    made = boto3.client("s3", endpoint_url=f"http://{host}:{port}", region_name="eu-north-1", aws_access_key_id="a",
                        aws_secret_access_key="b")  # fmt: skip
    made.create_bucket(Bucket="ss-cur", CreateBucketConfiguration={"LocationConstraint": "eu-north-1"})
    yield made
    server.stop()


@pytest.fixture
def house(tmp_path: Path, client: Any) -> Iterator[CopyHouse]:
    # Roles mean nothing to us: their keys come from the secret s3.
    with_secrets(tmp_path / "home", {"s3": {"access_key_id": "a", "secret_access_key": "b"}})
    made = CopyHouse.__new__(CopyHouse)
    made.reopen(tmp_path / "home", {"lake": {"s3_endpoint": client.meta.endpoint_url}})
    yield made
    made.close()


def commands(client: Any) -> str:
    """The delivered commands with their placeholders filled in."""
    found = client.get_object(Bucket="ss-cur", Key=f"{FOLDER}/myCURReport-RedshiftCommands.sql")["Body"].read().decode()
    role = "arn:aws:iam::123456789012:role/loader"
    for name, value in (("<S3_BUCKET_NAME>", "ss-cur"), ("<AWS_ROLE>", role), ("<S3_BUCKET_REGION>", "eu-north-1")):
        found = found.replace(name, value)
    return str(found)


def test_a_report_loads_by_the_commands_that_come_with_it(house: CopyHouse, client: Any) -> None:
    parts = [line_items(1, 300), line_items(2, 200)]
    deliver(client, "ss-cur", parts)
    house.run(commands(client))
    items = parts[0] + parts[1]
    cent = Decimal("0.01")
    costs = [Decimal(item["lineItem/UnblendedCost"]).quantize(cent, ROUND_DOWN) for item in items]
    reserved = sum(item["reservation/EndTime"] != "" for item in items)
    assert house.run(
        "SELECT count(*), sum(lineitem_unblendedcost), count(reservation_endtime), max(reservation_totalreservedunits), "
        "min(bill_billingperiodstartdate), count(DISTINCT lineitem_lineitemdescription) FROM awsbilling201910"
    ) == [(500, sum(costs), reserved, 744, MONTH, 1)]
    s3 = [item for item in items if item["lineItem/ProductCode"] == "AmazonS3"]
    assert house.run(
        "SELECT count(*), min(lineitem_usagestartdate) FROM awsbilling201910 WHERE lineItem_ProductCode = 'AmazonS3' "
        "AND lineItem_ResourceId = 's3spendanalysisblog'"
    ) == [(len(s3), min(datetime.fromisoformat(item["lineItem/UsageStartDate"]) for item in s3))]
    assert house.run("SELECT trim(file_format), source_file_count, error_count FROM sys_load_history") == [
        ("csv", 2, 0)
    ]


def test_a_report_whose_part_has_gone_loads_nothing(house: CopyHouse, client: Any) -> None:
    deliver(client, "ss-cur", [line_items(3, 10), line_items(4, 10)])
    client.delete_object(Bucket="ss-cur", Key=f"{FOLDER}/myCURReport-2.csv.gz")
    create, copy = commands(client).split(";\n\n")
    house.run(create)
    failure = house.fails(copy)
    assert "myCURReport-2.csv.gz" in str(failure) and "mandatory" in str(failure)
    assert house.run("SELECT count(*) FROM awsbilling201910") == [(0,)]


NISE = Path(sys.prefix) / "clients" / "bin" / "nise"
"""The program of koku-nise. It brings the clients of three clouds along, so it lives in the environment of clients."""


@pytest.mark.skipif(not NISE.exists(), reason="koku-nise is not installed: make programs")
def test_a_report_of_an_independent_writer_loads(house: CopyHouse, client: Any, tmp_path: Path) -> None:
    away = {"AWS_ENDPOINT_URL": client.meta.endpoint_url, "AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b",
            "AWS_DEFAULT_REGION": "eu-north-1"}  # fmt: skip
    subprocess.run(
        [NISE, "report", "aws", "--start-date", "2019-10-01", "--end-date", "2019-10-02", "--aws-s3-report-name", "cur",
         "--aws-s3-bucket-name", "ss-cur", "--aws-s3-report-prefix", "nise"],
        cwd=tmp_path, env=os.environ | away, check=True, capture_output=True,
    )  # fmt: skip

    def stored(key: str) -> bytes:
        return bytes(client.get_object(Bucket="ss-cur", Key=key)["Body"].read())

    keys = json.loads(stored("nise/cur/20191001-20191101/cur-Manifest.json"))["reportKeys"]
    items = [item for key in keys for item in csv.DictReader(io.StringIO(gzip.decompress(stored(key)).decode()))]
    entries = [{"url": f"s3://ss-cur/{key}", "mandatory": True} for key in keys]
    list_key = f"{Path(keys[0]).parent}/cur-RedshiftManifest.json"
    client.put_object(Bucket="ss-cur", Key=list_key, Body=json.dumps({"entries": entries}).encode())
    typed = {name: kind for name, kind in COLUMNS.items() if not kind.startswith("VARCHAR")}
    columns = ", ".join(f'"{name.replace("/", "_")}" {typed.get(name, "VARCHAR(1000)")}' for name in items[0])
    house.run(
        f"create table cur ({columns}); copy cur from 's3://ss-cur/{list_key}' credentials "
        "'aws_iam_role=arn:aws:iam::123456789012:role/loader' region 'eu-north-1' GZIP CSV IGNOREHEADER 1 "
        "TIMEFORMAT 'auto' manifest"
    )
    cent = Decimal("0.01")
    costs = [Decimal(item["lineItem/UnblendedCost"]).quantize(cent, ROUND_DOWN) for item in items]
    starts = [datetime.fromisoformat(item["lineItem/UsageStartDate"]) for item in items]
    assert house.run("SELECT count(*), sum(lineitem_unblendedcost), min(lineitem_usagestartdate) FROM cur") == [
        (len(items), sum(costs), min(starts))
    ]
    assert house.run("SELECT source_file_count, error_count FROM sys_load_history ORDER BY query_id DESC LIMIT 1") == [
        (len(keys), 0)
    ]
