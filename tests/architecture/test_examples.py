"""Every example of the documentation runs, and the README prints what it says."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from tests.architecture.document_blocks import PAGES, ROOT, Block, blocks

from boathouse.app.demo.servers import boathouse_server
from boathouse.app.home import create_home
from boathouse.app.initialise import initialise
from boathouse.app.settings import load, sections

SECONDS_MAX = 60
PASSWORD = "Harbour-9-lights"
README = ROOT / "README.md"

# -- the README: a whole session, in order ---------------------------------------------------------------


class Reader:
    """Somebody who follows the README in an empty folder, with `boathouse` on the path."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.ports = [_free_port(), _free_port()]
        programs = folder / ".programs"
        programs.mkdir()
        shim = programs / "boathouse"
        shim.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m boathouse.app.cli "$@"\n')
        shim.chmod(0o755)
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith(("BOATHOUSE_", "PG"))},
            "PATH": f"{programs}:{os.environ['PATH']}",
            "PYTHONUNBUFFERED": "1",
            "BOATHOUSE_ADMIN_PASSWORD": PASSWORD,
            "BOATHOUSE_SERVE_PORT": str(self.ports[0]),
            "BOATHOUSE_SERVE_HTTP_PORT": str(self.ports[1]),
        }
        self.server: subprocess.Popen[str] | None = None

    def follow(self, block: Block) -> str:
        """Do what a block says; what was printed, with this run's own names and times taken out."""
        if block.language == "sql":
            file = self.folder / "typed.sql"
            file.write_text(block.text)
            return self._plain(self._run(["boathouse", "sql", "shop", "-f", str(file)]))
        if block.text.startswith("boathouse serve"):
            return self._plain(self._serve(block.text.rstrip(" &\n").split()))
        if block.text.startswith("kill"):
            assert self.server is not None
            self.server.send_signal(signal.SIGTERM)
            assert self.server.wait(SECONDS_MAX) == 0
            return ""
        return self._plain(self._run(["bash", "-euc", block.text]))

    def _run(self, command: list[str]) -> str:
        """What was printed; messages only where there was nothing else: libpq does not keep their order."""
        done = subprocess.run(
            command,
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=SECONDS_MAX,
            check=False,
        )
        return done.stdout or done.stderr

    def _serve(self, command: list[str]) -> str:
        self.server = subprocess.Popen(
            command, cwd=self.folder, env=self.environment, stdout=subprocess.PIPE, text=True
        )
        assert self.server.stdout is not None
        return self.server.stdout.readline()

    def _plain(self, text: str) -> str:
        text = text.replace(str(self.folder), "/home/ada")
        for port, documented in zip(self.ports, ("5439", "8439"), strict=True):
            text = text.replace(str(port), documented)
        return re.sub(r"^Time: .*\n", "", text, flags=re.MULTILINE)


@pytest.fixture
def reader(tmp_path: Path) -> Iterator[Reader]:
    reader = Reader(tmp_path)
    yield reader
    if reader.server is not None and reader.server.poll() is None:
        reader.server.kill()
        reader.server.wait()


def test_following_the_readme_prints_what_the_readme_prints(reader: Reader) -> None:
    followed = [block for block in blocks(README, "sh", "sql") if block.is_run]
    assert len(followed) > 8
    for block in followed:
        printed = reader.follow(block)
        assert _lines(printed) == _lines(block.output or ""), block.place


def _lines(text: str) -> list[str]:
    """Lines without what only alignment adds: a path of another length moves columns."""
    return [re.sub(r" +", " ", re.sub(r"-+", "-", line)).strip() for line in text.strip().splitlines()]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


# -- the other pages: each example by itself -----------------------------------------------------------------

FILES = {
    "in/sales-1.csv": "id,sold,city,amount\n1,2026-03-01,Bergen,12.50\n2,2026-03-02,Oslo,7.25\n3,2026-03-03,,4.00\n",
    "orders/2026-03.json": '{"orderid": 1, "customer": {"name": "Ada"}, "lines": [{"sku": "oar", "qty": 2, "price": 40}]}\n',
    "visits/day=2026-03-01/visits.csv": "Ada,/boats\nBo,/oars\n",
    "visits/day=2026-03-02/visits.csv": "Cy,/boats\n",
}
PREPARE = (
    "CREATE TABLE sales (id INTEGER NOT NULL SORTKEY, sold DATE, city VARCHAR(20), amount NUMERIC(10,2))",
    "INSERT INTO sales VALUES (1, '2026-03-01', 'Bergen', 12.50), (2, '2026-03-02', 'Oslo', 7.25)",
    "CREATE EXTERNAL SCHEMA lake FROM DATA CATALOG DATABASE 'lake' CREATE EXTERNAL DATABASE IF NOT EXISTS",
    "CREATE EXTERNAL TABLE lake.orders (orderid INTEGER, customer struct<name:varchar(20)>, "
    "lines array<struct<sku:varchar(20),qty:int,price:double precision>>) "
    "ROW FORMAT SERDE 'org.openx.data.jsonserde.JsonSerDe' STORED AS TEXTFILE LOCATION 'orders/'",
)
OTHERS = [block for page in PAGES if page != README for block in blocks(page, "sql") if block.is_run]


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[psycopg.Connection[tuple[object, ...]]]:
    home = tmp_path_factory.mktemp("examples") / "home"
    initialise(home, "dev", PASSWORD)
    for name, content in FILES.items():
        path = home / "lake" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    with boathouse_server(home) as port:
        dsn = f"host=127.0.0.1 port={port} dbname=dev user=admin password={PASSWORD}"
        with psycopg.connect(dsn, autocommit=True) as connection:
            for statement in PREPARE:
                connection.execute(statement)
            yield connection


@pytest.mark.parametrize("block", OTHERS, ids=lambda block: block.place)
def test_every_sql_example_runs(prepared: psycopg.Connection[tuple[object, ...]], block: Block) -> None:
    prepared.execute(block.text)


def test_examples_of_settings_are_settings(tmp_path: Path) -> None:
    from boathouse.app.assemble import OWN_SECTIONS
    from boathouse.app.discover import discover_rooms

    home = tmp_path / "home"
    create_home(home, "dev")
    examples = blocks(ROOT / "docs" / "settings.md", "toml")
    assert examples
    for block in examples:
        (home / "boathouse.toml").write_text(block.text)
        found = load(home, sections(discover_rooms(), OWN_SECTIONS), {})
        for section, content in tomllib.loads(block.text).items():
            for name, value in content.items():
                shown = getattr(found[section], name)
                assert (list(shown) if isinstance(shown, tuple) else shown) == value, block.place


# -- links -----------------------------------------------------------------------------------------------------

_LINK = re.compile(r"\[[^\]]*\]\((?!\w+:)([^)\s]*)\)")
LINKS = [(page, target) for page in PAGES for target in _LINK.findall(page.read_text(encoding="utf-8"))]


@pytest.mark.parametrize(("page", "target"), LINKS, ids=lambda value: getattr(value, "name", value))
def test_links_between_pages_lead_somewhere(page: Path, target: str) -> None:
    path, _, anchor = target.partition("#")
    found = (page.parent / path).resolve() if path else page
    assert found.exists(), f"{page.name} links to {target}"
    if anchor:
        titles = re.findall(r"^#+ (.*)$", found.read_text(encoding="utf-8"), re.MULTILINE)
        anchors = {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}
        assert anchor in anchors, f"{page.name} links to {target}"
