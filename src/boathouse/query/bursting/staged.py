"""Rows that a statement stores, computed on Spark: its executors write them as Parquet, the house takes them from there.

Received: the query of an INSERT or of CREATE TABLE AS. Handed on: the engine's SQL that reads its rows, whole, for the statement
that stores them in its own transaction; or None where the house computes them. What is written is nobody's until then: when Spark
or a part of it is lost, nothing is stored yet.
"""

from __future__ import annotations

import logging
import shutil
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from sqlglot import exp

from boathouse.contracts.engine import WorkerLost
from boathouse.contracts.errors import FeatureNotSupported, TooManyConnections
from boathouse.query.bursting.spark import folder_for, goes, may_go, sent
from boathouse.sql.bind.bound import Bound
from boathouse.sql.redshift.types import duckdb_type
from boathouse.sql.rewrites import rewrite
from boathouse.sql.targets.inserted_rows import asked_rows, with_rows

if TYPE_CHECKING:
    from boathouse.query.session import QuerySession

LOG = logging.getLogger(__name__)
_left: list[Path] = []
"""A folder that an executor may have written to once more, after it was removed: its driver was killed."""
_lock = threading.Lock()


@contextmanager
def staged_rows(
    session: QuerySession, bind: Callable[[], Bound], tree: exp.Expression, parameters: Sequence[object] = ()
) -> Iterator[str | None]:
    """The engine's SQL for a query's rows, whose columns are `c0`, `c1`, …; None where the house computes them.

    Args:
        bind: makes the query's bound tree, no rewrite having touched it.
        tree: what the house would run, after every room has seen it.
    """
    folder = folder_for(session)
    try:
        yield _staged(session, bind, tree, parameters, folder)
    finally:
        _sweep(folder)


@contextmanager
def staged_insert(
    session: QuerySession, bind: Callable[[], Bound], tree: exp.Expression, parameters: Sequence[object]
) -> Iterator[Bound | None]:
    """An INSERT, rewritten, of rows that Spark has computed; None where the house computes them."""
    asked = asked_rows(bind()) if may_go(session) else None
    if asked is None:
        yield None
        return
    with staged_rows(session, lambda: asked_rows(bind()) or asked, tree, parameters) as sql:
        yield None if sql is None else rewrite(with_rows(bind(), sql))


def _staged(
    session: QuerySession,
    bind: Callable[[], Bound],
    tree: exp.Expression,
    parameters: Sequence[object],
    folder: Path,
) -> str | None:
    spark, into = session.house.spark, folder / "rows"
    if spark is None or not may_go(session):
        return None
    asked = bind()
    if not goes(session, tree, asked.relations):
        return None
    try:
        rows, _ = sent(session, spark, bind, tree, parameters, folder, (), str(into))
    except (FeatureNotSupported, TooManyConnections, WorkerLost) as failure:
        LOG.info("rows are computed in the house: %s", failure.message)
        return None
    if rows is None:
        return None
    rows.batches.close()  # type: ignore[attr-defined]
    files = sorted(into.glob("*.parquet"))
    listed = ", ".join("'" + str(file).replace("'", "''") + "'" for file in files)
    if files:
        return f"SELECT * FROM read_parquet([{listed}])"
    types = [duckdb_type(one.type) for one in asked.fields or ()]
    return f"SELECT {', '.join(f'CAST(NULL AS {of}) AS c{place}' for place, of in enumerate(types))} WHERE false"


def _sweep(folder: Path) -> None:
    """Remove it, and what others left."""
    with _lock:
        left, _left[:] = [*_left, folder], [folder]
    for one in left:
        shutil.rmtree(one, ignore_errors=True)
