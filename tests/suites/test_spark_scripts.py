"""Scripts of `tests/statements` over Spark: each query of theirs that has an answer is asked there too, and answers as written.

What Spark is not asked is refused by name: `engines/script_gaps.txt` says which lines of which scripts, with the refusal.
Others by hand: `BOATHOUSE_SPARK_SCRIPTS=queries/*.sql`, whose refusals are then the finding. Needs Spark (`make .venv/.spark`).
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.clients.conftest import DATABASE, PASSWORD, Running, running
from tests.statements.scripts import agrees, ask, files, read
from tests.suites.spark_suite import HERE as DATA
from tests.suites.spark_suite import SETTINGS, require_spark

from boathouse.app.assemble import open_house
from boathouse.app.initialise import initialise

require_spark()

HERE = Path(__file__).parents[1] / "statements"
SCRIPTS = sorted(HERE.glob(os.environ.get("BOATHOUSE_SPARK_SCRIPTS", "external/*.sql")))
GAPS = {tuple(line.split(": ", 1)) for line in (DATA / "script_gaps.txt").read_text().splitlines()}
"""Script and the refusal's message, each of which must come."""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    home = tmp_path_factory.mktemp("scripts") / "h"
    initialise(home, DATABASE, PASSWORD)
    house = open_house(home, {"spark": SETTINGS})
    with running(house) as found:
        yield found
    house.close()


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.relative_to(HERE).with_suffix("").as_posix())
def test_scripts_answer_on_spark_as_written(script: Path, server: Running) -> None:
    name = script.relative_to(HERE).with_suffix("").as_posix()
    schema = re.sub(r"\W", "_", name)
    for file, content in files(script).items():
        place = server.home / "lake" / file
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)
    wrong, refusals = [], set()
    with server.raw() as client:
        client.query(f"CREATE SCHEMA {schema}")
        client.query(f"SET search_path TO {schema}")
        client.query("SET enable_result_cache_for_session TO off")
        client.socket.settimeout(300)  # a session has to start
        in_block = False
        for step in read(script):
            if word := re.match(r"\s*(BEGIN|START|COMMIT|END|ROLLBACK|ABORT)\b", step.sql, re.IGNORECASE):
                in_block = word[1].upper() in ("BEGIN", "START")
            is_query = re.match(r"\s*(SELECT|WITH|\()", step.sql, re.IGNORECASE) and len(step.answer) > 1
            if in_block or not is_query:  # what is refused would end the block
                ask(client, step.sql)
                continue
            client.query("SET engine TO spark")
            found = ask(client, step.sql)
            client.query("SET engine TO auto")
            refused = re.search(r"ERROR 0A000[^:]*: (.*)", "\n".join(found))
            if not agrees(step.answer, found):
                refusals.add((name, refused[1] if refused else ""))
                if refused is None or (name, refused[1]) not in GAPS:
                    wrong.append(f"{name}: {step.line}: {step.sql}\n" + "\n".join(found))
    assert not wrong, "\n".join(wrong)
    assert refusals == {one for one in GAPS if one[0] == name}, "a gap that works by now"
