"""Copies of a lake's tables that are read again and again, in the engine's own format beside the house's temporary files.

Asked by a session before it starts a query; given back: the same text over the copies, where there is a current one of
every table that it reads. A copy is of one commit, and goes when a later one touches its table: what was committed before a
query began is in its answer. Copies are made beside the statements, by a thread of their own, and end with the process.
"""

from __future__ import annotations

import logging
import re
import threading
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from typing import TYPE_CHECKING

from boathouse.contracts.errors import BoathouseError
from boathouse.engines.duckdb.keeping.changes import COMMITS, QUOTED, Commits, Moves, Place, touched_by
from boathouse.engines.duckdb.profile import NEAR
from boathouse.sql.redshift.types import quoted

if TYPE_CHECKING:
    from boathouse.engines.duckdb.session import DuckSession

LOG = logging.getLogger(__name__)

NEAR_FILE = "near.duckdb"
READS_LEAST = 3
"""Queries of a table as it is, after which it is copied; twice as many each time that a copy was of little use."""
_READS_MOST = 1024
_GROWTH = 2
"""Bytes of a copy for each of the table's files."""
_ELSEWHERE = re.compile(r"\bAT \(|\browid\b|\brs\.\"?\w+\"?\(\)", re.IGNORECASE)
"""What a text may hold that copies cannot answer: tables as they were, numbers of rows, system relations."""


@dataclass(slots=True)
class Copy:
    """A table as one commit left it.

    Attributes:
        number: of the table in the catalog.
        since: the commit.
        schema, name: quoted, as the engine knows it; the schema has nothing else.
        bytes: of it, about.
        reads: answered from it.
    """

    number: int
    since: int
    schema: str
    name: str
    bytes: int
    reads: int = 0


@dataclass(frozen=True, slots=True)
class Over:
    """A query's text over copies."""

    sql: str
    copies: tuple[Copy, ...]


class NearCopies:
    """The copies of one lake.

    Args:
        lake: its name.
        catalog: where its catalog's tables are, quoted.
        folder: of the file that holds the copies.
        bytes_max: of all copies together, about.
        moves: of this server.
        commits: gives those after a number, where other servers commit, too; None where `moves` tells of all.
        open_session: makes a session on the lake.
    """

    def __init__(
        self,
        lake: str,
        catalog: str,
        folder: Path,
        bytes_max: int,
        moves: Moves,
        commits: Callable[[int], Commits] | None,
        open_session: Callable[[], DuckSession],
    ) -> None:
        self._lake, self._catalog, self._bytes_max = quoted(lake), catalog, bytes_max
        self._file = folder / NEAR_FILE
        self._asked, self._open = commits, open_session
        self._table = re.compile(rf"'(?:[^']|'')*'|{re.escape(self._lake)}\.({QUOTED})\.({QUOTED})|{QUOTED}")
        self._copies: OrderedDict[Place, Copy] = OrderedDict()
        self._reads: Counter[Place] = Counter()
        self._needed: dict[Place, int] = {}
        self._lock = threading.RLock()
        self._moves, self._known = moves, -1
        self._seen: int | None = None
        self._asking: DuckSession | None = None
        self._copying: DuckSession | None = None
        self._work: SimpleQueue[Place | str | None] = SimpleQueue()
        self._thread: threading.Thread | None = None
        self._is_closed = False

    def over(self, sql: str, began_with: Callable[[], int] | None) -> Over | None:
        """The query over copies of all its tables; None where it has to read the lake.

        Args:
            began_with: the commit that the session's open transaction sees; None outside one.

        Raises:
            WarehouseUnavailable.
        """
        places = self._places(sql)
        if not places or not self._has(places):
            return None
        with self._lock:
            self._follow()
            copies = {place: self._copies[place] for place in places if place in self._copies}
        if len(copies) < len(places):
            return None
        if began_with is not None and began_with() < max(copy.since for copy in copies.values()):
            return None
        for place, copy in copies.items():
            copy.reads += 1
            with self._lock, suppress(KeyError):
                self._copies.move_to_end(place)
        changed = self._table.sub(lambda found: copies[_place(found)].name if found[1] else found[0], sql)
        return Over(changed, tuple(copies.values()))

    def are_kept(self, copies: Iterable[Copy]) -> bool:
        """True where none has been let go since."""
        with self._lock:
            kept = {id(copy) for copy in self._copies.values()}
        return all(id(copy) in kept for copy in copies)

    def close(self) -> None:
        """Make no more."""
        with self._lock:
            self._is_closed, copying = True, self._copying
        self._work.put(None)
        if self._thread is not None:
            if copying is not None:
                copying.interrupt()
            self._thread.join(30)
        if self._asking is not None:
            self._asking.close()

    def _places(self, sql: str) -> set[Place]:
        if _ELSEWHERE.search(sql):
            return set()
        return {_place(found) for found in self._table.finditer(sql) if found[1]}

    def _has(self, places: Iterable[Place]) -> bool:
        """True where there is a copy of each; else they come nearer to having one."""
        with self._lock:
            missing = [place for place in places if place not in self._copies]
            for place in missing:
                self._reads[place] += 1
                if self._reads[place] == self._needed.setdefault(place, READS_LEAST) and not self._is_closed:
                    self._begin()
                    self._work.put(place)
        return not missing

    def _begin(self) -> None:
        if self._thread is None:
            self._thread = threading.Thread(target=self._work_on, name="near copies", daemon=True)
            self._thread.start()

    # -- what commits leave ------------------------------------------------------------------------------------

    def _follow(self) -> None:
        """Let go what commits have touched by now."""
        moves = self._moves.count
        if self._asked is None and moves == self._known:
            return
        if self._seen is None:
            return
        commits = self._commits(self._seen)
        newest = max((number for number, _ in commits), default=self._seen)
        # One that is missing has been forgotten: it may have been anything.
        touched = touched_by(commits) if len(commits) == newest - self._seen else None
        for place, copy in [*self._copies.items()]:
            if touched is None or copy.number in touched or place in touched:
                self._let_go(place)
        if touched is None:
            self._reads.clear()
        else:
            for place in [place for place in self._reads if place in touched]:
                del self._reads[place]
        self._seen, self._known = newest, moves

    def _commits(self, since: int) -> Commits:
        if self._asked is not None:
            return self._asked(since)
        if self._asking is None:
            self._asking = self._open()
        query = COMMITS.format(catalog=self._catalog) + str(since)
        return [(int(str(number)), None if made is None else str(made)) for number, made in self._asking.fetch(query)]

    def _let_go(self, place: Place) -> None:
        copy = self._copies.pop(place)
        needed = self._needed.get(place, READS_LEAST)
        was_used = copy.reads > 2 * needed
        self._needed[place] = max(READS_LEAST, needed // 2) if was_used else min(_READS_MOST, needed * 2)
        self._reads[place] = 0
        self._work.put(copy.schema)

    # -- copying -----------------------------------------------------------------------------------------------

    def _work_on(self) -> None:
        session = self._open()
        with self._lock:
            self._copying = session
        try:
            session.fetch(f"ATTACH '{str(self._file).replace(chr(39), chr(39) * 2)}' AS {NEAR}")
            while (asked := self._work.get()) is not None and not self._is_closed:
                try:
                    if isinstance(asked, str):
                        session.fetch(f"DROP SCHEMA {asked} CASCADE")
                    else:
                        self._copy(session, asked)
                except BoathouseError as failure:
                    LOG.info("no copy near the engine: %s", failure.message)
                    if session.in_transaction:
                        session.rollback()
                    if isinstance(asked, tuple):
                        self._give_up(asked)
        except BoathouseError as failure:
            LOG.warning("no copies near the engine: %s", failure.message)
        finally:
            with self._lock:
                self._copying = None
            session.close()

    def _give_up(self, place: Place) -> None:
        with self._lock:
            self._needed[place] = min(_READS_MOST, self._needed.get(place, READS_LEAST) * 2)
            self._reads[place] = 0

    def _copy(self, session: DuckSession, place: Place) -> None:
        session.begin()
        ((since,),) = session.fetch(f"SELECT id FROM {self._lake}.current_snapshot()")
        size = session.fetch(
            f"SELECT t.table_id, coalesce(z.file_size_bytes, 0) FROM {self._catalog}.ducklake_table t "
            f"JOIN {self._catalog}.ducklake_schema s USING (schema_id) LEFT JOIN {self._catalog}.ducklake_table_stats z "
            "USING (table_id) WHERE t.end_snapshot IS NULL AND s.end_snapshot IS NULL AND s.schema_name = $1 "
            "AND t.table_name = $2",
            place,
        )
        if not size or place[0] == "boathouse":
            session.rollback()
            return
        number, room = int(str(size[0][0])), int(str(size[0][1])) * _GROWTH
        if room > self._bytes_max // 2:
            session.rollback()
            return
        self._make_room(room)
        commit = int(str(since))
        schema = f"{NEAR}.{quoted(f'{place[0]}_{commit}_{number}')}"
        name = f"{schema}.{quoted(place[1])}"
        session.fetch(f"CREATE SCHEMA {schema}")
        session.fetch(f"CREATE TABLE {name} AS SELECT * FROM {self._lake}.{quoted(place[0])}.{quoted(place[1])}")
        session.commit()
        with self._lock:
            commits = self._commits(commit)
            touched = touched_by(commits)
            if self._seen is None:  # there were no copies before
                self._seen = max((number for number, _ in commits), default=commit)
            if touched is not None and number not in touched and place not in touched:
                self._copies[place] = Copy(number, commit, schema, name, room)
                return
        self._give_up(place)
        session.fetch(f"DROP SCHEMA {schema} CASCADE")

    def _make_room(self, room: int) -> None:
        with self._lock:
            while self._copies and sum(copy.bytes for copy in self._copies.values()) + room > self._bytes_max:
                self._let_go(next(iter(self._copies)))


def _place(found: re.Match[str]) -> Place:
    return found[1][1:-1].replace('""', '"'), found[2][1:-1].replace('""', '"')
