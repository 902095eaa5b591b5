"""Where the PostgreSQL under test is, and connections to it."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Any

import psycopg

_numbers = itertools.count(1)


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
