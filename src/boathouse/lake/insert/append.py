"""INSERT into a table that is one text file: the rows wait beside the house until their transaction has committed, then
the file is replaced by itself with the rows at its end.

Received: the staged rows, from `write`. A journal and a mark in the warehouse decide after a kill: rows whose transaction
committed are appended when the house opens again, once; others are forgotten. Until a file has them, the scan reads rows of
committed transactions, and the session's own, from where they wait.

The file is replaced as a whole, so that no reader meets half a line; its size is written to each time.
"""

from __future__ import annotations

import json
import logging
import os
import shutil
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from boathouse.contracts.house import House
from boathouse.contracts.session import Session
from boathouse.lake.storage_local import STAGED, storage_error

log = logging.getLogger(__name__)

_FOLDER = "appends"


@dataclass(slots=True)
class _Waiting:
    """Rows on their way to a file; `owner` is the session that wrote them, None once they have committed."""

    journal: Path
    target: Path
    owner: int | None

    @property
    def rows(self) -> Path:
        return self.journal.with_suffix(".rows")


_waiting: dict[str, list[_Waiting]] = {}
"""By target, in the order of their transactions' ends."""
_lock = threading.RLock()


def waiting_rows(session: Session, target: str) -> list[tuple[str, int]]:
    """Files with rows that the table has for this session beside its own file, each with its size."""
    with _lock:
        found = [one for one in _waiting.get(target, ()) if one.owner in (None, session.pid)]
        return [(str(one.rows), one.rows.stat().st_size) for one in found]


def append(house: House, session: Session, target: Path, staged: Sequence[Path], header: bool) -> None:
    """Let the rows of staged files come to a file's end when the session's transaction commits.

    Args:
        header: each staged file begins with a line of names; the file keeps one.
    """
    folder = house.home / _FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    name = staged[0].parent.name
    one = _Waiting(folder / f"{name}-{session.statement_number}.json", target, session.pid)
    try:
        with one.rows.open("wb") as rows:
            for place, path in enumerate(staged):
                with path.open("rb") as part:
                    if header and place:
                        part.readline()
                    shutil.copyfileobj(part, rows)
            rows.flush()
            os.fsync(rows.fileno())
        _write(one.journal, {"target": str(target), "header": header})
        session.engine.execute("INSERT INTO boathouse.lake_writes VALUES (?)", [one.journal.stem])
    except BaseException as failure:
        _forget(one)
        if isinstance(failure, OSError):
            raise storage_error("write", str(one.rows), failure) from failure
        raise
    with _lock:
        _waiting.setdefault(str(target), []).append(one)
    session.at_end(lambda committed: _settle(house, one, committed))


def sweep(house: House) -> None:
    """At start: append what had committed, forget what had not."""
    folder = house.home / _FOLDER
    if not folder.is_dir():
        return
    own = house.engine.session()
    try:
        committed = {str(name) for (name,) in own.fetch("SELECT name FROM boathouse.lake_writes")}
    finally:
        own.close()
    for journal in sorted(folder.glob("*.json"), key=lambda path: path.stat().st_mtime):
        facts = json.loads(journal.read_text())
        one = _Waiting(journal, Path(facts["target"]), None)
        if journal.stem in committed or facts.get("committed"):
            _write(
                journal, {**facts, "committed": True}
            )  # the mark goes when all are swept, whether or not this succeeds
            with _lock:
                _waiting.setdefault(str(one.target), []).append(one)
                _apply_all(one.target)
        else:
            _forget(one)
    for left in folder.iterdir():
        if left.suffix not in (".json", ".rows") or not left.with_suffix(".json").exists():
            left.unlink(missing_ok=True)


def _settle(house: House, one: _Waiting, committed: bool) -> None:
    with _lock:
        if not committed:
            _waiting[str(one.target)].remove(one)
            _forget(one)
            return
        one.owner = None
        if not _apply_all(one.target):
            return  # with the mark, so that the next start tries again
    own = house.engine.session()
    try:
        own.execute("DELETE FROM boathouse.lake_writes WHERE name = ?", [one.journal.stem])
    except Exception as failure:  # noqa: BLE001
        log.debug("the mark of an append stays until the next start: %s", failure)
    finally:
        own.close()


def _apply_all(target: Path) -> bool:
    """Append all committed rows that wait for a file; False where it cannot be written now: they go on waiting."""
    found = _waiting.get(str(target), [])
    for one in [each for each in found if each.owner is None]:
        try:
            _apply(one)
        except OSError as failure:
            _draft(target).unlink(missing_ok=True)
            log.error("rows cannot be appended to %s yet: %s", target.name, failure.strerror)
            return False
        found.remove(one)
        _forget(one)
    if not found:
        _waiting.pop(str(target), None)
    return True


def _apply(one: _Waiting) -> None:
    facts = json.loads(one.journal.read_text())
    target = one.target
    size = target.stat().st_size if target.exists() else 0
    with one.rows.open("rb") as rows:
        if facts["header"] and size:
            rows.readline()
        start = rows.tell()
        length = one.rows.stat().st_size - start
        before = facts.get("before")
        if before is not None and size == before + facts["gap"] + length:
            return  # a kill came between the replacement and its journal's end
        gap = b"" if not size or _ends_line(target) else b"\n"
        _write(one.journal, {**facts, "before": size, "gap": len(gap)})
        target.parent.mkdir(parents=True, exist_ok=True)
        draft = _draft(target)
        with draft.open("wb") as new:
            if size:
                with target.open("rb") as old:
                    shutil.copyfileobj(old, new)
            new.write(gap)
            shutil.copyfileobj(rows, new)
            new.flush()
            os.fsync(new.fileno())
    if target.exists():
        shutil.copymode(target, draft)
    draft.replace(target)


def _draft(target: Path) -> Path:
    return target.with_name(f"{STAGED}{os.getpid()}-{target.name}")


def _ends_line(path: Path) -> bool:
    with path.open("rb") as file:
        file.seek(-1, os.SEEK_END)
        return file.read(1) == b"\n"


def _forget(one: _Waiting) -> None:
    for path in (one.journal, one.rows, one.journal.with_suffix(".draft")):
        path.unlink(missing_ok=True)


def _write(path: Path, facts: dict[str, object]) -> None:
    draft = path.with_suffix(".draft")
    with draft.open("w") as file:
        json.dump(facts, file)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
