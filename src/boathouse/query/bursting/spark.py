"""Queries that Spark runs: which, what they read there, and what they take along.

Received: a query's plan and its tree after every room has seen it. Handed on: a request in Spark's SQL, or None where the house
runs it. The text is made of the bound query itself, not of the house's translation. Lake tables of Parquet are read where they
lie, by the very files that the house would read; other tables are written to files and go along.
"""

from __future__ import annotations

import logging
import shutil
import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
from sqlglot import exp

from boathouse.contracts import types as t
from boathouse.contracts.answers import Field, Rows
from boathouse.contracts.engine import WorkerLost
from boathouse.contracts.errors import (
    BoathouseError,
    DataError,
    FeatureNotSupported,
    ObjectNotInPrerequisiteState,
    TooManyConnections,
)
from boathouse.contracts.house import Elsewhere
from boathouse.contracts.relations import FILES, LakeFiles, Past, Relation, SparkRequest, SparkTable
from boathouse.contracts.types import SqlType, arrow_type
from boathouse.sql.bind.bound import Bound
from boathouse.sql.targets.spark.casts import cut
from boathouse.sql.targets.spark.words import refused, spark_type
from boathouse.sql.targets.to_spark import to_spark

if TYPE_CHECKING:
    from boathouse.query.plans import Plan
    from boathouse.query.session import QuerySession

LOG = logging.getLogger(__name__)
READS = ("parquet", "orc", "text", "csv", "json")
"""The formats that Spark may read by itself; where it comes back, all but the first go along."""
_ROWS = ("table", "temporary", "external")
"""Kinds of relations whose rows are anybody's business: what reads none of them is answered in the house."""


def rows_from_spark(
    session: QuerySession,
    bind: Callable[[], Bound],
    plan: Plan,
    tree: exp.Expression,
    parameters: Sequence[object],
    *,
    insists: bool = True,
) -> Rows | None:
    """The query's rows, where it is to run on Spark and can; None where the house runs it.

    Args:
        bind: makes the query's bound tree, no rewrite having touched it.
        tree: the plan's, after every room has seen it.
        insists: a session with `SET engine TO spark` gets an error where Spark cannot run the query; else the house does.

    Raises:
        FeatureNotSupported: the session insists on Spark, which cannot run it. WorkerLost: or was lost.
    """
    must = insists and session.setting("engine") == "spark"
    if not goes(session, tree, plan.bound.relations):
        return None
    spark = session.house.spark
    if spark is None:
        if must:
            raise ObjectNotInPrerequisiteState(
                "there is no engine spark", hint="Set [spark] master or cluster in boathouse.toml."
            )
        return None
    folder = folder_for(session)
    try:
        rows, refusal = sent(session, spark, bind, tree, parameters, folder, plan.fields)
        if rows is not None:
            return replace(rows, batches=_Batches(rows.batches, folder))
    except (FeatureNotSupported, TooManyConnections):
        shutil.rmtree(folder, ignore_errors=True)
        if must:
            raise
        return None
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    shutil.rmtree(folder, ignore_errors=True)
    if must and not isinstance(refusal, DataError):  # whether a value is an error, the house judges
        raise refusal or WorkerLost("the engine spark could not be started, or has ended")
    return None


def sent(
    session: QuerySession,
    spark: Elsewhere,
    bind: Callable[[], Bound],
    tree: exp.Expression,
    parameters: Sequence[object],
    folder: Path,
    fields: tuple[Field, ...] | None,
    into: str = "",
) -> tuple[Rows | None, BoathouseError | None]:
    """A query's rows from Spark; or None, and why where Spark has said it.

    Args:
        folder: for what goes along. into: where the rows are written; then none come back.

    Raises:
        FeatureNotSupported: Spark cannot be asked this. TooManyConnections: it is busy.
    """
    with spark.statement() as places:
        for reads in (READS, READS[:1]):
            burst = places()
            request = _request(session, bind(), tree, parameters, folder, reads, into)
            rows = session.seat.elsewhere(burst, request, fields)
            if rows is not None and session.observed.run is not None:
                session.observed.run.engine = "spark"
            if rows is not None or burst.refusal is None or isinstance(burst.refusal, WorkerLost):
                break
            if all(table.format == "parquet" for table in request.tables):
                break
            LOG.info("files go along with a query: %s", burst.refusal.message)
    if rows is None:
        LOG.info("a query comes back from the engine spark: %s", burst.refusal or "it has ended")
    return rows, burst.refusal


def folder_for(session: QuerySession) -> Path:
    """A new name for what goes along with a statement, or comes back."""
    return session.house.home / "tmp" / f"spark-{uuid.uuid4().hex}"


def may_go(session: QuerySession) -> bool:
    """False where nothing of the session's goes to Spark, whatever it reads."""
    by_rule = session.house.settings["spark"].scan_bytes_min or session.seat.engine == "spark"
    wants = session.setting("engine")
    return session.house.spark is not None and (wants == "spark" or (wants == "auto" and bool(by_rule)))


def goes(session: QuerySession, tree: exp.Expression, relations: Sequence[Relation]) -> bool:
    """True where a query over these relations is to run on Spark, if it can."""
    if not any(relation.kind in _ROWS for relation in relations):
        return False
    if session.setting("engine") == "spark":
        return True
    if session.setting("engine") != "auto":
        return False
    least: int = session.house.settings["spark"].scan_bytes_min
    if session.seat.engine == "spark" or not least:
        return bool(session.seat.engine == "spark")
    scanned: int = sum(size for scan in _scans(tree) for _, size, _ in scan.meta[FILES].files)
    commit, history = _commit(session), session.house.engine.history
    if commit is not None and history is not None and scanned < least:
        tables = [one for one in relations if one.kind == "table"]
        read = [history.files_at(session.engine, one, commit) for one in tables]
        scanned += sum(size for found in read if found is not None for _, size in found.files)
    return scanned >= least


def _scans(tree: exp.Expression) -> Iterator[exp.Expression]:
    return (node for node in tree.find_all(exp.Subquery) if FILES in node.meta)


def _request(
    session: QuerySession,
    bound: Bound,
    tree: exp.Expression,
    parameters: Sequence[object],
    folder: Path,
    reads: tuple[str, ...],
    into: str = "",
) -> SparkRequest:
    """What Spark is asked.

    Args:
        reads: the formats that it may read by itself.

    Raises:
        FeatureNotSupported: it cannot be asked this.
    """
    if session.setting("timezone").upper() != "UTC":
        raise refused(f"time zone {session.setting('timezone')}")
    if any(isinstance(one.live, Past) for one in bound.relations):
        raise refused("AS OF")
    relations = [one for one in bound.relations if one.kind != "view"]
    names = {one.engine_name: f"boathouse_{place}" for place, one in enumerate(relations)}
    sql = to_spark(bound, names, parameters, stored=bool(into))
    scans: dict[str, list[exp.Expression]] = {}
    for scan in _scans(tree):
        scans.setdefault(scan.meta[FILES].relation, []).append(scan)
    left = [session.house.settings["spark"].ship_bytes_max]
    commit = _commit(session)
    tables = []
    for relation in relations:
        name, found = names[relation.engine_name], scans.get(relation.engine_name, [])
        files, columns, then = [one.meta[FILES] for one in found], _columns(bound, relation), relation
        made = None
        if files and all(one.format in reads and _is_read_there(session, one, columns) for one in files):
            made = _lake_table(name, columns, files)
        elif commit is not None and relation.kind == "table":
            made = _stored_table(session, relation, name, columns, commit)
            then = replace(relation, engine_name=f"{relation.engine_name} AT (VERSION => {commit})")
        tables.append(made or _shipped(session, then, name, columns, found, folder, left))
    return SparkRequest(sql, tuple(tables), into)


def _commit(session: QuerySession) -> int | None:
    """The commit of the warehouse, being a lake, that all of the query's tables are read at; None where statements before have
    written what is in no commit yet, and for a warehouse that is none.
    """
    history = session.house.engine.history
    return None if history is None or session.transaction.had_written else history.newest(session.engine)


def _stored_table(
    session: QuerySession, relation: Relation, name: str, columns: list[tuple[str, SqlType]], commit: int
) -> SparkTable | None:
    """A table of the warehouse as Spark reads it itself; None where the house has to."""
    history = session.house.engine.history
    assert history is not None
    found = history.files_at(session.engine, relation, commit)
    if found is None or not {column for column, _ in columns} <= {*found.columns}:
        return None
    is_local = not any(path.startswith("s3://") for path, _ in found.files)
    if not is_local and (found.keys is None or not session.house.settings["spark"].reads_s3):
        return None
    keys = None if is_local else found.keys
    files = tuple((path, ()) for path, _ in found.files)
    return SparkTable(name, tuple((column, _type(of), "") for column, of in columns), (), files, keys, stored=found)


def _is_read_there(session: QuerySession, found: LakeFiles, columns: list[tuple[str, SqlType]]) -> bool:
    """True for files that Spark reads itself as the house does: where they lie, in their format, in these types."""
    is_local = not any(path.startswith("s3://") for path, _, _ in found.files)
    if not is_local and (found.keys is None or not session.house.settings["spark"].reads_s3):
        return False
    read = [of for name, of in columns if name not in dict(found.partitions)]
    if found.format != "parquet" and any(of.is_nested for of in read):
        return False
    if found.format == "orc":  # its moments are told by the clock of whoever wrote them
        return found.is_plain and t.TIMESTAMP not in read
    if found.lines is None:
        return found.format == "parquet"
    return not (found.lines.keys and t.REAL in read)  # numbers of JSON are doubles on their way


def _columns(bound: Bound, relation: Relation) -> list[tuple[str, SqlType]]:
    """The relation's columns that are read; one at least."""
    used = {name for one in bound.reads if one.relation.engine_name == relation.engine_name for name in one.columns}
    every = [(one.name, one.type) for one in relation.columns if not one.hidden]
    found = [one for one in every if one[0] in used] or [one for one in every if spark_type(one[1]) is not None][:1]
    if not found:
        raise refused(f'relation "{relation.schema}.{relation.name}"')
    return found


def _lake_table(name: str, columns: list[tuple[str, SqlType]], scans: list[LakeFiles]) -> SparkTable:
    """Files where they lie. Two scans that need different partitions read those of both: the query filters them anyway."""
    keys = dict(scans[0].partitions)
    read = [(column, of) for column, of in columns if column not in keys]
    if not scans[0].is_cut and any(of.is_text for _, of in read):
        raise refused("surplus_char_handling")
    declared = read or [one for one in scans[0].columns if spark_type(one[1]) is not None and not one[1].is_nested][:1]
    if not declared:
        raise refused("a table of nested columns alone")
    files = {path: values for scan in scans for path, _, values in scan.files}
    return SparkTable(
        name,
        tuple((column, _type(of), _cut(of)) for column, of in declared),
        tuple((column, _type(of)) for column, of in scans[0].partitions),
        tuple(files.items()),
        scans[0].keys,
        "text" if scans[0].lines is not None else scans[0].format,
        scans[0].lines,
    )


def _type(of: SqlType) -> str:
    found = spark_type(of)
    if found is None:
        raise refused(f"type {of}")
    return found


def _cut(of: SqlType) -> str:
    if of.name == "character":
        return f"rtrim({cut('rtrim({0})', of.length)})" if of.length else "rtrim({0})"
    return cut("{0}", of.length) if of.is_text and of.length is not None and of.length < 65535 else ""


def _shipped(
    session: QuerySession,
    relation: Relation,
    name: str,
    columns: list[tuple[str, SqlType]],
    scans: list[exp.Expression],
    folder: Path,
    left: list[int],
) -> SparkTable:
    """The relation's rows in a file of Parquet, as the session sees them now; `left` is what the query may still take along."""
    if (
        relation.kind not in _ROWS
        or len({str(scan.this) for scan in scans}) > 1
        or (relation.kind == "external" and not scans)
    ):
        raise refused(f'relation "{relation.schema}.{relation.name}"')
    limit = refused(
        f'relation "{relation.schema}.{relation.name}", which the query would have to take along and which is larger than '
        "[spark] ship_bytes_max,"
    )
    if scans and sum(size for _, size, _ in scans[0].meta[FILES].files) > left[0]:
        raise limit
    source = f"({scans[0].this.this})" if scans else relation.engine_name
    listed = ", ".join('"' + column.replace('"', '""') + '"' for column, _ in columns)
    asked = f"SELECT {listed} FROM {source} AS shipped"
    fields = tuple(Field(column, of) for column, of in columns)
    schema = pa.schema([(column, arrow_type(of)) for column, of in columns])
    types = tuple((column, _type(of), "") for column, of in columns)
    folder.mkdir(exist_ok=True)
    file = folder / f"{name}.parquet"
    if any(of.is_nested for _, of in columns):  # whose values leave the engine as texts
        told = str(file).replace("'", "''")
        session.engine.execute(f"COPY ({asked}) TO '{told}' (FORMAT parquet)")
        if file.stat().st_size > left[0]:
            raise limit
        left[0] -= file.stat().st_size
        return SparkTable(name, types, (), ((str(file), ()),))
    import pyarrow.parquet as pq  # not at start: it brings clients of clouds, 10 MB

    rows = session.engine.query(asked, (), fields)
    try:
        with file.open("wb") as sink, pq.ParquetWriter(sink, schema) as writer:
            for batch in rows.batches:
                session.check_cancelled()
                writer.write_batch(pa.RecordBatch.from_arrays(batch.columns, schema=schema))
                if sink.tell() > left[0]:
                    raise limit
    finally:
        rows.batches.close()  # type: ignore[attr-defined]
    left[0] -= file.stat().st_size
    return SparkTable(name, types, (), ((str(file), ()),))


class _Batches:
    """A result's batches; what went along with its query goes with them."""

    def __init__(self, batches: Any, folder: Path) -> None:
        self._batches = batches
        self._folder = folder

    def __iter__(self) -> _Batches:
        return self

    def __next__(self) -> pa.RecordBatch:
        try:
            found: pa.RecordBatch = next(self._batches)
        except BaseException:
            shutil.rmtree(self._folder, ignore_errors=True)
            raise
        return found

    def close(self) -> None:
        """Give up what is left."""
        try:
            self._batches.close()
        finally:
            shutil.rmtree(self._folder, ignore_errors=True)
