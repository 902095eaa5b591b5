"""The lake's settings: the section `[lake]` of `boathouse.toml`."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True)
class LakeSettings:
    """Where files may be read and written, and how S3 is reached."""

    roots: tuple[str, ...] = field(
        default=(),
        metadata={
            "help": "Local folders that statements may use, besides the home's own lake folder, which relative paths "
            "start from. None by default: a server should not read its machine's files because SQL asks for them."
        },
    )
    s3_endpoint: str = field(
        default="",
        metadata={"help": "URL of an S3 endpoint that is not Amazon's: http://127.0.0.1:9000. Empty: Amazon's."},
    )
    s3_region: str = field(default="us-east-1", metadata={"help": "Region where a statement names none."})
    s3_url_style: Literal["auto", "path", "virtual"] = field(
        default="auto", metadata={"help": "How buckets are addressed. auto: path at an own endpoint, else virtual."}
    )
    s3_environment: bool = field(
        default=False,
        metadata={
            "help": "Let statements without keys use the process's own AWS credentials (environment, profile, instance "
            "role). Off, because every user of the server would have them."
        },
    )
    s3_ca_file: str = field(
        default="",
        metadata={"help": "PEM file with the certificates that vouch for the endpoint's. Empty: the usual ones."},
    )
    s3_timeout_seconds: float = field(
        default=60.0,
        metadata={"help": "Seconds that a connection or one read may stand still before it is tried again."},
    )
    s3_attempts_max: int = field(
        default=5, metadata={"help": "Tries of one request, with growing pauses, when S3 throttles or fails."}
    )
    data_catalog: Literal["own", "glue"] = field(
        default="own",
        metadata={
            "help": "Where CREATE EXTERNAL SCHEMA … FROM DATA CATALOG looks for its database: in the warehouse's own tables, or "
            "in AWS Glue. CATALOG_ID in the statement means Glue in any case."
        },
    )
    glue_endpoint: str = field(
        default="", metadata={"help": "URL of an endpoint of AWS Glue that is not Amazon's. Empty: Amazon's."}
    )
    federated_keys_max: int = field(
        default=1000,
        metadata={
            "help": "Keys of a local table that are sent to another database with which it is joined, so that only rows that "
            "match come back. A table with more is not looked at further. 0: none are sent."
        },
    )
    copy_prefetch: int = field(
        default=2, metadata={"help": "Files that COPY fetches ahead; each takes its own size of disk in tmp/."}
    )
    copy_raw_line_bytes_max: int = field(
        default=4_194_304, metadata={"help": "Longest line of a text file; Redshift's limit of a row is 4 MB."}
    )
    copy_job_poll_seconds: float = field(
        default=15.0, metadata={"help": "Seconds between two looks of COPY jobs with AUTO ON for new files."}
    )
    copy_job_settle_seconds: float = field(
        default=2.0,
        metadata={
            "help": "Seconds that a local file must have been left alone before a COPY job loads it by itself: it may still "
            "be written. Objects of S3 appear whole."
        },
    )
    crawl_poll_seconds: float = field(
        default=15.0, metadata={"help": "Seconds between two looks for crawlers whose schedule has come due."}
    )
    load_history_days: int = field(
        default=7,
        metadata={
            "help": "Days that the system tables of loads, unloads and crawls (stl_load_errors, sys_load_history) keep."
        },
    )
    unload_slices: int = field(
        default=2,
        metadata={"help": "Parallel files of an UNLOAD where PARALLEL is on; the first number of their names."},
    )
