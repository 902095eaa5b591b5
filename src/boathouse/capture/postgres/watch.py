"""Notices, beside the log, that a table's rows lie elsewhere than before, and says so at a place in the log behind all that was
told of the table until then.

Receives the layouts that are known and functions of the source; hands items to its stream. A dump that began sooner would take
changes that the log still has to tell, of rows that are gone, for rows that came after it.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

from boathouse.capture.changes import LogItem, Rearranged, TableFailed, TablePath
from boathouse.capture.postgres import layouts
from boathouse.capture.postgres.layouts import Layout, Look, parse_layout


class Watch:
    """Over the captured tables of one stream.

    Args:
        known: the layouts that are stored, as text.
        look: where the rows lie now.
        has_moved: see `layouts.has_moved`.
        publish: let the log tell all that changes in the tables, also one that has been made anew.
        refusal: why a table cannot be captured as it is now; empty where it can.
        mark: writes a watermark.
        from_slot: all that is told at the first look has been since before the log began.
    """

    def __init__(
        self,
        known: Mapping[TablePath, str],
        look: Callable[[], Look],
        has_moved: Callable[[Layout, Look, TablePath], bool],
        publish: Callable[[], None],
        refusal: Callable[[TablePath], str],
        mark: Callable[[str], None],
        *,
        from_slot: bool = False,
    ) -> None:
        self._known = {path: parse_layout(text) for path, text in known.items()}
        self._look, self._has_moved, self._publish, self._refusal = look, has_moved, publish, refusal
        self._mark, self._from_slot = mark, from_slot
        self._name, self._count = secrets.token_hex(8), 0
        self._waiting: list[LogItem] = []
        self._looked_at = time.monotonic()
        self.parts: dict[TablePath, TablePath] = {}
        """The captured table that each partition is of."""

    def begin(self) -> Iterator[LogItem]:
        """The first look, before anything is told or read: what was never looked at is what it is; but from a table's partitions
        rows may have gone since the place where the log is read from, by which it tells of them."""
        yield from self._compare(first=True)

    def again(self, *, soon: bool) -> Iterator[LogItem]:
        """Look, where it is time to; between transactions.

        Args:
            soon: there is something new to see.
        """
        if not self._waiting and (soon or time.monotonic() - self._looked_at >= layouts.LOOK_SECONDS):
            yield from self._compare(first=False)

    def met(self, token: str) -> Iterator[LogItem]:
        """A watermark came: whatever waited for it is told now."""
        if self._waiting and token == self._token:
            waiting, self._waiting = self._waiting, []
            yield from waiting

    def layout(self, path: TablePath) -> Layout | None:
        """The newest that is known."""
        return self._known.get(path)

    @property
    def _token(self) -> str:
        return f"{self._name} look {self._count}"

    def _compare(self, *, first: bool) -> Iterator[LogItem]:
        now = self._look()
        if any(not layout.told for path, layout in now.layouts.items() if path in self._known):
            self._publish()
            now = self._look()
        self._looked_at = time.monotonic()
        self.parts.clear()
        self.parts.update(now.parts)
        for path, layout in now.layouts.items():
            known = self._known.get(path)
            if known is not None and layout.is_same(known):
                continue
            if (first and self._from_slot) or (known is not None and known.is_told_like(layout)):
                layout = replace(layout, ceiling=0 if known is None else known.ceiling)
            self._known[path] = layout
            if known is None and first and path not in now.roots:
                yield Rearranged(path, str(layout), dump=False)
                continue
            refusal = self._refusal(path)
            if refusal:
                self._waiting.append(TableFailed(path, refusal))
            moved = known is None or self._has_moved(known, now, path)
            self._waiting.append(Rearranged(path, str(layout), dump=moved and not refusal))
        if self._waiting:
            self._count += 1
            self._mark(self._token)
