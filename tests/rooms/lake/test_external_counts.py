"""What scans read and leave out, as EXPLAIN and the system views say it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.rooms.lake.whole_house import Client, opened

SUMMARY = (
    "SELECT external_table_name, file_format, is_partitioned, is_rrscan, s3_scanned_bytes, files, aborted "
    "FROM svl_s3query_summary WHERE query = pg_last_query_id() ORDER BY segment"
)


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Any]:
    with opened(tmp_path / "h") as found:
        yield found


def test_the_counts_outlive_the_house(tmp_path: Path) -> None:
    """They stand beside the statements in the history's files."""
    with opened(tmp_path / "h") as house:
        (house.service.house.home / "lake/one.csv").write_text("1\n")
        client = Client(house)
        client.run("CREATE EXTERNAL SCHEMA lk FROM DATA CATALOG DATABASE 'lk' CREATE EXTERNAL DATABASE IF NOT EXISTS")
        client.run("CREATE EXTERNAL TABLE lk.one (n int) ROW FORMAT DELIMITED LOCATION 'one.csv'")
        assert client.run("SELECT n FROM lk.one") == [(1,)]
    with opened(tmp_path / "h") as house:
        found = Client(house).run("SELECT trim(external_table_name), files, s3_scanned_bytes FROM svl_s3query_summary")
        assert found == [("lk.one", 1, 2)]


@pytest.fixture
def client(house: Any) -> Iterator[Client]:
    made = Client(house)
    made.run("CREATE EXTERNAL SCHEMA lk FROM DATA CATALOG DATABASE 'lk' CREATE EXTERNAL DATABASE IF NOT EXISTS")
    made.run(
        "CREATE EXTERNAL TABLE lk.s (n int, note varchar(9)) PARTITIONED BY (year int) STORED AS PARQUET LOCATION 's/'"
    )
    made.run("CREATE TABLE src AS SELECT 1 AS n, 'x'::varchar(9) AS note, 2019 AS year UNION ALL SELECT 2, 'y', 2020 "
             "UNION ALL SELECT 3, 'z', 2021")  # fmt: skip
    made.run("INSERT INTO lk.s SELECT * FROM src")
    yield made
    made.close()


def test_a_query_is_counted_once_with_its_partitions_files_and_bytes(house: Any, client: Client) -> None:
    (file,) = (house.service.house.home / "lake/s/year=2020").iterdir()
    assert client.run("SELECT n FROM lk.s WHERE year = 2020 AND n > 0") == [(2,)]
    query = client.one("SELECT pg_last_query_id()")
    assert client.run(
        f"SELECT * FROM (SELECT query, files, s3_scanned_bytes FROM svl_s3query) WHERE query = {query}"
    ) == [(query, 1, file.stat().st_size)]
    prefix = str(house.service.house.home / "lake/s/")
    listed = "bucket, prefix, recursive, retrieved_files, max_file_size, avg_file_size, duration > 0"
    size = file.stat().st_size
    assert client.run(f"SELECT {listed} FROM svl_s3list WHERE query = {query}") == [
        ("", f"{prefix}/", "t", 1, size, float(size), True)
    ]
    partitions = "total_partitions, qualified_partitions"
    assert client.run(f"SELECT {partitions} FROM svl_s3partition WHERE query = {query}") == [(3, 1)]
    assert client.run(
        f"SELECT {partitions}, max_assigned_partitions FROM svl_s3partition_summary WHERE query = {query}"
    ) == [(3, 1, 1)]


def test_each_table_of_a_query_is_a_segment_and_other_statements_are_none(client: Client) -> None:
    client.run("SELECT count(*) FROM lk.s a JOIN lk.s b ON a.n = b.n WHERE a.year = 1900")
    found = client.run(SUMMARY)
    assert [(row[0].strip(), row[1].strip(), row[2], row[5]) for row in found] == [
        ("lk.s", "PARQUET", "t", 0), ("lk.s", "PARQUET", "t", 3),
    ]  # fmt: skip
    before = client.one("SELECT count(*) FROM svl_s3query_summary")
    client.run("EXPLAIN SELECT * FROM lk.s")
    client.run("SELECT * FROM src")
    assert client.one("SELECT count(*) FROM svl_s3query_summary") == before


def test_a_query_that_fails_is_aborted(house: Any, client: Client) -> None:
    (file,) = (house.service.house.home / "lake/s/year=2020").iterdir()
    file.write_bytes(b"PAR1 broken PAR1")
    with pytest.raises(Exception, match=r"."):
        client.run("SELECT n FROM lk.s WHERE year = 2020")
    assert client.run(SUMMARY)[-1][-1] == 1


def test_explain_names_partitions_files_and_the_filters_of_both(client: Client) -> None:
    lines = [
        line
        for (line,) in client.run("EXPLAIN SELECT s.n FROM lk.s s JOIN src ON src.n = s.n WHERE s.year >= 2020 AND s.n > 1 "
                                  "AND s.note = 'y' AND src.note > 'a'")
    ]  # fmt: skip
    at = next(place for place, line in enumerate(lines) if line.startswith("XN S3 Seq Scan lk.s"))
    assert "format:PARQUET (partitions: 2 read, 1 pruned; files: 2 read; bytes:" in lines[at]
    assert lines[at + 1].strip() == "Partition Filter: (year >= 2020)"
    assert lines[at + 2].strip() == "Filter: (n > 1) AND (note = 'y')"
    # What the engine's own plan pushes into the reader stands above, with the reader.
    assert any(line.strip().startswith("Filters: n>1") for line in lines)
