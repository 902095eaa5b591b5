"""A home that is put back as it was, beside a server whose log has moved on."""

from __future__ import annotations

import shutil
from pathlib import Path

from tests.rooms.capture.capture_house import CaptureHouse, Secret
from tests.rooms.capture.mysql.mariadb import MariaDb

ROWS = "SELECT id, n FROM shop.t ORDER BY id"


def test_an_old_state_goes_on_where_it_was_or_says_that_the_log_is_gone(maria: MariaDb, tmp_path: Path) -> None:
    maria.run(
        "CREATE DATABASE old",
        "CREATE TABLE old.t (id INT PRIMARY KEY, n INT)",
        "INSERT INTO old.t VALUES (1, 1), (2, 2)",
    )
    home, kept = tmp_path / "home", tmp_path / "kept"
    house = CaptureHouse(home, Secret(maria.secret()))

    def until(expected: list[tuple[int, int]], *, after_a_gap: bool = False) -> None:
        house.until(lambda: house.run(ROWS) == expected, "it is not followed", may_fail=after_a_gap)

    def put_back() -> None:
        house.close()
        shutil.rmtree(home)
        shutil.copytree(kept, home)
        house.reopen(home, house.settings)
        assert house.run(ROWS) == [(1, 1), (2, 2)]

    try:
        house.run("CREATE INTEGRATION shop FROM MYSQL SECRET 'shop' TABLES (old.t)")
        house.begin()
        house.until_dumped()
        house.end()
        house.close()
        shutil.copytree(home, kept)
        house.reopen(home, house.settings)
        house.begin()
        maria.run(
            "UPDATE old.t SET n = 9 WHERE id = 1", "DELETE FROM old.t WHERE id = 2", "INSERT INTO old.t VALUES (3, 3)"
        )
        until([(1, 9), (3, 3)])
        # The log has what came since: nothing is lost, nothing comes twice.
        put_back()
        house.begin()
        until([(1, 9), (3, 3)])
        maria.run("UPDATE old.t SET n = 4 WHERE id = 3")
        until([(1, 9), (3, 4)])
        # It has not any more: nothing is told, and what to do is.
        house.end()

        def is_purged() -> bool:
            """A file that is still being sent stays; a new one lets the server see that nobody reads."""
            maria.run("FLUSH BINARY LOGS")
            with maria.root() as connection, connection.cursor() as cursor:
                cursor.execute("SHOW BINARY LOGS")
                newest = list(cursor.fetchall())[-1][0]
            maria.run(f"PURGE BINARY LOGS TO '{newest}'")
            return maria.value("SHOW BINARY LOGS") == newest

        house.until(is_purged, "the log is not purged")
        put_back()
        house.begin()
        house.until(lambda: house.state()[0] == "failed", "the gap is not noticed", may_fail=True)
        said = (
            house.run("SELECT trim(state) FROM svv_integration"),
            house.run("SELECT reason FROM svv_integration_table_state"),
        )
        assert said[0] == [("ErrorState",)]
        assert "does not reach back to the stored position" in said[1][0][0]
        assert "Drop the integration and create it again" in said[1][0][0]
        assert house.run(ROWS) == [(1, 1), (2, 2)]
        house.run("DROP INTEGRATION shop; CREATE INTEGRATION shop FROM MYSQL SECRET 'shop' TABLES (old.t)")
        until([(1, 9), (3, 4)], after_a_gap=True)
    finally:
        house.close()
