"""A Spark session in a JVM of this process's own: its rows, and the jobs of a statement, how they end, whether they have."""

from __future__ import annotations

import os
import re
import shlex
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.ipc

from boathouse.contracts.errors import FeatureNotSupported

_QUIET_SECONDS = 2.0


class Jobs:
    """A session with what belongs to it.

    Args:
        properties: all of its own.
        spool: a folder for what it spills.

    Raises:
        FeatureNotSupported: there is no Spark.
    """

    def __init__(self, properties: Mapping[str, str], spool: str) -> None:
        try:
            from pyspark.sql import SparkSession
        except ImportError:
            raise FeatureNotSupported(
                "the engine spark needs pyspark",
                hint="Install boathouse[spark], or name a Python that has it in [spark] python.",
            ) from None
        os.environ["HOME"] = spool
        told = {**properties, "spark.local.dir": spool, "spark.sql.warehouse.dir": spool}
        _start_jvm(told, Path(spool))
        builder = SparkSession.builder
        for key, value in told.items():
            builder = builder.config(key, value)
        self._properties = properties
        self.session: Any = builder.getOrCreate()

    def begin(self, number: int) -> None:
        """A statement begins: all its jobs are of one group, by which they are cancelled.

        Tasks are told the session's properties: rows that are served part by part are no query of Spark's own, which would.
        """
        told = {key: value for key, value in self._properties.items() if key.startswith("spark.sql.")}
        group = {"spark.job.interruptOnCancel": "true", "spark.jobGroup.id": _group(number)}
        for key, value in (told | group).items():
            self.session.sparkContext.setLocalProperty(key, value)

    def rows(self, sql: str) -> tuple[pa.Schema, Iterator[pa.RecordBatch]]:
        """A query's schema, and its batches in their order; one part of the result is held at a time."""
        from pyspark.sql.pandas.types import to_arrow_schema

        found = self.session.sql(sql)
        schema = to_arrow_schema(found.schema)
        return schema, self._batches(found, schema)

    def write(self, sql: str, folder: str) -> None:
        """A query's rows in files of Parquet, all or none: what does not end leaves nothing by their names."""
        self.session.sql(sql).write.mode("overwrite").parquet(folder)

    def _batches(self, found: Any, schema: pa.Schema) -> Iterator[pa.RecordBatch]:
        from pyspark.core.rdd import _local_iterator_from_socket
        from pyspark.serializers import NoOpSerializer

        python = self.session.sparkContext._jvm.PythonRDD
        served = python.toLocalIteratorAndServe(found._jdf.toArrowBatchRdd(), False)
        for batch in _local_iterator_from_socket(served, NoOpSerializer()):
            yield pa.ipc.read_record_batch(pa.py_buffer(batch), schema)

    def cancel(self, number: int) -> None:
        """Cancel a statement's jobs, and those that a thread of it has yet to submit; from any thread."""
        self.session.sparkContext._jsc.sc().cancelJobGroupAndFutureJobs(_group(number))

    def is_quiet(self, number: int) -> bool:
        """True where nothing of a statement that was cancelled runs any more: some loops heed nothing, and keep their cores.

        A job of our own that ends says that the scheduler has come to the cancel, after which it submits none of them. What
        still runs then the scheduler itself is asked, not the store of its events, which lags behind.
        """
        context = self.session.sparkContext
        self.cancel(number)
        context.setLocalProperty("spark.jobGroup.id", None)
        context._jsc.parallelize(context._jvm.java.util.ArrayList(), 1).count()
        until = time.monotonic() + _QUIET_SECONDS
        while time.monotonic() < until:
            counts = context._jsc.sc().taskScheduler().runningTasksByExecutors().values().iterator()
            running = 0
            while counts.hasNext():
                running += counts.next()
            if not running:
                return True
            time.sleep(0.05)
        return False


def _start_jvm(properties: Mapping[str, str], folder: Path) -> None:
    """The JVM, where there is none yet. Its properties are in a file that nobody else may read: its arguments anybody may."""
    from pyspark import SparkContext

    file = folder / "properties"
    with open(file, "w", encoding="utf-8", opener=lambda path, flags: os.open(path, flags, 0o600)) as out:
        out.writelines(f"{_written(key)}={_written(value)}\n" for key, value in properties.items())
    os.environ["PYSPARK_SUBMIT_ARGS"] = shlex.join(
        ["--load-spark-defaults", "--properties-file", str(file), "pyspark-shell"]
    )
    try:
        SparkContext._ensure_initialized()
    finally:
        file.unlink()


def _written(text: str) -> str:
    """A key or a value as files of Java's properties have it."""
    return re.sub(r"[\\:=#! ]", r"\\\g<0>", text).replace("\n", "\\n").replace("\r", "\\r").replace("\t", "\\t")


def _group(number: int) -> str:
    return f"boathouse-{number}"
