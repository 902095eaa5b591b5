"""A Spark session in a server that speaks Spark Connect: this process has no JVM, and is one client of several."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from typing import Any

import pyarrow as pa

from boathouse.contracts.errors import FeatureNotSupported

_AGAIN_SECONDS = 0.2
_TRIES_MORE = 4
"""Some five seconds. The client's own patience is ten minutes, in which a server that is gone would not be told."""


class Operations:
    """What `Jobs` is, elsewhere: properties that a server lets nobody change are as it has them.

    Raises:
        FeatureNotSupported: there is no client of Spark Connect.
    """

    def __init__(self, properties: Mapping[str, str], spool: str) -> None:
        try:
            from pyspark.sql.connect.client.retries import DefaultPolicy
            from pyspark.sql.connect.session import SparkSession
        except ImportError:
            raise FeatureNotSupported(
                "the engine spark needs the client of Spark Connect for a master sc://",
                hint="Install pyspark[connect] where [spark] python is.",
            ) from None
        self.session: Any = SparkSession.builder.remote(properties["spark.master"]).create()
        self.session.client.set_retry_policies([DefaultPolicy(_TRIES_MORE)])
        for key, value in properties.items():
            if key.startswith("spark.sql.") and self.session.conf.isModifiable(key):
                self.session.conf.set(key, value)
        self._ended = threading.Event()

    def begin(self, number: int) -> None:
        """A statement begins."""
        self._ended.set()
        self._ended = threading.Event()
        self.session.clearTags()
        self.session.addTag(_tag(number))

    def rows(self, sql: str) -> tuple[pa.Schema, Iterator[pa.RecordBatch]]:
        """A query's schema, and its batches as they come."""
        from pyspark.sql.pandas.types import to_arrow_schema

        found = self.session.sql(sql)
        schema = to_arrow_schema(found.schema)
        return schema, self._batches(found, schema)

    def write(self, sql: str, folder: str) -> None:
        """See `Jobs`."""
        self.session.sql(sql).write.mode("overwrite").parquet(folder)

    def _batches(self, found: Any, schema: pa.Schema) -> Iterator[pa.RecordBatch]:
        client = self.session.client
        for table in client.to_table_as_iterator(found._plan.to_proto(client), found._plan.observations):
            if isinstance(table, pa.Table):
                for batch in table.to_batches():
                    yield pa.RecordBatch.from_arrays(batch.columns, schema=schema)

    def cancel(self, number: int) -> None:
        """Interrupt a statement, again until it has ended: what it begins only then is interrupted too."""
        threading.Thread(target=self._insist, args=(number, self._ended), daemon=True).start()

    def _insist(self, number: int, ended: threading.Event) -> None:
        while not ended.is_set():
            self.session.interruptTag(_tag(number))
            ended.wait(_AGAIN_SECONDS)

    def is_quiet(self, number: int) -> bool:
        """True: what still runs there is the server's."""
        self._ended.set()
        return True


def _tag(number: int) -> str:
    return f"boathouse-{number}"
