"""Every output and every format of ours passes the suites that anybody's has to pass."""

from __future__ import annotations

import json
import sys
import types
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from tests.rooms.capture import brokers
from tests.rooms.capture.receiver import Receiver
from tests.rooms.lake.copy_house import CopyHouse

from boathouse.app.clock import SystemClock
from boathouse.app.home import create_home
from boathouse.capture.delivery import registered
from boathouse.capture.delivery.callables import PYTHON
from boathouse.capture.delivery.destination import Delivery, Opening, OutputKind
from boathouse.capture.delivery.files import FILES
from boathouse.capture.delivery.kafka import KAFKA, PLACE
from boathouse.capture.delivery.posts import HTTP
from boathouse.capture.formats.formatter import Formatter
from boathouse.capture.output import Declared
from boathouse.capture.settings import CaptureSettings
from boathouse.contracts.errors import FeatureNotSupported
from boathouse.contracts.house import House
from boathouse.contracts.source_errors import OutputUnavailable
from boathouse.testing import FormatterSuite, OutputSuite, some_changes
from boathouse.testing.outputs import Received, place_of


class TestHttp(OutputSuite):
    kind = HTTP

    @pytest.fixture
    def receiver(self) -> Iterator[Receiver]:
        made = Receiver()
        yield made
        made.end()

    @pytest.fixture
    def place(self, receiver: Receiver) -> str:
        return receiver.url

    @pytest.fixture
    def received(self, receiver: Receiver) -> Received:
        return receiver.places


class TestPython(OutputSuite):
    kind = PYTHON

    @pytest.fixture
    def told(self, monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, int]]:
        found: list[tuple[int, int]] = []

        def take(delivery: Delivery) -> None:
            for changes in delivery.changes:
                found.extend((changes.first.entry, changes.first.number + index) for index in range(len(changes)))

        module = types.ModuleType("shop_code")
        module.take = take  # type: ignore[attr-defined]
        monkeypatch.setitem(sys.modules, "shop_code", module)
        return found

    @pytest.fixture
    def house(self, tmp_path: Path) -> House:
        settings = {"capture": CaptureSettings(callables=("shop_code:take",))}
        return House(tmp_path, settings, {}, None, None)  # type: ignore[arg-type]

    @pytest.fixture
    def place(self, told: list[tuple[int, int]]) -> str:
        return "python:shop_code:take"

    @pytest.fixture
    def received(self, told: list[tuple[int, int]]) -> Received:
        return lambda: told


@pytest.fixture(scope="module")
def open_house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CopyHouse]:
    home = tmp_path_factory.mktemp("files") / "home"
    create_home(home, "dev")
    house = CopyHouse.__new__(CopyHouse)
    house.reopen(home, {})
    yield house
    house.close()


class TestFiles(OutputSuite):
    kind = FILES
    format = "json"
    is_exact = True

    @pytest.fixture
    def house(self, open_house: CopyHouse) -> House:
        return open_house.open.service.house

    @pytest.fixture
    def place(self) -> str:
        return uuid.uuid4().hex

    @pytest.fixture
    def received(self, open_house: CopyHouse, place: str) -> Received:
        def read() -> list[tuple[int, int]]:
            files = sorted((open_house.lake / place).rglob("*.jsonl"), key=lambda file: file.name)
            lines = [(int(file.name[:12]), line) for file in files for line in file.read_text().splitlines()]
            return [
                (entry, sum(1 for other, _ in lines[:index] if other == entry))
                for index, (entry, _) in enumerate(lines)
            ]

        return read


@pytest.fixture(scope="module")
def cluster() -> Iterator[str]:
    with brokers.mock_cluster() as servers:
        yield servers


class TestKafka(OutputSuite):
    kind = KAFKA
    is_exact = True
    keeps_order = False

    @pytest.fixture
    def servers(self, cluster: str) -> str:
        return cluster

    @pytest.fixture
    def place(self, servers: str) -> str:
        return f"kafka://{servers}/{uuid.uuid4().hex}"

    @pytest.fixture
    def received(self, place: str, servers: str) -> Received:
        topic = place.rpartition("/")[2]

        def read() -> list[tuple[int, int]]:
            messages = brokers.read_topic(servers, topic)
            found = [(dict(message.headers())[PLACE].decode(), message.key()) for message in messages]
            # A truncation stands in each partition.
            seen, kept = set(), []
            for place, key in found:
                if key is not None or place not in seen:
                    kept.append(place_of(place))
                seen.add(place)
            return kept

        return read


@pytest.mark.parametrize("transactions", [True, False])
def test_brokers_that_do_not_answer_are_a_failure(tmp_path: Path, transactions: bool) -> None:
    suite = TestKafka()
    declared = Declared(
        "tried", "kafka://127.0.0.1:1/t", "", "park", options=(("transactions", transactions), ("timeout_seconds", 0.2))
    )
    opening = Opening(
        House(tmp_path, {}, {}, None, SystemClock()), "some", "some_1", declared,  # type: ignore[arg-type]
        registered.options_of(KAFKA, declared), {}, registered.formatter_of(KAFKA, declared), lambda seconds: False,
    )  # fmt: skip
    with pytest.raises(OutputUnavailable, match=r"no broker can be reached|the broker said"):
        suite.deliver(opening, [some_changes(10, [("insert", 1, "a")])])


class TestKafkaWithoutTransactions(TestKafka):
    options = {"transactions": False}  # noqa: RUF012


@pytest.fixture(scope="module")
def real() -> Iterator[str]:
    with brokers.real_broker() as servers:
        yield servers


@pytest.mark.skipif(brokers.MISSING is not None, reason=str(brokers.MISSING))
class TestRealKafka(TestKafka):
    @pytest.fixture
    def servers(self, real: str) -> str:
        return real


@pytest.mark.parametrize("word", ["arrow", "debezium", "debezium_with_schema", "json"])
class TestFormats(FormatterSuite):
    @pytest.fixture
    def formatter(self, word: str) -> Formatter:
        made: Formatter = registered.registered(registered.FORMATTERS, word, "FORMAT")()
        return made


def opened_with(kind: OutputKind, place: str, word: str, home: Path) -> Opening:
    declared = Declared("tried", place, word, "block")
    house = House(home, {"capture": CaptureSettings()}, {}, None, SystemClock())  # type: ignore[arg-type]
    return Opening(
        house, "some", "some_1", declared, registered.options_of(kind, declared), {},
        registered.formatter_of(kind, declared), lambda seconds: False,
    )  # fmt: skip


TOLD = [some_changes(10, [("insert", 1, "a"), ("update", 1, "ü"), ("delete", 1, None)])]


@pytest.mark.parametrize(
    ("word", "content_type", "operations"),
    [
        ("json", "application/json", ["insert", "update", "delete"]),
        ("debezium", "application/json", ["c", "u", "d"]),
        ("debezium_with_schema", "application/json", ["c", "u", "d"]),
        ("arrow", "application/vnd.apache.arrow.stream", ["insert", "update", "delete"]),
    ],
)
def test_each_format_arrives_over_http_and_by_kafka(
    tmp_path: Path, cluster: str, word: str, content_type: str, operations: list[str]
) -> None:
    receiver = Receiver()
    try:
        TestHttp().deliver(opened_with(HTTP, receiver.url, word, tmp_path), TOLD)
        assert receiver.headers[0]["content-type"] == content_type
        if word == "arrow":
            table = pa.ipc.open_stream(receiver.bodies[0]).read_all()
            assert table.column("_record_operation").to_pylist() == operations
            with pytest.raises(FeatureNotSupported):
                opened_with(KAFKA, f"kafka://{cluster}/t", word, tmp_path)
            return
        assert [operation_of(one) for one in json.loads(receiver.bodies[0])] == operations
    finally:
        receiver.end()
    topic = uuid.uuid4().hex
    TestKafka().deliver(opened_with(KAFKA, f"kafka://{cluster}/{topic}", word, tmp_path), TOLD)
    values = [json.loads(message.value()) for message in brokers.read_topic(cluster, topic)]
    assert [operation_of(one) for one in values] == operations
    if word == "debezium_with_schema":
        assert {field["field"] for field in values[0]["schema"]["fields"]} >= set(values[0]["payload"])


def operation_of(event: dict[str, Any]) -> str:
    told = event.get("payload", event)
    return str(told.get("op") or told["operation"])
