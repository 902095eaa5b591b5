"""Files that are in their place already but belong to a transaction that is still open.

Told by `write`; asked by the scan, so that other sessions read them only once that transaction has committed.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable

from boathouse.contracts.session import Session

_owners: dict[str, int] = {}
"""Path to the number of the session that wrote it."""
_lock = threading.Lock()


def hide(session: Session, paths: Iterable[str]) -> None:
    """Keep these files to the session."""
    with _lock:
        _owners.update(dict.fromkeys(paths, session.pid))


def show(paths: Iterable[str]) -> None:
    """Let everybody see them: committed, or gone."""
    with _lock:
        for path in paths:
            _owners.pop(path, None)


def visible(session: Session, path: str) -> bool:
    """False for a file of somebody else's open transaction."""
    owner = _owners.get(path)
    return owner is None or owner == session.pid
