"""Files in S3 as Spark reads them: by Hadoop's own client of S3, whose jars stand beside Spark's.

Received: the keys of a table. Handed on: the scheme that its paths get in place of `s3://`, and options for reading them.
"""

from __future__ import annotations

from typing import Any

from boathouse.contracts.errors import FeatureNotSupported
from boathouse.contracts.relations import StorageKeys

_CLIENT = "org.apache.hadoop.fs.s3a.S3AFileSystem"
_known: dict[StorageKeys, str] = {}
"""A scheme for each pair of keys: Hadoop keeps a client for each scheme and bucket, whoever asks it next."""


def reach(session: Any, keys: StorageKeys | None) -> tuple[str, dict[str, str]]:
    """Scheme and options; none for local files.

    Raises:
        FeatureNotSupported: Spark has no client of S3.
    """
    if keys is None:
        return "", {}
    if keys not in _known:
        try:
            if hasattr(session, "sparkContext"):  # a server of Spark Connect has its own
                session._jvm.java.lang.Thread.currentThread().getContextClassLoader().loadClass(_CLIENT)
        except Exception:  # noqa: BLE001 - whatever Java says, it is not there
            raise FeatureNotSupported(
                "files in S3 are not supported by an engine spark that has no client of S3",
                hint="Name the jars of hadoop-aws in [spark] properties as spark.jars=…, or set [spark] reads_s3 to false.",
            ) from None
        _known[keys] = f"boathouse{len(_known)}"
    scheme = _known[keys]
    found = {
        f"fs.{scheme}.impl": _CLIENT,
        "fs.s3a.aws.credentials.provider": _provider(keys),
        "fs.s3a.endpoint.region": keys.region,
        "fs.s3a.path.style.access": str(keys.is_path_style).lower(),
    }
    told = {
        "fs.s3a.access.key": keys.key_id,
        "fs.s3a.secret.key": keys.secret,
        "fs.s3a.session.token": keys.token,
        "fs.s3a.endpoint": keys.endpoint.rstrip("/"),
    }
    return f"{scheme}://", found | {name: value for name, value in told.items() if value}


def _provider(keys: StorageKeys) -> str:
    kind = "AnonymousAWSCredentialsProvider" if keys.key_id is None else "SimpleAWSCredentialsProvider"
    return f"org.apache.hadoop.fs.s3a.{'TemporaryAWSCredentialsProvider' if keys.token else kind}"
