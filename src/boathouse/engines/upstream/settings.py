"""Settings of a database behind this house: a section `[databases.NAME]` of `boathouse.toml` for each."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True)
class DatabaseSettings:
    """Where the database is, and what it may cost."""

    engine: Literal["postgres", "redshift"] = field(
        default="postgres", metadata={"help": "What is there: postgres, or redshift. Both speak PostgreSQL's protocol."}
    )
    uri: str = field(
        default="", metadata={"help": "Its host, its address, or the folder of a local socket. Must be set."}
    )
    port: int = field(default=5432, metadata={"help": "Its port; part of the file's name of a local socket, too."})
    database: str = field(default="", metadata={"help": "Its name over there. Empty: the name that it has here."})
    secret: str = field(
        default="",
        metadata={"help": "The named secret with username and password of the account that is used for everybody."},
    )
    ssl: Literal["disable", "prefer", "require", "verify-ca", "verify-full"] = field(
        default="prefer",
        metadata={
            "help": "TLS to it, as libpq's sslmode: prefer goes on in clear where it is refused, verify-full checks the "
            "certificate and the name. Local sockets have none."
        },
    )
    sslrootcert: str = field(
        default="",
        metadata={"help": "PEM file with the authorities that verify-ca and verify-full trust. Empty: the system's."},
    )
    sslcert: str = field(default="", metadata={"help": "PEM file with the client's certificate, where it wants one."})
    sslkey: str = field(default="", metadata={"help": "PEM file with that certificate's key, mode 0600."})
    connections_max: int = field(
        default=50, metadata={"help": "Connections to it at once, one for each client; one more is refused with 53300."}
    )
    connect_seconds_max: float = field(
        default=10.0,
        metadata={"help": "Seconds from connecting to being ready; then it counts as unreachable (08001)."},
    )
    cancel_seconds_max: float = field(
        default=30.0,
        metadata={"help": "Seconds that a cancel may go without any answer; then the connection is lost (08006)."},
    )
