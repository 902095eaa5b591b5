"""Failures of any kind as errors that a client may see.

Received from the connection; what is not meant for the client stays in the log, under a reference that the client gets.
"""

from __future__ import annotations

import errno
import logging
import os
import secrets

from boathouse.contracts.errors import BoathouseError, DiskFull, InternalError, QueryCanceled, StorageError
from boathouse.endpoints.postgres.channel import DeadlinePassed, ServerStopping

LOG = logging.getLogger(__name__)


def as_error(failure: Exception) -> BoathouseError:
    """What to tell a client of any failure; what is not meant for it stays in the log, under a reference."""
    if isinstance(failure, BoathouseError) and not isinstance(failure, InternalError):
        return failure
    if isinstance(failure, DeadlinePassed | ServerStopping):
        return QueryCanceled("canceling statement: the server is stopping")
    if isinstance(failure, OSError) and failure.errno in (errno.ENOSPC, errno.EDQUOT):
        LOG.error("no space left on device: %s", failure.filename)
        what = f' to write "{failure.filename}"' if failure.filename else ""
        return DiskFull(f"no space left on device{what}")
    if isinstance(failure, OSError) and failure.errno is not None:
        LOG.error("a file of the home could not be used", exc_info=failure)
        return StorageError(f"a file could not be written or read: {os.strerror(failure.errno).lower()}")
    reference = secrets.token_hex(4)
    LOG.error("internal error, reference %s", reference, exc_info=failure)
    message = failure.message if isinstance(failure, InternalError) else "internal error"
    return InternalError(message, detail=f"Reference: {reference}")
