"""Orders with their customer, items and reward choices nested inside, as Parquet.

Received: a folder, a count, a seed. Handed on: Parquet files with struct, list<struct> and map columns, to nested
queries over an external table.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from boathouse.app.demo.words import ADJECTIVES, CITIES, FIRST_NAMES, LAST_NAMES, NOUNS, STATES, letters, pick

_REWARDS = ["coupon", "discount", "free_shipping", "one_day_delivery"]


def generate_customer_orders(folder: Path, orders: int = 20_000, seed: int = 5, files: int = 2) -> int:
    """Write the orders below `folder`; returns their number."""
    random = np.random.default_rng(seed)
    folder.mkdir(parents=True, exist_ok=True)
    table = _orders(random, orders)
    share = -(-orders // files)
    for number in range(files):
        pq.write_table(table.slice(number * share, share), folder / f"part-{number:05d}.parquet", compression="snappy")
    return orders


def _orders(random: np.random.Generator, count: int) -> pa.Table:
    customers = _customers(random, max(1, count // 12))
    days = np.datetime64("2019-07-01") + random.integers(0, 120, count)
    shipped = days + random.integers(1, 21, count)
    buyer = random.integers(0, len(customers), count)
    buyers = customers.take(pa.array(buyer))
    return pa.table(
        {
            "customer": buyers,
            "shipping_address": _addresses(random, buyers),
            "creditcard": letters(random, count, 16, "0123456789"),
            "transaction_date": np.datetime_as_string(days),
            "shipping_date": np.datetime_as_string(shipped),
            "membership": pick(random, ["basic", "premium", "none"], count),
            "preference": _preferences(random, count),
            "orders": _items(random, count),
            "platform": pick(random, ["web", "ios", "android"], count),
            "comments": pick(random, ["", "", "", "leave at the door", "ring twice", "a gift"], count),
        }
    )


def _customers(random: np.random.Generator, count: int) -> pa.Array:
    first, last = pick(random, FIRST_NAMES, count), pick(random, LAST_NAMES, count)
    numbers = pa.array(np.arange(count)).cast(pa.string())
    username = pc.binary_join_element_wise(pc.utf8_lower(first), numbers, "")
    place = pc.binary_join_element_wise(pick(random, CITIES, count), ", ", pick(random, STATES, count), "")
    zips, houses = letters(random, count, 5, "0123456789"), pa.array(random.integers(1, 999, count)).cast(pa.string())
    street = pc.binary_join_element_wise(houses, pick(random, NOUNS, count), "Lane", " ")
    births = np.datetime_as_string(np.datetime64("1940-01-01") + random.integers(0, 24_000, count))
    columns = {
        "username": username,
        "name": pc.binary_join_element_wise(first, last, " "),
        "sex": pick(random, ["F", "M"], count),
        "address": pc.binary_join_element_wise(street, "\n", place, " ", zips, ""),
        "mail": pc.binary_join_element_wise(username, "@example.org", ""),
        "birthdate": pa.array(births),
    }
    return pa.StructArray.from_arrays(list(columns.values()), list(columns))


def _lists(random: np.random.Generator, count: int, least: int, most: int) -> np.ndarray:
    """Offsets of lists of random lengths."""
    return np.concatenate([[0], np.cumsum(random.integers(least, most + 1, count))]).astype(np.int32)


def _addresses(random: np.random.Generator, buyers: pa.Array) -> pa.Array:
    offsets = _lists(random, len(buyers), 1, 2)
    total = int(offsets[-1])
    columns = {
        "street": pc.binary_join_element_wise(
            pa.array(random.integers(1, 999, total)).cast(pa.string()), pick(random, NOUNS, total), "Road", " "
        ),
        "city": pick(random, CITIES, total),
        "state": pick(random, STATES, total),
    }
    return pa.ListArray.from_arrays(
        pa.array(offsets), pa.StructArray.from_arrays(list(columns.values()), list(columns))
    )


def _preferences(random: np.random.Generator, count: int) -> pa.Array:
    """Each order chooses among some of the rewards; the keys of one map differ."""
    present = random.random((count, len(_REWARDS))) < 0.6
    offsets = np.concatenate([[0], np.cumsum(present.sum(axis=1))]).astype(np.int32)
    keys = pa.array(_REWARDS).take(pa.array(np.nonzero(present)[1]))
    return pa.MapArray.from_arrays(pa.array(offsets), keys, pa.array(random.random(len(keys)) < 0.5))


def _items(random: np.random.Generator, count: int) -> pa.Array:
    offsets = _lists(random, count, 1, 12)
    total = int(offsets[-1])
    vendors = [f"{adjective} {noun}" for adjective, noun in zip(ADJECTIVES, NOUNS, strict=False)]
    columns = {
        "product_id": pa.array(random.integers(1, 5_000, total)),
        "price": pa.array(random.integers(1, 1_000, total).astype(np.int32)),
        "onsale": pa.array(random.random(total) < 0.3),
        "tax": pa.array(random.integers(0, 90, total).astype(np.int32)),
        "weight": pa.array(random.integers(1, 40, total).astype(np.int32)),
        "vendor": pick(random, vendors, total),
    }
    return pa.ListArray.from_arrays(
        pa.array(offsets), pa.StructArray.from_arrays(list(columns.values()), list(columns))
    )
