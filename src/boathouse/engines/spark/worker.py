"""A process with a Spark session: reads Parquet files under names, runs SQL, hands batches back as they are computed.

Received over its one socket: the session's properties, then one query after the other. It is run by the Python that has
pyspark, which need have nothing else of Boathouse's: it imports the contracts alone. It ends, and its JVM with it, when the
house's end of the socket closes.
"""

from __future__ import annotations

import json
import os
import pickle
import re
import socket
import time
from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import pyarrow.ipc

from boathouse.contracts.engine import BATCH_ROWS, WorkerLost
from boathouse.contracts.errors import (
    BoathouseError,
    CardinalityViolation,
    DivisionByZero,
    FeatureNotSupported,
    InternalError,
    InvalidText,
    NumericOutOfRange,
    QueryCanceled,
)
from boathouse.contracts.relations import SparkRequest, SparkTable
from boathouse.engines.processes.frames import Wire, receive
from boathouse.engines.processes.serving import Serving

_FIXED = {
    "spark.app.name": "boathouse",
    "spark.ui.enabled": "false",
    "spark.sql.ansi.enabled": "true",
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.caseSensitive": "true",
    "spark.sql.decimalOperations.allowPrecisionLoss": "false",
    "spark.sql.execution.arrow.maxRecordsPerBatch": str(BATCH_ROWS),
    "spark.sql.parser.escapedStringLiterals": "false",
    "spark.sql.legacy.timeParserPolicy": "CORRECTED",
    "spark.sql.parquet.mergeSchema": "true",
    "spark.sql.sources.partitionColumnTypeInference.enabled": "false",
    "spark.sql.files.ignoreMissingFiles": "false",
    "spark.sql.files.ignoreCorruptFiles": "false",
    "spark.sql.orderByOrdinal": "true",
    "spark.sql.groupByOrdinal": "true",
    "spark.sql.catalogImplementation": "in-memory",
}
"""What the text of the queries relies on; no setting changes it."""
_QUIET_SECONDS = 2.0
_CONDITION = re.compile(r"\[([A-Z][A-Z_]+(?:\.[A-Z_]+)?)\]")
_REFUSAL = re.compile(r"boathouse-elsewhere: ((?:(?! SQLSTATE)[^\n'\"])*)")
_WHOLE = ("tinyint", "smallint", "int", "bigint")
_PLAIN_PATH = re.compile(r"[A-Za-z0-9_./=:+,@~% -]*")


class Worker(Serving):
    """See the module."""

    def __init__(self, house: Wire) -> None:
        super().__init__(house)
        self._session: Any = None

    def serve(self) -> None:
        """Until the house is gone."""
        _, limits = receive(self._house)
        properties, spool = pickle.loads(limits)  # noqa: S301 - the house's own words
        self._hear()
        while True:
            self._answer(*self._requests.get(), properties, spool)

    def _stop(self) -> None:
        if self._session is not None:
            self._session.sparkContext.cancelAllJobs()

    def _answer(self, number: int, frame: bytearray, properties: dict[str, str], spool: str) -> None:
        has_rows = False
        with self._lock:
            self._number, self._is_stopped = number, False
        request: SparkRequest = pickle.loads(frame)  # noqa: S301
        end: tuple[bytes, bytes] = b"D", b""
        try:
            if self._session is None:
                session = _open(properties, spool)
                with self._lock:
                    self._session = session
            _tell_tasks(self._session, properties)
            for table in request.tables:
                self._check()
                _define(self._session, table)
            self._check()
            found = self._session.sql(request.sql)
            schema = _schema(found)
            self._send(b"S", schema.serialize())
            for batch in _batches(self._session, found):
                self._check()
                self._send_batch(pa.ipc.read_record_batch(pa.py_buffer(batch), schema))
                has_rows = True
        except Exception as failure:  # noqa: BLE001 - told to the house in its words
            told = _told(failure, has_rows=has_rows, is_stopped=self._is_stopped)
            end = b"E", json.dumps(told | {"sound": not self._is_stopped or self._is_quiet()}).encode()
        finally:
            with self._lock:
                self._number = 0
        self._drop(request)
        self._send(*end)

    def _is_quiet(self) -> bool:
        """True where the tasks of jobs that were cancelled have ended: some loops heed nothing, and would keep their cores."""
        try:
            tracker = self._session.sparkContext._jsc.sc().statusTracker()
            until = time.monotonic() + _QUIET_SECONDS
            while time.monotonic() < until:
                if not any(one.numRunningTasks() for one in tracker.getExecutorInfos()):
                    return True
                time.sleep(0.05)
        except Exception:  # noqa: BLE001 - a session that is broken is not quiet
            return False
        return False

    def _drop(self, request: SparkRequest) -> None:
        try:
            for table in request.tables:
                self._session.catalog.dropTempView(table.name)
        except Exception:  # noqa: BLE001, S110 - a session that is broken is ended by the house
            pass


def _open(properties: dict[str, str], spool: str) -> Any:
    try:
        from pyspark.sql import SparkSession
    except ImportError:
        raise FeatureNotSupported(
            "the engine spark needs pyspark",
            hint="Install boathouse[spark], or name a Python that has it in [spark] python.",
        ) from None
    os.environ["HOME"] = spool
    builder = SparkSession.builder
    for key, value in {**properties, **_FIXED, "spark.local.dir": spool, "spark.sql.warehouse.dir": spool}.items():
        builder = builder.config(key, value)
    return builder.getOrCreate()


def _tell_tasks(session: Any, properties: dict[str, str]) -> None:
    """Let tasks know the session's properties: rows that are served part by part are no query of Spark's own, which would."""
    told = {key: value for key, value in {**properties, **_FIXED}.items() if key.startswith("spark.sql.")}
    for key, value in {**told, "spark.job.interruptOnCancel": "true"}.items():
        session.sparkContext.setLocalProperty(key, value)


# -- files under names -----------------------------------------------------------------------------------------


def _define(session: Any, table: SparkTable) -> None:
    """A view of the table's files, in the declared types.

    Raises:
        FeatureNotSupported: a file's column has a type that would not be read as the house reads it.
    """
    if not table.files:
        nothing = [f"CAST(NULL AS {kind}) AS {_name(name)}" for name, kind, _ in table.columns]
        nothing += [f"CAST(NULL AS {kind}) AS {_name(name)}" for name, kind in table.partitions]
        session.sql(f"SELECT {', '.join(nothing)} WHERE false").createOrReplaceTempView(table.name)
        return
    for path, _ in table.files:
        ending = path.rpartition("/")[2]
        if ending.startswith(("_", ".")) or ending.endswith("._COPYING_") or "://" in path:
            raise FeatureNotSupported(f"files such as {path} are not supported on the engine spark")
    read = session.read.parquet(*[_url(path) for path, _ in table.files])
    by_name = {field.name.lower(): field for field in read.schema.fields}
    if len(by_name) != len(read.schema.fields):
        raise FeatureNotSupported(
            "files whose columns differ in nothing but case are not supported on the engine spark"
        )
    items = [_column(by_name.get(name.lower()), name, kind, cut) for name, kind, cut in table.columns]
    if not table.partitions:
        read.selectExpr(*items).createOrReplaceTempView(table.name)
        return
    folders = _folders(table)
    items.append(
        "regexp_replace(regexp_extract(_metadata.file_path, '^(.*)/[^/]*$', 1), '^file:/+', '/') AS `__folder`"
    )
    read.selectExpr(*items).createOrReplaceTempView(f"{table.name}_files")
    rows = ", ".join(f"({', '.join(map(_text, (folder, *values)))})" for folder, values in folders.items())
    keys = ", ".join(f"`__{place}`" for place in range(len(table.partitions)))
    shown = [f"f.{_name(name)}" for name, _, _ in table.columns]
    shown += [
        f"TRY_CAST(p.`__{place}` AS {kind}) AS {_name(name)}" for place, (name, kind) in enumerate(table.partitions)
    ]
    session.sql(
        f"SELECT /*+ BROADCAST(p) */ {', '.join(shown)} FROM `{table.name}_files` AS f LEFT JOIN "
        f"(SELECT * FROM VALUES {rows} AS v(`__place`, {keys})) AS p ON p.`__place` = f.`__folder` WHERE CASE WHEN p.`__place` "
        f"IS NULL THEN CAST(raise_error('boathouse-elsewhere: a file of no partition') AS BOOLEAN) ELSE true END"
    ).createOrReplaceTempView(table.name)


def _folders(table: SparkTable) -> dict[str, tuple[str | None, ...]]:
    found: dict[str, tuple[str | None, ...]] = {}
    for path, values in table.files:
        folder = path.rpartition("/")[0]
        written = folder.replace("%", "%25").replace(" ", "%20")  # as Spark tells it
        if _PLAIN_PATH.fullmatch(folder) is None or found.setdefault(written, values) != values:
            raise FeatureNotSupported(f"partitions in folders such as {folder} are not supported on the engine spark")
    return found


def _column(field: Any, name: str, wanted: str, cut: str) -> str:
    """SQL for one column of the files as it is declared."""
    if field is None:
        return f"CAST(NULL AS {wanted}) AS {_name(name)}"
    given, value = field.dataType.simpleString(), _name(field.name)
    target = wanted.lower()
    same = given == target
    widened = (given in _WHOLE or given.startswith("decimal")) and target.startswith("decimal")
    known = (
        widened
        or (given in _WHOLE and target in _WHOLE)
        or (given, target)
        in (("float", "double"), ("timestamp", "timestamp_ntz"), ("binary", "string"), ("void", target))
    )
    if not same and not known:
        raise FeatureNotSupported(f"a file's column of type {given} as {wanted} is not supported on the engine spark")
    made = value if same else f"CAST({value} AS {wanted})"
    return f"{cut.replace('{0}', made) if cut else made} AS {_name(name)}"


def _name(text: str) -> str:
    return "`" + text.replace("`", "``") + "`"


def _text(value: str | None) -> str:
    if value is None:
        return "CAST(NULL AS STRING)"
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"


def _url(path: str) -> str:
    """A path as Spark takes it for one file, whatever its letters: they are no pattern."""
    return re.sub(r"([\\{}\[\]*?])", r"\\\1", path)


# -- rows ------------------------------------------------------------------------------------------------------


def _schema(found: Any) -> pa.Schema:
    from pyspark.sql.pandas.types import to_arrow_schema

    return to_arrow_schema(found.schema)


def _batches(session: Any, found: Any) -> Iterator[bytes]:
    """Arrow's messages one after the other, in the result's order; one part of the result is held at a time."""
    from pyspark.core.rdd import _local_iterator_from_socket
    from pyspark.serializers import NoOpSerializer

    served = session.sparkContext._jvm.PythonRDD.toLocalIteratorAndServe(found._jdf.toArrowBatchRdd(), False)
    yield from _local_iterator_from_socket(served, NoOpSerializer())


# -- what goes wrong -------------------------------------------------------------------------------------------

_KINDS: dict[str, tuple[type[BoathouseError], str]] = {
    "DIVIDE_BY_ZERO": (DivisionByZero, "Divide by zero"),
    "REMAINDER_BY_ZERO": (DivisionByZero, "Divide by zero"),
    "SCALAR_SUBQUERY_TOO_MANY_ROWS": (
        CardinalityViolation, "more than one row returned by a subquery used as an expression"),
    "CAST_INVALID_INPUT": (InvalidText, "invalid input syntax for the type of a cast"),
    "ARITHMETIC_OVERFLOW": (NumericOutOfRange, "Numeric data overflow"),
    "BINARY_ARITHMETIC_OVERFLOW": (NumericOutOfRange, "Numeric data overflow"),
    "CAST_OVERFLOW": (NumericOutOfRange, "Numeric data overflow"),
    "NUMERIC_VALUE_OUT_OF_RANGE": (NumericOutOfRange, "Numeric data overflow"),
}  # fmt: skip
_FINAL = ("DIVIDE_BY_ZERO", "REMAINDER_BY_ZERO", "SCALAR_SUBQUERY_TOO_MANY_ROWS")


def _told(failure: Exception, *, has_rows: bool, is_stopped: bool) -> dict[str, Any]:
    """What went wrong, in words of ours. `home`: the house may know or have more."""
    told = str(failure)
    home = True
    if is_stopped or isinstance(failure, QueryCanceled):
        known: BoathouseError = QueryCanceled("canceling statement due to user request")
        home = False
    elif isinstance(failure, BoathouseError):
        known = failure
    elif (refusal := _REFUSAL.search(told)) is not None:
        known = FeatureNotSupported(f"{refusal[1].strip()} is not supported on the engine spark")
    else:
        conditions = [one.split(".")[0] for one in _CONDITION.findall(told)]
        condition = next((one for one in conditions if one in _KINDS), None)
        if condition is not None:
            kind, message = _KINDS[condition]
            known, home = kind(message), condition not in _FINAL
        elif type(failure).__name__ in ("AnalysisException", "ParseException") or conditions:
            known = FeatureNotSupported(
                "the engine spark cannot run this statement", detail=", ".join(conditions[:1]) or None
            )
        elif any(one in told for one in ("SparkException", "Connection", "socket", "stopped", "Py4J")):
            known = WorkerLost("the engine spark has lost the statement's work")
        else:
            known = InternalError(f"the engine spark failed: {type(failure).__name__}")
    return {
        "kind": type(known).__name__,
        "sqlstate": known.sqlstate,
        "message": known.message,
        "detail": known.detail,
        "hint": known.hint,
        "cause": "" if isinstance(failure, BoathouseError) else told[:2000],
        "home": home and not has_rows,
    }


def main(descriptor: int) -> None:
    """Serve the house at the other end of a socket."""
    Worker(socket.socket(fileno=descriptor)).serve()
