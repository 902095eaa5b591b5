"""A process with a Spark session: reads Parquet files under names, runs SQL, hands batches back as they are computed.

Received over its one socket: the session's properties, then one query after the other. It is run by the Python that has
pyspark, which need have nothing else of Boathouse's: it imports the contracts alone. It ends, and its JVM with it, when the
house's end of the socket closes; so does the cluster that a command has made for it.
"""

from __future__ import annotations

import json
import os
import pickle
import signal
import socket
import threading
import time
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import NoReturn

from boathouse.contracts.engine import BATCH_ROWS
from boathouse.contracts.relations import SparkRequest
from boathouse.engines.processes.frames import Wire, receive
from boathouse.engines.processes.serving import Serving
from boathouse.engines.spark.cluster import Cluster, is_connect, reach
from boathouse.engines.spark.commanded import Commanded
from boathouse.engines.spark.connect import Operations
from boathouse.engines.spark.failures import told
from boathouse.engines.spark.jobs import Jobs
from boathouse.engines.spark.tables import define, laid_out

_FIXED = {
    "spark.app.name": "boathouse",
    "spark.ui.enabled": "false",
    "spark.sql.ansi.enabled": "true",
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.caseSensitive": "true",
    "spark.sql.decimalOperations.allowPrecisionLoss": "false",
    "spark.sql.execution.arrow.maxRecordsPerBatch": str(BATCH_ROWS),
    "spark.sql.parser.escapedStringLiterals": "false",
    "spark.sql.legacy.timeParserPolicy": "CORRECTED",
    "spark.sql.parquet.mergeSchema": "true",
    "spark.sql.orc.mergeSchema": "true",
    "spark.sql.parquet.datetimeRebaseModeInWrite": "CORRECTED",
    "spark.hadoop.mapreduce.fileoutputcommitter.algorithm.version": "1",
    "spark.hadoop.mapreduce.fileoutputcommitter.marksuccessfuljobs": "false",
    "spark.sql.sources.partitionColumnTypeInference.enabled": "false",
    "spark.sql.files.ignoreMissingFiles": "false",
    "spark.sql.files.ignoreCorruptFiles": "false",
    "spark.sql.orderByOrdinal": "true",
    "spark.sql.groupByOrdinal": "true",
    "spark.sql.catalogImplementation": "in-memory",
}
"""What the text of the queries relies on; no setting changes it."""
_LOOK_SECONDS = 0.5
_USUAL = {"spark.sql.sources.parallelPartitionDiscovery.parallelism": "16"}
"""A task for each of thousands of files, of which it is only asked whether they are there, takes minutes."""


class Worker(Serving):
    """See the module."""

    def __init__(self, house: Wire) -> None:
        super().__init__(house)
        self._spark: Jobs | Operations | None = None
        self._cluster: Cluster | None = None
        self._command: Commanded | None = None
        self._properties: dict[str, str] = {}
        self._limits: tuple[float, tuple[str, ...], float] = 0.0, (), 0.0
        self._spool = ""

    def serve(self) -> None:
        """Until the house is gone."""
        _, limits = receive(self._house)
        (self._properties, *found), self._spool = pickle.loads(limits)  # noqa: S301 - the house's own words
        self._limits = found[0], found[1], found[2]
        threading.Thread(target=self._watch, daemon=True).start()
        self._hear()
        while True:
            self._answer(*self._requests.get())

    def _stop(self) -> None:
        if self._spark is not None:
            with suppress(Exception):  # a session that is broken does not heed it, and is ended by the house
                self._spark.cancel(self._number)

    def _watch(self) -> None:
        """End a statement whose cluster is gone, or for which there are no executors any more, or none come."""
        while True:
            time.sleep(_LOOK_SECONDS)
            with self._lock:
                spark, cluster = self._spark, self._cluster
                if self._number and spark is not None and cluster is not None and cluster.is_lost(spark.session):
                    self._stop()

    def _leave(self) -> NoReturn:
        """At once, and what it has started with it: a JVM that computes would take its time."""
        with suppress(OSError):
            os.killpg(os.getpid(), signal.SIGKILL)  # a process of the house's leads its group
        super()._leave()

    def _answer(self, number: int, frame: bytearray) -> None:
        has_rows = False
        with self._lock:
            self._number, self._is_stopped = number, False
        request: SparkRequest = pickle.loads(frame)  # noqa: S301
        end: tuple[bytes, bytes] = b"D", b""
        try:
            spark = self._ready()
            spark.begin(number)
            for table in request.tables:
                self._check()
                define(spark.session, table)
            with laid_out(spark.session, request.tables):
                self._check()
                if request.into:
                    spark.write(request.sql, request.into)
                    self._check()
                else:
                    schema, batches = spark.rows(request.sql)
                    self._send(b"S", schema.serialize())
                    for batch in batches:
                        self._check()
                        self._send_batch(batch)
                        has_rows = True
        except Exception as failure:  # noqa: BLE001 - told to the house in its words
            lost = None if self._cluster is None else self._cluster.lost
            known = told(lost or failure, has_rows=has_rows, is_stopped=self._is_stopped)
            sound = lost is None and (not self._is_stopped or self._is_quiet(number))
            end = b"E", json.dumps(known | {"sound": sound}).encode()
        finally:
            with self._lock:
                self._number = 0
        self._drop(request)
        self._send(*end)

    def _ready(self) -> Jobs | Operations:
        """A session that has executors, or will get some.

        Raises:
            WorkerLost: its master is not there, or no command makes one.
        """
        spark, cluster = self._spark, self._cluster
        if spark is not None and cluster is not None and cluster.stands(spark.session):
            cluster.begin()
            return spark
        with self._lock:
            self._spark = self._cluster = None
        with suppress(Exception):  # the cluster has forgotten it, or is no more
            if spark is not None:
                spark.session.stop()
        self._end_cluster()
        properties = {**_USUAL, **self._made(), **self._properties, **_FIXED}
        master = properties["spark.master"]
        cluster = Cluster(master, self._limits[0], command=self._command)
        try:
            reach(master)
            spark = (Operations if is_connect(master) else Jobs)(properties, self._spool)
        except BaseException:
            self._end_cluster()
            raise
        cluster.begin()
        with self._lock:
            self._spark, self._cluster = spark, cluster
        return spark

    def _end_cluster(self) -> None:
        if self._command is not None:
            self._command.close()

    def _made(self) -> dict[str, str]:
        """Properties of a cluster that a command makes; none where there is a master."""
        _, command, seconds = self._limits
        if not command:
            return {}
        found = find_spec("pyspark")
        place = {"SPARK_HOME": str(Path(found.origin).parent)} if found is not None and found.origin else {}
        told = {name: os.environ[name] for name in ("PATH", "JAVA_HOME") if name in os.environ}
        self._command = Commanded(command, seconds, Path(self._spool), {**place, **told})
        self._command.wait(self._check)
        return {**self._command.properties, "spark.master": self._command.master}

    def _is_quiet(self, number: int) -> bool:
        try:
            return self._spark is not None and self._spark.is_quiet(number)
        except Exception:  # noqa: BLE001 - a session that is broken is not quiet
            return False

    def _drop(self, request: SparkRequest) -> None:
        if self._spark is not None:
            with suppress(Exception):  # a session that is broken is ended by the house
                for table in request.tables:
                    self._spark.session.catalog.dropTempView(table.name)


def main(descriptor: int) -> None:
    """Serve the house at the other end of a socket."""
    Worker(socket.socket(fileno=descriptor)).serve()
