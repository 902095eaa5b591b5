"""One integration, from where it stands until it is stopped: the table of contents of this room.

Receives a source and an output; the log's items go through the window into the output's transactions, chunks of the tables
that are to be dumped are read between two watermarks and put among them, and the source is told what is durable. On any
doubt it stops with an error; it never skips.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial

from boathouse.capture import catalog, dumps
from boathouse.capture.catalog import Integration
from boathouse.capture.changes import (
    ChangeBatch,
    LogItem,
    Mark,
    Reached,
    Rearranged,
    SchemaChanged,
    TableFailed,
    TablePath,
    Truncated,
)
from boathouse.capture.chunks.aside import Aside
from boathouse.capture.chunks.beginning import Beginning
from boathouse.capture.dumps import Dump, Request
from boathouse.capture.output import Output, Progress, Taken, Writer
from boathouse.capture.outputs.ahead import Ahead
from boathouse.capture.outputs.joined import Joining
from boathouse.capture.outputs.place import Place
from boathouse.capture.settings import CaptureSettings
from boathouse.capture.source import REST_SECONDS, Awaited, LogSkipped, Rounds, Shares, Source
from boathouse.capture.window import Closed, Window
from boathouse.contracts.clock import Clock
from boathouse.contracts.engine import EngineSession
from boathouse.contracts.errors import DataError, FeatureNotSupported, UndefinedTable
from boathouse.contracts.source_errors import SourceRefused

log = logging.getLogger(__name__)


@dataclass
class Runner:
    """One run of one integration.

    Args:
        engine: for the dumps' table; a session of the runner's own.
        is_stopping: asked often.
        asked: whether users may have asked for something (`dumps.WATCHED`) since it was called last.
        takes_turns: the output's transactions go one after the other with those of other integrations.
        wait: lets so many seconds pass, or fewer.
    """

    integration: Integration
    source: Source
    output: Output
    engine: EngineSession
    clock: Clock
    settings: CaptureSettings
    is_stopping: Callable[[], bool]
    asked: Callable[[], bool] = lambda: True
    takes_turns: bool = False
    wait: Callable[[float], object] = time.sleep
    _dump: int = field(default=0, init=False)
    _chunk_after: float = field(default=0.0, init=False)

    def run(self) -> None:
        """Go on until asked to stop.

        Raises:
            BoathouseError: of the source or the output; what is durable stays.
        """
        self._begin()
        stream = self.source.stream(self._place.position, catalog.layouts(self.engine, self.integration.id))
        items = Ahead(stream, self._shares.rows_bytes)
        try:
            for item in items:
                if self.is_stopping():
                    return
                if isinstance(item, Mark) and not self._window.ends_with(item):
                    self._window.feed(item)  # nothing to write
                    continue
                if isinstance(item, Reached):
                    self._place.position = item.position
                    self._place.idle()
                else:  # the log stands between two transactions after it, too: under load there is no other moment
                    self._commit(item, items)
                self._rest()
        except LogSkipped as gap:
            self._place.skip(gap.goes_on, catalog.tables(self.engine, self.integration.id), self._failed)
            raise
        finally:
            stream.close()  # type: ignore[attr-defined]
            self._aside.close()

    def _rest(self) -> None:
        """Between two transactions of the log: go on with dumps, and let the next round become due where no chunk is read."""
        self._go_on_dumping()
        while self._rounds.rests(self._place.position) and not self._window.is_open and not self.is_stopping():
            self.wait(REST_SECONDS)
            self._place.idle()
            self._go_on_dumping()

    # -- beginning -------------------------------------------------------------------------------------------

    def _begin(self) -> None:
        progress = self.output.open()
        self._awaited = Awaited(self.source, self.clock)
        self._rounds = Rounds(self.source, self.clock, self.integration.refresh_seconds)
        self._awaited.begin()
        schemas = self.source.tables()
        paths = [schema.path for schema in schemas]
        catalog.require_own_names(self.engine, self.integration, paths)
        made = {schema.path for schema in schemas if self.output.make(schema)}
        self._shares = Shares(self.settings.memory_bytes_max)
        unsettled = () if progress is None else progress.unsettled
        self._window = Window(unsettled, self._shares.keys)
        self._place = Place(self.source, self.output, self._window, self.clock, self.settings.idle_commit_seconds)
        self._aside = Aside(self.source, self.clock)
        self._turns = dumps.Turns(self.engine, self.integration.id, self.asked)
        self._beginning = Beginning(self.source, self.output, self.clock, self._turns)
        self._set_pace()
        catalog.note_database(self.engine, self.integration.id, self.source.database())
        if progress is None:
            self.output.capture([*paths, *self._awaited.reasons])
            self._place.position = self.source.prepare()
            self._place.store(Progress(str(self._place.position), redump=frozenset(paths)))
        else:
            self._place.position = self.source.position(progress.position)
            self._include(paths, made)
        back = set(paths) & catalog.failed_tables(self.engine, self.integration.id, awaited=True)
        for path, reason in self._awaited.reasons.items():
            log.warning("integration %s: a table is awaited: %s", self.integration.name, reason)
            dumps.fail(self.engine, self.integration.id, path, reason, self.clock.now(), awaited=True)
        self._failed = catalog.failed_tables(self.engine, self.integration.id)
        self._sweeps = dumps.sweeping(self.engine, self.integration.id)
        for path in sorted(back):
            self._mend(path)

    def _include(self, paths: list[TablePath], made: set[TablePath]) -> None:
        """Tables that are new since the last run are captured from now on; those that went here come back."""
        number = self.integration.id
        known = set(catalog.tables(self.engine, number))
        awaited = catalog.failed_tables(self.engine, number, awaited=True)
        new = set(paths) - known
        if paths and set(paths) != known - awaited:
            self.source.include()
        self.output.capture([*paths, *self._awaited.reasons])
        for path in sorted(set(paths) if self.output.is_new else new | made):
            dumps.begin(self.engine, self.integration.id, path, self.clock.now())

    # -- the log ---------------------------------------------------------------------------------------------

    def _commit(self, first: LogItem, items: Ahead) -> None:
        """One transaction of the output: from this item to where the log may be cut."""
        done: list[TablePath] = []
        if self.takes_turns:
            items.take(first, partial(self._is_enough, self._place.stored_at), self._window.ends_with)
        self._place.transact(lambda writer: self._gather(writer, first, items, done))
        for path in done:
            self._end_sweep(path)
        if self._sweeps:  # one may have been superseded
            self._sweeps = dumps.sweeping(self.engine, self.integration.id)

    def _is_enough(self, began: float, rows: int) -> bool:
        due = self.clock.monotonic() - began >= self.settings.commit_seconds
        return due or rows >= self.settings.commit_rows or self.is_stopping()

    def _gather(self, writer: Writer, first: LogItem, items: Ahead, done: list[TablePath]) -> Progress:
        began, taken = self._place.stored_at, Taken()  # what came while a chunk was read has waited already
        joining = Joining(writer, self._shares.rows_bytes)
        item: LogItem | None = first
        while item is not None:
            if isinstance(item, Mark):
                self._offer()
            fed_at = self.clock.monotonic()
            for out in self._window.feed(item):
                self._take(joining, out, taken)
            if isinstance(item, Mark):
                self._pace.spent += self.clock.monotonic() - fed_at
            if isinstance(item, Reached):
                self._place.position = item.position
                if taken.closed or (not items.has_more and self._is_enough(began, taken.rows)):
                    break
            item = next(items, None)
        for path in joining.held:
            self._try(path, taken, partial(joining.flush, path))
        taken.redump |= joining.redump
        return self._progress(taken, done)

    def _take(self, writer: Joining, out: LogItem | Closed, taken: Taken) -> None:
        if isinstance(out, TableFailed):
            self._fail(out.path, out.reason, taken)
            return
        if isinstance(out, Rearranged):
            taken.layouts[out.path] = out.layout
            taken.redump |= {out.path} if out.dump else set()
            if out.dump and not self.output.knows_rows:
                writer.truncate(out.path)
            return
        if isinstance(out, Closed):
            taken.closed, path = out, out.chunk.schema.path
        elif isinstance(out, (ChangeBatch, Truncated, SchemaChanged)):
            path = out.path if isinstance(out, Truncated) else out.schema.path
        else:
            return
        if path not in self._failed:
            self._try(path, taken, partial(self._write, writer, out, path, taken))

    def _try(self, path: TablePath, taken: Taken, write: Callable[[], None]) -> None:
        try:
            write()
        except (SourceRefused, UndefinedTable) as failure:
            self._window.forget(path)
            self._fail(path, failure.message, taken)

    def _write(
        self, writer: Joining, out: ChangeBatch | Truncated | SchemaChanged | Closed, path: TablePath, taken: Taken
    ) -> None:
        if isinstance(out, Closed):
            if not out.again and self._sweeps.get(path) == self._dump:
                writer.found(self._dump, out.chunk.schema, out.chunk.rows)
                if out.chunk.after is None:
                    writer.sweep(self._dump, out.chunk.schema)
        elif isinstance(out, Truncated):
            writer.truncate(path, out.transaction)
        elif isinstance(out, SchemaChanged):
            writer.shape(out.schema)
        else:
            taken.rows += len(out)
            writer.write(out)
            if path in self._sweeps and out.transactions:
                writer.inserted(self._sweeps[path], out)

    def _fail(self, path: TablePath, reason: str, taken: Taken) -> None:
        """Set one table aside; the others go on. It stays so until somebody lets it be dumped."""
        if path not in self._failed:
            log.warning("integration %s: a table is set aside: %s", self.integration.name, reason)
            self._failed.add(path)
            self._sweeps.pop(path, None)
            taken.failed[path] = reason

    def _progress(self, taken: Taken, done: list[TablePath]) -> Progress:
        dump, closed = None, taken.closed
        if closed is not None and closed.again:
            self._pace.again()
        elif closed is not None and not {closed.chunk.schema.path} & (taken.redump | self._failed):
            most = self._shares.chunk_rows(closed.chunk.rows, self._pace.wanted)
            self._pace.ended(most, taken.rows - closed.kept)
            self._chunk_after = max(self._chunk_after, self.clock.monotonic() + self._pace.rest)
            dump = (self._dump, closed.chunk.after, closed.kept)
            if closed.chunk.after is None:
                done.append(closed.chunk.schema.path)
        redump, layouts = frozenset(taken.redump - self._failed), taken.layouts
        return self._place.progress(dump=dump, redump=redump, failed=taken.failed, layouts=layouts)

    # -- dumps -----------------------------------------------------------------------------------------------

    def _go_on_dumping(self) -> None:
        """Begin to read the next chunk where one is due; its rows come with its high watermark in the log."""
        if not self._tried(self._aside.end) or self._window.is_open:
            return
        self._take_requests()
        for path in self._awaited.look():
            self.source.include()
            self._mend(path)
        if self.clock.monotonic() < self._chunk_after:
            return
        dump = self._turns.next(self.clock.monotonic())
        if dump is None:
            self._window.rest()
        else:
            self._read_of = dump
            self._tried(partial(self._read, dump))

    def _tried(self, step: Callable[[], bool | None]) -> bool | None:
        """A table, or keys, that cannot be read are given up; a table that is gone has no rows."""
        try:
            return step()
        except (SourceRefused, DataError, FeatureNotSupported, UndefinedTable) as failure:
            dump = self._read_of
            self._window.forget(dump.path)
            if dump.keys is not None:
                dumps.refuse(self.engine, dump, failure.message, self.clock.now())
            elif isinstance(failure, UndefinedTable):
                self._end_empty(dump)  # the log tells of its end, and of another one in its place
            else:
                self._place.store(self._place.progress(failed={dump.path: failure.detail or failure.message}))
                self._failed.add(dump.path)
            return False

    def _read(self, dump: Dump) -> None:
        """A chunk between two watermarks."""
        upto = dump.upto
        if dump.after is None and upto is None:
            if dump.keys is None and not self._beginning.may(dump, self._sweeps, self._window.unsettled):
                return
            upto = self.source.last_key(dump.path) if dump.keys is None else None
            about = self.source.rows_about(dump.path) if dump.keys is None else len(dump.keys)
            dumps.bound(self.engine, dump, upto, about, self.clock.now())
        if dump.keys is None and upto is None:
            self._end_empty(dump)
            return
        self._dump = dump.number
        self._window.open(dump.path, *self._aside.marks(dump.number))
        self._aside.begin(replace(dump, upto=upto), self._pace.rows)

    def _offer(self) -> None:
        """The chunk comes before its high watermark does."""
        chunk = self._aside.take()
        if chunk is not None and self._window.is_open:
            self._window.offer(chunk)
            self._pace.spent = self._aside.spent
            self._chunk_after = self.clock.monotonic() + self._pace.pause

    def _end_empty(self, dump: Dump) -> None:
        """The source's table has no rows."""
        self._dump, ended = dump.number, (dump.number, None, 0)
        schema = next((one for one in self.source.tables() if one.path == dump.path), None)

        def work(writer: Writer) -> Progress:
            if dump.path in self._sweeps and schema is not None:
                Joining(writer, self._shares.rows_bytes).sweep(dump.number, schema)
            return self._place.progress(dump=ended)

        self._place.transact(work)
        self._end_sweep(dump.path)

    def _end_sweep(self, path: TablePath) -> None:
        """The dump in hand, of this table, is complete."""
        self._window.forget(path)
        if self._sweeps.get(path) == self._dump:
            self.output.swept(self._sweeps.pop(path))

    def _take_requests(self) -> None:
        for number, request in self._turns.requests():
            if request.action == "dump":
                self._begin_dump(request)
            elif request.action == "set":
                dumps.set_pace(self.engine, self.integration.id, request)
                self._set_pace()
            else:
                dumps.control(self.engine, self.integration.id, request, self.clock.now())
            self._sweeps = dumps.sweeping(self.engine, self.integration.id)
            dumps.taken(self.engine, number)

    def _begin_dump(self, request: Request) -> None:
        captured = catalog.tables(self.engine, self.integration.id)
        for path in captured if request.path is None else [request.path]:
            if path in self._failed:
                self._mend(path)
            elif path in captured:
                dumps.begin(self.engine, self.integration.id, path, self.clock.now(), request.keys)

    def _mend(self, path: TablePath) -> None:
        """A table that was set aside begins anew, empty: what it missed may have been deletions."""
        schema = next((schema for schema in self.source.tables() if schema.path == path), None)
        if schema is None:
            return
        self.output.make(schema)

        def empty(writer: Writer) -> Progress:
            writer.truncate(path)
            return self._place.progress(redump=frozenset({path}))

        self._place.transact(empty)
        self._failed.discard(path)
        self._awaited.reasons.pop(path, None)

    def _set_pace(self) -> None:
        rows, seconds = dumps.pace(self.engine, self.integration.id)
        wanted = self.settings.chunk_rows if rows is None else rows
        self._pace = dumps.Pace(wanted, self.settings.chunk_pause_seconds if seconds is None else seconds)
        self._chunk_after = min(self._chunk_after, self.clock.monotonic() + self._pace.pause)
