"""Ticket sales: seven related tables at the row counts of the well-known TICKIT model, with invented values.

Received: a folder and a seed. Handed on: delimited files, to COPY (dimensions) and to an external table (sales).
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from boathouse.app.demo.text_files import write_text
from boathouse.app.demo.words import ADJECTIVES, CITIES, FIRST_NAMES, LAST_NAMES, NOUNS, STATES, letters, pick

ROWS = {
    "users": 49_990,
    "venue": 202,
    "category": 11,
    "date": 365,
    "event": 8_798,
    "listing": 192_497,
    "sales": 172_456,
}
FIRST_DATEID = 1827
FIRST_DAY = np.datetime64("2008-01-01")
_HOLIDAYS = (
    "2008-01-01",
    "2008-01-21",
    "2008-02-18",
    "2008-05-26",
    "2008-07-04",
    "2008-09-01",
    "2008-11-27",
    "2008-12-25",
)
_CATEGORIES = (
    ("Sports", "MLB", "Baseball"), ("Sports", "NHL", "Ice hockey"), ("Sports", "NFL", "American football"),
    ("Sports", "NBA", "Basketball"), ("Sports", "MLS", "Soccer"), ("Shows", "Musicals", "Musical theatre"),
    ("Shows", "Plays", "Theatre without music"), ("Shows", "Opera", "Opera and light opera"),
    ("Concerts", "Pop", "Rock and pop"), ("Concerts", "Jazz", "Jazz singers and bands"),
    ("Concerts", "Classical", "Orchestras, choirs and soloists"),
)  # fmt: skip


def generate_tickit(folder: Path, seed: int = 2008) -> dict[str, int]:
    """Write the tables below `folder`; returns the rows of each.

    Files: `allusers_pipe.txt`, `venue_pipe.txt`, `category_pipe.txt`, `date2008_pipe.txt`, `allevents_pipe.txt`,
    `listings_pipe.txt.gz`, and `spectrum/sales/sales_tab.txt` (tab-delimited).
    """
    random = np.random.default_rng(seed)
    events = _events(random)
    listings = _listings(random, events)
    write_text(_users(random), folder / "allusers_pipe.txt")
    write_text(_venues(random), folder / "venue_pipe.txt")
    write_text(_categories(), folder / "category_pipe.txt")
    write_text(_dates(), folder / "date2008_pipe.txt")
    write_text(events, folder / "allevents_pipe.txt")
    write_text(listings, folder / "listings_pipe.txt.gz")
    write_text(_sales(random, listings), folder / "spectrum" / "sales" / "sales_tab.txt", "\t")
    return dict(ROWS)


def _numbers(count: int) -> pa.Array:
    return pa.array(np.arange(1, count + 1, dtype=np.int32))


def _users(random: np.random.Generator) -> pa.Table:
    count = ROWS["users"]
    first, last = pick(random, FIRST_NAMES, count), pick(random, LAST_NAMES, count)
    area, local = letters(random, count, 3, "23456789"), letters(random, count, 7, "0123456789")
    phone = pc.binary_join_element_wise(
        "(", area, ") ", pc.utf8_slice_codeunits(local, 0, 3), "-", pc.utf8_slice_codeunits(local, 3, 7), ""
    )
    address = pc.binary_join_element_wise(
        pc.utf8_lower(first), ".", pc.utf8_lower(last), _numbers(count).cast(pa.string()), "@example.org", ""
    )
    columns = {
        "userid": _numbers(count),
        "username": letters(random, count, 8, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"),
        "firstname": first,
        "lastname": last,
        "city": pick(random, CITIES, count),
        "state": pick(random, STATES, count),
        "email": address,
        "phone": phone,
    }
    # Most people have said nothing of most interests: an empty field.
    answers = pa.array(["TRUE", "FALSE", None])
    for like in [
        "sports",
        "theatre",
        "concerts",
        "jazz",
        "classical",
        "opera",
        "rock",
        "vegas",
        "broadway",
        "musicals",
    ]:
        columns["like" + like] = answers.take(pa.array(random.choice(3, count, p=[0.25, 0.2, 0.55])))
    return pa.table(columns)


def _venues(random: np.random.Generator) -> pa.Table:
    count = ROWS["venue"]
    kinds = ["Arena", "Hall", "Park", "Playhouse", "Stadium", "Theatre"]
    seats = np.where(random.random(count) < 0.55, 0, random.integers(25, 92, count) * 1000)
    return pa.table(
        {
            "venueid": _numbers(count),
            "venuename": pc.binary_join_element_wise(
                pick(random, ADJECTIVES, count), pick(random, NOUNS, count), pick(random, kinds, count), " "
            ),
            "venuecity": pick(random, CITIES, count),
            "venuestate": pick(random, STATES, count),
            "venueseats": seats,
        }
    )


def _categories() -> pa.Table:
    groups, names, descriptions = zip(*_CATEGORIES, strict=True)
    return pa.table(
        {"catid": _numbers(len(names)), "catgroup": list(groups), "catname": list(names), "catdesc": list(descriptions)}
    )


def _dates() -> pa.Table:
    days = FIRST_DAY + np.arange(ROWS["date"])
    number = np.arange(ROWS["date"])
    months = days.astype("datetime64[M]").astype(int) % 12
    short = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"]
    weekdays = ["TH", "FR", "SA", "SU", "MO", "TU", "WE"]
    since_thursday = days.astype(int) % 7
    return pa.table(
        {
            "dateid": FIRST_DATEID + number,
            "caldate": pa.array(days.astype("datetime64[D]")),
            "day": [weekdays[place] for place in since_thursday],
            "week": (number + 1) // 7 + 1,
            "month": [short[month] for month in months],
            "qtr": [str(month // 3 + 1) for month in months],
            "year": np.full(len(number), 2008),
            "holiday": ["true" if str(day) in _HOLIDAYS else "false" for day in days],
        }
    )


def _timestamps(dates: np.ndarray, seconds: np.ndarray) -> pa.Array:
    moments = (FIRST_DAY + (dates - FIRST_DATEID)).astype("datetime64[s]") + seconds.astype("timedelta64[s]")
    return pa.array(moments).cast(pa.string())


def _events(random: np.random.Generator) -> pa.Table:
    count = ROWS["event"]
    dates = FIRST_DATEID + random.integers(0, ROWS["date"], count)
    hours = random.choice([14, 15, 19, 19, 20, 20], count) * 3600 + random.choice([0, 1800], count)
    # Some acts tour all year, most are seen a few times: a long tail of names.
    acts = pc.binary_join_element_wise(pick(random, ADJECTIVES, 600), pick(random, NOUNS, 600), " ")
    return pa.table(
        {
            "eventid": _numbers(count),
            "venueid": random.integers(1, ROWS["venue"] + 1, count),
            "catid": random.integers(6, 10, count),
            "dateid": dates,
            "eventname": acts.take(pa.array((600 * random.random(count) ** 2).astype(np.int64))),
            "starttime": _timestamps(dates, hours),
        }
    )


def _cents(values: np.ndarray) -> pa.Array:
    """Whole cents as decimals with two places, written exactly."""
    whole = pa.array(values // 100).cast(pa.string())
    part = pc.utf8_lpad(pa.array(values % 100).cast(pa.string()), 2, "0")
    return pc.binary_join_element_wise(whole, part, ".")


def _listings(random: np.random.Generator, events: pa.Table) -> pa.Table:
    count = ROWS["listing"]
    event = random.integers(0, ROWS["event"], count)
    event_dates = events["dateid"].to_numpy()[event]
    # Tickets are listed up to three months ahead, never before the year begins.
    dates = np.maximum(event_dates - random.integers(0, 90, count), FIRST_DATEID)
    tickets = random.choice(np.arange(1, 31), count, p=_falling(30))
    cents = (2000 + 100 * random.gamma(2.0, 115.0, count).astype(np.int64)).clip(max=250_000)
    return pa.table(
        {
            "listid": _numbers(count),
            "sellerid": random.integers(1, ROWS["users"] + 1, count),
            "eventid": event + 1,
            "dateid": dates,
            "numtickets": tickets,
            "priceperticket": _cents(cents),
            "totalprice": _cents(cents * tickets),
            "listtime": _timestamps(dates, random.integers(0, 86_400, count)),
        }
    )


def _falling(count: int) -> np.ndarray:
    weights = 1.0 / np.arange(1, count + 1)
    shares: np.ndarray = weights / weights.sum()
    return shares


def _sales(random: np.random.Generator, listings: pa.Table) -> pa.Table:
    count = ROWS["sales"]
    listing = np.sort(random.integers(0, ROWS["listing"], count))
    offered = listings["numtickets"].to_numpy()[listing]
    bought = np.minimum(offered, random.choice([1, 2, 3, 4, 5, 6, 7, 8], count, p=_falling(8)))
    price = np.round(listings["priceperticket"].cast(pa.float64()).to_numpy()[listing] * 100).astype(np.int64)
    paid = price * bought
    listed = listings["dateid"].to_numpy()[listing]
    dates = np.minimum(listed + random.integers(0, 60, count), FIRST_DATEID + ROWS["date"] - 1)
    return pa.table(
        {
            "salesid": _numbers(count),
            "listid": listing + 1,
            "sellerid": listings["sellerid"].to_numpy()[listing],
            "buyerid": random.integers(1, ROWS["users"] + 1, count),
            "eventid": listings["eventid"].to_numpy()[listing],
            "dateid": dates,
            "qtysold": bought,
            "pricepaid": _cents(paid),
            "commission": _cents(paid * 15 // 100),
            "saletime": _timestamps(dates, random.integers(0, 86_400, count)),
        }
    )
