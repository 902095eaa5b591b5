"""A query's rows to staged files, and staged files to their place: what UNLOAD and INSERT into external tables share.

Received: a translated query and options, from `write` and `lake.insert`. Handed back: closed files below a staging
folder; sent out, they appear whole, each under its final name.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from boathouse.contracts.answers import Field, Rows
from boathouse.contracts.engine import WorkerLost
from boathouse.contracts.session import Session, Translated
from boathouse.lake import attend
from boathouse.lake.storage import Storage
from boathouse.lake.storage_local import storage_error
from boathouse.lake.unload.options import UnloadOptions
from boathouse.lake.unload.partitions import split_by_folder
from boathouse.lake.unload.parts import PartNames, StagedFile, parts_maker
from boathouse.lake.unload.spread import Piece, stage

PUBLISHERS = 8
"""Files sent at once; a partitioned result has many small ones, whose time is the round trip."""


@dataclass(frozen=True, slots=True)
class Published:
    """Where a staged file goes."""

    path: str
    file: StagedFile


def stage_query(
    session: Session,
    translated: Translated,
    keys: tuple[int, ...],
    kept: tuple[Field, ...],
    options: UnloadOptions,
    staging: Path,
    slices: int,
    parameters: Sequence[object] = (),
    run: Callable[[str], Rows] | None = None,
) -> list[StagedFile]:
    """Run the query into files below `staging`, in the order of their names; none where it has no rows.

    Args:
        keys: where the partition columns stand in the result. kept: the columns that go into the files.
        slices: how many writers.
        parameters: values of `$1`, … in the query.
        run: starts it elsewhere than in the session's engine.
    """
    make = parts_maker(kept, options)
    sql = _sorted_by_keys(translated, keys)
    rows = session.engine.query(sql, parameters, fields=translated.fields) if run is None else run(sql)
    try:
        pieces = _pieces(session, rows, keys, options)
        files = stage(pieces, slices, staging, make, options.parallel, options.suffix)
    except OSError as failure:
        raise storage_error("write", str(staging), failure) from failure
    finally:
        rows.batches.close()  # type: ignore[attr-defined]
    return sorted(files, key=lambda file: file.name)


def stage_anywhere(
    session: Session,
    query: Translated,
    translated: Translated,
    keys: tuple[int, ...],
    kept: tuple[Field, ...],
    options: UnloadOptions,
    staging: Path,
    slices: int,
) -> list[StagedFile]:
    """The rows in files, computed beside the house where the query may. They are nobody's yet: where the process that computed
    them ends, they are computed again here.

    Args:
        query: as it was asked; the text of `translated` is it, or stands around it.
    """
    given = (session, translated, keys, kept, options, staging, slices, ())
    try:
        return stage_query(*given, partial(session.rows, query))
    except WorkerLost:
        shutil.rmtree(staging)
        staging.mkdir()
        return stage_query(*given, partial(session.rows, query, at_home=True))


def empty_file(kept: tuple[Field, ...], options: UnloadOptions, staging: Path) -> StagedFile:
    """The one file of an empty result: a header line, or a schema without rows."""
    parts = parts_maker(kept, options)(PartNames(staging / "empty", "", 0, options.parallel, options.suffix))
    parts.write_header_only()
    return parts.finish()[0]


def _sorted_by_keys(translated: Translated, keys: tuple[int, ...]) -> str:
    """The query with the rows of each folder side by side, in the query's own order within it.

    The engine sorts, and spills where it must; the alternative, a file open per folder, is bounded by nothing.
    """
    if not keys:
        return translated.sql
    columns = ", ".join(f"c{place}" for place in range(len(translated.fields)))
    order = ", ".join(f"c{key}" for key in keys)
    numbered = f"SELECT *, row_number() OVER () AS n FROM ({translated.sql}) AS q({columns})"
    return f"SELECT {columns} FROM ({numbered}) ORDER BY {order}, n"


def _pieces(session: Session, rows: Rows, keys: tuple[int, ...], options: UnloadOptions) -> Iterator[Piece]:
    for batch in rows.batches:
        session.check_cancelled()
        if keys:
            yield from split_by_folder(batch, rows.fields, keys, options)
        elif batch.num_rows:
            yield "", batch


def send_files(session: Session, storage: Storage, targets: Sequence[Published]) -> None:
    """Publish files, several at once; stops at the first that fails."""

    def send(target: Published) -> None:
        session.check_cancelled()
        storage.write_file(target.file.local, target.path, session.check_cancelled)

    with ThreadPoolExecutor(min(PUBLISHERS, max(1, len(targets)))) as pool:
        waiting = [pool.submit(send, target) for target in targets]
        try:
            for one in waiting:
                attend.wait(one, session.check_cancelled)
        except BaseException:
            # What has not begun never does; leaving the block waits for what has, so that it can be deleted.
            for one in waiting:
                one.cancel()
            raise
