"""Nodes of COPY jobs: a COPY that is kept, and run for the files that are new."""

from __future__ import annotations

from dataclasses import dataclass

from boathouse.sql.statements.copies import CopyFrom
from boathouse.sql.statements.relational import Statement


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateCopyJob(Statement):
    """COPY … JOB CREATE name [AUTO ON|OFF].

    Attributes:
        copy_text: the COPY alone, as it is kept.
    """

    name: str
    copy: CopyFrom
    copy_text: str
    auto: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AlterCopyJob(Statement):
    """COPY JOB ALTER name AUTO ON|OFF."""

    name: str
    auto: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DropCopyJob(Statement):
    """COPY JOB DROP name."""

    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RunCopyJob(Statement):
    """COPY JOB RUN name.

    Attributes:
        automatic: not a user's wish: files that have failed once are left alone.
        only: the path of the one file to load; None for all that are new.
    """

    name: str
    automatic: bool = False
    only: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ListCopyJobs(Statement):
    """COPY JOB LIST."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowCopyJob(Statement):
    """COPY JOB SHOW name."""

    name: str
