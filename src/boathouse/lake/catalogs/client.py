"""Calls of AWS Glue: one client for each pair of keys and region, and its refusals in the house's words."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import botocore.exceptions

from boathouse.contracts.errors import (
    BoathouseError,
    DuplicateObject,
    InsufficientPrivilege,
    InvalidParameterValue,
    StorageError,
    StorageUnavailable,
)
from boathouse.contracts.house import House
from boathouse.lake.storage_s3 import aws_client
from boathouse.sql.statements import Credentials

_DENIED = {"AccessDeniedException", "UnrecognizedClientException", "InvalidSignatureException", "ExpiredTokenException"}
_BUSY = {"ThrottlingException", "InternalServiceException", "OperationTimeoutException", "ResourceNotReadyException"}

Result = TypeVar("Result")


def glue_client(house: House, credentials: Credentials) -> Any:
    """The client for a schema's access."""
    return aws_client(house, "glue", credentials)


@contextmanager
def told(what: str) -> Iterator[None]:
    """Refusals inside the block as errors that say what could not be done.

    Args:
        what: "read table x", without a key or a secret in it.
    """
    try:
        yield
    except botocore.exceptions.ClientError as failure:
        raise _error(what, str(failure.response.get("Error", {}).get("Code", ""))) from failure
    except botocore.exceptions.BotoCoreError as failure:
        name = type(failure).__name__
        raise StorageUnavailable(f"AWS Glue could not be reached to {what} ({name})") from failure


def found_or_none(call: Callable[[], Result], what: str) -> Result | None:
    """What the call answers; None where Glue knows no such thing."""
    with told(what):
        try:
            return call()
        except botocore.exceptions.ClientError as failure:
            if failure.response.get("Error", {}).get("Code") == "EntityNotFoundException":
                return None
            raise


def _error(what: str, code: str) -> BoathouseError:
    if code in _DENIED:
        return InsufficientPrivilege(
            f"AWS Glue does not allow to {what} ({code})",
            hint="Name keys that may: SECRET 'name', or a secret called s3.",
        )
    if code in _BUSY:
        return StorageUnavailable(f"AWS Glue could not {what}: it answered {code}")
    if code == "AlreadyExistsException":
        return DuplicateObject(f"AWS Glue could not {what}: it is there already")
    if code == "InvalidInputException":
        return InvalidParameterValue(f"AWS Glue could not {what}: it does not take its definition")
    return StorageError(f"AWS Glue could not {what}: {code or 'refused'}")
