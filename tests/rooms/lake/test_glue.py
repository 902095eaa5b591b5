"""AWS Glue as the data catalog, on moto's server over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from sqlglot import parse_one
from tests.rooms.lake.whole_house import Client, opened, with_secrets

from boathouse.contracts import types as t
from boathouse.contracts.errors import ActiveTransaction, BoathouseError, FeatureNotSupported, UndefinedTable
from boathouse.lake.catalogs.glue_filters import glue_expression
from boathouse.lake.catalogs.glue_tables import hive_type, table_from_glue, table_to_glue
from boathouse.lake.tables import ExternalTable
from boathouse.sql.redshift.types import parse_type
from boathouse.sql.statements import ExternalFormat

KEYS = {"access_key_id": "id", "secret_access_key": "not-a-secret"}
PARQUET = {
    "InputFormat": "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat",
    "OutputFormat": "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat",
    "SerdeInfo": {"SerializationLibrary": "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe"},
}


@pytest.fixture(scope="module")
def glue(endpoint: str) -> Any:
    return boto3.client(
        "glue",
        endpoint_url=endpoint,
        region_name="us-east-1",
        aws_access_key_id="id",
        aws_secret_access_key="not-a-secret",
    )


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, endpoint: str) -> Iterator[Any]:
    home = tmp_path_factory.mktemp("glue") / "h"
    with_secrets(home, {"s3": KEYS})
    with opened(home, glue_endpoint=endpoint, s3_endpoint=endpoint, data_catalog="glue") as found:
        yield found


@pytest.fixture(scope="module")
def lake(house: Any) -> Path:
    return house.service.house.home / "lake"


@pytest.fixture
def client(house: Any) -> Iterator[Client]:
    made = Client(house)
    yield made
    made.session.close()


def schema(client: Client, name: str) -> None:
    client.run(f"CREATE EXTERNAL SCHEMA {name} FROM DATA CATALOG DATABASE '{name}' REGION 'us-east-1' "
               "CREATE EXTERNAL DATABASE IF NOT EXISTS")  # fmt: skip


def by_year(glue: Any, lake: Path, database: str, years: range) -> None:
    """A table that somebody else put into Glue, a folder a year."""
    storage = {**PARQUET, "Columns": [{"Name": "N", "Type": "bigint"}, {"Name": "ratio", "Type": "float"}]}
    glue.create_table(
        DatabaseName=database,
        TableInput={
            "Name": "t",
            "StorageDescriptor": {**storage, "Location": f"{lake}/{database}/t"},
            "PartitionKeys": [{"Name": "year", "Type": "int"}, {"Name": "name", "Type": "string"}],
        },
    )
    inputs = []
    for year in years:
        folder = lake / database / "t" / f"year={year}" / "name=x"
        folder.mkdir(parents=True)
        pq.write_table(
            pa.table({"n": [year, 1], "ratio": pa.array([0.5, 0.25], pa.float32())}), str(folder / "f.parquet")
        )
        inputs.append({"Values": [str(year), "x"], "StorageDescriptor": {**storage, "Location": str(folder)}})
    for start in range(0, len(inputs), 100):
        glue.batch_create_partition(
            DatabaseName=database, TableName="t", PartitionInputList=inputs[start : start + 100]
        )


class Requests:
    """The calls that reach Glue, as the server was asked."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        from botocore.client import BaseClient

        self.made: list[tuple[str, dict[str, Any]]] = []
        original = BaseClient._make_api_call

        def watched(client: Any, operation: str, arguments: dict[str, Any]) -> Any:
            self.made.append((operation, arguments))
            return original(client, operation, arguments)

        monkeypatch.setattr(BaseClient, "_make_api_call", watched)

    def of(self, operation: str) -> list[dict[str, Any]]:
        return [arguments for name, arguments in self.made if name == operation]


def test_a_table_of_glue_is_queried_and_its_partitions_are_asked_for_by_an_expression(
    client: Client, glue: Any, lake: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    schema(client, "g1")
    by_year(glue, lake, "g1", range(2000, 2024))
    requests = Requests(monkeypatch)
    found = client.run("SELECT n, ratio, year, name FROM g1.t WHERE year = 2020 AND name LIKE 'x%' ORDER BY n")
    assert found == [(1, 0.25, 2020, "x"), (2020, 0.5, 2020, "x")]
    (asked,) = requests.of("GetPartitions")
    assert asked["Expression"] == "year = 2020"
    client.run("SELECT count(*) FROM g1.t WHERE n = 1")
    assert "Expression" not in requests.of("GetPartitions")[-1]
    assert client.one("SELECT count(*) FROM g1.t WHERE year BETWEEN 2001 AND 2003 OR year IN (2010)") == 8
    explained = [line for (line,) in client.run("EXPLAIN SELECT n FROM g1.t WHERE year > 2021")]
    assert any("partitions: 2 read; files: 2 read" in line for line in explained)


def test_partitions_come_in_pages(client: Client, glue: Any, lake: Path) -> None:
    schema(client, "g2")
    by_year(glue, lake, "g2", range(1000, 1003))
    storage = {**PARQUET, "Columns": [{"Name": "n", "Type": "bigint"}]}
    inputs = [
        {"Values": [str(year), "y"], "StorageDescriptor": {**storage, "Location": f"{lake}/g2/none/{year}"}}
        for year in range(2000, 3200)
    ]
    for start in range(0, len(inputs), 100):
        glue.batch_create_partition(DatabaseName="g2", TableName="t", PartitionInputList=inputs[start : start + 100])
    assert client.one("SELECT count(*) FROM svv_external_partitions WHERE schemaname = 'g2'") == 1203
    assert client.one("SELECT count(*) FROM g2.t WHERE year < 1500") == 6


def test_tables_are_made_changed_and_dropped_in_glue(client: Client, glue: Any, lake: Path) -> None:
    schema(client, "g3")
    client.run(
        "CREATE EXTERNAL TABLE g3.made (id integer, ratio real, price numeric(9,2), who struct<a:int,b:array<varchar(5)>>) "
        "PARTITIONED BY (d date) STORED AS ORC LOCATION 'g3/made/' TABLE PROPERTIES ('numRows'='7')"
    )
    table = glue.get_table(DatabaseName="g3", Name="made")["Table"]
    assert [(one["Name"], one["Type"]) for one in table["StorageDescriptor"]["Columns"]] == [
        ("id", "int"), ("ratio", "float"), ("price", "decimal(9,2)"), ("who", "struct<a:int,b:array<varchar(5)>>"),
    ]  # fmt: skip
    assert table["StorageDescriptor"]["SerdeInfo"]["SerializationLibrary"].endswith("OrcSerde")
    assert table["Parameters"]["numrows"] == "7"
    client.run("ALTER TABLE g3.made ADD COLUMN more varchar(9)")
    client.run(
        "ALTER TABLE g3.made ADD PARTITION (d='2020-01-01') LOCATION 'g3/a/' PARTITION (d='2020-01-02') LOCATION 'g3/b/'"
    )
    client.run("ALTER TABLE g3.made PARTITION (d='2020-01-02') SET LOCATION 'g3/c/'")
    client.run("ALTER TABLE g3.made DROP PARTITION (d='2020-01-01')")
    found = glue.get_partitions(DatabaseName="g3", TableName="made")["Partitions"]
    assert [(one["Values"], one["StorageDescriptor"]["Location"]) for one in found] == [
        (["2020-01-02"], f"{lake}/g3/c/")
    ]
    client.run("ALTER TABLE g3.made RENAME TO renamed")
    assert client.run(
        "SELECT columnname, external_type, part_key FROM svv_external_columns WHERE schemaname = 'g3' ORDER BY columnnum"
    ) == [
        ("id", "integer", 0), ("ratio", "real", 0), ("price", "numeric(9,2)", 0),
        ("who", "struct<a:integer,b:array<character varying(5)>>", 0), ("more", "character varying(9)", 0), ("d", "date", 1),
    ]  # fmt: skip
    assert client.run("SELECT tablename, location FROM svv_external_tables WHERE schemaname = 'g3'") == [
        ("renamed", f"{lake}/g3/made/")
    ]
    assert client.run("SELECT esoptions FROM svv_external_schemas WHERE schemaname = 'g3'") != []
    client.run("DROP TABLE g3.renamed")
    assert glue.get_tables(DatabaseName="g3")["TableList"] == []
    with pytest.raises(UndefinedTable):
        client.run("SELECT * FROM g3.renamed")


def test_insert_writes_partitions_to_glue_and_a_rollback_takes_them_back(client: Client, glue: Any) -> None:
    schema(client, "g4")
    client.run(
        "CREATE EXTERNAL TABLE g4.s (n integer) PARTITIONED BY (k varchar(9)) STORED AS PARQUET LOCATION 'g4/s/'"
    )
    client.run("INSERT INTO g4.s VALUES (1, 'a'), (2, 'b')")

    def keys() -> list[str]:
        return sorted(one["Values"][0] for one in glue.get_partitions(DatabaseName="g4", TableName="s")["Partitions"])

    assert keys() == ["a", "b"]
    assert client.run("SELECT n, k FROM g4.s ORDER BY n") == [(1, "a"), (2, "b")]
    client.run("BEGIN")
    client.run("INSERT INTO g4.s VALUES (3, 'c')")
    client.run("ROLLBACK")
    assert keys() == ["a", "b"]
    client.run(
        "CREATE EXTERNAL TABLE g4.copy PARTITIONED BY (k) STORED AS PARQUET LOCATION 'g4/copy/' AS SELECT n, k FROM g4.s"
    )
    assert client.run("SELECT n, k FROM g4.copy WHERE k = 'b'") == [(2, "b")]


def test_definitions_in_glue_cannot_run_inside_a_block(client: Client) -> None:
    schema(client, "g5")
    client.run("BEGIN")
    with pytest.raises(ActiveTransaction):
        client.run("CREATE EXTERNAL TABLE g5.t (n integer) STORED AS PARQUET LOCATION 'g5/'")
    client.run("ROLLBACK")


def test_what_glue_has_and_nothing_here_reads_is_refused_by_name(client: Client, glue: Any) -> None:
    schema(client, "g6")
    for name, serde, kind in (
        ("ion", "com.amazon.ionhiveserde.IonHiveSerDe", "int"),
        ("odd", "org.apache.hadoop.hive.ql.io.orc.OrcSerde", "uniontype<int,string>"),
    ):
        storage = {
            "Columns": [{"Name": "n", "Type": kind}],
            "Location": "/x",
            "SerdeInfo": {"SerializationLibrary": serde},
        }
        glue.create_table(DatabaseName="g6", TableInput={"Name": name, "StorageDescriptor": storage})
    with pytest.raises(FeatureNotSupported, match="IonHiveSerDe"):
        client.run("SELECT * FROM g6.ion")
    with pytest.raises(FeatureNotSupported, match="uniontype"):
        client.run("SELECT * FROM g6.odd")
    assert client.run("SELECT tablename FROM svv_external_tables WHERE schemaname = 'g6'") == [("ion",)]


def test_a_database_that_glue_has_not_is_named(client: Client) -> None:
    with pytest.raises(BoathouseError, match='AWS Glue has no database "nowhere"'):
        client.run("CREATE EXTERNAL SCHEMA g7 FROM DATA CATALOG DATABASE 'nowhere'")


def test_glue_that_cannot_be_reached_is_an_error_of_its_own_and_the_catalog_goes_on(tmp_path: Path) -> None:
    with_secrets(tmp_path / "h", {"s3": KEYS})
    with opened(tmp_path / "h", glue_endpoint="http://127.0.0.1:9", s3_attempts_max=1) as house:
        made = Client(house)
        with pytest.raises(BoathouseError, match="AWS Glue could not be reached"):
            made.run("CREATE EXTERNAL SCHEMA g FROM DATA CATALOG DATABASE 'g' CATALOG_ID '123456789012'")
        own = house.engine.session() if hasattr(house, "engine") else house.service.house.engine.session()
        own.execute("INSERT INTO boathouse.external_schemas (name, database_name, glue) VALUES ('g', 'g', '')")
        own.close()
        assert made.run("SELECT tablename FROM svv_external_tables") == []
        made.close()


NESTED = "struct<a:int,b:map<varchar(5),array<float>>>"


def test_types_keep_their_meaning_between_hive_and_redshift() -> None:
    kinds = {
        "int": t.INTEGER, "float": t.REAL, "double": t.DOUBLE, "string": t.varchar(65535), "char(3)": t.char(3),
        "decimal(9,2)": t.numeric(9, 2), "timestamp": t.TIMESTAMP, "boolean": t.BOOLEAN, "smallint": t.SMALLINT,
    }  # fmt: skip
    for text, kind in kinds.items():
        assert hive_type(kind) == text
        entry = {"Name": "x", "StorageDescriptor": {"Columns": [{"Name": "c", "Type": text}]}}
        assert table_from_glue("d", entry).columns == (("c", kind),)
    entry = {"Name": "x", "StorageDescriptor": {"Columns": [{"Name": "c", "Type": NESTED}]}}
    ((_, nested),) = table_from_glue("d", entry).columns
    assert hive_type(nested) == NESTED
    delimited = ExternalTable(
        "d", "x", (("c", t.INTEGER),), (), ExternalFormat(field_delimiter="|", null_as="-"), "/x/"
    )
    back = table_from_glue("d", table_to_glue(delimited))
    assert dict(back.format.serde_properties) == {"field.delim": "|", "serialization.null.format": "-"}


@pytest.mark.parametrize(
    ("condition", "expression"),
    [
        ("c.y = 2020", "y = 2020"),
        ("2020 <= c.y", "y >= 2020"),
        ("c.y IN (1, -2)", "(y = 1 OR y = -2)"),
        ("c.y BETWEEN 1 AND 3", "(y >= 1 AND y <= 3)"),
        ("c.d = CAST('2020-01-01' AS DATE)", "d = '2020-01-01'"),
        ("c.s = 'it''s'", ""),
        ("c.s > 'b'", "s > 'b'"),
        ("c.s LIKE 'b%'", ""),
        ("c.y = 1 AND c.s LIKE 'b%'", "(y = 1)"),
        ("c.y = 1 OR c.s LIKE 'b%'", ""),
        ("(c.y = 1 OR c.s = 'a')", "(y = 1 OR s = 'a')"),
        ("NOT c.y = 1", ""),
        ("c.y + 1 = 2", ""),
        ("c.y = 1.5", ""),
        ("c.v = 'b'", ""),
    ],
)
def test_only_what_glue_understands_is_asked_of_it(condition: str, expression: str) -> None:
    keys = (("y", t.INTEGER), ("d", t.DATE), ("s", parse_type("varchar(65535)")), ("v", parse_type("varchar(9)")))
    table = ExternalTable("d", "x", (("c", t.INTEGER),), keys, ExternalFormat(), "/x/")
    assert glue_expression(table, [parse_one(condition, read="duckdb")]) == expression
