"""Calls of AWS Glue: one client for each pair of keys and region, and its refusals in the house's words."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any, TypeVar

import boto3
import botocore.config
import botocore.exceptions
from botocore import UNSIGNED

from boathouse.contracts.errors import (
    BoathouseError,
    DuplicateObject,
    InsufficientPrivilege,
    InvalidParameterValue,
    StorageError,
    StorageUnavailable,
)
from boathouse.contracts.house import House
from boathouse.lake.settings import LakeSettings
from boathouse.lake.storage_s3 import access_keys
from boathouse.sql.statements import Credentials

_DENIED = {"AccessDeniedException", "UnrecognizedClientException", "InvalidSignatureException", "ExpiredTokenException"}
_BUSY = {"ThrottlingException", "InternalServiceException", "OperationTimeoutException", "ResourceNotReadyException"}

Result = TypeVar("Result")
_making = threading.Lock()


def glue_client(house: House, credentials: Credentials) -> Any:
    """The client for a schema's access."""
    settings: LakeSettings = house.settings["lake"]
    with _making:  # boto3's default session is not safe to share while clients are made
        return _made(settings, *access_keys(house, credentials))


@lru_cache(64)
def _made(
    settings: LakeSettings, key: str | None, secret: str | None, token: str | None, region: str, environment: bool
) -> Any:
    return boto3.session.Session().client(
        "glue",
        region_name=region,
        endpoint_url=settings.glue_endpoint or None,
        aws_access_key_id=key,
        aws_secret_access_key=secret,
        aws_session_token=token,
        verify=settings.s3_ca_file or None,
        config=botocore.config.Config(
            connect_timeout=settings.s3_timeout_seconds,
            read_timeout=settings.s3_timeout_seconds,
            retries={"total_max_attempts": settings.s3_attempts_max, "mode": "standard"},
            **({} if key is not None or environment else {"signature_version": UNSIGNED}),
        ),
    )


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
