"""One run of a COPY job: the files that it has not met yet, in one transaction with the note that they are loaded.

Receives RunCopyJob from a user or from the poller; loads all or nothing. A file is its path and its version: a notice of
it may come twice or never, and the process may die at any moment, but what is noted is loaded and what is not is not.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta

from boathouse.contracts.answers import Answer, Done, Notice
from boathouse.contracts.house import House
from boathouse.contracts.needs import SUPERUSER, Need
from boathouse.contracts.session import Session
from boathouse.lake import attend
from boathouse.lake.copy.load import Load
from boathouse.lake.copy.sources import SourceFile
from boathouse.lake.jobs.catalog import FAILED, LOADED, Job, find_job, met_files, note_loaded, require_job, version_of
from boathouse.lake.storage import full_path, storage_for
from boathouse.sql.parse import parse_statement
from boathouse.sql.statements import CopyFrom, QualifiedName, RunCopyJob


def run_needs(session: Session, statement: RunCopyJob) -> Iterable[Need]:
    """Its owner may run it where the owner may still insert; others are superusers."""
    job = find_job(session.engine, statement.name)
    if job is None:
        return ()
    insert = Need("INSERT", "relation", job.table, job.schema)
    return (insert,) if job.owner_id == session.user_id else (insert, Need(SUPERUSER, "system"))


def run_copy_job(house: House, session: Session, statement: RunCopyJob) -> Answer:
    """COPY JOB RUN name; see the module."""
    job = require_job(session.engine, statement.name)
    copy = copy_of(job)
    met = met_files(session.engine, job)
    files = attend.aside(
        lambda: new_files(house, job, met, automatic=statement.automatic), "copy-list", session.check_cancelled
    )
    if statement.only is not None:
        files = [(storage, file) for storage, file in files if file.path == statement.only]
    if not files:
        session.notify(Notice("INFO", f"COPY job {job.name}: no new files"))
        return Done("COPY JOB RUN")
    load = Load(house, session, copy, job.id)
    load.run(files)
    for _, file in files:
        again = (file.path, version_of(file)) in met
        note_loaded(session.engine, job, file, load.number, house.clock.now(), again=again)
    return Done("COPY JOB RUN")


def copy_of(job: Job) -> CopyFrom:
    """The job's COPY, on the table that it was made for."""
    found = parse_statement(job.copy_text)
    assert isinstance(found, CopyFrom)
    return replace(found, table=QualifiedName(job.table, job.schema))


def new_files(house: House, job: Job, met: dict[tuple[str, str], str], *, automatic: bool) -> list[SourceFile]:
    """The versions of files that the job has not loaded.

    Args:
        met: see `met_files`.
        automatic: those that failed are no longer new, and a local file that changed a moment ago may still be written.
    """
    storage = storage_for(house, job.source, copy_of(job).credentials)
    settled = house.clock.now() - timedelta(seconds=house.settings["lake"].copy_job_settle_seconds)
    found = []
    for file in storage.list(full_path(house, job.source)):
        status = met.get((file.path, version_of(file)))
        if file.path.endswith("/") or status == LOADED or (automatic and status == FAILED):
            continue
        if automatic and not file.path.startswith("s3://") and file.modified > settled:
            continue
        found.append((storage, file))
    return found
