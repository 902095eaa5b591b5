"""Kafka to test against: librdkafka's own cluster, which speaks the protocol over TCP but keeps no transactions apart; and a real
broker where its jars are."""

from __future__ import annotations

import contextlib
import json
import logging
import shutil
import socket
import subprocess
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from confluent_kafka import Consumer, KafkaError, Producer, TopicPartition

QUIET = logging.getLogger("quiet")
QUIET.setLevel(logging.CRITICAL)
JARS = Path(__file__).parents[3] / ".venv" / "kafka"
MISSING = None if JARS.exists() and shutil.which("java") else "no Kafka (make .venv/.kafka; it needs Maven), or no Java"


@contextlib.contextmanager
def mock_cluster() -> Iterator[str]:
    """Three brokers; their addresses."""
    owner = Producer({"bootstrap.servers": "127.0.0.1:1", "test.mock.num.brokers": 3, "logger": QUIET})
    yield ",".join(f"{one.host}:{one.port}" for one in owner.list_topics(timeout=30).brokers.values())
    del owner


USER, PASSWORD = "shop", "open sesame"
"""Whom a broker with a certificate lets in."""


@contextlib.contextmanager
def real_broker(certificate: tuple[Path, Path] | None = None) -> Iterator[str]:
    """One Apache Kafka.

    Args:
        certificate: and its key; clients must then use TLS and SCRAM-SHA-512.
    """
    protocol = "PLAINTEXT" if certificate is None else "SASL_SSL"
    with socket.socket() as one, socket.socket() as two:
        one.bind(("127.0.0.1", 0)), two.bind(("127.0.0.1", 0))
        port, control = one.getsockname()[1], two.getsockname()[1]
    java = ["java", "-Xmx300m", "-XX:TieredStopAtLevel=1", "-cp", f"{JARS}/*"]
    with tempfile.TemporaryDirectory() as folder:
        settings = Path(folder) / "server.properties"
        settings.write_text(
            f"process.roles=broker,controller\nnode.id=1\ncontroller.quorum.voters=1@127.0.0.1:{control}\n"
            f"listeners={protocol}://127.0.0.1:{port},CONTROLLER://127.0.0.1:{control}\n"
            f"advertised.listeners={protocol}://127.0.0.1:{port}\ninter.broker.listener.name={protocol}\ncontroller.listener.names=CONTROLLER\n"
            f"log.dirs={folder}/logs\noffsets.topic.replication.factor=1\noffsets.topic.num.partitions=1\n"
            "transaction.state.log.replication.factor=1\ntransaction.state.log.min.isr=1\n"
            "transaction.state.log.num.partitions=1\nauto.create.topics.enable=false\n"
            + ("" if certificate is None else _secured(Path(folder), *certificate))
        )
        users = [] if certificate is None else ["--add-scram", f"SCRAM-SHA-512=[name={USER},password={PASSWORD}]"]
        format_ = [
            *java,
            "kafka.tools.StorageTool",
            "format",
            "-t",
            "MkU3OEVBNTcwNTJENDM2Qk",
            "-c",
            str(settings),
            *users,
        ]
        subprocess.run(format_, check=True, capture_output=True)
        broker = subprocess.Popen(
            [*java, "kafka.Kafka", str(settings)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        try:
            deadline = time.monotonic() + 60
            while time.monotonic() < deadline:
                with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                    break
                time.sleep(0.1)
            yield f"127.0.0.1:{port}"
        finally:
            broker.kill()
            broker.wait()


def _secured(folder: Path, certificate: Path, key: Path) -> str:
    """Settings of a broker that proves who it is and asks who its clients are."""
    store = folder / "broker.pem"
    store.write_bytes(key.read_bytes() + certificate.read_bytes())
    login = f'org.apache.kafka.common.security.scram.ScramLoginModule required username="{USER}" password="{PASSWORD}";'
    return (
        f"listener.security.protocol.map=SASL_SSL:SASL_SSL,CONTROLLER:PLAINTEXT\nssl.keystore.type=PEM\n"
        f"ssl.keystore.location={store}\nssl.truststore.type=PEM\nssl.truststore.location={certificate}\n"
        f"ssl.client.auth=none\nssl.endpoint.identification.algorithm=\n"
        f"sasl.enabled.mechanisms=SCRAM-SHA-512\nsasl.mechanism.inter.broker.protocol=SCRAM-SHA-512\n"
        f"listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config={login}\n"
    )


def read_topic(servers: str, topic: str) -> list[Any]:
    """The committed messages of all partitions, partition after partition."""
    consumer = Consumer(
        {"bootstrap.servers": servers, "group.id": "reader", "isolation.level": "read_committed", "logger": QUIET,
         "enable.partition.eof": True, "fetch.wait.max.ms": 10}
    )  # fmt: skip
    found = []
    try:
        for partition in range(len(consumer.list_topics(topic, timeout=30).topics[topic].partitions)):
            consumer.assign([TopicPartition(topic, partition, 0)])
            while True:
                message = consumer.poll(30)
                assert message is not None, "no answer"
                if message.error():
                    assert message.error().code() == KafkaError._PARTITION_EOF, message.error()
                    break
                found.append(message)
    finally:
        consumer.close()
    return found


def events_of(servers: str, topic: str) -> list[dict[str, Any]]:
    """The house's own events in a topic; those of a partition in its order. That the table was emptied stands in each
    of them, and is given once."""
    messages = [message for message in read_topic(servers, topic) if message.value() is not None]
    partitions = {message.partition() for message in messages}
    found, emptied = [], Counter[tuple[int, int]]()
    for message in messages:
        event = json.loads(message.value())
        place = (event["entry"], event["number"])
        if event["operation"] == "truncate":
            emptied[place] += 1
        if emptied[place] < 2:
            found.append(event)
    assert all(count <= len(partitions) for count in emptied.values())
    return found
