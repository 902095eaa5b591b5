"""A process that queries burst to: an engine in memory that reads files, and has nothing of the warehouse.

Received over its one socket, or over standard input and output where ssh has started it: limits, then one query after the other.
Handed back: batches as they are computed, as fast as the house takes them. It ends when the house's end closes, whatever it does.
"""

from __future__ import annotations

import json
import os
import pickle
import socket
import tempfile
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.ipc

from boathouse.contracts.engine import BATCH_ROWS, BurstLimits, Request
from boathouse.contracts.errors import BoathouseError, DataError, QueryCanceled
from boathouse.engines.duckdb.computed.table import COMPUTED, register
from boathouse.engines.duckdb.errors import translate
from boathouse.engines.duckdb.extensions import (
    CLOSED,
    S3,
    bound_spills,
    load_extension,
    machine_memory_bytes,
    spill_bytes_max,
)
from boathouse.engines.processes.frames import Pipes, Wire, receive
from boathouse.engines.processes.serving import Serving, failed

MEMORY_PART = 8
"""Of the machine's memory a process has this part, where nothing else is said."""


class Worker(Serving):
    """See the module."""

    def __init__(self, house: Wire) -> None:
        super().__init__(house)
        self._cursor: duckdb.DuckDBPyConnection | None = None
        self._reads_s3 = False

    def serve(self) -> None:
        """Until the house is gone."""
        (limits, macros), spool = pickle.loads(receive(self._house)[1])  # noqa: S301 - who started it
        if not spool:
            self._own_spool = spool = tempfile.mkdtemp(prefix="boathouse-burst-")
        self._connection = _open(limits, spool)
        for macro in macros:  # as texts: to import what they are made of takes as long as all else
            self._connection.execute(macro)
        self._hear()
        while True:
            self._answer(*self._requests.get())

    def _stop(self) -> None:
        if self._cursor is not None:
            self._cursor.interrupt()

    def _answer(self, number: int, frame: bytearray) -> None:
        """One query, from its beginning to its end. What it set is its connection's, and its keys are forgotten."""
        has_rows = False
        with self._lock:
            self._number, self._is_stopped = number, False
            self._cursor = cursor = self._connection.cursor()
        request: Request = pickle.loads(frame)  # noqa: S301 - the house's own words
        try:
            if not self._reads_s3 and (request.access.secrets or request.access.settings):
                load_extension(self._connection, S3)
                self._reads_s3 = True
            for name, value in request.access.settings:
                cursor.execute(f"SET GLOBAL {name} = {value}")
            for place, secret in enumerate(request.access.secrets):
                cursor.execute(f"CREATE OR REPLACE SECRET burst_{place} ({secret})")
            for statement in request.before:
                cursor.execute(statement)
            self._check()
            reader = _started(cursor, request)
            self._send(b"S", reader.schema.serialize())
            for batch in reader:
                self._check()
                self._send_batch(batch)
                has_rows = True
            end: tuple[bytes, bytes] = b"D", b""
        except Exception as failure:  # noqa: BLE001 - told to the house in its words
            end = b"E", json.dumps(_told(failure, has_rows)).encode()
        finally:
            with self._lock:
                self._number, self._cursor = 0, None
            for place in range(len(request.access.secrets)):
                self._connection.execute(f"DROP SECRET IF EXISTS burst_{place}")
            cursor.close()
        self._send(*end)


def _started(cursor: duckdb.DuckDBPyConnection, request: Request) -> pa.RecordBatchReader:
    if not request.parameters:
        return cursor.execute(request.sql).to_arrow_reader(BATCH_ROWS)
    (statement,) = cursor.extract_statements(request.sql)
    given = {name: request.parameters[int(name) - 1] for name in statement.named_parameters}
    return cursor.execute(statement, given).to_arrow_reader(BATCH_ROWS)


def _told(failure: Exception, has_rows: bool) -> dict[str, Any]:
    """What went wrong. `home`: the house has to look itself, for it may know or have more: only values that are wrong are wrong
    everywhere.
    """
    known = translate(failure)
    final = isinstance(known, DataError | QueryCanceled) and not isinstance(failure, duckdb.BinderException)
    cause = "" if isinstance(failure, BoathouseError) else str(failure)
    return failed(known, cause, home=not final and not has_rows)


def _open(limits: BurstLimits, spool: str) -> duckdb.DuckDBPyConnection:
    config: dict[str, Any] = dict(CLOSED)
    config["temp_directory"] = spool
    config["enable_external_file_cache"] = False  # as in the house
    config["memory_limit"] = limits.memory_limit or f"{machine_memory_bytes() // MEMORY_PART}B"
    if limits.threads:
        config["threads"] = limits.threads
    connection = duckdb.connect(config=config)
    connection.execute("SET enable_progress_bar = false")
    bound_spills(connection, spill_bytes_max(spool))
    connection.execute("SET GLOBAL integer_division = true")
    register(connection, COMPUTED)
    return connection


def main(descriptor: int) -> None:
    """Serve the house at the other end of a socket."""
    Worker(socket.socket(fileno=descriptor)).serve()


def serve_standard_streams() -> None:
    """Serve the house that has started this process over ssh. What else prints does so to standard error."""
    outgoing = os.dup(1)
    os.dup2(2, 1)
    try:
        Worker(Pipes(0, outgoing)).serve()
    except EOFError:
        return  # the house is gone already
