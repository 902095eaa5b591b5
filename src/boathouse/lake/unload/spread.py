"""The query's batches to staged files: spread over slices and folders, encoded on a thread per slice.

Received: batches from the engine. Handed on: the list of staged files, to `write`. Memory is bounded by a few batches
and one open row group per slice. Partitioned results arrive sorted by their keys, so each slice has one folder open
at a time, however many folders there are.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from queue import Queue

import pyarrow as pa

from boathouse.lake.unload.parts import PartNames, Parts, StagedFile

QUEUED_BATCHES = 4
SLICE_ROWS_MIN = 1024
"""A batch of fewer rows per slice goes to one slice whole: small results make one small file, not several tiny ones."""

MakeParts = Callable[[PartNames], Parts]
Piece = tuple[str, pa.RecordBatch]


class Slice:
    """One slice: a thread that encodes what it is given, in order."""

    def __init__(self, number: int, staging: Path, make: MakeParts, parallel: bool, suffix: str) -> None:
        self._number, self._staging, self._make = number, staging, make
        self._parallel, self._suffix = parallel, suffix
        self._queue: Queue[Piece | None] = Queue(QUEUED_BATCHES)
        self._files: list[StagedFile] = []
        self._counts: dict[str, int] = {}
        self._error: BaseException | None = None
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"unload-slice-{number}", daemon=True)
        self._thread.start()

    def put(self, folder: str, batch: pa.RecordBatch) -> None:
        """Hand over rows; waits while the slice is behind. Raises what failed in the thread."""
        if self._error is not None:
            raise self._error
        self._queue.put((folder, batch))

    def finish(self) -> list[StagedFile]:
        """Wait for the end; the files in order. Raises what failed in the thread."""
        self._queue.put(None)
        self._thread.join()
        if self._error is not None:
            raise self._error
        return self._files

    def stop(self) -> None:
        """Give up: nothing more is written when this returns."""
        self._stopped.set()
        self._queue.put(None)
        self._thread.join()

    def parts(self, folder: str, place: int) -> Parts:
        """The files of a folder, the `place`-th that this slice opens; numbered on where it comes back to one."""
        staging = self._staging / f"{self._number:04d}" / f"{place:06d}"
        first = self._counts.get(folder, 0)
        return self._make(PartNames(staging, folder, self._number, self._parallel, self._suffix, first))

    def _take(self, folder: str, files: list[StagedFile]) -> None:
        self._counts[folder] = self._counts.get(folder, 0) + len(files)
        self._files += files

    def _run(self) -> None:
        folder: str | None = None
        parts: Parts | None = None
        places = 0
        while (piece := self._queue.get()) is not None:
            if self._error is not None or self._stopped.is_set():
                continue
            try:
                if parts is None or piece[0] != folder:
                    if parts is not None:
                        self._take(str(folder), parts.finish())
                    folder = piece[0]
                    parts = self.parts(folder, places)
                    places += 1
                parts.write(piece[1])
            except BaseException as error:  # noqa: BLE001 - carried to the thread that waits
                self._error = error
        try:
            if parts is not None:
                if self._error is not None or self._stopped.is_set():
                    parts.abandon()
                else:
                    self._take(str(folder), parts.finish())
        except BaseException as error:  # noqa: BLE001
            self._error = self._error or error


def stage(
    pieces: Iterator[Piece],
    slices: int,
    staging: Path,
    make: MakeParts,
    parallel: bool,
    suffix: str,
) -> list[StagedFile]:
    """Write all pieces to files below `staging`.

    Args:
        pieces: (folder, rows), equal folders side by side.
        slices: how many threads and series of files.
    """
    running = [Slice(number, staging, make, parallel, suffix) for number in range(slices)]
    turn = 0
    last = None
    try:
        for folder, batch in pieces:
            if folder != last:
                turn = (turn + 1) % slices if last is not None else 0
                last = folder
            share = batch.num_rows // slices
            if slices > 1 and share >= SLICE_ROWS_MIN:
                for number, one in enumerate(running):
                    start = number * share
                    one.put(folder, batch.slice(start, share if number < slices - 1 else None))
            else:
                running[turn].put(folder, batch)
        return [file for one in running for file in one.finish()]
    except BaseException:
        for one in running:
            one.stop()
        raise
