"""The statements that define and show COPY jobs. Source: Redshift Developer Guide, "COPY JOB"."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import pyarrow as pa

from boathouse.contracts.answers import Answer, Done, Field, Rows
from boathouse.contracts.errors import DuplicateObject, FeatureNotSupported, InvalidParameterValue
from boathouse.contracts.house import House
from boathouse.contracts.needs import SUPERUSER, Need
from boathouse.contracts.session import Session
from boathouse.contracts.types import BIGINT, BOOLEAN, VARCHAR, arrow_type
from boathouse.lake.copy.load import Load
from boathouse.lake.copy.target import load_target
from boathouse.lake.jobs.catalog import Job, find_job, find_jobs, require_job
from boathouse.lake.storage import full_path, storage_for
from boathouse.sql.redshift.redact import redact
from boathouse.sql.statements import AlterCopyJob, CreateCopyJob, DropCopyJob, ListCopyJobs, ShowCopyJob

LIST_FIELDS = (Field("job_name", VARCHAR), Field("is_auto", BOOLEAN))
SHOW_FIELDS = (
    Field("job_id", BIGINT),
    Field("job_name", VARCHAR),
    Field("job_owner", VARCHAR),
    Field("data_source", VARCHAR),
    Field("destination_table", VARCHAR),
    Field("copy_query", VARCHAR),
    Field("is_auto", BOOLEAN),
)


def create_needs(session: Session, statement: CreateCopyJob) -> Iterable[Need]:
    """What its COPY needs."""
    found = session.catalog.relation(statement.copy.table.schema, statement.copy.table.name)
    return () if found is None else (Need("INSERT", "relation", found.name, found.schema),)


def owner_needs(session: Session, statement: AlterCopyJob | DropCopyJob | ShowCopyJob) -> Iterable[Need]:
    """A job is its owner's, and superusers'."""
    job = find_job(session.engine, statement.name)
    return () if job is None or job.owner_id == session.user_id else (Need(SUPERUSER, "system"),)


def create_copy_job(house: House, session: Session, statement: CreateCopyJob) -> Answer:
    """COPY … JOB CREATE: checked as its COPY would be, kept, and not run.

    Raises:
        InvalidParameterValue: keys in the text: what is kept is shown. DuplicateObject: the name is taken.
        FeatureNotSupported: a manifest, a temporary table.
    """
    copy = statement.copy
    if copy.credentials.access_key_id is not None:
        raise InvalidParameterValue(
            "a COPY job keeps no keys", hint="Put them into secrets.toml and write SECRET 'name', or use IAM_ROLE."
        )
    if "MANIFEST" in copy.options:
        raise FeatureNotSupported("a COPY job takes no MANIFEST", hint="It loads what is new under a prefix.")
    if find_job(session.engine, statement.name) is not None:
        raise DuplicateObject(f'COPY job "{statement.name}" already exists')
    target = load_target(session, copy.table)
    if target.kind != "table":
        raise FeatureNotSupported("a COPY job loads no temporary table")
    Load(house, session, copy)
    storage_for(house, copy.source, copy.credentials)
    session.engine.execute(
        "INSERT INTO boathouse.copy_jobs "
        "VALUES (memory.rs.next_number('boathouse.copy_job_ids'), $1, $2, $3, $4, $5, $6, $7, $8, $9)",
        (statement.name, session.user_id, session.user, target.schema, target.name, full_path(house, copy.source),
         copy.credentials.iam_role or "", redact(statement.copy_text), statement.auto),
    )  # fmt: skip
    return Done("COPY JOB CREATE")


def alter_copy_job(house: House, session: Session, statement: AlterCopyJob) -> Answer:
    """COPY JOB ALTER name AUTO ON|OFF."""
    job = require_job(session.engine, statement.name)
    session.engine.execute("UPDATE boathouse.copy_jobs SET is_auto = $1 WHERE job_id = $2", (statement.auto, job.id))
    return Done("COPY JOB ALTER")


def drop_copy_job(house: House, session: Session, statement: DropCopyJob) -> Answer:
    """COPY JOB DROP name; what it has loaded stays, what it has met is forgotten."""
    job = require_job(session.engine, statement.name)
    for table in ("copy_job_files", "copy_job_messages", "copy_jobs"):
        session.engine.execute(f"DELETE FROM boathouse.{table} WHERE job_id = $1", (job.id,))
    return Done("COPY JOB DROP")


def list_copy_jobs(house: House, session: Session, statement: ListCopyJobs) -> Answer:
    """COPY JOB LIST."""
    return _rows(LIST_FIELDS, [(job.name, job.auto) for job in find_jobs(session.engine)])


def show_copy_job(house: House, session: Session, statement: ShowCopyJob) -> Answer:
    """COPY JOB SHOW name."""
    return _rows(SHOW_FIELDS, [_shown(require_job(session.engine, statement.name))])


def _shown(job: Job) -> tuple[object, ...]:
    return job.id, job.name, job.owner, job.source, f"{job.schema}.{job.table}", job.copy_text, job.auto


def _rows(fields: tuple[Field, ...], rows: Sequence[tuple[object, ...]]) -> Rows:
    columns = list(zip(*rows, strict=True)) if rows else [()] * len(fields)
    arrays = [pa.array(values, arrow_type(field.type)) for values, field in zip(columns, fields, strict=True)]

    def batches() -> Iterable[pa.RecordBatch]:
        yield pa.RecordBatch.from_arrays(arrays, names=[field.name for field in fields])

    return Rows(fields, batches())  # type: ignore[arg-type]
