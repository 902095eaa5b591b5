"""The Star Schema Benchmark's five tables at a scale factor, its columns and value domains, values drawn by seed.

Received: a folder, a scale, a seed. Handed on: pipe-delimited `.gz` files, to COPY.
Source: O'Neil, O'Neil, Chen, "Star Schema Benchmark", revision 3 (row counts, domains).
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from boathouse.app.demo.text_files import write_text, write_text_parts
from boathouse.app.demo.words import ADJECTIVES, NOUNS, letters, pick

DATE_ROWS = 2_556
FIRST_DAY = np.datetime64("1992-01-01")
LINEORDER_FILES = 4

_NATIONS = {
    "AFRICA": ["ALGERIA", "ETHIOPIA", "KENYA", "MOROCCO", "MOZAMBIQUE"],
    "AMERICA": ["ARGENTINA", "BRAZIL", "CANADA", "PERU", "UNITED STATES"],
    "ASIA": ["CHINA", "INDIA", "INDONESIA", "JAPAN", "VIETNAM"],
    "EUROPE": ["FRANCE", "GERMANY", "ROMANIA", "RUSSIA", "UNITED KINGDOM"],
    "MIDDLE EAST": ["EGYPT", "IRAN", "IRAQ", "JORDAN", "SAUDI ARABIA"],
}
_MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]
_WEEKDAYS = ["Thursday", "Friday", "Saturday", "Sunday", "Monday", "Tuesday", "Wednesday"]
_LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"


def ssb_rows(scale: float) -> dict[str, int]:
    """Rows of each table at a scale factor; parts shrink in proportion below 1, where the formula has no meaning."""
    return {
        "lineorder": max(1, round(6_000_000 * scale)),
        "customer": max(25, round(30_000 * scale)),
        "supplier": max(25, round(2_000 * scale)),
        "part": round(200_000 * (1 + math.floor(math.log2(scale)))) if scale >= 1 else max(100, round(200_000 * scale)),
        "dwdate": DATE_ROWS,
    }


def generate_ssb(folder: Path, scale: float = 0.05, seed: int = 1992) -> dict[str, int]:
    """Write the tables below `folder`; returns the rows of each.

    Files: `customer.tbl.gz`, `supplier.tbl.gz`, `part.tbl.gz`, `dwdate.tbl.gz`, `lineorder_01.tbl.gz` and on.
    """
    random = np.random.default_rng(seed)
    rows = ssb_rows(scale)
    write_text(_people(random, rows["customer"], "c", "Customer"), folder / "customer.tbl.gz")
    write_text(_people(random, rows["supplier"], "s", "Supplier"), folder / "supplier.tbl.gz")
    write_text(_parts(random, rows["part"]), folder / "part.tbl.gz")
    write_text(_dates(), folder / "dwdate.tbl.gz")
    write_text_parts(_lineorders(random, rows), folder, "lineorder", ".tbl.gz", LINEORDER_FILES)
    return rows


def _people(random: np.random.Generator, count: int, initial: str, title: str) -> pa.Table:
    """Customers or suppliers; cities are nine characters of the nation and a digit."""
    nations = [(nation, region) for region, members in _NATIONS.items() for nation in members]
    drawn = random.integers(0, len(nations), count)
    digit = random.integers(0, 10, count)
    cities = [f"{nation[:9]:<9}{number}" for nation, _ in nations for number in range(10)]
    keys = np.arange(1, count + 1)
    local = letters(random, count, 10, "0123456789")
    phone = pc.binary_join_element_wise(
        pa.array(drawn + 10).cast(pa.string()),
        pc.utf8_slice_codeunits(local, 0, 3),
        pc.utf8_slice_codeunits(local, 3, 6),
        pc.utf8_slice_codeunits(local, 6, 10),
        "-",
    )
    key = "custkey" if initial == "c" else "suppkey"
    columns: dict[str, Any] = {
        f"{initial}_{key}": keys,
        f"{initial}_name": pc.binary_join_element_wise(
            title + "#", pc.utf8_lpad(pa.array(keys).cast(pa.string()), 9, "0"), ""
        ),
        f"{initial}_address": letters(random, count, 14, _LETTERS),
        f"{initial}_city": pa.array(cities).take(pa.array(drawn * 10 + digit)),
        f"{initial}_nation": pa.array([nation for nation, _ in nations]).take(pa.array(drawn)),
        f"{initial}_region": pa.array([region for _, region in nations]).take(pa.array(drawn)),
        f"{initial}_phone": phone,
    }
    if initial == "c":
        segments = ["AUTOMOBILE", "BUILDING", "FURNITURE", "HOUSEHOLD", "MACHINERY"]
        columns["c_mktsegment"] = pick(random, segments, count)
    return pa.table(columns)


def _parts(random: np.random.Generator, count: int) -> pa.Table:
    maker, category = random.integers(1, 6, count), random.integers(1, 6, count)
    brand = random.integers(1, 41, count)
    text = [pa.array(values).cast(pa.string()) for values in (maker, category, brand)]
    colors = [word.lower() for word in ADJECTIVES]
    kinds = [f"{a} {b} {c}" for a in ("STANDARD", "SMALL", "MEDIUM", "LARGE", "ECONOMY", "PROMO")
             for b in ("ANODIZED", "BURNISHED", "PLATED", "POLISHED", "BRUSHED")
             for c in ("TIN", "NICKEL", "BRASS", "STEEL", "COPPER")]  # fmt: skip
    containers = [f"{a} {b}" for a in ("SM", "LG", "MED", "JUMBO", "WRAP")
                  for b in ("CASE", "BOX", "BAG", "JAR", "PKG", "PACK", "CAN", "DRUM")]  # fmt: skip
    return pa.table(
        {
            "p_partkey": np.arange(1, count + 1),
            "p_name": pc.binary_join_element_wise(
                pick(random, colors, count), pick(random, [noun.lower() for noun in NOUNS], count), " "
            ),
            "p_mfgr": pc.binary_join_element_wise("MFGR#", text[0], ""),
            "p_category": pc.binary_join_element_wise("MFGR#", text[0], text[1], ""),
            "p_brand1": pc.binary_join_element_wise("MFGR#", text[0], text[1], text[2], ""),
            "p_color": pick(random, colors, count),
            "p_type": pick(random, kinds, count),
            "p_size": random.integers(1, 51, count),
            "p_container": pick(random, containers, count),
        }
    )


def _date_keys() -> np.ndarray:
    days = FIRST_DAY + np.arange(DATE_ROWS)
    text = np.datetime_as_string(days)
    return np.array([int(day.replace("-", "")) for day in text])


def _dates() -> pa.Table:
    rows = []
    keys = _date_keys().tolist()
    days = (FIRST_DAY + np.arange(DATE_ROWS)).tolist()
    seasons = {12: "Christmas", 11: "Christmas", 6: "Summer", 7: "Summer", 8: "Summer", 3: "Spring", 4: "Spring"}
    for number, (key, day) in enumerate(zip(keys, days, strict=True)):
        weekday = _WEEKDAYS[(number + 6) % 7]
        month = _MONTHS[day.month - 1]
        in_year = day.timetuple().tm_yday
        in_week = (day.weekday() + 1) % 7 + 1
        last_in_month = number + 1 == DATE_ROWS or days[number + 1].month != day.month
        rows.append(
            (key, f"{month} {day.day}, {day.year}", weekday, month, day.year, day.year * 100 + day.month,
             f"{month[:3]}{day.year}", in_week, day.day, in_year, day.month, (in_year - 1) // 7 + 1,
             seasons.get(day.month, "Fall" if day.month in (9, 10) else "Winter"), int(in_week == 7),
             int(last_in_month), int((day.month, day.day) in ((1, 1), (12, 25))), int(day.weekday() < 5))
        )  # fmt: skip
    names = [
        "d_datekey",
        "d_date",
        "d_dayofweek",
        "d_month",
        "d_year",
        "d_yearmonthnum",
        "d_yearmonth",
        "d_daynuminweek",
        "d_daynuminmonth",
        "d_daynuminyear",
        "d_monthnuminyear",
        "d_weeknuminyear",
        "d_sellingseason",
        "d_lastdayinweekfl",
        "d_lastdayinmonthfl",
        "d_holidayfl",
        "d_weekdayfl",
    ]
    return pa.table(dict(zip(names, (list(column) for column in zip(*rows, strict=True)), strict=True)))


def _lineorders(random: np.random.Generator, rows: dict[str, int]) -> pa.Table:
    """Orders of one to seven lines; a line's customer, day, priority and total are its order's."""
    count = rows["lineorder"]
    per_order = random.integers(1, 8, count // 2 + 1)
    starts = np.concatenate([[0], np.cumsum(per_order)])
    lines = np.arange(count)
    order = np.searchsorted(starts, lines, side="right") - 1
    orders = int(order[-1]) + 1
    day = random.integers(0, DATE_ROWS - 90, orders)[order]
    quantity = random.integers(1, 51, count)
    part = random.integers(1, rows["part"] + 1, count)
    price = 90_000 + (part // 10) % 20_001 + 100 * (part % 1_000)
    extended = quantity * price
    discount, tax = random.integers(0, 11, count), random.integers(0, 9, count)
    total = np.bincount(order, extended * (100 - discount) // 100 * (100 + tax) // 100, orders).astype(np.int64)
    keys = _date_keys()
    priorities = ["1-URGENT", "2-HIGH", "3-MEDIUM", "4-NOT SPECI", "5-LOW"]
    return pa.table(
        {
            "lo_orderkey": order + 1,
            "lo_linenumber": lines - starts[order] + 1,
            "lo_custkey": random.integers(1, rows["customer"] + 1, orders)[order],
            "lo_partkey": part,
            "lo_suppkey": random.integers(1, rows["supplier"] + 1, count),
            "lo_orderdate": keys[day],
            "lo_orderpriority": pa.array(priorities).take(pa.array(random.integers(0, 5, orders)[order])),
            "lo_shippriority": pa.array(["0"] * count),
            "lo_quantity": quantity,
            "lo_extendedprice": extended,
            "lo_ordertotalprice": total[order],
            "lo_discount": discount,
            "lo_revenue": extended * (100 - discount) // 100,
            "lo_supplycost": 6 * price // 10,
            "lo_tax": tax,
            "lo_commitdate": keys[day + random.integers(30, 90, count)],
            "lo_shipmode": pick(random, ["REG AIR", "AIR", "RAIL", "SHIP", "TRUCK", "MAIL", "FOB"], count),
        }
    )
