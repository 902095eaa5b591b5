"""COPY JOB in its forms. Source: Redshift Developer Guide, "COPY JOB"."""

from __future__ import annotations

from boathouse.contracts.errors import InvalidParameterValue
from boathouse.sql.statements import (
    AlterCopyJob,
    CopyFrom,
    CreateCopyJob,
    DropCopyJob,
    ListCopyJobs,
    RunCopyJob,
    ShowCopyJob,
    Statement,
)
from boathouse.sql.token_reader import TokenReader

NAME_BYTES_MAX = 128


def read_create_job(reader: TokenReader, copy: CopyFrom, start: int) -> CreateCopyJob:
    """The rest of COPY … JOB CREATE name [AUTO ON|OFF], after JOB.

    Args:
        start: where JOB stands.
    """
    reader.expect("create")
    name = _name(reader)
    auto = _auto(reader) if reader.sees("auto") else True
    reader.finish()
    text = reader.text[:start].rstrip()
    return CreateCopyJob(text=reader.text, offset=reader.offset, name=name, copy=copy, copy_text=text, auto=auto)


def read_copy_job(reader: TokenReader) -> Statement:
    """COPY JOB LIST | SHOW name | RUN name | ALTER name AUTO ON|OFF | DROP name, after JOB."""
    place = {"text": reader.text, "offset": reader.offset}
    found: Statement
    if reader.accept("list"):
        found = ListCopyJobs(**place)  # type: ignore[arg-type]
    elif reader.accept("show"):
        found = ShowCopyJob(name=_name(reader), **place)  # type: ignore[arg-type]
    elif reader.accept("run"):
        found = RunCopyJob(name=_name(reader), **place)  # type: ignore[arg-type]
    elif reader.accept("drop"):
        found = DropCopyJob(name=_name(reader), **place)  # type: ignore[arg-type]
    elif reader.accept("alter"):
        found = AlterCopyJob(name=_name(reader), auto=_auto(reader), **place)  # type: ignore[arg-type]
    else:
        reader.fail(hint="Expected LIST, SHOW, RUN, ALTER or DROP; a job is made by COPY ... JOB CREATE name.")
    reader.finish()
    return found


def _name(reader: TokenReader) -> str:
    place = reader.token.start + 1
    name = reader.identifier("a job's name")
    if len(name.encode()) > NAME_BYTES_MAX:
        raise InvalidParameterValue(f"the name is longer than {NAME_BYTES_MAX} bytes", position=place)
    return name


def _auto(reader: TokenReader) -> bool:
    reader.expect("auto")
    return reader.expect_any("on", "off") == "on"
