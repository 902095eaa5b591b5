"""UNLOAD in a whole house: out to the lake, found by a crawl, read back equal; beside transactions and starts."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from tests.rooms.lake.whole_house import Client, opened

from boathouse.contracts.errors import BoathouseError, ObjectNotInPrerequisiteState
from boathouse.contracts.house import House
from boathouse.lake.unload.journal import open_journal
from boathouse.sql.statements import Credentials

SEEDS = range(6)
KEYS = {
    "boolean": [True, False],
    "smallint": [-1, 0, 32767],
    "integer": [-(2**31), 7, 2**31 - 1],
    "bigint": [-(2**63), 7, 2**63 - 1],
    "numeric(9,3)": [Decimal("-1.500"), Decimal("0.000"), Decimal("123456.789")],
    "date": [date(1999, 12, 31), date(2020, 2, 29)],
    "timestamp": [datetime(2020, 1, 2, 3, 4, 5), datetime(1969, 12, 31, 23, 59, 59, 999999)],
    "varchar(60)": ["plain", "a b", "x/y=z", "100%", "%41", "ü€😀", "it''s", 'say "so"', "back\\slash", "a:b*c?d", "#[^]{}"],
    "char(4)": ["ab", "abcd"],
}  # fmt: skip
VALUES = {
    "v_flag": ("boolean", [True, False]),
    "v_small": ("smallint", [0, -32768]),
    "v_big": ("bigint", [2**62, -1]),
    "v_exact": ("numeric(20,4)", [Decimal("9999999999999999.9999"), Decimal("-0.0001")]),
    "v_float": ("double precision", [0.1, -1e300, 12345.678]),
    "v_text": ("varchar(40)", ["", "a|b", 'quo"te', "line\nbreak", "\\N", "é€"]),
    "v_day": ("date", [date(1, 1, 1), date(9999, 12, 31)]),
    "v_time": ("timestamp", [datetime(2001, 2, 3, 4, 5, 6, 7)]),
}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("unload") / "home"


@pytest.fixture(scope="module")
def client(home: Path) -> Iterator[Client]:
    with opened(home) as house:
        made = Client(house)
        made.run("CREATE EXTERNAL SCHEMA back FROM DATA CATALOG DATABASE 'back' CREATE EXTERNAL DATABASE IF NOT EXISTS")
        yield made


def literal(value: Any) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, bool | int | float | Decimal):
        return str(value).lower() if isinstance(value, bool) else str(value)
    return "'" + str(value).replace("\\", "\\\\").replace("''", "'").replace("'", "''") + "'"


def fill(client: Client, name: str, columns: dict[str, tuple[str, list[Any]]], chance: random.Random) -> None:
    client.run(f"CREATE TABLE {name} ({', '.join(f'{column} {kind}' for column, (kind, _) in columns.items())})")
    rows = [
        "(" + ", ".join(literal(chance.choice([*values, None])) for _, values in columns.values()) + ")"
        for _ in range(chance.randint(1, 60))
    ]
    client.run(f"INSERT INTO {name} VALUES {', '.join(rows)}")


@pytest.mark.parametrize("seed", SEEDS)
def test_partitioned_rows_are_found_by_a_crawl_and_read_back_equal(client: Client, seed: int) -> None:
    print("seed", seed)
    chance = random.Random(seed)
    kinds = chance.sample(list(KEYS), chance.randint(1, 3))
    keys = {f"k{place}": (kind, KEYS[kind]) for place, kind in enumerate(kinds)}
    name = f"typed_{seed}"
    fill(client, name, {**VALUES, **keys}, chance)
    client.run(f"UNLOAD ('SELECT * FROM {name}') TO 'round/{name}/' FORMAT AS PARQUET PARTITION BY ({', '.join(keys)})")
    client.run(f"CREATE CRAWLER c_{name} DATABASE 'back' TARGETS ('round/{name}')")
    ((table, action, *_),) = client.run(f"START CRAWLER c_{name}")
    assert (table, action) == (name, "created")
    # Keys are text in folder names, where the empty string is NULL; each is compared in its declared type.
    shown = ", ".join([*VALUES, *(f"k{place}::{kind}" for place, kind in enumerate(kinds))])
    order = ", ".join(str(place + 1) for place in range(len(VALUES) + len(keys)))
    assert client.run(f"SELECT {shown} FROM back.{name} ORDER BY {order}") == client.run(
        f"SELECT {shown} FROM {name} ORDER BY {order}"
    )
    first = next(iter(keys))
    for value in {value for _, value in client.run(f"SELECT count(*), {first} FROM {name} GROUP BY 2")}:
        text = "IS NULL" if value is None else f"= {literal(value)}::{kinds[0]}"
        there = client.one(f"SELECT count(*) FROM back.{name} WHERE {first}::{kinds[0]} {text}")
        assert there == client.one(f"SELECT count(*) FROM {name} WHERE {first} {text}"), value


@pytest.mark.parametrize("words", ["DELIMITER '|' ESCAPE", "CSV", "FORMAT AS PARQUET", "FORMAT AS JSON", "CSV GZIP"])
def test_what_a_manifest_names_is_loaded_back_equal(client: Client, home: Path, words: str) -> None:
    name = "loaded_" + "".join(letter for letter in words.lower() if letter.isalnum())
    columns = {column: found for column, found in VALUES.items() if column != "v_float"}
    # Text cannot tell the empty string from NULL: UNLOAD writes both as nothing, and EMPTYASNULL reads both as NULL. COPY
    # knows NULL by backslash-N.
    text = "CSV" in words or "ESCAPE" in words
    lost = ("", "\\N") if text else ("\\N",)
    columns["v_text"] = ("varchar(40)", [one for one in VALUES["v_text"][1] if one not in lost])
    fill(client, name, columns, random.Random(7))
    client.run(f"UNLOAD ('SELECT * FROM {name}') TO 'manifest/{name}_' {words} MANIFEST")
    named = json.loads((home / f"lake/manifest/{name}_manifest").read_text())
    assert named["entries"]
    (home / f"lake/manifest/{name}_stray").write_text("not in the manifest\n")
    client.run(f"CREATE TABLE {name}_again (LIKE {name})")
    load = words + (" EMPTYASNULL" if text else " 'auto'" if "JSON" in words else "")
    client.run(f"COPY {name}_again FROM 'manifest/{name}_manifest' MANIFEST {load}")
    listed = ", ".join(columns)
    order = f"ORDER BY {', '.join(str(place + 1) for place in range(len(columns)))}"
    expected = client.run(f"SELECT {listed} FROM {name} {order}")
    assert client.run(f"SELECT {listed} FROM {name}_again {order}") == expected


def test_without_a_format_word_partitions_hold_text(client: Client, home: Path) -> None:
    """Redshift Developer Guide, "UNLOAD": pipe-delimited text unless FORMAT says otherwise, also with PARTITION BY."""
    client.run(
        "CREATE TABLE sold (sale integer, event integer, day_id smallint, paid numeric(8,2));"
        "CREATE TABLE days (day_id smallint, caldate date, day char(3), year smallint);"
        "INSERT INTO sold VALUES (1, 7, 1, 70), (2, 8, 2, 30.5), (3, 7, 2, 5), (4, 9, 3, NULL);"
        "INSERT INTO days VALUES (1, '2008-01-01', 'TU', 2008), (2, '2008-01-02', 'WE', 2008), (3, '2009-05-01', 'FR', 2009)"
    )
    query = (
        "SELECT sold.*, days.*, total, rank FROM sold, days, "
        "(SELECT event, total, ntile(1000) over(order by total desc) / 10.0 AS rank "
        "FROM (SELECT event, sum(paid) total FROM sold GROUP BY event)) AS ranked "
        "WHERE sold.day_id = days.day_id AND ranked.event = sold.event"
    )
    client.run(
        f"UNLOAD ('{query}') TO 'sold/' PARTITION BY (year, caldate) "
        "CREDENTIALS 'aws_iam_role=arn:aws:iam::111122223333:role/writer'"
    )
    folders = sorted(str(path.parent.relative_to(home / "lake")) for path in (home / "lake/sold").rglob("*part*"))
    assert folders == [
        "sold/year=2008/caldate=2008-01-01",
        "sold/year=2008/caldate=2008-01-02",
        "sold/year=2009/caldate=2009-05-01",
    ]
    lines = {line for path in (home / "lake/sold").rglob("*part*") for line in path.read_text().splitlines()}
    # NULL comes first among descending totals; CHAR is written in its full width.
    assert lines == {
        "1|7|1|70.00|1|TU |75.00|0.2000",
        "2|8|2|30.50|2|WE |30.50|0.3000",
        "3|7|2|5.00|2|WE |75.00|0.2000",
        "4|9|3||3|FR ||0.1000",
    }


def test_an_external_table_is_unloaded_into_another(client: Client, home: Path) -> None:
    (home / "lake/source").mkdir()
    (home / "lake/source/a").write_text("1;x\n2;y\n3;x\n")
    client.run(
        "CREATE EXTERNAL TABLE back.source (n integer, k varchar(4)) "
        "ROW FORMAT DELIMITED FIELDS TERMINATED BY ';' LOCATION 'source/'"
    )
    client.run(
        "UNLOAD ('SELECT k, count(*) AS many, sum(n) AS total FROM back.source GROUP BY k') "
        "TO 'target/' FORMAT PARQUET PARTITION BY (k)"
    )
    client.run("CREATE CRAWLER targets DATABASE 'back' TARGETS ('target')")
    client.run("START CRAWLER targets")
    assert client.run("SELECT k, many, total FROM back.target ORDER BY k") == [("x", 2, 4), ("y", 1, 2)]


def test_inside_a_transaction_its_own_rows_go_out_and_the_files_stay_after_rollback(client: Client, home: Path) -> None:
    client.run("CREATE TABLE draft (n integer)")
    client.run("BEGIN; INSERT INTO draft VALUES (1), (2)")
    assert client.run("UNLOAD ('SELECT * FROM draft ORDER BY n') TO 'draft_' PARALLEL OFF") == "UNLOAD"
    client.run("ROLLBACK")
    assert (home / "lake/draft_000").read_text() == "1\n2\n"
    assert client.one("SELECT count(*) FROM draft") == 0
    assert client.run("SELECT pg_last_unload_count()") == [(2,)]
    number = client.one("SELECT pg_last_unload_id()")
    assert client.run(f"SELECT trim(path), line_count FROM stl_unload_log WHERE query = {number}") == [
        (str(home / "lake/draft_000"), 2)
    ]


@pytest.mark.parametrize(
    ("query", "words", "text"),
    [
        ("SELECT 1 AS n LIMIT 1", "", "Limit clause is not supported"),
        ("SELECT 1 AS n, 2 AS m", "PARTITION BY (x)", 'partition column "x" is not a column of the query'),
        ("SELECT 1 AS n", "PARTITION BY (n)", "at least one column must not be a partition column"),
        ("SELECT * FROM nowhere", "", 'relation "nowhere" does not exist'),
        ("DELETE FROM days", "", "syntax error"),
    ],
)
def test_what_cannot_be_unloaded_is_refused_before_a_file_shows(
    client: Client, home: Path, query: str, words: str, text: str
) -> None:
    with pytest.raises(BoathouseError) as caught:
        client.run(f"UNLOAD ('{query}') TO 'refused_' {words}")
    assert text in caught.value.message
    assert not list((home / "lake").glob("refused_*"))


def test_a_place_with_files_is_refused_in_redshifts_words(client: Client, home: Path) -> None:
    (home / "lake/full_old").write_text("x")
    with pytest.raises(ObjectNotInPrerequisiteState, match="Specified unload destination on S3 is not empty"):
        client.run("UNLOAD ('SELECT 1 AS n') TO 'full_'")
    assert [path.name for path in (home / "lake").glob("full_*")] == ["full_old"]


def test_what_a_kill_left_half_published_is_gone_when_the_home_opens_again(tmp_path: Path) -> None:
    home = tmp_path / "home"
    with opened(home) as house:
        services: House = house.service.house
        folder = home / "lake/half"
        folder.mkdir()
        (folder / "kept").write_text("was there before")
        open_journal(
            services, "interrupted", str(folder) + "/", Credentials(), [f"{folder}/0000_part_00", f"{folder}/manifest"]
        )
        (folder / "0000_part_00").write_text("1\n")
        staged = home / "tmp/unload-x"
        staged.mkdir()
        (staged / "piece").write_text("1\n")
    with opened(home) as house:
        assert sorted(path.name for path in (home / "lake/half").iterdir()) == ["kept"]
        assert not list((home / "tmp").glob("unload-*"))
        assert Client(house).run("UNLOAD ('SELECT 1 AS n') TO 'half/0' PARALLEL OFF") == "UNLOAD"


def test_moments_are_written_in_the_time_zone_of_no_session(client: Client, home: Path) -> None:
    moment = datetime(2021, 6, 1, 12, 0, tzinfo=UTC) + timedelta(microseconds=500000)
    client.run(f"CREATE TABLE moments AS SELECT '{moment.isoformat()}'::timestamptz AS at")
    client.run("SET timezone = 'America/New_York'")
    try:
        client.run("UNLOAD ('SELECT at FROM moments') TO 'moments_' PARALLEL OFF")
    finally:
        client.run("RESET timezone")
    assert (home / "lake/moments_000").read_text() == "2021-06-01 12:00:00.5+00\n"


def test_unloads_are_told_of_as_they_run_end_or_fail(client: Client, home: Path) -> None:
    client.run("CREATE TABLE told (n integer)")
    client.run("INSERT INTO told VALUES (1), (2), (0)")
    client.run("UNLOAD ('SELECT n FROM told') TO 'told/ok_' FORMAT PARQUET PARALLEL OFF")
    number = client.one("SELECT pg_last_unload_id()")
    history = (
        "SELECT status, file_format, trim(compression_type), unloaded_location, unloaded_rows, unloaded_files_count, "
        "unloaded_files_size, error_message FROM sys_unload_history WHERE unloaded_location LIKE '%told/%' "
        "ORDER BY query_id"
    )
    detail = "SELECT query_id, trim(file_name), line_count, transfer_size, trim(file_format) FROM sys_unload_detail "
    path = home / "lake/told/ok_000.parquet"
    size = path.stat().st_size
    assert client.run(f"{detail} WHERE query_id = {number}") == [(number, str(path), 3, size, "PARQUET")]
    with pytest.raises(BoathouseError):
        client.run("UNLOAD ('SELECT 1 / n AS x FROM told') TO 'told/bad_' GZIP")
    assert client.run(history) == [
        ("completed", "PARQUET", "SNAPPY", str(home / "lake/told/ok_"), 3, 1, size, ""),
        ("aborted", "TEXT", "GZIP", str(home / "lake/told/bad_"), 0, 0, 0, "Divide by zero"),
    ]
