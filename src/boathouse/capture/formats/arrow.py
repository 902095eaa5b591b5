"""Arrow's stream format: the changed rows of one table, with what happened to them in columns beside their own.

The schema's metadata name the integration, the table, the version of its shape, and the place of the first row.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import pyarrow as pa

from boathouse.capture.formats.formatter import Changes, Message, rows_told


class ArrowFormatter:
    """See `Formatter`."""

    content_type = "application/vnd.apache.arrow.stream"
    per_change = False
    mixes_tables = False

    def messages(self, changes: Changes) -> Iterable[Message]:
        """See `Formatter`."""
        raise NotImplementedError("Arrow's streams hold many rows")

    def body(self, changes: Sequence[Changes]) -> bytes:
        """See `Formatter`."""
        first, sink = changes[0], pa.BufferOutputStream()
        batches = [rows_told(one) for one in changes]
        metadata = {
            "integration": first.integration,
            "schema": first.path[0],
            "table": first.path[1],
            "version": str(first.version),
            "first": str(first.first),
        }
        schema = batches[0].schema.with_metadata(metadata)
        with pa.ipc.new_stream(sink, schema) as stream:
            for batch in batches:
                stream.write_batch(pa.RecordBatch.from_arrays(batch.columns, schema=schema))
        return bytes(sink.getvalue().to_pybytes())
