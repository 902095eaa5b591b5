"""A whole house: a home on disk, every room, sessions as clients have them; only the socket is left out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa

from boathouse.app.assemble import OpenHouse, open_house
from boathouse.app.home import create_home
from boathouse.contracts.answers import Done, Notice, Rows
from boathouse.contracts.users import User


class Client:
    """One session: `run` gives the rows of the last statement of a text, or its tag."""

    def __init__(self, house: OpenHouse, user: User = User("admin", None, True)) -> None:  # noqa: B008
        self.notices: list[Notice] = []
        self.session = house.service.open(user, "dev", {}, b"", self.notices.append, lambda name, value: None)

    def run(self, sql: str, parameters: Sequence[object] = ()) -> Any:
        found: Any = None
        for statement in self.session.parse(sql):
            answer = self.session.run(statement, parameters)
            if isinstance(answer, Rows):
                batches = list(answer.batches)
                found = [row for batch in batches for row in _rows(batch)]
            else:
                assert isinstance(answer, Done), answer
                found = answer.tag
        return found

    def one(self, sql: str) -> Any:
        """The one value of a query."""
        ((value,),) = self.run(sql)
        return value

    def sent(self, sql: str) -> list[str]:
        """What EXPLAIN says that other databases are sent for a query."""
        lines = [line for (line,) in self.run(f"EXPLAIN {sql}")]
        return [line.partition("(sent: ")[2][:-1] for line in lines if "(sent: " in line]

    def close(self) -> None:
        self.session.close()


def _rows(batch: pa.RecordBatch) -> list[tuple[Any, ...]]:
    columns = [column.to_pylist() for column in batch.columns]
    return list(zip(*columns, strict=True)) if columns else [()] * batch.num_rows


@contextmanager
def opened(home: Path, **lake: Any) -> Iterator[OpenHouse]:
    """A house on this home, made where there is none."""
    if not home.exists():
        create_home(home, "dev")
    house = open_house(home, {"lake": lake} if lake else None)
    try:
        yield house
    finally:
        house.close()


def with_secrets(home: Path, secrets: Mapping[str, Mapping[str, str]]) -> None:
    """Write a new home's secrets."""
    create_home(home, "dev")
    text = "".join(
        f"[{name}]\n" + "".join(f'{key} = "{value}"\n' for key, value in found.items())
        for name, found in secrets.items()
    )
    (home / "secrets.toml").write_text(text)


def plain(rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """Rows with decimals that are whole as integers, for comparing with Python's own sums."""
    return [tuple(int(v) if isinstance(v, Decimal) and v == int(v) else v for v in row) for row in rows]


__all__ = ["Client", "opened", "plain", "with_secrets"]
