"""INSERT into external tables: what comes back is what went in, others see it once it is committed, faults leave nothing."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.rooms.lake.whole_house import Client, opened

from boathouse.app.assemble import OpenHouse
from boathouse.contracts.errors import DataError, StorageError

FORMATS = {
    "parquet": "STORED AS PARQUET",
    "csv": "ROW FORMAT SERDE 'org.apache.hadoop.hive.serde2.OpenCSVSerde' STORED AS TEXTFILE",
    "escaped text": "ROW FORMAT DELIMITED FIELDS TERMINATED BY ',' ESCAPED BY '\\\\' STORED AS TEXTFILE",
    "text": "ROW FORMAT DELIMITED FIELDS TERMINATED BY '|' STORED AS TEXTFILE",
    "gzip": "ROW FORMAT DELIMITED FIELDS TERMINATED BY '|' STORED AS TEXTFILE",
}
_numbers = count(1)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenHouse]:
    with opened(tmp_path_factory.mktemp("insert") / "home") as found:
        Client(found).run(
            "CREATE EXTERNAL SCHEMA lk FROM DATA CATALOG DATABASE 'lk' CREATE EXTERNAL DATABASE IF NOT EXISTS"
        )
        yield found


def table(client: Client, columns: str, form: str, partitions: str = "", properties: str = "") -> str:
    """A fresh external table of that format; returns its name."""
    name = f"t{next(_numbers)}"
    parted = f"PARTITIONED BY ({partitions})" if partitions else ""
    client.run(f"CREATE EXTERNAL TABLE lk.{name} ({columns}) {parted} {form} LOCATION '{name}/' {properties}")
    return f"lk.{name}"


def quoted(value: object) -> str:
    return "NULL" if value is None else "'" + str(value).replace("\\", "\\\\").replace("'", "''") + "'"


texts = st.one_of(
    st.none(),
    st.text(st.sampled_from(list("ab,|\\\"'\n\r\tNé€ ")), max_size=8),
    st.sampled_from(["\\N", "", " ", "NULL", "__HIVE_DEFAULT_PARTITION__"]),
)
rows = st.lists(st.tuples(st.integers(-5, 5), texts), min_size=1, max_size=6)


@pytest.mark.parametrize("name", FORMATS)
@settings(max_examples=25)
@given(found=rows)
def test_what_goes_in_comes_out_or_is_refused(house: OpenHouse, name: str, found: list[tuple[int, str | None]]) -> None:
    client = Client(house)
    try:
        properties = "TABLE PROPERTIES ('compression_type'='gzip')" if name == "gzip" else ""
        target = table(client, "n integer, v varchar(40)", FORMATS[name], properties=properties)
        values = ", ".join(f"({number}, {quoted(text)})" for number, text in found)
        try:
            client.run(f"INSERT INTO {target} VALUES {values}")
        except DataError as refused:
            assert refused.sqlstate == "22P04"
            assert name != "parquet"
            assert client.one(f"SELECT count(*) FROM {target}") == 0
            return
        assert sorted(client.run(f"SELECT n, v FROM {target}"), key=repr) == sorted(found, key=repr)
    finally:
        client.close()


def test_others_see_the_rows_once_they_are_committed(house: OpenHouse) -> None:
    writer, reader = Client(house), Client(house)
    target = table(writer, "n integer", "STORED AS PARQUET", "part varchar(10)")
    writer.run(f"INSERT INTO {target} VALUES (1, 'known')")
    assert reader.one(f"SELECT count(*) FROM {target}") == 1
    writer.run(f"BEGIN; INSERT INTO {target} VALUES (2, 'known'), (3, 'new')")
    assert writer.one(f"SELECT count(*) FROM {target}") == 3
    assert reader.one(f"SELECT count(*) FROM {target}") == 1
    writer.run("COMMIT")
    assert reader.one(f"SELECT count(*) FROM {target}") == 3


def files_in(house: OpenHouse, target: str) -> list[Path]:
    folder = house.home / "lake" / target.removeprefix("lk.")
    return [path for path in folder.rglob("*") if path.is_file()]


def test_a_rollback_takes_the_files_back(house: OpenHouse) -> None:
    client = Client(house)
    target = table(client, "n integer", "STORED AS PARQUET", "part varchar(10)")
    client.run(f"BEGIN; INSERT INTO {target} VALUES (1, 'a'), (2, 'b')")
    assert len(files_in(house, target)) == 2
    client.run("ROLLBACK")
    assert not files_in(house, target)
    assert not list((house.home / "unload").glob("*"))
    assert client.run(f"SELECT * FROM {target}") == []


def test_a_session_that_goes_leaves_no_files(house: OpenHouse) -> None:
    client, other = Client(house), Client(house)
    target = table(other, "n integer", "STORED AS PARQUET")
    client.run(f"BEGIN; INSERT INTO {target} VALUES (1)")
    client.close()
    assert other.run(f"SELECT * FROM {target}") == []


def test_two_sessions_insert_at_once(house: OpenHouse) -> None:
    one, other = Client(house), Client(house)
    target = table(one, "n integer", "STORED AS PARQUET")
    one.run(f"BEGIN; INSERT INTO {target} VALUES (1)")
    other.run(f"INSERT INTO {target} VALUES (2)")
    one.run("COMMIT")
    assert sorted(one.run(f"SELECT n FROM {target}")) == [(1,), (2,)]


def test_a_place_that_cannot_be_written_leaves_nothing(house: OpenHouse) -> None:
    client = Client(house)
    target = table(client, "n integer", "STORED AS PARQUET", "part varchar(10)")
    client.run(f"INSERT INTO {target} VALUES (1, 'a')")
    # Where the next partition's folder should be there is a file.
    (house.home / "lake" / target.removeprefix("lk.") / "part=b").write_text("in the way")
    with pytest.raises(StorageError):
        client.run(f"INSERT INTO {target} VALUES (2, 'b'), (3, 'c')")
    assert client.run(f"SELECT n, part FROM {target} WHERE part <> 'b'") == [(1, "a")]
    assert not list((house.home / "unload").glob("*"))


@pytest.mark.parametrize(
    ("properties", "message"),
    [
        ("'skip.header.line.count'='2'", "several lines"),
        ("'write.maxfilesize.mb'='1'", "between 5 and 6348"),
        ("'write.parallel'='sometimes'", "on or off"),
    ],
)
def test_what_cannot_be_written_is_refused(house: OpenHouse, properties: str, message: str) -> None:
    client = Client(house)
    target = table(client, "n integer", FORMATS["text"], properties=f"TABLE PROPERTIES ({properties})")
    with pytest.raises(Exception, match=message):
        client.run(f"INSERT INTO {target} VALUES (1)")


def test_a_header_is_written_where_one_is_skipped(house: OpenHouse) -> None:
    client = Client(house)
    target = table(
        client, "n integer, v varchar(9)", FORMATS["csv"], properties="TABLE PROPERTIES ('skip.header.line.count'='1')"
    )
    client.run(f"INSERT INTO {target} VALUES (1, 'one')")
    (file,) = files_in(house, target)
    assert file.read_text() == "n,v\n1,one\n"
    assert client.run(f"SELECT * FROM {target}") == [(1, "one")]


def test_parameters_reach_the_rows(house: OpenHouse) -> None:
    client: Any = Client(house)
    target = table(client, "n integer, v varchar(9)", "STORED AS PARQUET")
    (statement,) = client.session.parse(f"INSERT INTO {target} SELECT $1, $2")
    assert client.session.run(statement, (7, "seven")).tag == "INSERT 0 1"
    assert client.run(f"SELECT * FROM {target}") == [(7, "seven")]
