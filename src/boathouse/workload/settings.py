"""The workload's settings: the section `[workload]` of `boathouse.toml`."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

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
