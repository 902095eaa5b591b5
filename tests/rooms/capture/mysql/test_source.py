"""The source on a real MariaDB: changes in order, shapes followed, watermarks, places to resume from, and refusals."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator

import pytest
from tests.rooms.capture.mysql.mariadb import MYSQL, MariaDb, mariadb, only_named
from tests.rooms.capture.mysql.sink import Sink, follow, names

from boathouse.capture.changes import DELETE, INSERT, MOVED, UPDATE, ChangeBatch, Reached
from boathouse.capture.mysql.binlog import patience
from boathouse.capture.mysql.source import MySqlSource
from boathouse.capture.settings import MEMORY_BYTES
from boathouse.contracts.errors import BoathouseError, FeatureNotSupported, InvalidParameterValue
from boathouse.contracts.source_errors import SourceGap, SourceRefused, SourceUnavailable

Make = Callable[..., MySqlSource]

ANOTHER = "3e11fa47-71ca-11e1-9e33-c80aa9429562"
"""Another server, as MySQL names one."""


@pytest.fixture
def make(maria: MariaDb, request: pytest.FixtureRequest) -> Iterator[Make]:
    """A source of the test's own database, which is `shop` in its name and empty."""
    made: list[MySqlSource] = []

    def one(
        *tables: str, name: str = "tests", secret: dict[str, str] | None = None, memory: int = MEMORY_BYTES
    ) -> MySqlSource:
        wanted = [("shop", table) for table in tables] or None
        source = MySqlSource(name, secret or maria.secret(), wanted, memory_bytes_max=memory)
        made.append(source)
        return source

    maria.run("DROP DATABASE IF EXISTS shop", "CREATE DATABASE shop")
    yield one
    for source in made:
        source.close()


def test_changes_come_whole_and_in_order(maria: MariaDb, make: Make) -> None:
    maria.run(
        "CREATE TABLE shop.a (id INT, part INT, t TEXT, PRIMARY KEY (part, id))",
        "CREATE TABLE shop.b (id INT PRIMARY KEY)",
    )
    source = make()
    start = str(source.prepare())
    maria.run(
        "INSERT INTO shop.a VALUES (1, 1, 'one'), (2, 1, 'two'), (3, 1, NULL)",
        "UPDATE shop.a SET t = 'zwei' WHERE id = 2",
    )
    with maria.root() as connection, connection.cursor() as cursor:
        cursor.execute("BEGIN")
        cursor.execute("INSERT INTO shop.b VALUES (1), (2)")
        cursor.execute("UPDATE shop.a SET id = id + 10 WHERE part = 1 ORDER BY id DESC")
        cursor.execute("DELETE FROM shop.b WHERE id = 1")
        cursor.execute("SAVEPOINT s")
        cursor.execute("INSERT INTO shop.b VALUES (99)")
        cursor.execute("ROLLBACK TO s")
        cursor.execute("COMMIT")
        cursor.execute("BEGIN")
        cursor.execute("INSERT INTO shop.b VALUES (77)")
        cursor.execute("ROLLBACK")
    sink = follow(source, start)
    assert sink.tables["shop", "a"] == {
        (1, 11): {"id": 11, "part": 1, "t": "one"},
        (1, 12): {"id": 12, "part": 1, "t": "zwei"},
        (1, 13): {"id": 13, "part": 1, "t": None},
    }
    assert sink.tables["shop", "b"] == {(2,): {"id": 2}}
    of_a = [(ordinal, op, key) for _, ordinal, op, key in sink.history if len(key) == 2]
    assert of_a[:4] == [(0, INSERT, (1, 1)), (1, INSERT, (1, 2)), (2, INSERT, (1, 3)), (0, UPDATE, (1, 2))]
    assert [(op, key) for _, op, key in of_a[4:]] == [
        (DELETE, (1, 3)), (MOVED, (1, 13)), (DELETE, (1, 2)), (MOVED, (1, 12)), (DELETE, (1, 1)), (MOVED, (1, 11)),
    ]  # fmt: skip
    positions = [place for place, _, _, key in sink.history if len(key) == 2]
    assert positions == sorted(positions, key=lambda text: int(text.rsplit("-", 1)[1]))
    assert len({place for place, *_ in sink.history}) == 3


def test_a_stream_goes_on_after_any_place_it_reached(maria: MariaDb, make: Make) -> None:
    maria.run("CREATE TABLE shop.a (id INT PRIMARY KEY, n INT)")
    source = make()
    start = str(source.prepare())
    for n in range(12):
        maria.run(f"INSERT INTO shop.a VALUES ({n}, 0)", f"UPDATE shop.a SET n = n + 1 WHERE id <= {n}")
    source.mark("the-end")
    whole = follow(source, start, until="the-end")
    cut = Sink()
    stream = source.stream(source.position(start))
    for item in stream:
        cut.take(item)
        if isinstance(item, Reached):
            break
    stream.close()
    rest = follow(make(), cut.position, until="the-end", sink=cut)
    assert rest.tables == whole.tables and rest.history == whole.history
    for place in sorted({place for place, *_ in whole.history})[::8]:
        again = Sink(tables={("shop", "a"): {}})
        expected = [one for one in whole.history if not source.position(one[0]) <= source.position(place)]
        stream = source.stream(source.position(place))
        for item in stream:
            if isinstance(item, ChangeBatch):
                again.history += [
                    (str(item.transactions[t].position), o, op, key)
                    for key, op, t, o in zip(
                        item.keys(),
                        item.ops.to_pylist(),
                        item.transaction.to_pylist(),
                        item.ordinals.to_pylist(),
                        strict=True,
                    )
                ]
            if isinstance(item, Reached) and len(again.history) >= len(expected):
                break
        stream.close()
        assert again.history == expected


def test_an_idle_stream_says_where_it_stands(maria: MariaDb, make: Make) -> None:
    source = make()
    start = source.prepare()
    stream = source.stream(start)
    first = next(item for item in stream if isinstance(item, Reached))
    maria.run("CREATE TABLE shop.a (id INT PRIMARY KEY)")
    assert start <= first.position
    later = next(item for item in stream if isinstance(item, Reached) and not item.position <= first.position)
    assert str(later.position) == maria.value("SELECT @@gtid_binlog_pos")
    source.close()
    assert all(isinstance(item, Reached) for item in stream)


@only_named
def test_tables_are_followed_through_definitions(maria: MariaDb, make: Make) -> None:
    maria.run("CREATE TABLE shop.a (id INT PRIMARY KEY, n INT)")
    source = make()
    start = str(source.prepare())
    maria.run(
        "INSERT INTO shop.a VALUES (1, 1)",
        "ALTER TABLE shop.a ADD COLUMN t VARCHAR(10) DEFAULT 'new' FIRST",
        "INSERT INTO shop.a VALUES ('x', 2, 2)",
        "ALTER TABLE shop.a CHANGE n amount BIGINT UNSIGNED",
        "UPDATE shop.a SET amount = 18446744073709551615 WHERE id = 2",
        "ALTER TABLE shop.a DROP COLUMN t",
        "INSERT INTO shop.a VALUES (3, 3)",
        "TRUNCATE TABLE shop.a",
        "INSERT INTO shop.a VALUES (4, 4)",
        "CREATE TABLE shop.b (id INT PRIMARY KEY)",
        "INSERT INTO shop.b VALUES (1)",
        "DROP TABLE shop.b",
        "CREATE TABLE shop.b (name VARCHAR(5) PRIMARY KEY)",
        "INSERT INTO shop.b VALUES ('back')",
        "CREATE TABLE shop._a_gho LIKE shop.a",
        "INSERT INTO shop._a_gho SELECT * FROM shop.a",
        "RENAME TABLE shop.a TO shop._a_del, shop._a_gho TO shop.a",
        "INSERT INTO shop.a VALUES (5, 5)",
    )
    sink = follow(source, start)
    assert [int(row["amount"]) for row in sink.tables["shop", "a"].values()] == [4, 5]
    assert list(sink.tables["shop", "b"]) == [("back",)]
    assert ("shop", "_a_gho") not in sink.tables
    assert names(sink.items).count("Truncated") == 2
    shapes = sink.shapes["shop", "a"]
    assert shapes[0] == "shop.a(id int,n int) key 0"
    assert shapes[-1] == "shop.a(id int,amount bigint unsigned) key 0"
    assert "shop.a(t text character set utf8,id int,n int) key 1" in shapes


@only_named
def test_of_all_tables_those_that_can_be_captured_are(maria: MariaDb, make: Make) -> None:
    """Others change beside them without a word; tables made later belong to the next stream."""
    maria.run(
        "CREATE TABLE shop.a (id INT PRIMARY KEY)",
        "CREATE TABLE shop.keyless (id INT)",
        "CREATE TABLE shop.old (id INT PRIMARY KEY) ENGINE = MyISAM",
        *(() if MYSQL else ("CREATE SEQUENCE shop.numbers",)),
    )
    source = make()
    start = str(source.prepare())
    assert [one for one in source.check() if one.level == "error"] == []
    maria.run(
        "INSERT INTO shop.keyless VALUES (1)",
        "INSERT INTO shop.old VALUES (1)",
        *(() if MYSQL else ("SELECT NEXTVAL(shop.numbers)",)),
        "INSERT INTO shop.a VALUES (1)",
        "CREATE TABLE shop.b (id INT PRIMARY KEY)",
        "INSERT INTO shop.b VALUES (2)",
        "CREATE TABLE shop.shaped (id INT PRIMARY KEY, g GEOMETRY)",
        "INSERT INTO shop.shaped VALUES (1, POINT(1, 1))",
        "ALTER TABLE shop.keyless ADD PRIMARY KEY (id)",
    )
    sink = follow(source, start)
    paths = [("shop", "a"), ("shop", "b"), ("shop", "keyless")]
    assert [schema.path for schema in source.tables() if schema.schema == "shop"] == paths
    assert {path: list(rows) for path, rows in sink.tables.items()} == {("shop", "a"): [(1,)], ("shop", "b"): [(2,)]}


def test_the_tables_of_a_pattern_are_captured(maria: MariaDb, make: Make) -> None:
    maria.run(
        "CREATE TABLE shop.order_a (id INT PRIMARY KEY)",
        "CREATE TABLE shop.order_keyless (id INT)",
        "CREATE TABLE shop.other (id INT PRIMARY KEY)",
    )
    source = make("order_*", "missing")
    assert {one.subject: one.level for one in source.check() if one.subject.startswith("shop.")} == {
        "shop.order_keyless": "warning", "shop.missing": "error",
    }  # fmt: skip
    source = make("order_*")
    start = str(source.prepare())
    maria.run("INSERT INTO shop.other VALUES (1)", "INSERT INTO shop.order_keyless VALUES (1)")
    maria.run("INSERT INTO shop.order_a VALUES (1)")
    assert follow(source, start).tables == {("shop", "order_a"): {(1,): {"id": 1}}}


@only_named
def test_a_shape_is_told_at_once_when_the_log_is_read_to_its_end(maria: MariaDb, make: Make) -> None:
    """Not only with the next row: the new column's default stands in rows that no event will tell of."""
    maria.run("CREATE TABLE shop.a (id INT PRIMARY KEY)")
    source = make()
    start = str(source.prepare())
    maria.run("INSERT INTO shop.a VALUES (1)", "ALTER TABLE shop.a ADD COLUMN n INT DEFAULT 5")
    assert follow(source, start).shapes["shop", "a"] == ["shop.a(id int) key 0", "shop.a(id int,n int) key 0"]


@pytest.mark.parametrize(
    ("statements", "error", "says"),
    [
        (["SET SESSION binlog_format = STATEMENT", "INSERT INTO shop.a VALUES (1, 1)"], SourceRefused, "statement"),
        (
            ["XA START 'x'", "INSERT INTO shop.a VALUES (1, 1)", "XA END 'x'", "XA PREPARE 'x'", "XA COMMIT 'x'"],
            FeatureNotSupported,
            "XA",
        ),
    ],
)
def test_what_cannot_be_told_stops_the_stream_before_it(
    maria: MariaDb, make: Make, statements: list[str], error: type[BoathouseError], says: str
) -> None:
    maria.run(
        "CREATE TABLE shop.a (id INT PRIMARY KEY, n INT)",
        "CREATE TABLE shop.p (id INT PRIMARY KEY) PARTITION BY RANGE (id) (PARTITION p0 VALUES LESS THAN (100))",
        "CREATE TABLE shop.d (id INT PRIMARY KEY, day DATE)",
        "INSERT INTO shop.a VALUES (7, 7)",
    )
    source = make("a", "p", "d")
    start = str(source.prepare())
    maria.run("INSERT INTO shop.a VALUES (8, 8)")
    with maria.root() as connection, connection.cursor() as cursor:
        cursor.execute("SET sql_mode = ''")
        for statement in statements:
            cursor.execute(statement)
    sink = Sink()
    with pytest.raises(error, match=says):
        follow(source, start, sink=sink)
    assert all(key == (8,) for *_, key in sink.history)


@pytest.mark.parametrize(
    ("statements", "table", "says"),
    [
        (["SET SESSION binlog_row_image = MINIMAL", "UPDATE shop.a SET n = 2"], "a", "binlog_row_image"),
        (
            ["CREATE TABLE shop.fresh LIKE shop.a", "RENAME TABLE shop.a TO shop.old, shop.fresh TO shop.a"],
            "a",
            "shop.a",
        ),
        (
            ["ALTER TABLE shop.a ADD COLUMN g GEOMETRY", "INSERT INTO shop.a VALUES (1, 1, POINT(1, 1))"],
            "a",
            "shop.a",
        ),
        (["ALTER TABLE shop.a DROP PRIMARY KEY", "INSERT INTO shop.a VALUES (1, 1)"], "a", "shop.a"),
        (["INSERT INTO shop.d VALUES (1, '0000-00-00')"], "d", '"day"'),
        (["INSERT INTO shop.long VALUES (1, REPEAT('x', 65536))"], "long", "shop.long.t has a value of 65536 bytes"),
    ],
)
def test_a_table_whose_changes_cannot_be_told_is_set_aside_and_the_others_go_on(
    maria: MariaDb, make: Make, statements: list[str], table: str, says: str
) -> None:
    maria.run(
        "CREATE TABLE shop.a (id INT PRIMARY KEY, n INT)",
        "CREATE TABLE shop.p (id INT PRIMARY KEY) PARTITION BY RANGE (id) (PARTITION p0 VALUES LESS THAN (100))",
        "CREATE TABLE shop.d (id INT PRIMARY KEY, day DATE)",
        "CREATE TABLE shop.long (id INT PRIMARY KEY, t LONGTEXT)",
        "CREATE TABLE shop.other (id INT PRIMARY KEY)",
        "INSERT INTO shop.a VALUES (7, 7)",
    )
    source = make("a", "p", "d", "long", "other")
    start = str(source.prepare())
    with maria.root() as connection, connection.cursor() as cursor:
        cursor.execute("SET sql_mode = ''")
        for statement in statements:
            cursor.execute(statement)
    maria.run("INSERT INTO shop.other VALUES (1)")
    sink = follow(source, start)
    assert list(sink.failed) == [("shop", table)] and says in sink.failed["shop", table]
    assert list(sink.tables["shop", "other"]) == [(1,)]


def test_a_large_transaction_comes_in_pieces_and_ends_once(maria: MariaDb, make: Make) -> None:
    maria.run("CREATE TABLE shop.a (id INT PRIMARY KEY, t TEXT)")
    source = make(memory=600_000)
    start = str(source.prepare())
    maria.run("INSERT INTO shop.a SELECT seq, repeat('x', 100) FROM shop.seq_1_to_20000")
    sink = follow(source, start)
    assert len(sink.tables["shop", "a"]) == 20_000
    batches = [i for i, item in enumerate(sink.items) if item == "ChangeBatch"]
    assert len(batches) > 5
    assert "Reached" not in sink.items[batches[0] : batches[-1]]
    assert len({place for place, *_ in sink.history}) == 1
    assert [ordinal for _, ordinal, _, _ in sink.history] == list(range(20_000))


def test_compressed_events_are_read(maria: MariaDb, make: Make) -> None:
    maria.run(
        "CREATE TABLE shop.a (id INT PRIMARY KEY, t TEXT)",
        "SET GLOBAL log_bin_compress = 1",
        *(() if MYSQL else ("SET GLOBAL log_bin_compress_min_len = 10",)),
    )
    source = make()
    start = str(source.prepare())
    try:
        maria.run(
            "INSERT INTO shop.a SELECT seq, repeat('x', 500) FROM shop.seq_1_to_50",
            "UPDATE shop.a SET t = repeat('y', 400)",
        )
        sink = follow(source, start)
    finally:
        maria.run("SET GLOBAL log_bin_compress = 0")
    assert {row["t"] for row in sink.tables["shop", "a"].values()} == {"y" * 400}


def test_watermarks_stand_between_the_changes_around_them(maria: MariaDb, make: Make) -> None:
    maria.run("CREATE TABLE shop.a (id INT PRIMARY KEY)")
    source = make()
    start = str(source.prepare())
    maria.run("INSERT INTO shop.a VALUES (1)")
    source.mark("run-1/low")
    maria.run("INSERT INTO shop.a VALUES (2)")
    make(name="another").mark("foreign")
    source.mark("run-1/high")
    sink = follow(source, start)
    assert sink.marks[:2] == ["run-1/low", "run-1/high"] and "foreign" not in sink.marks
    kinds = names(sink.items)
    assert kinds[: kinds.index("Mark") + 3] == ["SchemaChanged", "ChangeBatch", "Mark", "ChangeBatch", "Mark"]


def test_two_captures_do_not_end_each_other(maria: MariaDb, make: Make) -> None:
    maria.run("CREATE TABLE shop.a (id INT PRIMARY KEY)")
    one, two = make(name="one"), make(name="two")
    start = one.prepare()
    streams = [one.stream(start), two.stream(start)]
    for stream in streams:
        next(stream)
    maria.run("INSERT INTO shop.a VALUES (1)")
    for stream in streams:
        assert len(next(item for item in stream if isinstance(item, ChangeBatch))) == 1
        stream.close()


def test_a_log_that_is_purged_is_a_gap_and_a_server_that_is_gone_is_not() -> None:
    with mariadb() as other:
        other.run("CREATE DATABASE shop", "CREATE TABLE shop.a (id INT PRIMARY KEY)")
        source = MySqlSource("tests", other.secret(), None)
        start = source.prepare()
        other.run(
            "INSERT INTO shop.a VALUES (1)", "FLUSH BINARY LOGS", "INSERT INTO shop.a VALUES (2)", "FLUSH BINARY LOGS"
        )
        _purge(other)
        with pytest.raises(SourceGap):
            next(source.stream(start))
        domain, number = str(start).split("-")[0], re.split(r"[-:]", str(start))[-1]
        another = f"{start},{ANOTHER}:1-9" if MYSQL else f"{domain}-999-1000000"  # a replica that lags behind
        if MYSQL:
            other.run(f"SET gtid_next = '{ANOTHER}:1'; BEGIN; COMMIT; SET gtid_next = 'AUTOMATIC'")
        by_another = source.position(another)
        with pytest.raises(SourceUnavailable, match="not yet"):
            next(source.stream(by_another))
        its_own = source.position(str(start).removesuffix(number) + "1000000")
        with pytest.raises(SourceGap, match="began anew"):
            next(source.stream(its_own))
        stream = source.stream(source.prepare())
        next(stream)
    with pytest.raises(SourceUnavailable):  # the server is gone
        for _ in stream:
            pass
    with pytest.raises(SourceUnavailable):
        source.prepare()


def _purge(server: MariaDb) -> None:
    """All files of the log but the newest; the server holds on to one until its engine has written a checkpoint."""
    deadline = time.monotonic() + 60
    with server.root() as connection, connection.cursor() as cursor:
        while True:
            cursor.execute("SHOW BINARY LOGS")
            files = [row[0] for row in cursor.fetchall()]
            if len(files) == 1:
                return
            assert time.monotonic() < deadline, files
            cursor.execute(f"PURGE BINARY LOGS TO '{files[-1]}'")
            time.sleep(0.02)


def test_a_log_that_began_anew_is_a_gap(maria: MariaDb, make: Make) -> None:
    source = make()
    strange = source.position(f"{ANOTHER}:1-5" if MYSQL else f"{source.prepare()},77-9-5")
    with pytest.raises(SourceGap, match="knows nothing"):
        next(source.stream(strange))


@only_named
def test_check_names_each_setting_and_the_sql_that_mends_it(maria: MariaDb, make: Make) -> None:
    maria.run(
        "CREATE TABLE shop.good (id INT PRIMARY KEY)",
        "CREATE TABLE shop.keyless (id INT)",
        "CREATE TABLE shop.shaped (id INT PRIMARY KEY, g GEOMETRY)",
        "CREATE TABLE shop.old (id INT PRIMARY KEY) ENGINE = MyISAM",
        "CREATE VIEW shop.seen AS SELECT 1 AS one",
    )
    names = ("good", "keyless", "shaped", "old", "seen", "nothing")
    source = make(*names)
    source.prepare()
    found = {one.subject: one for one in source.check()}
    assert {name for name, one in found.items() if one.level == "error"} == {
        "shop.nothing", "shop.keyless", "shop.shaped", "shop.old", "shop.seen",
    }  # fmt: skip
    assert [schema.name for schema in source.tables()] == ["good"]
    broken = {"binlog_format": "MIXED", "binlog_row_image": "MINIMAL"}
    try:
        maria.run(*(f"SET GLOBAL {setting} = '{value}'" for setting, value in broken.items()))
        findings = {one.subject: one for one in make("good").check() if one.level == "error"}
        assert findings.keys() == broken.keys()
        maria.run(*(one.mend for one in findings.values()))
        assert [one for one in make("good").check() if one.level == "error"] == []
    finally:
        maria.run("SET GLOBAL binlog_format = ROW, binlog_row_image = FULL")


def test_check_names_the_rights_that_lack(maria: MariaDb, make: Make) -> None:
    maria.run(
        "CREATE TABLE shop.a (id INT PRIMARY KEY)",
        "DROP DATABASE IF EXISTS boathouse",
        "CREATE OR REPLACE USER poor IDENTIFIED BY 'x'",
        "GRANT SELECT ON shop.* TO poor",
    )
    secret = maria.secret(user="poor", password="x")
    source = make("a", secret=secret)
    errors = {one.subject for one in source.check() if one.level == "error"}
    monitor = "REPLICATION CLIENT" if MYSQL else "BINLOG MONITOR"
    assert errors == {"REPLICATION SLAVE", monitor, "boathouse.watermark"}
    with pytest.raises(SourceRefused):
        source.prepare()
    maria.run("GRANT REPLICATION SLAVE, BINLOG MONITOR ON *.* TO poor", "GRANT ALL ON boathouse.* TO poor")
    rich = make("a", secret=secret)
    assert [one for one in rich.check() if one.level == "error"] == []
    start = str(rich.prepare())
    maria.run("INSERT INTO shop.a VALUES (1)")
    assert follow(rich, start).tables["shop", "a"] == {(1,): {"id": 1}}
    with pytest.raises(SourceRefused, match="does not let"):
        make(secret=maria.secret(user="poor", password="wrong")).check()


def test_log_and_chunks_come_through_tls_from_a_certificate_that_is_known(maria: MariaDb, make: Make) -> None:
    maria.run(
        "CREATE TABLE shop.a (id INT PRIMARY KEY, t LONGTEXT)",
        "CREATE OR REPLACE USER safe IDENTIFIED BY 'x' REQUIRE SSL",
    )
    maria.run("GRANT ALL ON *.* TO safe")
    secret = maria.secret(user="safe", password="x", tls="require", ca_file=str(maria.certificate))
    source = make("a", secret=secret)
    start = str(source.prepare())
    maria.run("INSERT INTO shop.a SELECT seq, repeat('x', 5000) FROM shop.seq_1_to_1000")
    assert len(follow(source, start).tables["shop", "a"]) == 1000
    assert source.last_key(("shop", "a")) == ("1000",)
    with pytest.raises(SourceUnavailable):  # nobody here knows the certificate
        make(secret=secret | {"ca_file": ""}).check()
    with pytest.raises(SourceRefused):  # the server does not let it in without TLS
        make(secret=secret | {"tls": "off"}).check()


@pytest.mark.parametrize("secret", [{"sslmode": "require"}, {"tls": "maybe"}, {"port": "x"}])
def test_a_secret_of_another_kind_is_refused(secret: dict[str, str]) -> None:
    with pytest.raises(InvalidParameterValue):
        MySqlSource("tests", secret, None)


@pytest.mark.parametrize("gathered", [0.05, 0.1, 0.5, 2.0])
def test_what_was_gathered_is_not_kept_for_long_where_nothing_follows(gathered: float) -> None:
    """The last change before a pause waited for a second, whatever it was to be gathered for."""
    silent, looks = 0.0, 0
    while silent < gathered:
        silent, looks = silent + patience(silent), looks + 1
    assert silent <= max(gathered * 1.25, gathered + 0.02) + 1e-9
    assert looks <= 25  # each asks the engine what is to be done
    assert patience(60.0) == 1.0
