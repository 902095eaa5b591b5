"""What a conversion or a restore has replaced goes: the folder `replaced-…/`, and the lake that is kept elsewhere.

Received: the folder, or a lake that was given up before it was ready. A lake lets its own files go, and where no other lake has
files in the same place, those that a kill left and no catalog names.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from boathouse.app.replaced.place import Place
from boathouse.app.replaced.swap import KEPT_LAKE
from boathouse.app.storage.stopped import Stopped, stopped
from boathouse.contracts.errors import UndefinedObject
from boathouse.engines.duckdb.storage.ducklake import LakeStorage
from boathouse.engines.duckdb.storage.native import NativeStorage
from boathouse.engines.duckdb.storage.shared_swap import drop, exists


def forget(home: Path, name: str) -> None:
    """Remove what was replaced, for good.

    Raises:
        UndefinedObject: nothing was kept under the name. HomeInUse. WarehouseUnavailable, StorageError: run it again.
    """
    with stopped(home) as here:
        folder = here.home / name
        if not name.startswith("replaced-") or folder.parent != here.home or not folder.is_dir():
            kept = sorted(one.name for one in here.home.glob("replaced-*"))
            raise UndefinedObject(
                f'"{name}" is nothing that was replaced', hint=f"There is: {', '.join(kept) or 'nothing'}."
            )
        if (note := folder / KEPT_LAKE).exists():
            found = json.loads(note.read_text(encoding="utf-8"))
            let_lake_go(here, here.other(Place(**found["place"]), folder, found["schema"]))
        shutil.rmtree(folder)


def let_lake_go(here: Stopped, storage: NativeStorage | LakeStorage) -> None:
    """Remove a lake's files, and its catalog where that is in a PostgreSQL.

    Raises:
        HomeInUse: it is open. WarehouseUnavailable, StorageError: run it again.
    """
    if storage.shared is not None and not exists(storage.shared):
        return
    with here.session(storage) as session:
        history = storage.history()
        assert history is not None
        history.vanish(session)
    if storage.shared is not None:
        drop(storage.shared)
