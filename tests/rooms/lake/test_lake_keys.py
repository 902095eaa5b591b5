"""Each table and statement reads S3 with its own keys, and no key is ever told."""

from __future__ import annotations

import io
import logging
import logging.handlers
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.rooms.lake.guarded_s3 import guarded_s3
from tests.rooms.lake.whole_house import Client, opened, with_secrets

from boathouse.app.assemble import OpenHouse
from boathouse.contracts.errors import BoathouseError, InsufficientPrivilege

NORTH, SOUTH = "AKIANORTHNORTHNORTH0", "AKIASOUTHSOUTHSOUTH0"
SECRETS = {NORTH: "north/Secret+Key/0123456789", SOUTH: "south/Secret+Key/9876543210"}
TOKEN = "token+which/nobody/may+see=="


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Everything that any logger says, as the server's own log file gets it, and more: from DEBUG up for our own."""
    path = tmp_path_factory.mktemp("log") / "boathouse.log"
    handler = logging.FileHandler(path)
    root, ours = logging.getLogger(), logging.getLogger("boathouse")
    before = ours.level
    root.addHandler(handler)
    ours.setLevel(logging.DEBUG)
    yield path
    root.removeHandler(handler)
    ours.setLevel(before)
    handler.close()


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, log: Path) -> Iterator[OpenHouse]:
    home = tmp_path_factory.mktemp("keys") / "home"
    with_secrets(
        home,
        {
            "north": {"access_key_id": NORTH, "secret_access_key": SECRETS[NORTH]},
            "south": {"access_key_id": SOUTH, "secret_access_key": SECRETS[SOUTH], "session_token": TOKEN},
        },
    )
    with guarded_s3({"north": NORTH, "south": SOUTH}) as (behind, endpoint):
        client = boto3.client(
            "s3", endpoint_url=behind, region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x"
        )
        client.create_bucket(Bucket="coast")
        for place, amount in (("north", 10), ("south", 20)):
            file = io.BytesIO()
            pq.write_table(pa.table({"id": [1, 2], "amount": [amount, amount + 1]}), file)
            client.put_object(Bucket="coast", Key=f"{place}/sales/a.parquet", Body=file.getvalue())
            client.put_object(Bucket="coast", Key=f"{place}/text/a.txt", Body=f"1|{amount}\n2|{amount + 1}\n".encode())
        with opened(home, s3_endpoint=endpoint, s3_attempts_max=1) as found:
            setup = Client(found)
            for place in ("north", "south"):
                setup.run(
                    f"CREATE EXTERNAL SCHEMA {place} FROM DATA CATALOG DATABASE '{place}' SECRET '{place}' "
                    "CREATE EXTERNAL DATABASE IF NOT EXISTS"
                )
                setup.run(
                    f"CREATE EXTERNAL TABLE {place}.sales (id bigint, amount bigint) STORED AS PARQUET "
                    f"LOCATION 's3://coast/{place}/sales/'"
                )
            setup.close()
            yield found


@pytest.fixture
def client(house: OpenHouse) -> Iterator[Client]:
    made = Client(house)
    yield made
    made.close()


def test_tables_of_one_bucket_are_read_with_the_keys_of_their_schemas(client: Client) -> None:
    joined = "SELECT n.amount, s.amount FROM north.sales n JOIN south.sales s ON s.id = n.id ORDER BY 1"
    assert client.run(joined) == [(10, 20), (11, 21)]
    assert client.run("SELECT sum(amount) FROM south.sales") == [(41,)]
    assert client.run("SELECT sum(amount) FROM north.sales") == [(21,)]


def test_within_a_transaction_that_began_before_the_keys_were_known(house: OpenHouse, client: Client) -> None:
    other = Client(house)
    other.run("BEGIN")
    other.run("CREATE TABLE mine (n integer)")
    client.run(
        "CREATE EXTERNAL TABLE north.late (id bigint, amount bigint) STORED AS PARQUET LOCATION 's3://coast/north/'"
    )
    client.run(
        "CREATE EXTERNAL TABLE south.late (id bigint, amount bigint) STORED AS PARQUET LOCATION 's3://coast/south/'"
    )
    assert other.run(
        "SELECT sum(amount) FROM north.sales UNION ALL SELECT sum(amount) FROM south.sales ORDER BY 1"
    ) == [
        (21,),
        (41,),
    ]
    other.run("ROLLBACK")
    other.close()
    client.run("DROP TABLE north.late, south.late")


def keys(owner: str, secret: str | None = None) -> str:
    return f"ACCESS_KEY_ID '{owner}' SECRET_ACCESS_KEY '{secret or SECRETS[owner]}'"


def test_each_copy_reads_with_the_keys_of_its_own_statement(client: Client) -> None:
    client.run("CREATE TABLE loaded (id integer, amount integer)")
    client.run(f"COPY loaded FROM 's3://coast/north/text/' {keys(NORTH)}")
    client.run(f"COPY loaded FROM 's3://coast/south/text/' {keys(SOUTH)}")
    with pytest.raises(InsufficientPrivilege):
        client.run(f"COPY loaded FROM 's3://coast/north/text/' {keys(SOUTH)}")
    assert client.one("SELECT sum(amount) FROM loaded") == 62


def test_what_one_schema_may_read_another_may_not(client: Client) -> None:
    client.run(
        "CREATE EXTERNAL TABLE north.foreign_sales (id bigint) STORED AS PARQUET LOCATION 's3://coast/south/sales/'"
    )
    client.run("SELECT count(*) FROM south.sales")
    with pytest.raises(InsufficientPrivilege):
        client.run("SELECT count(*) FROM north.foreign_sales")
    assert client.one("SELECT count(*) FROM south.sales") == 2


FAILING = [
    f"COPY loads FROM 's3://coast/south/text/' {keys(NORTH)}",
    f"COPY loads FROM 's3://nowhere/text/' {keys(NORTH)}",
    f"COPY loads FROM 's3://coast/north/text/' {keys(NORTH)} DELIMITER 'x'",
    f"COPY loads FROM 's3://coast/north/text/' {keys(NORTH)} NONSENSE",
    f"COPY loads FROM 's3://coast/north/text/' CREDENTIALS 'aws_access_key_id={NORTH};"
    f"aws_secret_access_key={SECRETS[NORTH]};token={TOKEN}' FORMAT AS PARQUET",
    f"COPY loads FROM 's3://coast/north/text/' CREDENTIALS 'aws_access_key_id={NORTH};secret={SECRETS[NORTH]}'",
    f"COPY missing FROM 's3://coast/north/text/' {keys(NORTH)}",
    f"UNLOAD ('SELECT * FROM missing') TO 's3://coast/north/out/' {keys(NORTH)}",
    f"UNLOAD ('SELECT 1 AS n') TO 's3://coast/south/out/' {keys(NORTH)}",
    f"UNLOAD ('SELECT 1 AS n') TO 's3://nowhere/out/' {keys(NORTH)} SESSION_TOKEN '{TOKEN}'",
    f"CREATE EXTERNAL SCHEMA bad FROM DATA CATALOG DATABASE 'bad' {keys(NORTH)}",
    f"EXPLAIN COPY loads FROM 's3://coast/north/text/' {keys(NORTH)}",
    "SELECT * FROM north.broken",
]


def test_keys_appear_in_no_error_log_or_system_table(house: OpenHouse, client: Client, log: Path) -> None:
    client.run("CREATE TABLE loads (id integer, amount integer)")
    client.run("CREATE EXTERNAL TABLE north.broken (id bigint) STORED AS PARQUET LOCATION 's3://coast/north/text/'")
    said: list[str] = []
    for sql in FAILING:
        with pytest.raises(BoathouseError) as caught:
            client.run(sql)
        failure: BaseException | None = caught.value
        assert isinstance(failure, BoathouseError)
        said += [failure.message, str(failure.detail), str(failure.hint)]
    said += [str(notice) for notice in client.notices]
    said += [line for (line,) in client.run("EXPLAIN VERBOSE SELECT * FROM south.sales")]
    for name in system_tables(house):
        try:
            said += [str(row) for row in client.run(f"SELECT * FROM {name}")]
        except BoathouseError as refused:  # A system table that wants a WHERE, or the like, says so.
            said.append(refused.message)
    for (name,) in client.session.engine.fetch(
        "SELECT table_name FROM duckdb_tables() WHERE schema_name = 'boathouse' AND database_name = 'dev'"
    ):
        said += [str(row) for row in client.session.engine.fetch(f'SELECT * FROM dev.boathouse."{name}"')]
    said += [path.read_text(errors="replace") for path in (house.home / "logs").iterdir()]
    said.append(log.read_text())
    journals = [path for path in house.home.rglob("*.json") if path.is_file()]
    said += [path.read_text() for path in journals]
    text = "\n".join(said)
    assert len(said) > 3 * len(FAILING)
    for secret in (*SECRETS.values(), TOKEN):
        assert secret not in text, f"a secret is told: {text[max(0, text.find(secret) - 200) :][:300]}"


def test_the_warehouse_file_holds_no_key(house: OpenHouse, client: Client) -> None:
    client.run("SELECT count(*) FROM south.sales")
    client.session.engine.execute("CHECKPOINT")
    stored = b"".join(path.read_bytes() for path in house.home.glob("warehouse*"))
    assert b"boathouse" in stored
    for secret in (*SECRETS.values(), TOKEN):
        assert secret.encode() not in stored


def system_tables(house: OpenHouse) -> list[str]:
    declared: list[Any] = [one for room in house.rooms for one in room.system_relations]
    return [one.name for one in declared]
