"""The PostgreSQL endpoint's settings: the section `[postgres]` of `boathouse.toml`."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

TlsMode = Literal["prefer", "require", "off"]


@dataclass(frozen=True)
class PostgresSettings:
    """Where to listen, how to protect the wire, and what a client may cost."""

    host: str = field(default="127.0.0.1", metadata={"help": "Address to listen on; 0.0.0.0 for every IPv4 interface."})
    port: int = field(default=5439, metadata={"help": "Port to listen on; 5439 is Redshift's. 0 takes a free one."})
    tls: TlsMode = field(
        default="prefer",
        metadata={"help": "prefer: TLS where the client asks; require: refuse plain connections; off: never TLS."},
    )
    certificate: Path | None = field(
        default=None,
        metadata={"help": "PEM file with the certificate and its chain. Unset: one is made in the home, self-signed."},
    )
    key: Path | None = field(default=None, metadata={"help": "PEM file with the certificate's private key, mode 0600."})
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
