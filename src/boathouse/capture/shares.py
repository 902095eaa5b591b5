"""One bound for what a capture may hold of the changes that are on their way, and how it is divided.

Received from the settings (`[capture] memory_bytes_max`); each part is handed to whoever holds it. A transaction of the source
that is larger goes through in parts: into files, or into the open transaction of the warehouse.
"""

from __future__ import annotations

import pyarrow as pa

MEMORY_BYTES = 48 << 20
"""The bound, where nobody says another."""
_ROW_BYTES = 320
"""What a row costs beside its bytes while it is held, about."""
_KEY_BYTES = 100


class Shares:
    """The parts.

    Args:
        memory_bytes: all of them together, about.

    Attributes:
        log_bytes: of the log, read and not yet decoded; the socket waits meanwhile.
        rows_bytes: of rows that are decoded together, and half as much again for the batch that they become.
        rows: the same, counted.
        keys: changed keys that are remembered for a dump, of each table.
    """

    def __init__(self, memory_bytes: int = MEMORY_BYTES) -> None:
        self.log_bytes = max(memory_bytes // 6, 1)
        self.rows_bytes = max(memory_bytes // 3, 1)
        self.rows = max(self.rows_bytes // _ROW_BYTES, 1)
        self.keys = memory_bytes // _KEY_BYTES

    def chunk_rows(self, before: pa.RecordBatch, wanted: int) -> int:
        """How many rows the next chunk of a dump may have: as many as are wanted, where they are like those of the one before."""
        each = before.nbytes // max(before.num_rows, 1)
        return max(1, min(wanted, self.rows_bytes // max(each, 1)))
