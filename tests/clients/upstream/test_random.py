"""Conversations at random: what a client is answered through the door is, byte for byte, what the PostgreSQL behind it answers.

BOATHOUSE_PASSING_CONVERSATIONS: how many; BOATHOUSE_SEED: the first one's.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from random import Random

from tests.clients.conftest import Running
from tests.clients.raw_client import (
    COPY_DONE,
    FLUSH,
    SYNC,
    Message,
    RawClient,
    bind,
    close,
    copy_data,
    copy_fail,
    describe,
    execute,
    parse,
    query,
)
from tests.clients.upstream.conftest import through
from tests.clients.upstream.postgres_behind import PostgresBehind

CONVERSATIONS = int(os.environ.get("BOATHOUSE_PASSING_CONVERSATIONS", "20"))
SEED = int(os.environ.get("BOATHOUSE_SEED", "1"))
FILLED = (
    "CREATE TABLE IF NOT EXISTS at_random (id int PRIMARY KEY, name text CHECK (name <> 'bad')); TRUNCATE at_random;"
    "INSERT INTO at_random SELECT i, 'n' || i FROM generate_series(1, 40) i"
)
SIMPLE = """
SELECT * FROM at_random ORDER BY id
SELECT 1 / 0
SELEC
;
SELECT repeat('ü', 150000)
BEGIN
COMMIT
ROLLBACK
SAVEPOINT a
ROLLBACK TO a
SET datestyle TO 'German, DMY'
SHOW datestyle
SET application_name TO 'ü x'
SET client_encoding TO 'LATIN1'
RESET ALL
INSERT INTO at_random VALUES (1, 'again')
UPDATE at_random SET name = name || 'x' WHERE id < 3
SELECT 1; SELECT 2; SELECT 1 / 0; SELECT 3
SELECT 1; BEGIN; SELECT 2
COMMIT; SELECT 1
INSERT INTO at_random VALUES (2000, 'z'); SELECT 1 / 0
DECLARE c CURSOR FOR SELECT id FROM at_random ORDER BY id
DECLARE h CURSOR WITH HOLD FOR SELECT id FROM at_random ORDER BY id
FETCH 3 FROM c
FETCH 2 FROM h
CLOSE ALL
PREPARE q AS SELECT $1::int
EXECUTE q(5)
DEALLOCATE ALL
DISCARD ALL
LISTEN news
NOTIFY news, 'read all about it'
DO $$ BEGIN RAISE NOTICE 'n %', 1; END $$
DO $$ BEGIN RAISE EXCEPTION 'own' USING ERRCODE = 'ABCDE'; END $$
SELECT NULL::int, ''::text
SELECT
COPY (SELECT 1 / 0) TO STDOUT
COPY (SELECT id FROM at_random ORDER BY id) TO STDOUT (FORMAT binary)
COPY (SELECT generate_series(1, 20000)) TO STDOUT
""".strip().split("\n")
LOAD = "COPY at_random FROM STDIN"
PREPARED: list[tuple[str, list[bytes | None]]] = [
    ("SELECT $1::int + 1", [b"5", b"x", b"", None]),
    ("SELECT id, name FROM at_random WHERE id > $1 ORDER BY id", [b"0", b"30", b"zz"]),
    ("INSERT INTO at_random VALUES ($1, 'p') ON CONFLICT DO NOTHING RETURNING id", [b"3000", b"1"]),
    ("SELECT generate_series(1, $1)", [b"5", b"500"]),
    ("SELECT 1 / ($1::int)", [b"0", b"1"]),
    *((text, []) for text in ("BEGIN", "COMMIT", "ROLLBACK", "", "SELECT", "SELEC", "SELECT 1; SELECT 2", LOAD)),
    ("COPY (SELECT id FROM at_random ORDER BY id) TO STDOUT", []),
    ("DECLARE e CURSOR FOR SELECT 1", []),
    ("SELECT repeat('y', 100000)", []),
    ("NOTIFY news, 'more'", []),
]  # fmt: skip
STATEMENTS, PORTALS = ("", "s1", "s2"), ("", "p1", "p2")


def a_step(chance: Random) -> tuple[bytes, int]:
    """Messages, and how often they are answered by ReadyForQuery."""
    kind = chance.random()
    if kind < 0.4:
        return query(chance.choice(SIMPLE)), 1
    if kind < 0.5:
        data = b"".join(
            copy_data(chance.choice([b"7000\tc\n", b"bad\n", b"7001\tc\n7002\td\n", b"70"])) for _ in range(2)
        )
        return query(LOAD) + data + chance.choice([COPY_DONE, copy_fail("given up")]), 1
    if kind < 0.55:
        return b"".join(query(chance.choice(SIMPLE)) for _ in range(3)), 3
    return b"".join(a_message(chance) for _ in range(chance.randint(1, 9))) + SYNC, 1


def a_message(chance: Random) -> bytes:
    """One of the extended protocol, or a few that belong together."""
    kind, statement, portal = chance.random(), chance.choice(STATEMENTS), chance.choice(PORTALS)
    if kind < 0.4:
        text, values = chance.choice(PREPARED)
        given = [chance.choice(values)] if values else []
        formats = chance.choice([(), (0,), (1,)])
        found = parse(text, statement) + bind(given, portal=portal, statement=statement, result_formats=formats)
        found += (describe("P", portal) if chance.random() < 0.5 else b"") + execute(
            portal, chance.choice([0, 0, 1, 100])
        )
        return found + (copy_data(b"7003\tq\n") + chance.choice([COPY_DONE, copy_fail("no")]) if text == LOAD else b"")
    if kind < 0.5:
        return chance.choice([describe("S", statement), describe("P", portal)])
    if kind < 0.65:
        formats = chance.choice([(), (1,), (0, 1)])
        return bind([b"1"] * chance.randint(0, 2), portal=portal, statement=statement, formats=formats)
    if kind < 0.8:
        return execute(portal, chance.choice([0, 1, 3, 50]))
    return close(chance.choice("SP"), chance.choice((*STATEMENTS, *PORTALS))) if kind < 0.9 else FLUSH


def answered(client: RawClient, seed: int) -> list[Message]:
    """The whole conversation's answers; its bytes are sent in pieces of any size."""
    chance = Random(seed)
    found: list[Message] = []
    with client:
        for _ in range(chance.randint(1, 14)):
            data, times = a_step(chance)
            while data:
                size = chance.choice([len(data), chance.randint(1, len(data))])
                client.send(data[:size])
                data = data[size:]
            for _ in range(times):
                found += client.read_until(b"Z")
    # Where between answers a notification comes is the moment's; who sent it is a process's number.
    told = [Message(one.kind, one.body[4:]) for one in found if one.kind == b"A"]
    return [one for one in found if one.kind != b"A"] + told


def test_what_passes_is_what_is_said_behind(door: Running, postgres: PostgresBehind) -> None:
    ways: list[Callable[[], RawClient]] = [postgres.raw, lambda: through(door)]
    for seed in range(SEED, SEED + CONVERSATIONS):
        there: list[list[Message]] = []
        for way in ways:
            with postgres.raw() as filling:
                filling.query(FILLED)
            there.append(answered(way(), seed))
        assert there[1] == there[0], f"seed {seed}"
