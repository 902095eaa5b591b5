"""S3 as a storage: any endpoint that speaks it.

Keys come from the statement, from a named secret, from the secret `s3`, or, where the settings allow it, from the
process's own environment; otherwise requests are anonymous. Uploads of large files are multi-part and are aborted when
they fail. Throttling and broken connections are tried again with growing pauses.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, BinaryIO, Literal, cast

import botocore.exceptions

from boathouse.contracts.errors import (
    BoathouseError,
    InsufficientPrivilege,
    InvalidParameterValue,
    StorageError,
    StorageUnavailable,
    UndefinedObject,
)
from boathouse.contracts.house import House
from boathouse.lake.settings import LakeSettings
from boathouse.lake.stored_files import StoredFile, in_ranges
from boathouse.sql.statements import Credentials

_DENIED = {"AccessDenied", "InvalidAccessKeyId", "SignatureDoesNotMatch", "ExpiredToken", "InvalidToken", "403",
           "TokenRefreshRequired", "AuthorizationHeaderMalformed"}  # fmt: skip
_BUSY = {"SlowDown", "ServiceUnavailable", "InternalError", "RequestTimeout", "Throttling", "500", "503"}
_CHUNK_BYTES = 1 << 20
_PARTIAL_CONTENT = 206
_PAUSE_SECONDS, _PAUSE_SECONDS_MAX = 0.1, 10.0
_NO_MULTI_DELETE = ("NotImplemented", "MethodNotAllowed", "501", "405")
_DELETE_MAX = 1000
Keys = tuple[str | None, str | None, str | None, str, bool]


def s3_storage(house: House, place: str, credentials: Credentials) -> S3Storage:
    """The storage of an `s3://` place."""
    split(place)
    settings: LakeSettings = house.settings["lake"]
    return S3Storage(aws_client(house, "s3", credentials), settings.s3_attempts_max)


def engine_secret(house: House, place: str, credentials: Credentials) -> tuple[str, str] | None:
    """What lets the engine read a place itself: the settings of a secret, to stand in CREATE SECRET's parentheses, and
    the scope that is one of them; None for local places. Holds keys: never log it.

    The scope is the place, not its bucket: of two secrets the engine takes the one with the longer scope, so that tables
    with different keys in one bucket are each read with their own.
    """
    if not place.lower().startswith("s3://"):
        return None
    return _engine_secret(house.settings["lake"], place, access_keys(house, credentials))


def place_secret(settings: LakeSettings, stored: Mapping[str, str], place: str) -> str:
    """The same for a place of the house's own, by the keys of a named secret. Holds keys: never log it."""
    key, secret, token = (stored.get(name) for name in ("access_key_id", "secret_access_key", "session_token"))
    return _engine_secret(settings, place, (key, secret, token, stored.get("region") or settings.s3_region, False))[0]


def _engine_secret(settings: LakeSettings, place: str, keys: Keys) -> tuple[str, str]:
    key, secret, token, region, _ = keys
    bucket, path = split(place)
    scope = f"s3://{bucket}/{path}"
    parts = ["TYPE s3", f"SCOPE {_quoted(scope)}", f"REGION {_quoted(region)}"]
    if key is not None and secret is not None:
        parts += [f"KEY_ID {_quoted(key)}", f"SECRET {_quoted(secret)}"]
    if token is not None:
        parts.append(f"SESSION_TOKEN {_quoted(token)}")
    if settings.s3_endpoint:
        scheme, _, host = settings.s3_endpoint.rpartition("://")
        parts += [f"ENDPOINT {_quoted(host.rstrip('/'))}", f"USE_SSL {'false' if scheme == 'http' else 'true'}"]
    parts.append(f"URL_STYLE {_quoted('path' if is_path_style(settings) else 'vhost')}")
    return ", ".join(parts), scope


def engine_settings(settings: LakeSettings) -> list[tuple[str, str]]:
    """Whom the engine's own reads believe, how long they wait and how often they try: names and SQL of global settings."""
    seconds, retries = max(1, round(settings.s3_timeout_seconds)), max(0, settings.s3_attempts_max - 1)
    believed = [("ca_cert_file", _quoted(settings.s3_ca_file))] if settings.s3_ca_file else []
    return [*believed, ("http_timeout", str(seconds)), ("http_retries", str(retries))]


class S3Storage:
    """See `Storage`."""

    def __init__(self, client: Any, attempts_max: int = 1) -> None:
        self._client = client
        self._attempts_max = max(1, attempts_max)

    def list(self, prefix: str) -> Iterator[StoredFile]:
        """See `Storage`."""
        bucket, key = split(prefix)
        try:
            for page in self._client.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=key):
                for entry in page.get("Contents", ()):
                    if not entry["Key"].endswith("/"):
                        path = f"s3://{bucket}/{entry['Key']}"
                        yield StoredFile(path, entry["Size"], entry["LastModified"], entry["ETag"].strip('"'))
        except botocore.exceptions.BotoCoreError as failure:
            raise _error("list", prefix, failure) from failure
        except botocore.exceptions.ClientError as failure:
            raise _error("list", prefix, failure) from failure

    def head(self, path: str) -> StoredFile | None:
        """See `Storage`."""
        bucket, key = split(path)
        try:
            found = self._client.head_object(Bucket=bucket, Key=key)
        except botocore.exceptions.ClientError as failure:
            if _code(failure) in ("404", "NoSuchKey", "NotFound"):
                return None
            raise _error("read", path, failure) from failure
        except botocore.exceptions.BotoCoreError as failure:
            raise _error("read", path, failure) from failure
        return StoredFile(path, found["ContentLength"], found["LastModified"], found["ETag"].strip('"'))

    def open(self, path: str) -> BinaryIO:
        """See `Storage`."""
        bucket, key = split(path)
        try:
            return cast(BinaryIO, self._client.get_object(Bucket=bucket, Key=key)["Body"])
        except (botocore.exceptions.BotoCoreError, botocore.exceptions.ClientError) as failure:
            raise _error("read", path, failure) from failure

    def seekable(self, path: str) -> BinaryIO:
        """See `Storage`."""
        found = self.head(path)
        if found is None:
            raise StorageError(f'cannot read "{path}": it does not exist')
        return in_ranges(lambda first, last: self._range(path, first, last), found.size)

    def _range(self, path: str, first: int, last: int) -> bytes:
        bucket, key = split(path)
        try:
            return bytes(self._client.get_object(Bucket=bucket, Key=key, Range=f"bytes={first}-{last}")["Body"].read())
        except (botocore.exceptions.BotoCoreError, botocore.exceptions.ClientError) as failure:
            raise _error("read", path, failure) from failure

    def fetch(
        self, path: str, to: Path, check: Callable[[], None] = lambda: None, etag: str | None = None
    ) -> str | None:
        """See `Storage`. What came is checked against the length that was announced; a broken body is taken up where it
        broke, of the same version or not at all.
        """
        bucket, key = split(path)
        with to.open("wb") as file:
            body = _Body(self._client, bucket, key, etag)
            for left in reversed(range(self._attempts_max)):
                try:
                    for chunk in body.rest():
                        check()
                        file.write(chunk)
                    if body.is_whole:
                        break
                    failure: Exception | None = None
                except botocore.exceptions.ClientError as refused:
                    if body.count and _code(refused) in ("InvalidRange", "416"):
                        break  # there is no more, whatever length was announced
                    if _code(refused) in ("PreconditionFailed", "412"):
                        raise StorageUnavailable(
                            f'"{path}" changed while it was read', hint="Nothing was loaded. Load again."
                        ) from refused
                    raise _error("read", path, refused) from refused
                except botocore.exceptions.BotoCoreError as broken:
                    failure = broken
                if not left:
                    raise StorageUnavailable(
                        f'"{path}" was cut off after {body.count} of {body.total} bytes'
                        if body.total is not None else f'"{path}" could not be read: {type(failure).__name__}'
                    ) from failure  # fmt: skip
                _pause(self._attempts_max - left, check)
        return body.etag

    def write_file(self, local: Path, path: str, check: Callable[[], None] = lambda: None) -> None:
        """See `Storage`. Parts that were sent are given up where the upload fails."""
        import boto3.exceptions  # see `_made`
        from boto3.s3.transfer import TransferConfig

        bucket, key = split(path)
        try:
            self._client.upload_file(
                str(local), bucket, key, Config=TransferConfig(use_threads=False), Callback=lambda count: check()
            )
        except (
            botocore.exceptions.BotoCoreError,
            botocore.exceptions.ClientError,
            boto3.exceptions.Boto3Error,
        ) as failure:
            check()  # the client's library wraps what it raised
            reason = failure.__context__ if isinstance(failure, boto3.exceptions.S3UploadFailedError) else None
            raise _error("write", path, reason if isinstance(reason, Exception) else failure) from failure

    def write(self, path: str, data: bytes) -> None:
        """See `Storage`."""
        bucket, key = split(path)
        try:
            self._client.put_object(Bucket=bucket, Key=key, Body=data)
        except (botocore.exceptions.BotoCoreError, botocore.exceptions.ClientError) as failure:
            raise _error("write", path, failure) from failure

    def delete(self, paths: Sequence[str]) -> None:
        """See `Storage`."""
        by_bucket: dict[str, list[str]] = {}
        for path in paths:
            bucket, key = split(path)
            by_bucket.setdefault(bucket, []).append(key)
        for bucket, keys in by_bucket.items():
            for start in range(0, len(keys), _DELETE_MAX):
                self._delete_some(bucket, keys[start : start + _DELETE_MAX])

    def _delete_some(self, bucket: str, keys: Sequence[str]) -> None:
        objects = [{"Key": key} for key in keys]
        try:
            done = self._client.delete_objects(Bucket=bucket, Delete={"Objects": objects, "Quiet": True})
        except botocore.exceptions.ClientError as failure:
            if _code(failure) not in _NO_MULTI_DELETE:
                raise _error("delete", f"s3://{bucket}/{keys[0]}", failure) from failure
            self._delete_singly(bucket, keys)
            return
        except botocore.exceptions.BotoCoreError as failure:
            raise _error("delete", f"s3://{bucket}/{keys[0]}", failure) from failure
        for left in done.get("Errors", ()):
            raise StorageError(f'cannot delete "s3://{bucket}/{left.get("Key")}": {left.get("Code")}')

    def _delete_singly(self, bucket: str, keys: Sequence[str]) -> None:
        """For endpoints that cannot delete many at once."""
        for key in keys:
            try:
                self._client.delete_object(Bucket=bucket, Key=key)
            except (botocore.exceptions.BotoCoreError, botocore.exceptions.ClientError) as failure:
                raise _error("delete", f"s3://{bucket}/{key}", failure) from failure


class _Body:
    """An object's bytes, read in as many requests as it takes.

    Attributes:
        count, total: bytes that have come, and bytes that there are; None before the endpoint has said.
        etag: the version that is being read.
    """

    def __init__(self, client: Any, bucket: str, key: str, etag: str | None) -> None:
        self._client = client
        self._place = {"Bucket": bucket, "Key": key}
        self.etag = etag
        self.count = 0
        self.total: int | None = None

    @property
    def is_whole(self) -> bool:
        """True once all bytes have come."""
        return self.count == self.total

    def rest(self) -> Iterator[bytes]:
        """What has not come yet, from one request."""
        more = {"Range": f"bytes={self.count}-"} if self.count else {}
        if self.etag is not None and self.count:
            more["IfMatch"] = f'"{self.etag}"'
        found = self._client.get_object(**self._place, **more)
        self.etag = str(found["ETag"]).strip('"')
        if self.total is None:
            self.total = found["ContentLength"]
        body = found["Body"]
        if more and found["ResponseMetadata"]["HTTPStatusCode"] != _PARTIAL_CONTENT:
            body.read(self.count)  # the endpoint knows no ranges
        for chunk in body.iter_chunks(_CHUNK_BYTES):
            self.count += len(chunk)
            yield chunk


def _pause(attempt: int, check: Callable[[], None]) -> None:
    """Wait before the next try, longer each time; a cancel ends it."""
    until = time.monotonic() + min(_PAUSE_SECONDS_MAX, _PAUSE_SECONDS * 2**attempt)
    while (left := until - time.monotonic()) > 0:
        check()
        time.sleep(min(left, _PAUSE_SECONDS))


def split(place: str) -> tuple[str, str]:
    """Bucket and key (or key prefix) of an `s3://` place."""
    bucket, _, key = place[5:].partition("/")
    if not bucket:
        raise InvalidParameterValue(f'"{place}" names no bucket', hint="Write s3://bucket/prefix.")
    return bucket, key


def access_keys(house: House, credentials: Credentials) -> Keys:
    """A statement's access: key, secret key, token, region, and whether the process's own credentials may be used."""
    settings: LakeSettings = house.settings["lake"]
    region = credentials.region or settings.s3_region
    if credentials.access_key_id is not None:
        return credentials.access_key_id, credentials.secret_access_key, credentials.session_token, region, False
    stored: Mapping[str, str] | None = house.secrets.get((credentials.secret or "s3").lower())
    if stored is None and credentials.secret is not None:
        raise UndefinedObject(f'secret "{credentials.secret}" does not exist', hint="Secrets live in secrets.toml.")
    if stored is None:
        return None, None, None, region, settings.s3_environment
    return (
        stored.get("access_key_id"),
        stored.get("secret_access_key"),
        stored.get("session_token"),
        credentials.region or stored.get("region") or settings.s3_region,
        False,
    )


_making = threading.Lock()


def aws_client(house: House, service: Literal["s3", "glue"], credentials: Credentials) -> Any:
    """The client of an AWS service for a statement's access; made once for each pair of keys, region and settings."""
    with _making:  # boto3's default session is not safe to share while clients are made
        return _made(house.settings["lake"], service, *access_keys(house, credentials))


@lru_cache(64)
def _made(
    settings: LakeSettings,
    service: Literal["s3", "glue"],
    key: str | None,
    secret: str | None,
    token: str | None,
    region: str,
    environment: bool,
) -> Any:
    import boto3  # here, for it takes a fifth of a second that servers without S3 need not spend
    import botocore.config
    from botocore import UNSIGNED

    further: dict[str, Any] = {}
    if service == "s3":
        further = {
            "s3": {"addressing_style": "path" if is_path_style(settings) else "virtual"},
            "request_checksum_calculation": "when_required",
            "response_checksum_validation": "when_required",
        }
    if key is None and not environment:
        further["signature_version"] = UNSIGNED
    client: Any = boto3.session.Session().client
    return client(
        service,
        region_name=region,
        endpoint_url=(settings.s3_endpoint if service == "s3" else settings.glue_endpoint) or None,
        aws_access_key_id=key,
        aws_secret_access_key=secret,
        aws_session_token=token,
        verify=settings.s3_ca_file or None,
        config=botocore.config.Config(
            connect_timeout=settings.s3_timeout_seconds,
            read_timeout=settings.s3_timeout_seconds,
            retries={"total_max_attempts": settings.s3_attempts_max, "mode": "standard"},
            **further,
        ),
    )


def is_path_style(settings: LakeSettings) -> bool:
    """True where buckets stand in the path of a URL, not in its host."""
    if settings.s3_url_style == "auto":
        return bool(settings.s3_endpoint)
    return settings.s3_url_style == "path"


def _code(failure: Exception) -> str:
    response = getattr(failure, "response", None) or {}
    return str(response.get("Error", {}).get("Code", ""))


def _error(verb: str, place: str, failure: Exception) -> BoathouseError:
    """What went wrong with which place; never what the request held."""
    code = _code(failure)
    if code in ("NoSuchBucket", "NoSuchKey", "404", "NotFound"):
        return StorageError(f'cannot {verb} "{place}": it does not exist')
    if code in _DENIED:
        return InsufficientPrivilege(
            f'cannot {verb} "{place}": access denied ({code})',
            hint="Give keys with the statement, a named secret (SECRET 'name'), or a secret called s3.",
        )
    if code in _BUSY:
        return StorageUnavailable(f'cannot {verb} "{place}": the endpoint answered {code}')
    if isinstance(failure, botocore.exceptions.NoCredentialsError):
        return InsufficientPrivilege(f'cannot {verb} "{place}": no credentials', hint="Add a secret called s3.")
    if isinstance(failure, botocore.exceptions.BotoCoreError) or "ConnectionError" in type(failure).__name__:
        return StorageUnavailable(
            f'cannot {verb} "{place}": the endpoint could not be reached ({type(failure).__name__})'
        )
    return StorageError(f'cannot {verb} "{place}": {code or type(failure).__name__}')


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
