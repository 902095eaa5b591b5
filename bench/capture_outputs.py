"""Changes to each output, beside what the library under it does with messages that are ready: thousand events a second.

Usage: capture_outputs.py [THOUSAND_EVENTS] [--quick]
"""

from __future__ import annotations

import argparse
import http.client
import json
import sys
import tempfile
import types
import uuid
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlsplit

import pyarrow.parquet as pq
from confluent_kafka import Producer

sys.path.append(str(Path(__file__).parents[1]))

from tests.rooms.capture.brokers import QUIET, mock_cluster
from tests.rooms.capture.receiver import Receiver

from boathouse.app.clock import SystemClock
from boathouse.capture.delivery import registered
from boathouse.capture.delivery.destination import Delivery, Opening
from boathouse.capture.formats.formatter import Changes, rows_told
from boathouse.capture.output import Declared
from boathouse.capture.settings import CaptureSettings
from boathouse.contracts.house import House
from boathouse.lake.settings import LakeSettings
from boathouse.testing import some_changes
from measure import measured


def opening(home: Path, place: str, **options: Any) -> Opening:
    """As the house would open it."""
    settings = {"capture": CaptureSettings(callables=("nothing:take",)), "lake": LakeSettings()}
    house = House(home, settings, {}, cast(Any, None), SystemClock())
    declared = Declared("tried", place, "", "block", options=tuple(options.items()))
    kind = registered.kind_of(declared)
    return Opening(
        house, "some", uuid.uuid4().hex, declared, registered.options_of(kind, declared), {},
        registered.formatter_of(kind, declared), lambda seconds: False,
    )  # fmt: skip


def deliver(made: Opening, batches: list[Changes]) -> None:
    """Everything, in deliveries of one batch."""
    destination = registered.kind_of(made.declared).open(made)
    for changes in batches:
        destination.deliver(Delivery(made.integration, "tried", made.identity, [changes], made.formatter))
    destination.close()


def show(name: str, events: int, ours: Callable[[], object], peer_name: str, peer: Callable[[], object]) -> None:
    """Both, by our processor's time (threads of libraries and of the receiver here counted) and by the clock."""

    def run(work: Callable[[], object]) -> tuple[float, float]:
        return measured(lambda: (work(), events)[1])

    mine, theirs = run(ours), run(peer)
    print(f"{name:<38} {mine[0]:>12.0f} {mine[1]:>9.0f}")
    print(f"{'  ' + peer_name:<38} {theirs[0]:>12.0f} {theirs[1]:>9.0f}   ratio {mine[0] / theirs[0]:.2f}", flush=True)


def batches_of(events: int, rows: int) -> list[Changes]:
    return [
        some_changes(
            10 + first // rows, [("update", first + index, f"customer name {first + index}") for index in range(rows)]
        )
        for first in range(0, events, rows)
    ]


def to_http(home: Path, events: int) -> None:
    receiver, batches = Receiver(), batches_of(events, 1000)
    made = opening(home, receiver.url)
    assert made.formatter is not None
    bodies = [made.formatter.body([one]) for one in batches]

    def plain() -> None:
        url = urlsplit(receiver.url)
        connection = http.client.HTTPConnection(str(url.hostname), url.port)
        for body in bodies:
            connection.request("POST", url.path, body)
            connection.getresponse().read()

    show("HTTP, JSON", events, lambda: deliver(made, batches), "http.client, bodies ready", plain)
    assert sum(len(json.loads(body)) for body in receiver.bodies) == 2 * events
    receiver.end()


def to_kafka(home: Path, events: int) -> None:
    batches = batches_of(events, 10_000 if events >= 10_000 else events)
    with mock_cluster() as servers:
        made = opening(home, f"kafka://{servers}/{uuid.uuid4().hex}")
        assert made.formatter is not None
        messages = [message for one in batches for message in made.formatter.messages(one)]

        def plain() -> None:
            producer = Producer(
                {"bootstrap.servers": servers, "enable.idempotence": True, "linger.ms": 5, "compression.type": "lz4",
                 "queue.buffering.max.messages": 2_000_000, "logger": QUIET}
            )  # fmt: skip
            topic = uuid.uuid4().hex
            producer.list_topics(topic, timeout=30)
            for message in messages:
                producer.produce(topic, message.value, message.key)
            assert producer.flush(60) == 0

        show("Kafka, transactions", events, lambda: deliver(made, batches), "confluent-kafka, messages ready", plain)
        other = opening(home, f"kafka://{servers}/{uuid.uuid4().hex}", transactions=False)
        show("Kafka, idempotent", events, lambda: deliver(other, batches), "the same", plain)


def to_files(home: Path, events: int) -> None:
    batches = batches_of(events, 10_000 if events >= 10_000 else events)
    (home / "tmp").mkdir(exist_ok=True)
    (home / "lake").mkdir(exist_ok=True)

    def plain() -> None:
        for index, one in enumerate(batches):
            told = rows_told(one)
            with pq.ParquetWriter(home / f"{index}.parquet", told.schema) as writer:
                writer.write_batch(told)

    show("files, Parquet", events, lambda: deliver(opening(home, "changes"), batches), "pyarrow, not durable", plain)


def to_python(home: Path, events: int) -> None:
    batches, taken = batches_of(events, 10_000 if events >= 10_000 else events), []
    module = types.ModuleType("nothing")
    module.take = lambda delivery: taken.append(len(delivery.body()))  # type: ignore[attr-defined]
    sys.modules["nothing"] = module
    made = opening(home, "python:nothing:take")
    rows = [replace(one).batch for one in batches]

    def plain() -> None:
        for batch in rows:
            assert batch is not None
            json.dumps(batch.rows.to_pylist())

    show("Python, JSON", events, lambda: deliver(made, batches), "json.dumps of the rows alone", plain)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("thousand", nargs="?", type=int, default=200)
    parser.add_argument("--quick", action="store_true", help="a tiny size: only to see that everything runs")
    given = parser.parse_args()
    print(f"{'':<38} {'k events/CPU s':>12} {'k/s':>8}")
    events = 2000 if given.quick else given.thousand * 1000
    with tempfile.TemporaryDirectory() as folder:
        for each in (to_python, to_files, to_http, to_kafka):
            each(Path(folder), events)


if __name__ == "__main__":
    main()
