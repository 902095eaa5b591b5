"""S3 server access log lines with invented requesters, in the documented field order.

Received: a folder, counts, a seed. Handed on: text files, to an external table read by a regular expression.
Source: Amazon S3 User Guide, "Amazon S3 server access log format".
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

_OPERATIONS = (
    ("REST.GET.OBJECT", "GET", 0.55), ("REST.PUT.OBJECT", "PUT", 0.15), ("REST.HEAD.OBJECT", "HEAD", 0.15),
    ("REST.GET.BUCKET", "GET", 0.08), ("REST.DELETE.OBJECT", "DELETE", 0.04), ("REST.COPY.OBJECT", "PUT", 0.03),
)  # fmt: skip
_AGENTS = (
    "aws-cli/2.15.0 Python/3.11.6 Linux/6.1 exe/x86_64",
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko)",
    "Boto3/1.34.0 md/Botocore#1.34.0 ua/2.0 os/linux",
    "S3Console/0.4, aws-internal/3",
    "-",
)
_STATUSES = (
    (200, "-", 0.86),
    (206, "-", 0.05),
    (304, "-", 0.03),
    (403, "AccessDenied", 0.02),
    (404, "NoSuchKey", 0.04),
)


def generate_access_logs(folder: Path, lines: int = 20_000, seed: int = 51, days: int = 7) -> int:
    """Write a log file per day below `folder`; returns the number of lines."""
    random = np.random.default_rng(seed)
    folder.mkdir(parents=True, exist_ok=True)
    owner = random.bytes(32).hex()
    start = datetime(2019, 11, 1, tzinfo=UTC)
    for day in range(days):
        share = lines // days + (1 if day < lines % days else 0)
        seconds = np.sort(random.integers(0, 86_400, share)).tolist()
        moments = [start + timedelta(days=day, seconds=second) for second in seconds]
        text = _log_lines(random, owner, moments)
        (folder / f"{moments[0]:%Y-%m-%d}-00-00-00-{random.bytes(8).hex().upper()}").write_text(text, encoding="utf-8")
    return lines


def _log_lines(random: np.random.Generator, owner: str, moments: list[datetime]) -> str:
    count = len(moments)
    operations = random.choice(len(_OPERATIONS), count, p=[chance for *_, chance in _OPERATIONS]).tolist()
    statuses = random.choice(len(_STATUSES), count, p=[chance for *_, chance in _STATUSES]).tolist()
    agents = random.choice(len(_AGENTS), count).tolist()
    addresses = random.integers(1, 255, (count, 2)).tolist()
    users = random.integers(0, 9, count).tolist()
    sizes = (random.lognormal(10, 2.5, count).astype(np.int64) + 1).tolist()
    times = random.gamma(2.0, 25.0, count).astype(np.int64).tolist()
    keys = random.integers(0, 400, count).tolist()
    identifiers = [random.bytes(8).hex().upper() for _ in range(count)]
    made = []
    for row, moment in enumerate(moments):
        operation, verb, _ = _OPERATIONS[operations[row]]
        status, error, _ = _STATUSES[statuses[row]]
        bucket_only = operation == "REST.GET.BUCKET"
        key = "-" if bucket_only else f"reports/{keys[row] % 12 + 1:02d}/part-{keys[row]:05d}.parquet"
        target = "/?prefix=reports&list-type=2" if bucket_only else f"/{key}"
        user = "-" if users[row] == 0 else f"arn:aws:iam::111122223333:user/worker{users[row]}"
        sent = sizes[row] if verb == "GET" and status in (200, 206) else "-"
        total = "-" if bucket_only or status == 404 else sizes[row]
        made.append(
            f"{owner} river-reports [{moment:%d/%b/%Y:%H:%M:%S} +0000] 192.0.{addresses[row][0]}.{addresses[row][1]} "
            f'{user} {identifiers[row]} {operation} {key} "{verb} {target} HTTP/1.1" {status} {error} {sent} {total} '
            f'{times[row] + 3} {times[row] or "-"} "-" "{_AGENTS[agents[row]]}" -\n'
        )
    return "".join(made)
