"""The engine Spark's settings: the section `[spark]` of `boathouse.toml`."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class SparkSettings:
    """Where Spark is, and what goes there."""

    master: str = field(
        default="",
        metadata={
            "help": "Where Spark runs: `local[n]` in a process of its own, or `spark://host:port`, a standalone master that "
            "reads the same paths. Empty, and `cluster` too: there is no Spark, and nothing of it is loaded."
        },
    )
    cluster: tuple[str, ...] = field(
        default=(),
        metadata={
            "help": "In place of `master`: a command and its arguments that makes a cluster for a session and ends it when its "
            "standard input closes, as `boathouse spark-cluster`."
        },
    )
    cluster_seconds: float = field(
        default=600.0,
        metadata={
            "help": "Seconds that the command has to make the cluster, before the statement fails or runs in the house."
        },
    )
    python: str = field(
        default="",
        metadata={
            "help": "The Python that has pyspark and pyarrow, as `/opt/spark/bin/python`. Empty: the one that runs Boathouse, "
            "with boathouse[spark] installed."
        },
    )
    java_home: str = field(
        default="",
        metadata={"help": "The folder of Java 17 or later. Empty: the `java` in /usr/local/bin or /usr/bin."},
    )
    driver_memory: str = field(
        default="1g",
        metadata={"help": "Memory of a session's own process, as Spark writes it; with local[n] all there is."},
    )
    shuffle_partitions: int = field(
        default=8,
        metadata={"help": "Parts into which Spark divides rows that it sorts or groups; 2 to 4 for each processor."},
    )
    properties: str = field(
        default="",
        metadata={"help": "Further properties of its session, as `spark.executor.memory=4g spark.cores.max=8`."},
    )
    scan_bytes_min: int = field(
        default=0,
        metadata={
            "help": "Queries whose tables of the lake have at least so many bytes to read go to Spark by themselves, where it "
            "can run them. 0: none does."
        },
    )
    ship_bytes_max: int = field(
        default=256 * 1024 * 1024,
        metadata={
            "help": "Bytes of Parquet that one query may take along of what Spark does not read itself: tables of the "
            "warehouse, temporary ones, odd files. More is refused with 0A000, or stays in the house."
        },
    )
    sessions_max: int = field(
        default=2,
        metadata={"help": "Spark sessions at once, each for one query at a time; each is a process with a JVM."},
    )
    idle_seconds: float = field(
        default=300.0,
        metadata={
            "help": "Seconds that a session waits for another query before it ends; starting one takes some ten."
        },
    )
    executor_seconds: float = field(
        default=60.0,
        metadata={
            "help": "Seconds that a statement on a cluster may be without executors, because its workers are busy or gone, "
            "before it fails or runs in the house."
        },
    )
    reads_s3: bool = field(
        default=False,
        metadata={
            "help": "Spark reads files in S3 itself: the jars of hadoop-aws are named in `properties` as `spark.jars=…`. "
            "False: the house reads it, and it goes along."
        },
    )
