"""COPY jobs that run by themselves: looks for new files every `copy_job_poll_seconds`.

Receives the house and the way to run a statement as its owner; each job's new files are loaded by one COPY JOB RUN. Where
that fails for a file's sake the files are taken one by one, so that a bad one stops no other; a bad one is noted and not
tried again before it changes or a user runs the job.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

from boathouse.contracts.engine import EngineSession
from boathouse.contracts.errors import BoathouseError
from boathouse.contracts.house import House
from boathouse.contracts.rooms import RunAs
from boathouse.lake.copy.sources import SourceFile
from boathouse.lake.jobs.catalog import Job, find_jobs, met_files, note_failed, note_message
from boathouse.lake.jobs.run import new_files
from boathouse.sql.statements import RunCopyJob

log = logging.getLogger(__name__)


def poll(house: House, run: RunAs, pause: Callable[[float], bool]) -> None:
    """Go on until `pause` says that the house stops."""
    while not pause(house.settings["lake"].copy_job_poll_seconds):
        look_once(house, run, pause)


def look_once(house: House, run: RunAs, pause: Callable[[float], bool]) -> None:
    """Run every automatic job that has new files."""
    engine = house.engine.session()
    try:
        for job in find_jobs(engine):
            if job.auto and not pause(0):
                try:
                    _run_job(house, engine, job, run, pause)
                except BoathouseError as failure:
                    _note(house, engine, job, failure)
    finally:
        engine.close()


def _run_job(house: House, engine: EngineSession, job: Job, run: RunAs, pause: Callable[[float], bool]) -> None:
    files = new_files(house, job, met_files(engine, job), automatic=True)
    if not files:
        return
    try:
        run(job.owner, _statement(job))
    except BoathouseError as failure:
        if not _for_a_files_sake(failure) or pause(0):
            raise
        _one_by_one(house, engine, job, files, run, pause)


def _one_by_one(
    house: House, engine: EngineSession, job: Job, files: list[SourceFile], run: RunAs, pause: Callable[[float], bool]
) -> None:
    for _, file in files:
        if pause(0):
            return
        try:
            run(job.owner, _statement(job, file.path))
        except BoathouseError as failure:
            if not _for_a_files_sake(failure):
                raise
            note_failed(engine, job, file, house.clock.now())
            _note(house, engine, job, failure)


def _for_a_files_sake(failure: BoathouseError) -> bool:
    """True where another file may do better: not where the store, the disk or the table is what fails."""
    return failure.remedy == "mend" and failure.sqlstate[:2] in ("XX", "22", "23", "58")


def _statement(job: Job, only: str | None = None) -> RunCopyJob:
    return RunCopyJob(text=f'COPY JOB RUN "{job.name}"', name=job.name, automatic=True, only=only)


def _note(house: House, engine: EngineSession, job: Job, failure: BoathouseError) -> None:
    message = f"{failure.message} {failure.detail or ''}".strip()
    log.warning("COPY job %s: %s", job.name, message)
    note_message(engine, job, house.clock.now(), message, house.settings["lake"].load_history_days)
