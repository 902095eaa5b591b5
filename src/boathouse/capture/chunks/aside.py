"""Reads a dump's chunks beside the log: the stream goes on, and changes are written, while the source looks for the rows.

Receives from the runner how far a dump is; hands back its next chunk, read between two watermarks. Low watermark, SELECT and
high watermark stand in this order in one thread, and the chunk is there before the high one is written: so whoever meets that
in the log has it. All else, the window too, is the runner's thread's alone.

While a chunk is on its way, changes are handed on that it may not have seen; the window remembers them from before the low
watermark on, and settles nothing of the table meanwhile (docs/decisions/0020-what-a-chunk-did-not-see.md).
"""

from __future__ import annotations

import secrets
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace

from boathouse.capture.changes import Chunk
from boathouse.capture.dumps import Dump
from boathouse.capture.source import Source
from boathouse.contracts.clock import Clock


class Aside:
    """One chunk at a time.

    Args:
        source: where it can only be read by the stream's own thread (`Source.reads_aside`), that does it, and waits.

    Attributes:
        spent: seconds that reading the last chunk has taken.
    """

    def __init__(self, source: Source, clock: Clock) -> None:
        self._source, self._clock = source, clock
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="capture-chunks") if source.reads_aside else None
        self._reading: Future[None] | None = None
        self._run, self._chunks = secrets.token_hex(8), 0
        self._low = self._high = ""
        self._chunk: Chunk | None = None
        self.spent = 0.0

    def marks(self, dump: int) -> tuple[str, str]:
        """Watermarks for its next chunk, never used before; `begin` writes them."""
        self._chunks += 1
        self._low, self._high = (f"{self._run} {dump} {self._chunks} {end}" for end in ("low", "high"))
        return self._low, self._high

    def begin(self, dump: Dump, rows: int) -> None:
        """Start with the dump's next chunk; the one before has ended. What fails, `end` raises."""
        self._chunk, self._reading = None, Future()
        if self._pool is not None:
            self._reading = self._pool.submit(self._read, dump, rows)
            return
        try:
            self._read(dump, rows)
        except Exception as failure:  # noqa: BLE001 - as a thread's would be
            self._reading.set_exception(failure)
        else:
            self._reading.set_result(None)

    def _read(self, dump: Dump, rows: int) -> None:
        began = self._clock.monotonic()
        self._source.mark(self._low)
        if dump.keys is None:
            assert dump.upto is not None
            chunk = self._source.read_chunk(dump.path, dump.after, dump.upto, rows)
        else:
            first = 0 if dump.after is None else int(dump.after[0])
            keys = dump.keys[first : first + rows]
            read = first + len(keys)
            onward = (str(read),) if read < len(dump.keys) else None
            chunk = replace(self._source.read_keys(dump.path, keys), after=onward)
        self.spent, self._chunk = self._clock.monotonic() - began, chunk
        self._source.mark(self._high)

    def take(self) -> Chunk | None:
        """The chunk, once; None where it is not there yet."""
        chunk, self._chunk = self._chunk, None
        return chunk

    def end(self) -> bool:
        """True where nothing is being read.

        Raises:
            BoathouseError: what the last reading has failed with, once.
        """
        reading = self._reading
        if reading is not None and reading.done():
            self._reading = None
            reading.result()
        return self._reading is None

    def close(self) -> None:
        """Wait for what is being read, and forget it."""
        if self._pool is not None:
            self._pool.shutdown()
