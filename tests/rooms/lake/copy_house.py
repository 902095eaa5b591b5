"""A whole house for the tests of COPY: sessions of the real service, statements as users write them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from boathouse.app.assemble import OpenHouse, open_house
from boathouse.app.home import create_home
from boathouse.contracts.answers import CopyIn, Notice, Rows
from boathouse.contracts.errors import BoathouseError
from boathouse.contracts.users import User
from boathouse.query.session import QuerySession


class CopyHouse:
    """An open house with one session; `lake` is the folder that relative places start from."""

    def __init__(self, home: Path, overrides: Mapping[str, Mapping[str, object]] | None = None) -> None:
        create_home(home, "dev")
        self.reopen(home, overrides)

    def reopen(self, home: Path, overrides: Mapping[str, Mapping[str, object]] | None = None) -> None:
        """Open a home that is there."""
        self.lake = home / "lake"
        self.open: OpenHouse = open_house(home, overrides or {})
        self.open.put_user(User("admin", None, True))
        self.notices: list[Notice] = []
        self.session = self.connect()

    def connect(self) -> QuerySession:
        user = User("admin", None, True)
        return self.open.service.open(user, "dev", {}, b"secret", self.notices.append, lambda name, value: None)

    def close(self) -> None:
        self.open.close()

    def file(self, name: str, content: bytes | str) -> Path:
        path = self.lake / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def run(self, sql: str, session: QuerySession | None = None) -> list[tuple[Any, ...]]:
        """Run statements; the rows of the last one."""
        found: list[tuple[Any, ...]] = []
        session = session or self.session
        for statement in session.parse(sql):
            answer = session.run(statement)
            assert not isinstance(answer, CopyIn)
            if isinstance(answer, Rows):
                found = [tuple(row.values()) for batch in answer.batches for row in _rows(batch)]
        return found

    def fails(self, sql: str) -> BoathouseError:
        """The error that the statement ends in."""
        try:
            self.run(sql)
        except BoathouseError as failure:
            return failure
        raise AssertionError(f"it did not fail: {sql}")

    def table(self, columns: str, name: str = "t") -> None:
        self.run(f"DROP TABLE IF EXISTS {name}; CREATE TABLE {name} ({columns})")

    def load(self, content: bytes | str, options: str = "", columns: str = "a varchar(20), b varchar(20)") -> Any:
        """A fresh table's rows after loading one file of this content."""
        self.table(columns)
        self.file("load/part", content)
        self.run(f"COPY t FROM 'load/part' {options}")
        return self.run("SELECT * FROM t")

    def refused(self, content: bytes | str, options: str = "", columns: str = "a varchar(20), b varchar(20)") -> Any:
        """The last load's rows in error: (line, column, code, reason); the table has stayed empty."""
        self.table(columns)
        self.file("load/part", content)
        failure = self.fails(f"COPY t FROM 'load/part' {options}")
        assert "Check 'stl_load_errors' system table for details." in str(failure), failure
        assert self.run("SELECT count(*) FROM t") == [(0,)]
        return self.errors()

    def errors(self, what: str = "line_number, trim(colname), err_code, trim(err_reason)") -> list[tuple[Any, ...]]:
        last = "(SELECT max(query) FROM stl_load_errors)"
        return self.run(f"SELECT {what} FROM stl_load_errors WHERE query = {last} ORDER BY line_number")


def _rows(batch: Any) -> list[dict[int, Any]]:
    columns = [column.to_pylist() for column in batch.columns]
    return [dict(enumerate(row)) for row in zip(*columns, strict=True)]
