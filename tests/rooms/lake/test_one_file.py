"""A text file on local disk as a table: INSERT puts rows at its end, in transactions."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.rooms.lake.whole_house import Client, opened

from boathouse.contracts.errors import DataError, FeatureNotSupported
from boathouse.lake.insert import append


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Any]:
    with opened(tmp_path / "h") as found:
        yield found


@pytest.fixture
def lake(house: Any) -> Path:
    return house.service.house.home / "lake"


@pytest.fixture
def client(house: Any) -> Iterator[Client]:
    made = Client(house)
    made.run("CREATE EXTERNAL SCHEMA lk FROM DATA CATALOG DATABASE 'lk' CREATE EXTERNAL DATABASE IF NOT EXISTS")
    yield made
    made.close()


CSV = "ROW FORMAT SERDE 'org.apache.hadoop.hive.serde2.OpenCSVSerde' STORED AS TEXTFILE"
HEADER = "TABLE PROPERTIES ('skip.header.line.count'='1')"


def books(client: Client) -> None:
    client.run(f"CREATE EXTERNAL TABLE lk.books (id integer, title varchar(40)) {CSV} LOCATION 'books.csv' {HEADER}")


def test_a_file_that_somebody_wrote_is_read_and_added_to(client: Client, lake: Path) -> None:
    (lake / "books.csv").write_text('ID,Title\n1,Dune\n2,"A, B"')  # no line's end at the end
    (lake / "books.csv").chmod(0o640)
    books(client)
    assert client.run("SELECT id, title FROM lk.books ORDER BY id") == [(1, "Dune"), (2, "A, B")]
    assert client.run("INSERT INTO lk.books VALUES (3, 'say \"hi\"')") == "INSERT 0 1"
    assert (lake / "books.csv").read_text() == 'ID,Title\n1,Dune\n2,"A, B"\n3,"say ""hi"""\n'
    assert (lake / "books.csv").stat().st_mode & 0o777 == 0o640
    assert client.run('SELECT id, "$path" FROM lk.books WHERE id = 3') == [(3, str(lake / "books.csv"))]
    with pytest.raises(DataError):
        client.run("INSERT INTO lk.books VALUES (4, '\\\\N')")
    assert not list((lake.parent / "appends").iterdir())


def test_a_file_that_is_not_there_begins_with_its_header(client: Client, lake: Path) -> None:
    books(client)
    assert client.run("SELECT * FROM lk.books") == []
    client.run("INSERT INTO lk.books VALUES (1, 'one')")
    client.run("INSERT INTO lk.books SELECT id + 1, 'two' FROM lk.books")
    assert (lake / "books.csv").read_text() == "id,title\n1,one\n2,two\n"


def test_rows_belong_to_their_transaction(house: Any, client: Client, lake: Path) -> None:
    books(client)
    other = Client(house)
    client.run("BEGIN")
    client.run("INSERT INTO lk.books VALUES (1, 'one')")
    client.run("INSERT INTO lk.books VALUES (2, 'two')")
    assert client.run("SELECT id FROM lk.books ORDER BY id") == [(1,), (2,)]
    assert other.run("SELECT id FROM lk.books") == []
    assert not (lake / "books.csv").exists()
    other.run("INSERT INTO lk.books VALUES (3, 'three')")
    client.run("COMMIT")
    assert other.run("SELECT id FROM lk.books ORDER BY id") == [(1,), (2,), (3,)]
    client.run("BEGIN")
    client.run("INSERT INTO lk.books VALUES (4, 'four')")
    client.run("ROLLBACK")
    assert client.run("SELECT count(*) FROM lk.books") == [(3,)]
    assert not list((lake.parent / "appends").iterdir())
    other.close()


def test_many_sessions_lose_no_row(house: Any, client: Client, lake: Path) -> None:
    books(client)

    def work(number: int) -> None:
        mine = Client(house)
        for place in range(5):
            mine.run(f"INSERT INTO lk.books VALUES ({number * 10 + place}, 'x')")
        mine.close()

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert client.run("SELECT count(*), count(DISTINCT id) FROM lk.books") == [(20, 20)]
    assert len((lake / "books.csv").read_text().splitlines()) == 21


@pytest.mark.parametrize("killed", ["before", "during", "after"])
def test_a_kill_after_commit_loses_and_repeats_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, killed: str
) -> None:
    """The process ends between the commit and the file, with the file half there, or before the journal is closed."""
    home = tmp_path / "h"

    class Killed(BaseException):
        pass

    def die(*arguments: Any) -> None:
        raise Killed

    with opened(home) as house:
        made = Client(house)
        made.run("CREATE EXTERNAL SCHEMA lk FROM DATA CATALOG DATABASE 'lk' CREATE EXTERNAL DATABASE IF NOT EXISTS")
        books(made)
        made.run("INSERT INTO lk.books VALUES (1, 'one')")
        if killed == "before":
            monkeypatch.setattr(append, "_apply", die)
        elif killed == "during":
            monkeypatch.setattr(append.shutil, "copymode", die)
        else:
            monkeypatch.setattr(append, "_forget", die)
        with pytest.raises(Killed):
            made.run("INSERT INTO lk.books VALUES (2, 'two')")
        monkeypatch.undo()
        append._waiting.clear()  # what the process knew is gone
    with opened(home) as house:
        again = Client(house)
        assert again.run("SELECT id FROM lk.books ORDER BY id") == [(1,), (2,)]
        again.run("INSERT INTO lk.books VALUES (3, 'three')")
        again.close()
    assert (home / "lake/books.csv").read_text() == "id,title\n1,one\n2,two\n3,three\n"
    assert not list((home / "appends").iterdir())


def test_rows_whose_transaction_never_ended_are_forgotten(tmp_path: Path) -> None:
    home = tmp_path / "h"
    with opened(home) as house:
        made = Client(house)
        made.run("CREATE EXTERNAL SCHEMA lk FROM DATA CATALOG DATABASE 'lk' CREATE EXTERNAL DATABASE IF NOT EXISTS")
        books(made)
        made.close()
    (home / "appends").mkdir(exist_ok=True)
    (home / "appends/x-1.json").write_text(json.dumps({"target": str(home / "lake/books.csv"), "header": True}))
    (home / "appends/x-1.rows").write_text("id,title\n9,gone\n")
    with opened(home) as house:
        again = Client(house)
        assert again.run("SELECT * FROM lk.books") == []
        again.close()
    assert not list((home / "appends").iterdir())


def test_what_cannot_be_appended_to_is_refused(client: Client, lake: Path) -> None:
    client.run(
        f"CREATE EXTERNAL TABLE lk.zipped (n integer) {CSV} LOCATION 'a.csv' TABLE PROPERTIES ('compression_type'='gzip')"
    )
    with pytest.raises(FeatureNotSupported, match="plain text on a local disk"):
        client.run("INSERT INTO lk.zipped VALUES (1)")
    (lake / "m.json").write_text('{"entries": []}')
    client.run(f"CREATE EXTERNAL TABLE lk.manifest (n integer) {CSV} LOCATION 'm.json'")
    with pytest.raises(FeatureNotSupported, match="its location is no folder"):
        client.run("INSERT INTO lk.manifest VALUES (1)")
