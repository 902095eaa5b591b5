"""Partition projection: partitions that the table's properties tell, with Athena's names."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlglot import parse_one
from tests.rooms.lake.whole_house import Client, opened

from boathouse.contracts import types as t
from boathouse.contracts.errors import BoathouseError, InvalidParameterValue, StatementTooComplex
from boathouse.lake.scans.java_dates import DateFormat
from boathouse.lake.scans.projection import check_projection, projected
from boathouse.lake.storage_local import LocalStorage
from boathouse.lake.tables import ExternalTable, Partition
from boathouse.sql.statements import ExternalFormat

NOW = dt.datetime(2024, 3, 31, 12, 30, tzinfo=dt.UTC)


def table(*keys: tuple[str, Any], **properties: str) -> ExternalTable:
    found = {"projection.enabled": "true", **{name.replace("__", "."): value for name, value in properties.items()}}
    return ExternalTable("d", "t", (("v", t.INTEGER),), keys, ExternalFormat(), "/lake/t/", tuple(found.items()))


def all_of(table_: ExternalTable, filters: Any, partitions: list[Partition]) -> list[Partition]:
    return partitions


def places(found: ExternalTable, *conditions: str) -> list[str]:
    filters = [parse_one(condition, read="duckdb") for condition in conditions]
    return [one.location for one in projected(found, filters, NOW, all_of)[0]]


def dated(kind: Any = t.DATE, **properties: str) -> ExternalTable:
    given_ = {"projection__d__type": "date", "projection__d__format": "yyyy-MM-dd", **properties}
    return table(("d", kind), **given_)


def test_a_range_of_dates_ends_now_and_steps_by_its_unit() -> None:
    assert places(dated(projection__d__range="NOW-2DAYS,NOW")) == [
        "/lake/t/d=2024-03-29/", "/lake/t/d=2024-03-30/", "/lake/t/d=2024-03-31/",
    ]  # fmt: skip
    monthly = dated(t.varchar(9), projection__d__format="yyyy/MM", projection__d__range="NOW-2MONTHS,NOW",
                    storage__location__template="/lake/t/${d}/")  # fmt: skip
    assert places(monthly) == ["/lake/t/2024/01/", "/lake/t/2024/02/", "/lake/t/2024/03/"]
    hours = dated(t.varchar(20), projection__d__format="yyyy-MM-dd-HH", projection__d__range="2024-01-01-00,2024-01-01-12",
                  projection__d__interval="6", projection__d__interval__unit="HOURS")  # fmt: skip
    assert [place[-3:-1] for place in places(hours)] == ["00", "06", "12"]
    ends = dated(
        projection__d__range="2024-01-31,2024-04-30",
        projection__d__interval="1",
        projection__d__interval__unit="MONTHS",
    )
    assert [place[-11:-1] for place in places(ends)] == ["2024-01-31", "2024-02-29", "2024-03-31", "2024-04-30"]


def test_conditions_cut_a_range_before_it_is_enumerated() -> None:
    endless = table(("n", t.BIGINT), projection__n__type="integer", projection__n__range="0,900000000000")
    assert places(endless, "c.n BETWEEN 800000000000 AND 800000000002") == [
        "/lake/t/n=800000000000/", "/lake/t/n=800000000001/", "/lake/t/n=800000000002/",
    ]  # fmt: skip
    assert places(endless, "c.n >= 899999999999") == ["/lake/t/n=899999999999/", "/lake/t/n=900000000000/"]
    with pytest.raises(StatementTooComplex, match="more than"):
        places(endless, "c.n > 5")


def test_enums_digits_and_injected_values() -> None:
    found = table(
        ("k", t.varchar(9)), ("n", t.INTEGER), ("who", t.varchar(9)),
        projection__k__type="enum", projection__k__values="A, B",
        projection__n__type="integer", projection__n__range="8,11", projection__n__digits="3", projection__n__interval="2",
        projection__who__type="injected",
    )  # fmt: skip
    assert places(found, "c.who = 'x'") == [
        f"/lake/t/k={k}/n={n}/who=x/" for k in "AB" for n in ("008", "010")
    ]  # fmt: skip
    assert len(places(found, "c.who IN ('x', 'y')")) == 8
    with pytest.raises(InvalidParameterValue, match='"who" is injected'):
        places(found, "c.k = 'A'")


@pytest.mark.parametrize(
    ("properties", "named"),
    [
        ({"projection__d__type": "sometimes"}, "projection.d.type"),
        ({"projection__d__type": "date", "projection__d__range": "2020-01-01,NOW"}, "projection.d.format"),
        ({"projection__d__type": "date", "projection__d__format": "yyyy-MM-dd"}, "projection.d.range"),
        ({"projection__d__type": "integer", "projection__d__range": "1"}, "projection.d.range"),
        ({"projection__d__type": "integer", "projection__d__range": "1,b"}, "projection.d.range"),
        ({"projection__d__type": "integer", "projection__d__range": "1,2", "projection__d__interval": "0"}, "interval"),
        ({"projection__d__type": "date", "projection__d__format": "eee", "projection__d__range": "1,2"}, "eee"),
        (
            {"projection__d__type": "enum", "projection__d__values": "a", "storage__location__template": "/x/${e}"},
            "template",
        ),
    ],
)
def test_properties_that_tell_no_partitions_are_refused(properties: dict[str, str], named: str) -> None:
    with pytest.raises(BoathouseError, match=named):
        check_projection(table(("d", t.varchar(9)), **properties), NOW)


@given(st.datetimes(dt.datetime(1000, 1, 1), dt.datetime(9999, 12, 30)))
def test_what_a_date_format_writes_it_reads(moment: dt.datetime) -> None:
    for text in ("yyyy-MM-dd", "yyyy/MM/dd/HH", "yyyyMMdd", "yyyy-MM-dd'T'HH:mm:ss", "yyyy"):
        pattern = DateFormat(text)
        assert pattern.read(pattern.write(moment)) == pattern.cut(moment)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    with opened(tmp_path_factory.mktemp("projection") / "h") as found:
        yield found


class Listings:
    """The folders that the storage is asked to list."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.asked: list[str] = []
        original = LocalStorage.list

        def watched(storage: LocalStorage, prefix: str) -> Any:
            self.asked.append(prefix)
            return original(storage, prefix)

        monkeypatch.setattr(LocalStorage, "list", watched)


def test_a_projected_table_is_queried_and_pruned_without_a_partition_in_the_catalog(
    house: Any, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    lake: Path = house.service.house.home / "lake"
    for day in ("2020/01/01", "2020/01/02", "2020/02/01"):
        folder = lake / "logs" / day
        folder.mkdir(parents=True)
        (folder / "a.txt").write_text(f"{day[-2:]}\n")
    client.run(
        "CREATE EXTERNAL TABLE lk.logs (n integer) PARTITIONED BY (d date) STORED AS TEXTFILE LOCATION 'logs/' TABLE PROPERTIES "
        "('projection.enabled'='true', 'projection.d.type'='date', 'projection.d.format'='yyyy/MM/dd', "
        f"'projection.d.range'='2015/01/01,2024/12/31', 'storage.location.template'='{lake}/logs/${{d}}/')"
    )
    assert client.run("SELECT n, d FROM lk.logs WHERE d BETWEEN '2020-01-02' AND '2020-02-01' ORDER BY d") == [
        (2, dt.date(2020, 1, 2)), (1, dt.date(2020, 2, 1)),
    ]  # fmt: skip
    assert client.one("SELECT count(*) FROM lk.logs WHERE to_char(d, 'YYYY-MM') = '2020-01'") == 2
    listings = Listings(monkeypatch)
    assert client.one("SELECT count(*) FROM lk.logs") == 3
    assert listings.asked == [f"{lake}/logs/"]
    shown = [line for (line,) in client.run("EXPLAIN SELECT n FROM lk.logs WHERE d = '2020-01-01'")]
    assert any("(partitions: 1 read, 3652 pruned; files: 1 read" in line for line in shown)
    assert client.run("SELECT * FROM svv_external_partitions WHERE tablename = 'logs'") == []


def test_ten_thousand_partitions_are_one_listing(house: Any, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    client.run(
        "CREATE EXTERNAL TABLE lk.many (n integer) PARTITIONED BY (a integer, b integer) STORED AS PARQUET LOCATION 'many/' "
        "TABLE PROPERTIES ('projection.enabled'='true', 'projection.a.type'='integer', 'projection.a.range'='1,100', "
        "'projection.b.type'='integer', 'projection.b.range'='1,100')"
    )
    client.run("INSERT INTO lk.many VALUES (1, 5, 6), (2, 100, 100)")
    listings = Listings(monkeypatch)
    assert client.run("SELECT n FROM lk.many ORDER BY 1") == [(1,), (2,)]
    assert len(listings.asked) == 1
    assert client.run("SELECT n FROM lk.many WHERE a = 5 AND b = 6") == [(1,)]
    assert client.run("SELECT n FROM lk.many WHERE a + b = 200") == [(2,)]
