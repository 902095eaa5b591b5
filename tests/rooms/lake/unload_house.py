"""A house and a session for the tests of UNLOAD: the real engine and storage, queries already in the engine's SQL."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from itertools import count
from pathlib import Path
from typing import Any

from boathouse.app.clock import SystemClock
from boathouse.contracts.answers import Field, Notice, Rows
from boathouse.contracts.errors import QueryCanceled
from boathouse.contracts.house import House
from boathouse.contracts.session import Translated
from boathouse.engines.duckdb.engine import DuckEngine
from boathouse.engines.duckdb.settings import EngineSettings
from boathouse.lake.settings import LakeSettings
from boathouse.lake.unload import journal, log
from boathouse.lake.unload.write import unload
from boathouse.sql.statements import Credentials, Unload


def open_house(home: Path, secrets: Mapping[str, Mapping[str, str]] | None = None, **lake: Any) -> House:
    for name in ("lake", "tmp"):
        (home / name).mkdir(parents=True, exist_ok=True)
    engine = DuckEngine(home / "warehouse.duckdb", "dev", home / "tmp", EngineSettings())
    house = House(home, {"lake": LakeSettings(**lake)}, secrets or {}, engine, SystemClock())
    own = engine.session()
    for table in (*log.TABLES, *journal.TABLES):
        own.execute(table)
    own.close()
    return house


class UnloadSession:
    user = "admin"
    database = "dev"
    pid = 4711
    numbers = count(1)

    def __init__(self, house: House) -> None:
        self.house = house
        self.engine = house.engine.session()
        self.notices: list[Notice] = []
        self.cancelled = threading.Event()
        self.fields: tuple[Field, ...] | None = None

    def translate(self, query: str) -> Translated:
        return Translated(query, self.fields or self.engine.describe(query))

    def rows(self, translated: Translated, sql: str, *, at_home: bool = False) -> Rows:
        return self.engine.query(sql, (), translated.fields)

    @property
    def statement_number(self) -> int:
        return next(self.numbers)

    transaction_number = 1

    def notify(self, notice: Notice) -> None:
        self.notices.append(notice)

    def check_cancelled(self) -> None:
        if self.cancelled.is_set():
            raise QueryCanceled("canceling statement due to user request")

    publish = check_cancelled

    def unload(self, query: str, place: str, credentials: Credentials | None = None, **options: Any) -> str:
        words = {name.replace("_", " "): value for name, value in options.items()}
        statement = Unload(
            text=f"UNLOAD ('{query}') TO '{place}'",
            query=query,
            destination=place,
            credentials=credentials or Credentials(),
            options=words,
        )
        self.engine.begin()
        try:
            tag = unload(self.house, self, statement).tag  # type: ignore[arg-type]
        except BaseException:
            self.engine.rollback()
            raise
        self.engine.commit()
        return tag
