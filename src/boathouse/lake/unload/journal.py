"""What is about to be published in the lake, on disk before the first file shows, so that a kill leaves no half.

Received: target paths from `write`. Read again: by `sweep` when the house opens. A journal holds only paths that did
not exist before: files that ALLOWOVERWRITE or CLEANPATH replaced cannot be brought back. It never holds a key: a place
that was reached with keys in the statement is swept with the house's own credentials, or the journal waits.

A write that belongs to a transaction (INSERT into an external table) leaves a mark in the warehouse by that transaction:
where the mark was committed, the files stay.
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from boathouse.contracts.errors import BoathouseError
from boathouse.contracts.house import House
from boathouse.contracts.session import Session
from boathouse.lake.storage import Storage, storage_for
from boathouse.lake.storage_local import left_of, make_durable, storage_error
from boathouse.sql.statements import Credentials

log = logging.getLogger(__name__)

TABLES = ("CREATE TABLE IF NOT EXISTS boathouse.lake_writes (name VARCHAR NOT NULL)",)
"""The marks of committed writes whose journals are still open."""


@dataclass(frozen=True, slots=True)
class Journal:
    """An open journal; `close` says that all is well or all is undone."""

    path: Path

    def mark(self, session: Session) -> None:
        """Let the session's transaction decide: once it has committed, the files stay."""
        session.engine.execute("INSERT INTO boathouse.lake_writes VALUES (?)", [self.path.stem])

    def close(self) -> None:
        """Remove it, durably."""
        self.path.unlink(missing_ok=True)
        make_durable(self.path.parent)


def open_journal(house: House, name: str, destination: str, credentials: Credentials, paths: Sequence[str]) -> Journal:
    """Write the journal durably; files may be published after this returns."""
    folder = house.home / "unload"
    folder.mkdir(parents=True, exist_ok=True)
    access = {"iam_role": credentials.iam_role, "region": credentials.region, "secret": credentials.secret}
    text = json.dumps({"destination": destination, "access": access, "paths": list(paths)})
    draft, path = folder / f"{name}.draft", folder / f"{name}.json"
    try:
        with draft.open("w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
        make_durable(folder)
    except OSError as failure:
        draft.unlink(missing_ok=True)
        path.unlink(missing_ok=True)
        raise storage_error("write", str(path), failure) from failure
    return Journal(path)


@contextmanager
def journaled(
    house: House, storage: Storage, credentials: Credentials, name: str, prefix: str, fresh: Sequence[str]
) -> Iterator[None]:
    """Publish `fresh`, or nothing of it: where the block fails, what it published is taken back."""
    journal = open_journal(house, name, prefix, credentials, fresh)
    try:
        yield
        journal.close()
    except BaseException:
        try:
            take_back(storage, prefix, fresh)
        except BoathouseError as problem:
            # What failed first is what the client is told; the journal waits for the next start.
            log.warning("what an UNLOAD to %s had published could not be taken back: %s", prefix, problem.message)
        else:
            journal.close()
        raise


def sweep(house: House) -> None:
    """Undo what a kill interrupted: delete the files that unfinished journals name, then the journals."""
    folder = house.home / "unload"
    if not folder.is_dir():
        return
    for draft in folder.glob("*.draft"):
        draft.unlink()
    marks = house.engine.session()
    try:
        own = [path.stem for path in folder.glob("*.json")]
        _sweep(house, folder, {str(name) for (name,) in marks.fetch("SELECT name FROM boathouse.lake_writes")})
        if house.engine.is_shared:  # the other marks are other servers'
            for name in own:
                marks.execute("DELETE FROM boathouse.lake_writes WHERE name = $1", (name,))
        else:
            marks.execute("DELETE FROM boathouse.lake_writes")
    finally:
        marks.close()


def _sweep(house: House, folder: Path, committed: set[str]) -> None:
    for path in sorted(folder.glob("*.json")):
        try:
            if path.stem in committed:
                Journal(path).close()
            else:
                _undo(house, path)
        except (BoathouseError, ValueError, KeyError, OSError) as error:
            # The house must open all the same; the journal stays and is tried again at the next start.
            log.warning("could not undo the interrupted write of %s: %s", path.name, error)


def _undo(house: House, path: Path) -> None:
    found = json.loads(path.read_text(encoding="utf-8"))
    destination, paths = found["destination"], found["paths"]
    take_back(storage_for(house, destination, Credentials(**found["access"])), destination, paths)
    Journal(path).close()
    log.info("undid an interrupted write to %s: %d files", destination, len(paths))


def take_back(storage: Storage, prefix: str, paths: Sequence[str]) -> None:
    """Delete published files, what a kill left of one that was being written, and local folders that are empty now."""
    storage.delete(paths)
    if prefix.startswith("s3://"):
        return
    top = Path(prefix) if prefix.endswith("/") else Path(prefix).parent
    folders = {Path(path).parent for path in paths}
    names = {Path(path).name for path in paths}
    for folder in folders:
        if not folder.is_dir():
            continue
        for left in left_of(folder, names):
            left.unlink(missing_ok=True)
        while folder.is_relative_to(top) and not any(folder.iterdir()):
            folder.rmdir()
            folder = folder.parent
