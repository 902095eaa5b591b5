"""Text, CSV, JSON and ORC on Spark: read by Spark itself, or by the house and taken along; the answers are the house's own.

Each question is asked three times: of the house; of Spark, which may take nothing along; of Spark, which gets all by the house.
Needs Spark (`make .venv/.spark`).
"""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import psycopg
import pyarrow as pa
import pyarrow.orc
import pytest
from tests.clients.conftest import DATABASE, PASSWORD, running
from tests.suites.spark_suite import OWN, SETTINGS, answer_of, are_same, require_spark

from boathouse.app.assemble import OpenHouse, open_house
from boathouse.app.initialise import initialise
from boathouse.query.bursting import spark

require_spark()

KINDS = (
    "i integer, b bigint, n numeric(8,3), f double precision, r real, o boolean, d date, ts timestamp, s varchar(5), "
    "ch char(3)"
)
CLEAN = [
    ["1", "20", "1.5", "0.25", "0.1", "true", "2024-02-29", "2024-02-29 10:20:30", "ab", "ab"],
    [
        "-7",
        "+9000000000",
        "-1.0005",
        "-1e3",
        "1E-2",
        "F",
        "1999-12-31",
        "2024-02-29T10:20:30.123456",
        "abcdefgh",
        "xyzw",
    ],
    ["\\N", "", "", "", "", "", "", "", "", "\\N"],
    ["abc", "1.7", "x", "", "-", "maybe", "abc", "-", "日本語", "ß"],
    ["2147483648", "1e3", "123456.5", ".5", "5.", "0", "2023-02-29", "2023-02-29 00:00:00", " a ", " "],
    ["007", "-0", "99999.9994", "4.9e-20", "-0", "Yes", "0-0", "2024-02-29", "a'b\\", "\t"],
]
CLEAN[5][6] = "2024-13-01"
ODD = [[" 5 ", "5 ", " 1.5", "-inf", "inf", " t", "2024-2-9", "2024-02-29 1:2:3", "x", "y"],
       ["5-", "٣", "1e2", "1_0", "0x1p3", "on", "epoch", "2024-02-29 24:00:00", "é", "e"]]  # fmt: skip
STYLES = {
    "text": ("ROW FORMAT DELIMITED FIELDS TERMINATED BY '|' STORED AS TEXTFILE", "|"),
    "csv": ("ROW FORMAT SERDE 'org.apache.hadoop.hive.serde2.OpenCSVSerde' STORED AS TEXTFILE", ","),
}
JSON = "ROW FORMAT SERDE 'org.openx.data.jsonserde.JsonSerDe' STORED AS TEXTFILE"
OBJECTS = """{"i": 1, "B": 20, "n": 1.5, "f": 0.25, "o": true, "d": "2024-02-29", "ts": "2024-02-29 10:20:30", "s": "ab", "x": []}
{"I": -7, "s": "abcdefgh\\n\\"", "o": false, "n": -12.125, "f": 1e3, "more": null}
{}

{"i": null, "s": null, "b": 123456789012345678, "s2": "1.50", "f": 3}
  {"s": "日本語", "ts": "2024-02-29T01:02:03.5" }
"""
BROKEN = {
    "wrong_type": '{"i": "abc"}\n', "fraction": '{"i": 1.7}\n', "twice": '{"i": 1, "I": 2}\n', "same": '{"i": 1, "i": 2}\n',
    "decimal": '{"n": 1.0005}\n', "text_of_number": '{"s": 1.50}\n', "text_of_object": '{"s": {"a":  1}}\n',
    "malformed": '{"i": 1\n', "trailing": '{"i": 1} x\n', "two": '{"i": 1}{"i": 2}\n', "comma": '{"i": 1},{"i": 2}\n',
    "quotes": "{'i': 1}\n", "array": '[{"i": 1}]\n', "infinite": '{"f": Infinity}\n',
    "escaped": '{"s": "\\u00e9\\ud83d\\ude00"}\n',
    "long": '{"i": 99999999999}\n', "bool": '{"i": true, "o": 1}\n', "date": '{"d": "2024-2-9"}\n',
}  # fmt: skip
LINES = {
    "blank": "a|b\n\n  \nc|d\n\n", "surplus": "a|b|c|d\ne\n", "returns": "a|b\r\n\r\nc|d\r\n", "mixed": "a|b\nc|d\r\ne\rf|g\n",
    "quoted": 'a|"b"\n"c|d\n', "mark": "\ufeffa|b\n", "nothing": "", "open": "a|b",
}  # fmt: skip
QUOTED = {
    "plain": '"a","b"\n"c,d","e""f"\n', "half": '"a",b\n,"c"\n"",\n', "null": '"\\N",\\N\n', "after": '"a" ,"b"\n',
    "before": ' "a",b\n',
    "inside": 'a"b,c\n', "broken": '"a\nb",c\nd,e\n', "open": 'a,"b\n', "many": '"a""","""b"""\n', "surplus": '"a","b","c"\n',
}  # fmt: skip
HEADERS = {
    "one": "h|k\na|b\n",
    "again": "h|k\na|b\nh|k\n",
    "blank": "\nh|k\na|b\n",
    "only": "h|k",
    "none": "",
    "space": "h|k\n  \na|b\n",
}


def _define(connection: psycopg.Connection[Any], lake: Path, name: str, columns: str, style: str, files: dict[str, Any],
            more: str = "") -> None:  # fmt: skip
    (lake / name).mkdir(parents=True)
    for file, content in files.items():
        (lake / name / file).write_bytes(content.encode() if isinstance(content, str) else content)
    connection.execute(
        f"CREATE EXTERNAL TABLE lake.{name} ({columns}) {style} LOCATION '{lake / name}/' {more}".encode()
    )


def _fill(connection: psycopg.Connection[Any], lake: Path) -> None:
    two = "a varchar(9), b varchar(9)"
    for kind, (style, sign) in STYLES.items():
        for name, rows in (("clean", CLEAN), ("odd", ODD)):
            text = "".join(sign.join(row) + "\n" for row in rows)
            files = {"a.csv": text, "b.csv.gz": gzip.compress(text.encode())} if name == "clean" else {"a.csv": text}
            _define(connection, lake, f"{kind}_{name}", KINDS, style, files)
    for name, text in LINES.items():
        _define(connection, lake, f"lines_{name}", two, STYLES["text"][0], {"a.txt": text})
    for name, text in QUOTED.items():
        _define(connection, lake, f"quoted_{name}", two, STYLES["csv"][0], {"a.csv": text})
    headed = {f"{name}.csv": text for name, text in HEADERS.items()}
    header = "TABLE PROPERTIES ('skip.header.line.count'='1')"
    _define(connection, lake, "headed", two, STYLES["text"][0], headed, header)
    large = {
        "a.csv": "h|k\n" + "".join(f"{place}|{place % 7}\n" for place in range(200_000)),
        "b.csv.gz": gzip.compress(b"h|k\n1|1\n"),
    }
    _define(connection, lake, "large", "a integer, b integer", STYLES["text"][0], large, header)
    json_columns = KINDS.replace("r real, ", "") + ", s2 varchar(9)"
    _define(connection, lake, "json_clean", json_columns.replace(", s2 varchar(9)", ""), JSON, {"a.json": OBJECTS})
    for name, text in BROKEN.items():
        _define(connection, lake, f"json_{name}", json_columns, JSON, {"a.json": text})
    table = pa.table({
        "i": pa.array([1, None, -3], pa.int32()), "B": pa.array([1, 2, None], pa.int32()), "s": ["ab", None, "abcdefgh"],
        "n": pa.array([Decimal("1.500"), None, Decimal("-2.125")], pa.decimal128(8, 3)), "f": [0.5, None, -1e300],
        "d": pa.array([0, None, 19782], pa.date32()), "o": [True, None, False],
    })  # fmt: skip
    sink = pa.BufferOutputStream()
    pyarrow.orc.write_table(table, sink)
    other = pa.BufferOutputStream()
    pyarrow.orc.write_table(pa.table({"i": pa.array([9], pa.int32()), "late": ["x"]}), other)
    orc = "i integer, b bigint, s varchar(5), n numeric(8,3), f double precision, d date, o boolean, late varchar(3)"
    files = {"a.orc": sink.getvalue().to_pybytes(), "b.orc": other.getvalue().to_pybytes()}
    _define(connection, lake, "orc", orc, "STORED AS ORC", files)
    for year in (2023, 2024):
        for month in ("a", "b c"):
            place = lake / "parts" / f"y={year}" / f"m={month}"
            place.mkdir(parents=True)
            (place / "a.csv").write_text(f"{year}|{month}\nx|y\n")
    connection.execute(
        f"CREATE EXTERNAL TABLE lake.parts ({two}) PARTITIONED BY (y integer, m varchar(5)) {STYLES['text'][0]} "
        f"LOCATION '{lake / 'parts'}/'".encode()
    )
    for year in (2023, 2024):
        for month in ("a", "b c"):
            connection.execute(
                f"ALTER TABLE lake.parts ADD PARTITION (y={year}, m='{month}') LOCATION "
                f"'{lake / 'parts'}/y={year}/m={month}/'".encode()
            )


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[OpenHouse, psycopg.Connection[Any]]]:
    home = tmp_path_factory.mktemp("spark-files") / "h"
    initialise(home, DATABASE, PASSWORD)
    opened = open_house(home, {"spark": SETTINGS})
    with (
        running(opened) as server,
        psycopg.connect(**server.keywords, autocommit=True, prepare_threshold=None) as connection,
    ):
        connection.execute(f"CREATE EXTERNAL SCHEMA lake {OWN}".format("lake").encode())
        connection.execute("SET enable_result_cache_for_session TO off")
        _fill(connection, home / "lake")
        yield opened, connection
    opened.close()


def _asked(
    house: tuple[OpenHouse, psycopg.Connection[Any]], statement: str, monkeypatch: pytest.MonkeyPatch
) -> tuple[Any, Any, Any]:
    """The house's answer, Spark's own, and Spark's of what went along."""
    opened, connection = house
    expected = answer_of(connection, "duckdb", statement)
    settings: Any = opened.settings
    with monkeypatch.context() as patched:
        patched.setitem(settings, "spark", replace(settings["spark"], ship_bytes_max=0))
        alone = answer_of(connection, "spark", statement)
    with monkeypatch.context() as patched:
        patched.setattr(spark, "READS", spark.READS[:1])
        along = answer_of(connection, "spark", statement)
    return expected, alone, along


ALONE = {
    **{f"{kind}_clean": f"SELECT * FROM lake.{kind}_clean ORDER BY b, i, s, n, f, ts" for kind in STYLES},
    "json_clean": "SELECT * FROM lake.json_clean ORDER BY i, b, s",
    **{f"lines_{name}": f"SELECT a, b FROM lake.lines_{name} ORDER BY 1, 2" for name in LINES if name != "mark"},
    **{f"quoted_{name}": f"SELECT a, b FROM lake.quoted_{name} ORDER BY 1, 2"
       for name in ("plain", "half", "null", "many", "surplus")},
    "headed": "SELECT a, b FROM lake.headed ORDER BY 1, 2",
    "large": "SELECT count(*), sum(a), sum(b), count(a), min(a) FROM lake.large",
    "orc": "SELECT * FROM lake.orc ORDER BY i, b", "counted": "SELECT count(*) FROM lake.text_clean",
    "parts": "SELECT y, m, a, b FROM lake.parts WHERE y = 2024 ORDER BY 1, 2, 3",
    "keys": "SELECT y, count(*) FROM lake.parts GROUP BY y ORDER BY y",
}  # fmt: skip


@pytest.mark.parametrize("name", ALONE)
def test_what_everybody_reads_alike_spark_reads_alone(
    house: tuple[OpenHouse, psycopg.Connection[Any]], name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected, alone, along = _asked(house, ALONE[name], monkeypatch)
    assert isinstance(expected, list)
    assert are_same(expected, alone), f"\n{expected}\n{alone}"
    assert are_same(expected, along), f"\n{expected}\n{along}"


ALONG = {
    **{f"{kind}_odd": f"SELECT * FROM lake.{kind}_odd ORDER BY s" for kind in STYLES},
    **{f"quoted_{name}": f"SELECT a, b FROM lake.quoted_{name} ORDER BY 1, 2"
       for name in ("after", "before", "inside", "broken", "open")},
    "mark": "SELECT a, b FROM lake.lines_mark",
    **{f"json_{name}": f"SELECT i, b, n, f, o, d, s FROM lake.json_{name} ORDER BY 1" for name in BROKEN},
}  # fmt: skip


@pytest.mark.parametrize("name", ALONG)
def test_what_may_be_read_otherwise_goes_along(
    house: tuple[OpenHouse, psycopg.Connection[Any]], name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By itself: the session insists on Spark, and gets the house's answer or its error."""
    expected, alone, along = _asked(house, ALONG[name], monkeypatch)
    assert alone == "0A000" or are_same(expected, alone), f"\n{expected}\n{alone}"
    if isinstance(expected, list):
        assert are_same(expected, along)
        assert are_same(expected, answer_of(house[1], "spark", ALONG[name]))
    else:
        assert not isinstance(along, list)
