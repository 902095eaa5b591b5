"""Captured changes as messages of Kafka: `TO 'kafka://host:9092,host:9092/topic'`, the topic with {schema} and {table}.

A row's key chooses its partition, so that the changes of a row stay in their order. Each message says its place in a header. On
opening, the last place that each partition has is read back from the partition itself, and what comes again up to it is not sent
again: so each change stands there once, whatever failed between the broker and us. With transactions (the default) the broker
besides shuts out an instance that was overtaken, and readers that read committed messages see a batch whole or not at all.
Source: Apache Kafka documentation, "Message Delivery Semantics"; KIP-98.
"""

from __future__ import annotations

import logging
import zlib
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import unquote

from confluent_kafka import Consumer, KafkaError, KafkaException, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic  # type: ignore[attr-defined]

from boathouse.capture.changes import TablePath
from boathouse.capture.delivery import access, registered
from boathouse.capture.delivery.destination import Delivery, Opening, OutputKind
from boathouse.capture.formats.formatter import Message, Place
from boathouse.capture.output import Declared
from boathouse.contracts.errors import InvalidParameterValue
from boathouse.contracts.house import House
from boathouse.contracts.source_errors import OutputUnavailable

log = logging.getLogger(__name__)

PLACE, SOURCE = "boathouse-place", "boathouse-source"
_LOOK_BACK = 1_000
"""Offsets before a partition's end among which its last message is looked for; more where there is none."""
_COMPRESSIONS = ("none", "gzip", "snappy", "lz4", "zstd")
_SECRET = {
    "user": "sasl.username", "password": "sasl.password", "mechanism": "sasl.mechanism", "protocol": "security.protocol",
    "ca_file": "ssl.ca.location", "certificate_file": "ssl.certificate.location", "key_file": "ssl.key.location",
}  # fmt: skip


_MECHANISMS = ("PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512")
_PROTOCOLS = ("SASL_SSL", "SSL", "SASL_PLAINTEXT")
_LOCAL = ("localhost", "127.0.0.1", "[::1]")
_WHY = {
    KafkaError._AUTHENTICATION: "the broker does not let the user of the secret in",
    KafkaError._SSL: "TLS with the broker failed: its certificate is not to be trusted, or it does not speak TLS",
    KafkaError._ALL_BROKERS_DOWN: "no broker can be reached",
}
"""What librdkafka tells beside a call that then only runs out of time."""


class KafkaDestination:
    """See `Destination`."""

    def __init__(self, opening: Opening) -> None:
        self._identity, self._options = opening.identity, opening.options
        self._clock, self._pause = opening.house.clock, opening.pause
        servers, self._topic = _parts(opening.declared.place)
        self._seconds = float(self._options["timeout_seconds"])
        self._why = ""
        self._client: dict[str, Any] = {
            "bootstrap.servers": servers, "logger": _quiet(), "error_cb": self._noted, **_access(opening.secret)
        }  # fmt: skip
        self._partitions: dict[str, list[Place]] = {}
        self._topics: dict[TablePath, str] = {}
        self._source = (SOURCE, self._identity.encode())
        self._failed: KafkaError | None = None
        self._transactional = bool(self._options["transactions"])
        settings = {
            **self._client,
            "enable.idempotence": True,
            "compression.type": str(self._options["compression"]),
            "linger.ms": 5,
            "message.timeout.ms": int(self._seconds * 1000),
            "delivery.report.only.error": True,
        }
        if self._transactional:
            settings |= {
                "transactional.id": self._identity,
                "transaction.timeout.ms": min(max(int(self._seconds * 2000), 10_000), 900_000),
            }
        try:
            self._producer = Producer(settings)
            if self._transactional:
                self._producer.init_transactions(self._seconds)
        except KafkaException as failure:
            raise self._unavailable(failure) from failure

    def deliver(self, delivery: Delivery) -> None:
        """See `Destination`."""
        self._why = ""
        try:
            if self._transactional:
                self._producer.begin_transaction()
            for message in delivery.messages():
                self._send(message)
            if self._transactional:
                self._producer.commit_transaction(self._seconds)
            elif self._producer.flush(self._seconds):
                raise OutputUnavailable("no answer from the broker in time")
        except KafkaException as failure:
            raise self._unavailable(failure) from failure
        if self._failed is not None:
            raise OutputUnavailable(f"the broker said: {self._failed.name()}")

    def close(self) -> None:
        """See `Destination`."""
        self._producer.purge(blocking=False)
        self._producer.poll(0)

    def _noted(self, error: KafkaError) -> None:
        """The first reason is the one that matters: that no broker is left comes after it."""
        self._why = self._why or _WHY.get(error.code(), "")

    def _unavailable(self, failure: KafkaException) -> OutputUnavailable:
        self._producer_told()
        name = failure.args[0].name()
        return OutputUnavailable(f"{self._why} ({name})" if self._why else f"the broker said: {name}")

    def _producer_told(self) -> None:
        producer = getattr(self, "_producer", None)
        if producer is not None:
            producer.poll(0)

    def _send(self, message: Message) -> None:
        topic = self._topics.get(message.path)
        if topic is None:
            topic = self._topics[message.path] = self._topic.format(schema=message.path[0], table=message.path[1])
        last = self._partitions.get(topic)
        if last is None:
            last = self._partitions[topic] = self._look(topic)
        headers = [(PLACE, str(message.place).encode()), self._source]
        # Where a table was emptied, each partition is told.
        wanted = range(len(last)) if message.key is None else (zlib.crc32(message.key) % len(last),)
        for partition in wanted:
            if message.place > last[partition]:
                last[partition] = message.place
                self._produce(topic, partition, message.key, message.value, headers)
                if message.is_deletion and self._options["tombstones"]:
                    self._produce(topic, partition, message.key, None, headers)

    def _produce(self, topic: str, partition: int, key: bytes | None, value: bytes | None, headers: Any) -> None:
        while True:
            try:
                self._producer.produce(topic, value, key, partition, headers=headers, on_delivery=self._told)
                return
            except BufferError:
                self._producer.poll(0.1)

    def _told(self, error: KafkaError | None, message: Any) -> None:
        if error is not None:
            self._failed = error

    def _look(self, topic: str) -> list[Place]:
        """The last place that each partition of a topic has; makes the topic where it is missing and may be made."""
        metadata = self._producer.list_topics(topic, timeout=self._seconds).topics[topic]
        is_made = False
        if metadata.error is not None and metadata.error.code() == KafkaError.UNKNOWN_TOPIC_OR_PART:
            is_made = self._make(topic)
        began, pause = self._clock.monotonic(), 0.05
        while metadata.error is not None:  # until every broker knows of it
            if self._clock.monotonic() - began > self._seconds or self._pause(pause):
                raise KafkaException(metadata.error)
            metadata = self._producer.list_topics(topic, timeout=self._seconds).topics[topic]
        count = len(metadata.partitions)
        if is_made:
            return [Place(0, -1)] * count
        consumer = Consumer(
            {
                **self._client, "group.id": self._identity, "enable.auto.commit": False, "enable.partition.eof": True,
                "isolation.level": "read_committed", "fetch.wait.max.ms": 10,
            }
        )  # fmt: skip
        try:
            return [self._last(consumer, topic, partition) for partition in range(count)]
        finally:
            consumer.close()

    def _make(self, topic: str) -> bool:
        """Make a topic; False where somebody else just has."""
        wanted = NewTopic(topic, int(self._options["partitions"]), int(self._options["replicas"]))
        admin = AdminClient(self._client)  # held until the answer: what nobody holds gives up
        try:
            admin.create_topics([wanted], request_timeout=self._seconds)[topic].result()
        except KafkaException as failure:
            if failure.args[0].code() == KafkaError.TOPIC_ALREADY_EXISTS:
                return False
            raise
        return True

    def _last(self, consumer: Consumer, topic: str, partition: int) -> Place:
        where = TopicPartition(topic, partition)
        low, high = consumer.get_watermark_offsets(where, timeout=self._seconds)
        back = _LOOK_BACK
        while high > low:
            begin = max(low, high - back)
            places = list(self._places(consumer, TopicPartition(topic, partition, begin)))
            if places or begin == low:
                return max(places, default=Place(0, -1))
            back *= 20
        return Place(0, -1)

    def _places(self, consumer: Consumer, where: TopicPartition) -> Iterator[Place]:
        """Of the messages from an offset to the partition's end that are ours."""
        consumer.assign([where])
        while True:
            message = consumer.poll(self._seconds)
            if message is None:
                raise OutputUnavailable("no answer from the broker in time")
            error = message.error()
            if error is not None:
                if error.code() == KafkaError._PARTITION_EOF:
                    return
                raise KafkaException(error)
            headers: dict[str, Any] = dict(message.headers() or ())
            if headers.get(SOURCE) == self._identity.encode() and PLACE in headers:
                yield Place.of(headers[PLACE].decode("ascii"))


def _quiet() -> logging.Logger:
    """librdkafka's own words name hosts and threads: they are for whoever debugs."""
    found = logging.getLogger("boathouse.capture.delivery.librdkafka")
    found.setLevel(logging.CRITICAL)
    return found


def _access(secret: Mapping[str, str]) -> dict[str, str]:
    found = {_SECRET[name]: value for name, value in secret.items() if name in _SECRET}
    if secret and "security.protocol" not in found:
        found["security.protocol"] = "SASL_SSL" if "user" in secret else "SSL"
    if "user" in secret:
        found.setdefault("sasl.mechanism", "SCRAM-SHA-512")
    return found


def _parts(place: str) -> tuple[str, str]:
    servers, _, topic = unquote(place).removeprefix("kafka://").partition("/")
    return servers, topic


def check(house: House, declared: Declared) -> None:
    """The place has brokers and a topic, and the secret says what opens them.

    Raises:
        InvalidParameterValue: otherwise.
    """
    servers, topic = _parts(declared.place)
    compression = dict(declared.options).get("compression", "none")
    if compression not in _COMPRESSIONS:
        raise InvalidParameterValue(f"COMPRESSION is one of {', '.join(_COMPRESSIONS)}")
    try:
        shown = topic.format(schema="s", table="t")
    except (KeyError, IndexError, ValueError):
        shown = ""
    if not declared.place.startswith("kafka://") or not servers or "@" in servers or not shown or "/" in shown:
        raise InvalidParameterValue(
            "an output to Kafka is kafka://host:port,host:port/topic",
            hint="The topic may have {schema} and {table} in it; user and password stand in a SECRET.",
        )
    _check_secret(registered.secret_of(house, declared), servers)


def _check_secret(secret: Mapping[str, str], servers: str) -> None:
    access.require_known(secret, _SECRET)
    given = _access(secret)
    mechanism, protocol = given.get("sasl.mechanism", _MECHANISMS[0]), given.get("security.protocol", _PROTOCOLS[0])
    if mechanism not in _MECHANISMS:
        raise InvalidParameterValue(f"the secret's mechanism is one of {', '.join(_MECHANISMS)}")
    if protocol not in _PROTOCOLS:
        raise InvalidParameterValue(f"the secret's protocol is one of {', '.join(_PROTOCOLS)}")
    if secret and protocol.startswith("SASL") and ("user" not in secret or "password" not in secret):
        raise InvalidParameterValue(f"the secret needs a user and a password for {protocol}")
    is_local = all(one.rpartition(":")[0] in _LOCAL for one in servers.split(","))
    if protocol == "SASL_PLAINTEXT" and not is_local:
        raise InvalidParameterValue(
            "a secret is sent through TLS only",
            hint="Let the brokers listen with SASL_SSL; on this machine anything goes.",
        )


KAFKA = OutputKind(
    KafkaDestination,
    guarantee="once",
    per_change=True,
    options={
        "batch_rows": 10_000,
        "timeout_seconds": 30.0,
        "transactions": True,
        "tombstones": False,
        "partitions": 6,
        "replicas": 1,
        "compression": "lz4",
    },
    rows=10_000,
    check=check,
)
