"""The embedded engine's settings: the sections `[engine]` and `[storage]` of `boathouse.toml`."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True)
class EngineSettings:
    """Limits of the embedded engine."""

    memory_limit: str = field(
        default="",
        metadata={
            "help": "Memory the engine may use before it spills, as '4GB'. Empty: 60 % of the machine's, which leaves "
            "room for result buffers and the operating system's file cache."
        },
    )
    threads: int = field(
        default=0,
        metadata={"help": "Threads that run queries. 0: one per processor, the engine's best on one machine."},
    )
    temp_directory_size_max: str = field(
        default="",
        metadata={"help": "Most that spilling may take of the disk, as '100GB'. Empty: 90 % of its size."},
    )
    cache_directory: str = field(
        default="~/.cache/boathouse",
        metadata={
            "help": "Folder for what the engine prepares once for a version of Boathouse (its system views, 1 MB), so that "
            "every later start of any home takes half the time. Empty: prepared at each start."
        },
    )


@dataclass(frozen=True)
class StorageSettings:
    """How the warehouse's tables are kept."""

    kind: Literal["native", "ducklake"] = field(
        default="native",
        metadata={
            "help": "`native`: one file of the engine's own format, the fastest. `ducklake`: Parquet files and a catalog "
            "that says which of them are the tables; a preview. Chosen when the home is made: `boathouse init --storage`."
        },
    )
    catalog: str = field(
        default="",
        metadata={
            "help": "Of a lake: the named secret of the PostgreSQL that holds its catalog (host, port, dbname, user, password, "
            "sslmode, … as libpq knows them), so that several servers may have it. Empty: a file in the home, for one server."
        },
    )
    data_path: str = field(
        default="",
        metadata={
            "help": "Of a lake: where its Parquet files are, s3://bucket/prefix or a folder; the same for all its servers, and "
            "never changed. Empty: `warehouse` in the home. S3 is reached as [lake] says."
        },
    )
    data_secret: str = field(
        default="s3", metadata={"help": "The named secret with the keys of an S3 data_path, as in [lake]'s statements."}
    )
    upkeep_minutes: float = field(
        default=10.0,
        metadata={
            "help": "Minutes between two looks at a lake for tables in many small files, which are gathered, and for commits and "
            "files that nobody needs any more, which go; by one server of those that share it. 0: by VACUUM alone."
        },
    )
    history_hours: float = field(
        default=24.0,
        metadata={
            "help": "Hours for which tables of a lake can be read AS OF a moment; the files that they had take room as long."
        },
    )
    file_megabytes: int = field(
        default=256, metadata={"help": "Megabytes that the files of a lake have once they are gathered, at most about."}
    )
    near_megabytes: int = field(
        default=1000,
        metadata={
            "help": "Of a lake: megabytes that copies of tables that are read again and again may take in the home's `tmp`, in "
            "the engine's own format, about. 0: none are made."
        },
    )
    snapshot_hours: float = field(
        default=0.0,
        metadata={
            "help": "Hours between two automated snapshots. 0: none, as a snapshot of a native warehouse takes as much of the "
            "disk as the warehouse."
        },
    )
    snapshot_retention_days: int = field(
        default=1, metadata={"help": "Days for which automated snapshots are kept; as on Redshift."}
    )
    manual_snapshot_retention_days: int = field(
        default=-1,
        metadata={"help": "Days for which snapshots made by hand are kept that say nothing else. -1: until dropped."},
    )
    snapshot_folder: str = field(
        default="",
        metadata={"help": "Folder of a native warehouse's snapshots. Empty: `snapshots` in the home."},
    )
