"""The workload's settings: the section `[workload]` of `boathouse.toml`."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass, field
from pathlib import Path

from boathouse.contracts.engine import BurstLimits
from boathouse.contracts.errors import InvalidParameterValue
from boathouse.workload.configuration import Configuration, read, undivided


@dataclass(frozen=True)
class WorkloadSettings:
    """Queues of statements; read anew when the server gets SIGHUP."""

    wlm_json_configuration: str = field(
        default="",
        metadata={
            "help": "Queues as Redshift's parameter of that name describes them: JSON text, or the name of a file with it, "
            "from the home. Empty: one queue in which nothing waits, and no shares of the memory."
        },
    )
    max_concurrency_scaling_clusters: int = field(
        default=1,
        metadata={
            "help": "Further processes, each for one query at a time, to which queries over external tables burst instead of "
            "waiting in queues with concurrency_scaling auto: 0 to 10, as Redshift's parameter. 0: none."
        },
    )
    burst_memory_limit: str = field(
        default="",
        metadata={
            "help": "Memory of each such process before it spills, as '2GB', beside the engine's own. Empty: an eighth of the "
            "machine's."
        },
    )
    burst_threads: int = field(
        default=0, metadata={"help": "Threads of each such process. 0: one per processor, as the engine's own."}
    )
    burst_idle_seconds: float = field(
        default=60.0,
        metadata={"help": "Seconds for which such a process waits for more before it ends; a start takes seconds."},
    )
    burst_hosts: tuple[str, ...] = field(
        default=(),
        metadata={
            "help": "Other hosts on which such processes run too, as ssh names them, `etl@node2`: of queries whose files all lie "
            "in s3."
        },
    )
    burst_ssh: str = field(
        default="ssh",
        metadata={"help": "The command that reaches them, with its options: `ssh -F /etc/boathouse/ssh_config`."},
    )
    burst_command: str = field(
        default="boathouse worker",
        metadata={"help": "What it runs there: of the same version of Boathouse as here."},
    )
    burst_ready: int = field(
        default=0,
        metadata={
            "help": "Of such processes on this machine, so many are kept while a queue scales, idle or not, about 100 MB each, "
            "so that the first query to burst waits for none: at most max_concurrency_scaling_clusters."
        },
    )


def configuration_of(settings: WorkloadSettings, home: Path, slots: int) -> Configuration:
    """The queues that the settings describe.

    Args:
        home: where a file's name begins.
        slots: of the one queue that there is without a configuration.

    Raises:
        InvalidParameterValue, FeatureNotSupported: see `configuration.read`; a file that cannot be read.
    """
    text = settings.wlm_json_configuration.strip()
    if not text:
        return undivided(slots)
    if not text.startswith(("[", "{")):
        try:
            text = (home / text).read_text(encoding="utf-8")
        except (OSError, ValueError) as failure:
            raise InvalidParameterValue(
                f"wlm_json_configuration: the file {text} cannot be read",
                hint="Give JSON text, or the name of a file with it.",
            ) from failure
    return read(text)


CLUSTERS_MAX = 10
_SSH_OPTIONS = ("-T", "-o", "BatchMode=yes", "-o", "ConnectTimeout=10", "-o", "ServerAliveInterval=5",
                "-o", "ServerAliveCountMax=3")  # fmt: skip
"""Nobody is there to be asked, and a host that has gone is noticed within 15 seconds."""


def burst_limits(settings: WorkloadSettings) -> BurstLimits:
    """What a process that queries burst to may have.

    Raises:
        InvalidParameterValue: out of bounds.
    """
    if not 0 <= settings.max_concurrency_scaling_clusters <= CLUSTERS_MAX:
        raise InvalidParameterValue(f"max_concurrency_scaling_clusters must be a whole number from 0 to {CLUSTERS_MAX}")
    if not 0 <= settings.burst_ready <= CLUSTERS_MAX:
        raise InvalidParameterValue(f"burst_ready must be a whole number from 0 to {CLUSTERS_MAX}")
    if settings.burst_memory_limit and not re.fullmatch(r"\d+(\.\d+)? *[KMGT]i?B", settings.burst_memory_limit):
        raise InvalidParameterValue("burst_memory_limit must be a size, as '2GB'")
    if settings.burst_threads < 0 or settings.burst_idle_seconds < 0:
        raise InvalidParameterValue("burst_threads and burst_idle_seconds must not be negative")
    return BurstLimits(
        settings.burst_memory_limit, settings.burst_threads, settings.burst_idle_seconds, _elsewhere(settings)
    )


def _elsewhere(settings: WorkloadSettings) -> tuple[tuple[str, ...], ...]:
    try:
        ssh = shlex.split(settings.burst_ssh)
    except ValueError:
        ssh = []
    if not ssh or not settings.burst_command.strip():
        raise InvalidParameterValue("burst_ssh and burst_command must be commands, as 'ssh' and 'boathouse worker'")
    for host in settings.burst_hosts:
        if not re.fullmatch(r"\w[\w.@:%-]*", host):
            raise InvalidParameterValue(
                f"burst_hosts: {host!r} is no host's name", hint="Name it as ssh does: node2, or etl@node2."
            )
    return tuple((*ssh, *_SSH_OPTIONS, host, settings.burst_command) for host in settings.burst_hosts)
