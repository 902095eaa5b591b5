"""COPY jobs and the files that each has met, in tables beside the data: a load and its bookkeeping commit together.

Received from the statements and the poller; shown by `sys_copy_job` and its companions.
Columns: Redshift Developer Guide, "SYS_COPY_JOB", "SYS_COPY_JOB_DETAIL", "SYS_COPY_JOB_INFO".
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from boathouse.contracts.engine import EngineSession
from boathouse.contracts.errors import UndefinedObject
from boathouse.contracts.rooms import SystemRelation
from boathouse.lake.stored_files import StoredFile

LOADED, FAILED = "I", "E"
MESSAGE_CHARACTERS_MAX = 512

TABLES = (
    "CREATE SEQUENCE IF NOT EXISTS boathouse.copy_job_ids START 100001",
    "CREATE TABLE IF NOT EXISTS boathouse.copy_jobs (job_id BIGINT NOT NULL, name VARCHAR PRIMARY KEY, "
    "owner_id INTEGER NOT NULL, owner VARCHAR NOT NULL, schema_name VARCHAR NOT NULL, table_name VARCHAR NOT NULL, "
    "source VARCHAR NOT NULL, iam_role VARCHAR NOT NULL, copy_text VARCHAR NOT NULL, is_auto BOOLEAN NOT NULL)",
    # The key is what makes a file count once: of two loads of one file at the same time, one cannot commit.
    "CREATE TABLE IF NOT EXISTS boathouse.copy_job_files (job_id BIGINT, path VARCHAR, version VARCHAR, size BIGINT, "
    "modified TIMESTAMP, seen TIMESTAMP, status VARCHAR, query BIGINT, PRIMARY KEY (job_id, path, version))",
    "CREATE TABLE IF NOT EXISTS boathouse.copy_job_messages (job_id BIGINT, name VARCHAR, noted TIMESTAMP, message VARCHAR)",
)
_FILES = "boathouse.copy_job_files f JOIN boathouse.copy_jobs j USING (job_id)"

SYSTEM_RELATIONS = (
    SystemRelation(
        "sys_copy_job",
        (
            ("job_id", "bigint"), ("job_name", "char(128)"), ("iam_role", "char(128)"), ("job_text", "char(256)"),
            ("is_auto", "integer"), ("on_error_suspend", "integer"),
        ),
        "SELECT job_id, name AS job_name, left(iam_role, 128) AS iam_role, left(copy_text, 256) AS job_text, "
        "is_auto::INTEGER AS is_auto, 0::INTEGER AS on_error_suspend FROM boathouse.copy_jobs",
    ),
    SystemRelation(
        "sys_copy_job_detail",
        (
            ("user_id", "integer"), ("database_name", "varchar"), ("job_id", "bigint"), ("job_name", "varchar"),
            ("file_location", "varchar"), ("file_name", "varchar"), ("file_size", "bigint"), ("file_etag", "varchar"),
            ("job_text", "char(256)"), ("modification_time", "timestamp"), ("enqueue_time", "timestamp"),
            ("status", "char(1)"),
        ),
        "SELECT j.owner_id AS user_id, current_database() AS database_name, job_id, j.name AS job_name, "
        "regexp_extract(f.path, '^s3://([^/]+)/', 1) AS file_location, "
        "regexp_replace(f.path, '^s3://[^/]+/', '') AS file_name, f.size AS file_size, f.version AS file_etag, "
        "left(j.copy_text, 256) AS job_text, f.modified AS modification_time, f.seen AS enqueue_time, f.status "
        f"FROM {_FILES}",
    ),
    SystemRelation(
        "sys_copy_job_info",
        (
            ("job_id", "bigint"), ("job_name", "char(128)"), ("database_name", "char(128)"), ("record_time", "timestamp"),
            ("message", "char(512)"),
        ),
        "SELECT job_id, name AS job_name, left(current_database(), 128) AS database_name, noted AS record_time, message "
        "FROM boathouse.copy_job_messages",
    ),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Job:
    """A COPY job.

    Attributes:
        schema, table: what it loads, whatever the search path is when it runs.
        copy_text: its COPY; it holds no keys.
    """

    id: int
    name: str
    owner_id: int
    owner: str
    schema: str
    table: str
    source: str
    copy_text: str
    auto: bool


_JOB = "SELECT job_id, name, owner_id, owner, schema_name, table_name, source, copy_text, is_auto FROM boathouse.copy_jobs "


def find_jobs(engine: EngineSession) -> list[Job]:
    """All jobs, by name."""
    return [Job(*row) for row in engine.fetch(f"{_JOB} ORDER BY name")]  # type: ignore[arg-type]


def find_job(engine: EngineSession, name: str) -> Job | None:
    """The job of that name."""
    found = engine.fetch(f"{_JOB} WHERE name = $1", (name,))
    return Job(*found[0]) if found else None  # type: ignore[arg-type]


def require_job(engine: EngineSession, name: str) -> Job:
    """The job of that name.

    Raises:
        UndefinedObject: there is none.
    """
    found = find_job(engine, name)
    if found is None:
        raise UndefinedObject(f'COPY job "{name}" does not exist', hint="COPY JOB LIST names them.")
    return found


def version_of(file: StoredFile) -> str:
    """What tells a version of a file from others at the same path."""
    return file.etag or f"{file.modified.isoformat()}-{file.size}"


def met_files(engine: EngineSession, job: Job) -> dict[tuple[str, str], str]:
    """The (path, version) pairs that the job has met, with their status."""
    rows = engine.fetch("SELECT path, version, status FROM boathouse.copy_job_files WHERE job_id = $1", (job.id,))
    return {(str(path), str(version)): str(status) for path, version, status in rows}


def note_loaded(engine: EngineSession, job: Job, file: StoredFile, query: int, seen: datetime, *, again: bool) -> None:
    """Note that the job has loaded a version of a file, in the transaction that did.

    Args:
        again: it had failed before, and was noted then.

    Raises:
        SerializationFailure: somebody else has, at the same time; maybe only when this transaction commits.
    """
    if again:
        engine.execute(
            "UPDATE boathouse.copy_job_files SET status = $1, query = $2, seen = $3 "
            "WHERE job_id = $4 AND path = $5 AND version = $6",
            (LOADED, query, seen.replace(tzinfo=None), job.id, file.path, version_of(file)),
        )
    else:
        if not engine.stored.enforces_keys:
            # In place of the key: of two transactions that change the row of one job, one cannot commit.
            engine.execute("UPDATE boathouse.copy_jobs SET job_id = job_id WHERE job_id = $1", (job.id,))
        _insert(engine, job, file, LOADED, query, seen, "")


def note_failed(engine: EngineSession, job: Job, file: StoredFile, seen: datetime) -> None:
    """Note that a version of a file could not be loaded, unless it has been by now."""
    if (file.path, version_of(file)) not in met_files(engine, job):
        _insert(engine, job, file, FAILED, 0, seen, " ON CONFLICT DO NOTHING" if engine.stored.enforces_keys else "")


def _insert(
    engine: EngineSession, job: Job, file: StoredFile, status: str, query: int, seen: datetime, otherwise: str
) -> None:
    engine.execute(
        f"INSERT INTO boathouse.copy_job_files VALUES ($1, $2, $3, $4, $5, $6, $7, $8){otherwise}",
        (job.id, file.path, version_of(file), file.size, file.modified.replace(tzinfo=None), seen.replace(tzinfo=None),
         status, query),
    )  # fmt: skip


def note_message(engine: EngineSession, job: Job, at: datetime, message: str, days: int) -> None:
    """Note what went wrong with a job, and forget what is older than so many days."""
    before = at.replace(tzinfo=None) - timedelta(days=days)
    engine.execute("DELETE FROM boathouse.copy_job_messages WHERE noted < $1", (before,))
    engine.execute(
        "INSERT INTO boathouse.copy_job_messages VALUES ($1, $2, $3, $4)",
        (job.id, job.name, at.replace(tzinfo=None), message[:MESSAGE_CHARACTERS_MAX]),
    )
