"""Who may, as of one moment, whatever is committed while it is read."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from boathouse.app.assemble import open_house
from boathouse.app.initialise import initialise
from boathouse.guard.privileges import SharedPrivileges


def test_what_is_revoked_between_two_tables_is_not_half_seen(tmp_path: Path) -> None:
    initialise(tmp_path / "h", "dev", "Correct-Horse-9")
    house = open_house(tmp_path / "h")
    admin = house.service.user("admin")
    assert admin is not None
    session = house.service.open(admin, "dev", {}, b"", lambda _: None, lambda *_: None)
    (statement,) = session.parse("CREATE USER reader PASSWORD DISABLE")
    session.run(statement)
    reader = house.service.user("reader")
    assert reader is not None
    shared = SharedPrivileges(house.service.house)
    shared._engine = engine = house.service.house.engine.session()
    writer, fetch = house.service.house.engine.session(), engine.fetch

    def overtaken(sql: str, parameters: Sequence[object] = ()) -> list[tuple[object, ...]]:
        found = fetch(sql, parameters)
        writer.execute("DELETE FROM boathouse.grants")
        return found

    engine.fetch = overtaken  # type: ignore[method-assign]
    assert shared.of(session).holds(reader.id, "USAGE", "schema", "", "public"), "its first look was before"
    later = SharedPrivileges(house.service.house).of(session)
    assert not later.holds(reader.id, "USAGE", "schema", "", "public")
    assert not engine.in_transaction
    house.close()
