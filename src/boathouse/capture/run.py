"""One integration, from where it stands until it is stopped: the table of contents of this room.

Receives a source and an output; the log's items go through the window into the output's transactions, chunks of the tables
that are to be dumped are read between two watermarks and put among them, and the source is told what is durable. On any
doubt it stops with an error; it never skips.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from boathouse.capture import catalog
from boathouse.capture.catalog import Integration
from boathouse.capture.changes import ChangeBatch, LogItem, Position, Reached, SchemaChanged, TablePath, Truncated
from boathouse.capture.output import Output, Progress, Writer
from boathouse.capture.settings import CaptureSettings
from boathouse.capture.source import Source
from boathouse.capture.window import Closed, Window
from boathouse.contracts.clock import Clock
from boathouse.contracts.engine import EngineSession
from boathouse.contracts.source_errors import SourceRefused


@dataclass
class Runner:
    """One run of one integration.

    Args:
        engine: for the dumps' table; a session of the runner's own.
        is_stopping: asked often.
    """

    integration: Integration
    source: Source
    output: Output
    engine: EngineSession
    clock: Clock
    settings: CaptureSettings
    is_stopping: Callable[[], bool]
    _window: Window = field(init=False)
    _position: Position = field(init=False)
    _dump: int = field(default=0, init=False)
    _chunk_rows: int = field(init=False)
    _run: str = field(init=False)
    _chunks: int = field(default=0, init=False)
    _committed_at: float = field(default=0.0, init=False)
    _chunk_after: float = field(default=0.0, init=False)

    def run(self) -> None:
        """Go on until asked to stop.

        Raises:
            BoathouseError: of the source or the output; what is durable stays.
        """
        self._begin()
        items = self.source.stream(self._position)
        try:
            for item in items:
                if self.is_stopping():
                    return
                if not isinstance(item, Reached):
                    # The log stands between two transactions after it, too: under load there is no other moment.
                    self._commit(item, items)
                    self._go_on_dumping()
                    continue
                self._position = item.position
                if self.clock.monotonic() - self._committed_at >= self.settings.idle_commit_seconds:
                    self._store(Progress(str(self._position), self._settled()))
                self._go_on_dumping()
        finally:
            items.close()  # type: ignore[attr-defined]

    # -- beginning -------------------------------------------------------------------------------------------

    def _begin(self) -> None:
        progress = self.output.open()
        errors = [finding for finding in self.source.check() if finding.level == "error"]
        if errors:
            raise SourceRefused(f"{errors[0].subject}: {errors[0].message}", hint=errors[0].mend or None)
        schemas = self.source.tables()
        self._refuse_shared_names([schema.path for schema in schemas])
        for schema in schemas:
            self.output.make(schema)
        paths = [schema.path for schema in schemas]
        self._window = Window(() if progress is None else progress.unsettled)
        self._run, self._chunk_rows = secrets.token_hex(8), self.settings.chunk_rows
        if progress is None:
            self._position = self.source.prepare()
            self._store(Progress(str(self._position), redump=frozenset(paths)))
        else:
            self._position = self.source.position(progress.position)
        if sorted(catalog.tables(self.engine, self.integration.id)) != sorted(paths):
            catalog.note_tables(self.engine, self.integration.id, paths)

    def _refuse_shared_names(self, paths: list[TablePath]) -> None:
        """Two tables of the source never share one of the warehouse: their rows would overwrite each other."""
        target, taken = self.integration.target, catalog.captured_elsewhere(self.engine, self.integration)
        for schema, table in paths:
            name = table.lower()
            if name in taken:
                raise SourceRefused(
                    f'{schema}.{table} would go into "{target}"."{name}", as {taken[name]} does',
                    hint="Name the tables with TABLES (…), or write into another schema: INTO SCHEMA ….",
                )
            taken[name] = f"{schema}.{table}"

    # -- the log ---------------------------------------------------------------------------------------------

    def _commit(self, first: LogItem, items: Iterator[LogItem]) -> None:
        """One transaction of the output: from this item to where the log may be cut."""
        done: list[TablePath] = []

        def work(writer: Writer) -> Progress:
            return self._gather(writer, first, items, done)

        self.output.transact(work)
        self._durable()
        for path in done:
            self._window.forget(path)

    def _gather(self, writer: Writer, first: LogItem, items: Iterator[LogItem], done: list[TablePath]) -> Progress:
        began, rows = self.clock.monotonic(), 0
        redump: set[TablePath] = set()
        closed: Closed | None = None
        item: LogItem | None = first
        while item is not None:
            for out in self._window.feed(item):
                if isinstance(out, Closed):
                    closed = out
                elif isinstance(out, ChangeBatch):
                    rows += len(out)
                    if not writer.write(out):
                        redump.add(out.schema.path)
                elif isinstance(out, Truncated):
                    writer.truncate(out.path)
                elif isinstance(out, SchemaChanged):
                    writer.shape(out.schema)
            if isinstance(item, Reached):
                self._position = item.position
                due = self.clock.monotonic() - began >= self.settings.commit_seconds
                if due or closed is not None or rows >= self.settings.commit_rows or self.is_stopping():
                    break
            item = next(items, None)
        return self._progress(closed, redump, done)

    def _progress(self, closed: Closed | None, redump: set[TablePath], done: list[TablePath]) -> Progress:
        dump = None
        if closed is not None and closed.again:
            self._chunk_rows = max(1, self._chunk_rows // 2)
        elif closed is not None and closed.chunk.schema.path not in redump:
            self._chunk_rows = self.settings.chunk_rows
            dump = (self._dump, closed.chunk.after, closed.kept)
            if closed.chunk.after is None:
                done.append(closed.chunk.schema.path)
        return Progress(str(self._position), self._settled(), dump, frozenset(redump))

    def _store(self, progress: Progress) -> None:
        self.output.transact(lambda writer: progress)
        self._durable()

    def _durable(self) -> None:
        self.source.acknowledge(self._position)
        self._committed_at = self.clock.monotonic()

    def _settled(self) -> tuple[int, ...]:
        """What was handed on and may still be invisible to reads."""
        if self._window.unsettled:
            self._window.settle(self.source.snapshot())
        return tuple(self._window.unsettled)

    # -- dumps -----------------------------------------------------------------------------------------------

    def _go_on_dumping(self) -> None:
        """Read the next chunk where one is due; its rows come with its high watermark in the log."""
        if self._window.is_open or self.clock.monotonic() < self._chunk_after:
            return
        for path in catalog.take_requests(self.engine, self.integration.id):
            for one in catalog.tables(self.engine, self.integration.id) if path is None else [path]:
                catalog.begin_dump(self.engine, self.integration.id, one)
        dump = catalog.next_dump(self.engine, self.integration.id)
        if dump is None:
            return
        upto = dump.upto
        if upto is None:
            upto = self.source.last_key(dump.path)
            catalog.bound_dump(self.engine, dump, upto)
            if upto is None:
                return
        self._chunks, self._dump = self._chunks + 1, dump.number
        low, high = (f"{self._run} {dump.number} {self._chunks} {end}" for end in ("low", "high"))
        self._window.open(dump.path, low, high)
        self.source.mark(low)
        chunk = self.source.read_chunk(dump.path, dump.after, upto, self._chunk_rows)
        self.source.mark(high)
        self._window.offer(chunk)
        self._chunk_after = self.clock.monotonic() + self.settings.chunk_pause_seconds
