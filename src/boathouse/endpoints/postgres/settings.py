"""The PostgreSQL endpoint's settings: the section `[postgres]` of `boathouse.toml`."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

TlsMode = Literal["prefer", "require", "off"]


@dataclass(frozen=True)
class PostgresSettings:
    """How the wire is protected, and what a client may cost."""

    tls: TlsMode = field(
        default="prefer",
        metadata={"help": "prefer: TLS where the client asks; require: refuse plain connections; off: never TLS."},
    )
    certificate: str = field(
        default="",
        metadata={"help": "PEM file with the certificate and its chain. Empty: one is made in the home, self-signed."},
    )
    key: str = field(default="", metadata={"help": "PEM file with the certificate's private key, mode 0600."})
    connections_max: int = field(
        default=500, metadata={"help": "Connections at once, Redshift's own limit; one more is refused with 53300."}
    )
    startup_seconds_max: float = field(
        default=60.0, metadata={"help": "Seconds from connecting to being authenticated, as in PostgreSQL."}
    )
    idle_seconds_max: float = field(
        default=0.0, metadata={"help": "Seconds without a request after which a session ends with 57P05. 0: never."}
    )
    write_seconds_max: float = field(
        default=600.0,
        metadata={"help": "Seconds without progress towards a client that has stopped reading; then it is cut off."},
    )
    message_bytes_max: int = field(
        default=128 * 1024 * 1024,
        metadata={"help": "Largest message from a client, in bytes; eight times Redshift's statement limit."},
    )
