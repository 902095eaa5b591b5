"""Every type, at its edges: the same Arrow value from the log and from a chunk, and the value that was written."""

from __future__ import annotations

import json
import random
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest
from tests.rooms.capture.mysql.log import events, here, images
from tests.rooms.capture.mysql.mariadb import MYSQL, MariaDb, only_mariadb, only_mysql, only_named

from boathouse.capture.changes import ChangeBatch
from boathouse.capture.formats.fitting import Lenient
from boathouse.capture.mysql.chunks import KeyTexts, highest_key, read_chunk
from boathouse.capture.mysql.connect import connect
from boathouse.capture.mysql.decode.columns import ZeroDates, column_of
from boathouse.capture.mysql.decode.decoder import Rows
from boathouse.capture.mysql.source import MySqlSource
from boathouse.capture.mysql.types import read_table
from boathouse.contracts.errors import DataError, FeatureNotSupported, InvalidDatetime

# declaration -> (written, read) pairs; where one thing is given it is both
MATRIX: dict[str, list[Any]] = {
    "TINYINT": [-128, 127],
    "TINYINT UNSIGNED": [0, 255],
    "SMALLINT": [-32768, 32767],
    "SMALLINT UNSIGNED": [65535],
    "YEAR": [1901, 2155, 0],
    "MEDIUMINT": [-8388608, 8388607],
    "MEDIUMINT UNSIGNED": [16777215],
    "INT": [-(2**31), 2**31 - 1],
    "INT UNSIGNED": [2**32 - 1],
    "BIGINT": [-(2**63), 2**63 - 1],
    "BIGINT UNSIGNED": [(2**64 - 1, Decimal(2**64 - 1)), (0, Decimal(0))],
    "FLOAT": [(1.5, 1.5), ("3.4028234663852886e38", 3.4028234663852886e38), ("0.1", 0.10000000149011612)],
    "DOUBLE": [0.1, -1.7976931348623157e308, 5e-324],
    "DECIMAL(10,2)": [Decimal("-12345678.91"), Decimal("0.00"), Decimal("99999999.99")],
    "DECIMAL(18,9)": [Decimal("-999999999.999999999")],
    "DECIMAL(30,10)": [Decimal("-12345678901234567890.1234567891")],
    "DECIMAL(38,0)": [Decimal("9" * 38), Decimal("-" + "9" * 38), Decimal(-1)],
    "DECIMAL(5,5)": [Decimal("-0.12345")],
    "DECIMAL(65,30)": ["-12345678901234567890123456789012345.123456789012345678901234567891", "0." + "0" * 30],
    "BIT(1)": [(1, True), (0, False)],
    "BIT(13)": [8191, 0],
    "BIT(64)": [(2**64 - 1, Decimal(2**64 - 1))],
    "DATE": [date(1000, 1, 1), date(9999, 12, 31), date(2024, 2, 29)],
    "DATETIME": [datetime(2015, 2, 3, 4, 5, 6)],
    "DATETIME(3)": [datetime(1969, 12, 31, 23, 59, 59, 999000)],
    "DATETIME(6)": [datetime(9999, 12, 31, 23, 59, 59, 999999), datetime(1, 1, 1)],
    "TIMESTAMP": [("1999-12-31 23:59:59", None), ("2001-09-09 01:46:40", None)],
    "TIMESTAMP(6)": [("2037-01-19 03:14:07.999999", None)],
    "TIME": ["-838:59:59", "00:00:00", "01:02:03"],
    "TIME(2)": ["-00:00:01.50", "01:02:03.04"],
    "TIME(6)": ["-00:00:00.000001", "838:59:59.000000"],
    "CHAR(10)": [("padded  ", "padded"), "ünï😀", ""],
    "CHAR(255)": ["ẑ" * 255],
    "CHAR(10) CHARACTER SET latin1": ["é€", "plain"],
    "CHAR(5) CHARACTER SET ucs2": ["aé"],
    "VARCHAR(20) CHARACTER SET koi8r": ["привет"],
    "VARCHAR(20) CHARACTER SET gbk": ["漢字"],
    "VARCHAR(20) CHARACTER SET utf16": ["a😀"],
    "VARCHAR(300) COLLATE utf8mb4_uca1400_ai_ci": ["x" * 300, "trailing  "],
    "TINYTEXT": ["tiny"],
    "TEXT": ["text\n\0with anything"],
    "LONGTEXT": ["y" * 70000],
    "JSON": [('{"b": 1.0, "a": [1, 2]}', '{"a": [1, 2], "b": 1}' if MYSQL else '{"b": 1.0, "a": [1, 2]}')],
    "BINARY(8)": [(b"ab\0\0", b"ab" + b"\0" * 6), b"\0" * 8],
    "VARBINARY(9)": [b"vb\0", b""],
    "BLOB": [bytes(range(256))],
    "MEDIUMBLOB": [b"z" * 70000],
    "ENUM('a','b''c','é','x\\\\y','')": ["b'c", "é", "x\\y"],
    "SET('p','q','r')": ["p,r", ""],
    f"SET({','.join(repr(f's{i}') for i in range(64))})": ["s0,s63"],
    "INT AS (c0 + 1) VIRTUAL": [],
    "INT AS (c0 + 2) STORED": [],
}
GENERATED = {name for name in MATRIX if " AS (" in name}


@pytest.fixture(scope="module")
def database(maria: MariaDb) -> str:
    maria.run("CREATE DATABASE types")
    return "types"


@pytest.mark.parametrize("zone", ["+00:00", "+05:30", "-08:00"])
def test_log_and_chunk_agree_on_every_type(maria: MariaDb, database: str, zone: str) -> None:
    table = "matrix_" + zone.replace("+", "p").replace("-", "m").replace(":", "")
    columns = ", ".join(f"c{i} {declared}" for i, declared in enumerate(MATRIX))
    columns = columns.replace(" TIMESTAMP(6)", " TIMESTAMP(6) NULL").replace(" TIMESTAMP,", " TIMESTAMP NULL,")
    maria.run(f"CREATE TABLE {database}.{table} (id INT PRIMARY KEY, {columns})", f"SET GLOBAL time_zone = '{zone}'")
    start = here(maria)
    rows = 1 + max(map(len, MATRIX.values()))
    with maria.root() as connection, connection.cursor() as cursor:
        cursor.execute("SET sql_mode = ''")
        names = [f"c{i}" for i, declared in enumerate(MATRIX) if declared not in GENERATED]
        for row in range(rows):
            written = [_given(cells, row, 0) for declared, cells in MATRIX.items() if declared not in GENERATED]
            places = ", ".join(["%s"] * (len(written) + 1))
            cursor.execute(
                f"INSERT INTO {database}.{table} (id, {', '.join(names)}) VALUES ({places})", [row, *written]
            )
    maria.run("SET GLOBAL time_zone = SYSTEM")

    log = pa.Table.from_batches([batch for _, batch in images(maria, start, table)])
    with connect(maria.server) as connection:
        shape = read_table(connection, database, table)
        highest = highest_key(connection, shape)
        assert highest is not None
        chunk = read_chunk(connection, shape, None, highest, 1000).batch
    assert log.schema == chunk.schema
    for i, declared in enumerate(MATRIX):
        column = f"c{i}"
        assert log[column].combine_chunks() == chunk[column], declared
        for row in range(rows):
            expected = _given(MATRIX[declared], row, 1)
            if expected is not None and declared not in GENERATED:
                read = log[column][row].as_py()
                assert (read, str(read)) == (expected, str(expected)), declared
    offset = timedelta(hours=int(zone[:3]), minutes=int(zone[0] + zone[4:]))
    stamped = list(MATRIX).index("TIMESTAMP")
    assert log[f"c{stamped}"][0].as_py() == datetime(1999, 12, 31, 23, 59, 59, tzinfo=UTC) - offset


def _given(cells: list[Any], row: int, side: int) -> Any:
    if row >= len(cells):
        return None
    return cells[row][side] if isinstance(cells[row], tuple) else cells[row]


@only_named
def test_the_log_and_the_catalog_describe_the_same_columns(maria: MariaDb, database: str) -> None:
    columns = ", ".join(f"c{i} {declared}" for i, declared in enumerate(MATRIX))
    columns = columns.replace(" TIMESTAMP(6)", " TIMESTAMP(6) NULL").replace(" TIMESTAMP,", " TIMESTAMP NULL,")
    maria.run(f"CREATE TABLE {database}.described (id INT, {columns}, PRIMARY KEY (c3, id))")
    start = here(maria)
    maria.run(f"INSERT INTO {database}.described (id, c3) VALUES (1, 1)")
    (rows,) = [value for _, value in events(maria, start) if isinstance(value, Rows)]
    with connect(maria.server) as connection:
        shape = read_table(connection, database, "described")
    assert tuple(map(column_of, rows.table.columns)) == shape.columns
    assert rows.table.key == shape.key == (4, 0)


@pytest.mark.parametrize("seed", range(3))
def test_rows_by_chance_are_the_same_in_log_and_chunk(maria: MariaDb, database: str, seed: int) -> None:
    """Any mixture of types and NULLs, so that runs of fixed width begin and end everywhere."""
    chance = random.Random(seed)
    declared = [name for name in MATRIX if name not in GENERATED]
    chosen = chance.sample(declared, chance.randint(1, 20))
    table = f"chance_{seed}"
    columns = ", ".join(f"c{i} {name} NULL" for i, name in enumerate(chosen))
    maria.run(f"CREATE TABLE {database}.{table} (id INT PRIMARY KEY, {columns})")
    start = here(maria)
    with maria.root() as connection, connection.cursor() as cursor:
        cursor.execute("SET sql_mode = ''")
        places = ", ".join(["%s"] * (len(chosen) + 1))
        rows = [
            [
                row,
                *(
                    chance.choice([None, *(_given(MATRIX[name], k, 0) for k in range(len(MATRIX[name])))])
                    for name in chosen
                ),
            ]
            for row in range(40)
        ]
        cursor.executemany(f"INSERT INTO {database}.{table} VALUES ({places})", rows)
        cursor.execute(f"UPDATE {database}.{table} SET c0 = NULL WHERE id % 2 = 0")
        cursor.execute(f"DELETE FROM {database}.{table} WHERE id % 5 = 0")
    state: dict[int, Any] = {}
    for kind, batch in images(maria, start, table):
        rows = batch.to_pylist()
        for row in rows[1::2] if kind == "update" else rows:
            state[row["id"]] = row
            if kind == "delete":
                assert state.pop(row["id"]) == row
    with connect(maria.server) as connection:
        shape = read_table(connection, database, table)
        found: list[Any] = []
        after: KeyTexts | None = None
        highest = highest_key(connection, shape)
        while highest is not None:
            chunk = read_chunk(connection, shape, after, highest, 7)
            found += chunk.batch.to_pylist()
            after, highest = chunk.last, highest if chunk.last else None
    assert repr(found) == repr([state[key] for key in sorted(state)])


@only_mysql
@pytest.mark.parametrize("seed", range(3))
def test_documents_by_chance_are_the_same_in_log_and_chunk(maria: MariaDb, database: str, seed: int) -> None:
    """MySQL keeps them in binary: small and large ones, every number, and SQL's own types within."""
    chance, table = random.Random(seed), f"documents_{seed}"
    maria.run(f"CREATE TABLE {database}.{table} (id INT PRIMARY KEY, j JSON)")
    start = here(maria)
    with maria.root() as connection, connection.cursor() as cursor:
        rows = [(row, json.dumps(_document(chance, 4), ensure_ascii=row % 2 == 0)) for row in range(60)]
        cursor.executemany(f"INSERT INTO {database}.{table} VALUES (%s, %s)", rows)
        for row, sql in enumerate(_SQL_IN_JSON, 1000):
            cursor.execute(f"INSERT INTO {database}.{table} VALUES ({row}, JSON_OBJECT('v', {sql}))")
        large = {f"k{i}": [i, "x" * 40, {"n": None}] for i in range(1500)}
        cursor.execute(f"INSERT INTO {database}.{table} VALUES (2000, %s), (2001, NULL)", [json.dumps(large)])
    log = {row["id"]: row["j"] for _, batch in images(maria, start, table) for row in batch.to_pylist()}
    with connect(maria.server) as connection:
        shape = read_table(connection, database, table)
        highest = highest_key(connection, shape)
        assert highest is not None
        chunk = {row["id"]: row["j"] for row in read_chunk(connection, shape, None, highest, 5000).batch.to_pylist()}
    assert len(log) == len(rows) + len(_SQL_IN_JSON) + 2
    for row, document in chunk.items():
        assert log[row] == document
    assert {row: json.loads(chunk[row]) for row, _ in rows} == {row: json.loads(written) for row, written in rows}


_SQL_IN_JSON = (
    "CAST('-12345678901234567890.123' AS DECIMAL(40, 3))", "CAST(1.50 AS DECIMAL(5, 2))", "DATE'2024-02-29'",
    "TIMESTAMP'2024-02-29 23:59:59.000001'", "CAST('-100:00:01.5' AS TIME(1))", "CAST('ab\\0' AS BINARY(4))", "b'101'",
    "18446744073709551615", "-9223372036854775808", "TRUE", "1e300", "POINT(1, 2)", "CAST('2024' AS YEAR)",
)  # fmt: skip


def _document(chance: random.Random, depth: int) -> Any:
    leaves = [
        None,
        True,
        False,
        0,
        -1,
        32767,
        -32769,
        2**31,
        -(2**63),
        2**64 - 1,
        0.1,
        -1.5,
        "",
        'é😀\\"\n',
        "x" * 200,
    ]
    if depth == 0 or chance.random() < 0.3:
        return chance.choice(leaves)
    if chance.random() < 0.5:
        return [_document(chance, depth - 1) for _ in range(chance.randint(0, 6))]
    return {f"key {chance.randrange(99)}": _document(chance, depth - 1) for _ in range(chance.randint(0, 6))}


ZERO = (
    "INSERT INTO types.zero_{n} VALUES (1, '0000-00-00', '2015-00-21 01:02:03', '0000-00-00', '0000-00-00'), "
    "(2, '2015-02-30', '2015-02-30 23:59:59', '2001-02-03 04:05:06', '2001-02-03 04:05:06.07')"
)


@pytest.mark.parametrize("policy", list(ZeroDates))
def test_dates_that_no_calendar_has_go_the_chosen_way(maria: MariaDb, database: str, policy: ZeroDates) -> None:
    table = f"zero_{policy.value}"
    maria.run(
        f"CREATE TABLE {database}.{table} (id INT PRIMARY KEY, d DATE, t DATETIME, s TIMESTAMP, f TIMESTAMP(2) DEFAULT 0)"
    )
    start = here(maria)
    maria.run("SET sql_mode = 'ALLOW_INVALID_DATES'", "SET time_zone = '+00:00'")
    with maria.root() as connection, connection.cursor() as cursor:
        cursor.execute("SET sql_mode = 'ALLOW_INVALID_DATES', time_zone = '+00:00'")
        cursor.execute(ZERO.format(n=policy.value))

    def chunk() -> pa.RecordBatch:
        with connect(maria.server) as connection:
            shape = read_table(connection, database, table)
            highest = highest_key(connection, shape)
            assert highest is not None
            return read_chunk(connection, shape, None, highest, 10, policy).batch

    if policy is ZeroDates.REFUSE:
        with pytest.raises(InvalidDatetime, match='"d"'):
            images(maria, start, table, policy)
        with pytest.raises(InvalidDatetime, match='"d"'):
            chunk()
        return
    ((_, log),) = images(maria, start, table, policy)
    assert log == chunk()
    if policy is ZeroDates.NULL:
        assert log["d"].null_count == log["t"].null_count == 2
        assert log["s"].null_count == 1
    else:
        assert log["d"].to_pylist() == ["0000-00-00", "2015-02-30"]
        assert log["t"].to_pylist() == ["2015-00-21 01:02:03", "2015-02-30 23:59:59"]
        assert log["s"].to_pylist() == ["0000-00-00 00:00:00", "2001-02-03 04:05:06"]
        assert log["f"].to_pylist() == ["0000-00-00 00:00:00.00", "2001-02-03 04:05:06.07"]


@pytest.mark.parametrize(
    "declared",
    [
        "GEOMETRY",
        *(pytest.param(one, marks=only_mariadb) for one in ("UUID", "INET6", "VARCHAR(10) COMPRESSED")),
        "CHAR(3) CHARACTER SET sjis",
    ],
)
def test_a_type_that_is_not_captured_is_refused_by_name(maria: MariaDb, database: str, declared: str) -> None:
    maria.run(f"CREATE OR REPLACE TABLE {database}.refused (id INT PRIMARY KEY, c {declared})")
    with connect(maria.server) as connection, pytest.raises(FeatureNotSupported, match=r'"c"|sjis'):
        read_table(connection, database, "refused")


BROKEN = {"utf8mb4": "61EDA08062", "ascii": "61FF62", "ucs2": "0061D8000062", "cp1251": "619862", "latin1": "618162"}
"""Texts that a server takes, and that are none of their character set; but MySQL's latin1 has one of every byte."""


@only_mariadb
def test_bytes_that_are_no_text_are_the_same_in_log_and_chunk(maria: MariaDb, database: str) -> None:
    columns = ", ".join(f"{charset} VARCHAR(9) CHARACTER SET {charset}" for charset in BROKEN)
    maria.run(f"CREATE TABLE {database}.t (id INT PRIMARY KEY, {columns})")
    source = MySqlSource("texts", maria.secret(), [(database, "t")], lenient=Lenient(replaces=True))
    strict = MySqlSource("texts", maria.secret(), [(database, "t")])
    try:
        start = source.prepare()
        maria.run(f"INSERT INTO {database}.t VALUES (1, {', '.join(f'x{text!r}' for text in BROKEN.values())})")
        chunk = source.read_chunk((database, "t"), None, ("1",), 10).rows
        items = source.stream(start)
        logged = next(item for item in items if isinstance(item, ChangeBatch) and item.schema.name == "t").rows
        items.close()  # type: ignore[attr-defined]
        assert chunk.to_pylist() == logged.to_pylist()
        expected = {"utf8mb4": "a???b", "ascii": "a?b", "ucs2": "a??b", "cp1251": "a?b", "latin1": "a\x81b"}
        assert chunk.to_pylist() == [{"id": 1, **expected}]
        with pytest.raises(DataError, match="is not text of its character set"):
            strict.read_chunk((database, "t"), None, ("1",), 10)
    finally:
        source.close()
        strict.close()
