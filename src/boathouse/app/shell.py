"""`boathouse sql`: a small SQL shell; psql works as well.

Given a connection string it connects as any client would. Given a home it connects to the server that holds it, or, if
none does, opens the home for the time of the shell and connects through the same door with a one-time password.
"""

from __future__ import annotations

import contextlib
import io
import os
import secrets
import select
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
from psycopg import pq
from psycopg.conninfo import conninfo_to_dict

from boathouse.app.assemble import open_house
from boathouse.app.initialise import ADMIN
from boathouse.app.render import render
from boathouse.app.serve import listen
from boathouse.app.settings import CONFIG_FILE, ServeSettings, load
from boathouse.contracts.errors import HomeInUse, InvalidAuthorization, StorageError
from boathouse.contracts.users import User
from boathouse.wire.postgres.scram import make_verifier

HELP = """\
Statements end with a semicolon and may span lines.
  \\i FILE     run a file
  \\timing     time on or off
  \\q          leave
"""


def shell(target: str, commands: list[str] | None, file: Path | None) -> int:
    """Run the shell; returns 0, or 1 if a statement failed."""
    with connected(target) as connection:
        console = Console(connection)
        if commands:
            failed = [command for command in commands if not console.run(command)]
            return 1 if failed else 0
        if file is not None:
            return 0 if console.run(file.read_text(encoding="utf-8")) else 1
        return console.converse()


class Console:
    """A conversation: reads statements, prints results."""

    def __init__(self, connection: psycopg.Connection[tuple[object, ...]], *, timing: bool = True) -> None:
        self._connection = connection
        self._timing = timing
        connection.add_notice_handler(
            lambda notice: print(f"{notice.severity}:  {notice.message_primary}", file=sys.stderr, flush=True)
        )

    def run(self, text: str, *, quiet: bool = False) -> bool:
        """Run the statements of a text, printing each result as it comes; False if one failed.

        Args:
            quiet: print errors and notices only.
        """
        started = time.monotonic()
        raw = self._connection.pgconn
        try:
            raw.send_query(text.encode())
            raw.set_single_row_mode()
            fine = render(self._results(), io.StringIO() if quiet else sys.stdout)
        except KeyboardInterrupt:
            self._connection.cancel_safe()
            for _ in self._results():
                pass
            print("cancelled", file=sys.stderr)
            fine = False
        if self._timing:
            print(f"Time: {(time.monotonic() - started) * 1000:.1f} ms", file=sys.stderr)
        return fine

    def _results(self) -> Iterator[pq.abc.PGresult]:
        """Results as they come. Waiting is done here, where other threads go on: the server may be one of them."""
        raw = self._connection.pgconn
        while raw.flush():
            select.select([], [raw.socket], [])
        while True:
            while raw.is_busy():
                select.select([raw.socket], [], [])
                raw.consume_input()
            result = raw.get_result()
            if result is None:
                return
            yield result

    def converse(self) -> int:
        """Read from the terminal, or from a pipe, until its end."""
        interactive = sys.stdin.isatty()
        if interactive:
            with contextlib.suppress(ImportError):
                import readline  # noqa: F401  (line editing and history come with the import)
            print('Type "\\?" for help.')
        waiting: list[str] = []
        fine = True
        while True:
            try:
                line = input(("...> " if waiting else "boathouse=> ") if interactive else "")
            except EOFError:
                break
            except KeyboardInterrupt:
                waiting.clear()
                print()
                continue
            if not waiting and line.strip().startswith("\\"):
                if not self._command(line.strip()):
                    break
                continue
            waiting.append(line)
            if line.rstrip().endswith(";"):
                fine = self.run("\n".join(waiting)) and fine
                waiting.clear()
        if any(line.strip() for line in waiting):
            fine = self.run("\n".join(waiting)) and fine
        return 0 if fine else 1

    def _command(self, line: str) -> bool:
        word, _, rest = line.partition(" ")
        if word == "\\q":
            return False
        if word == "\\timing":
            self._timing = not self._timing
            print(f"Timing is {'on' if self._timing else 'off'}.")
        elif word == "\\i" and rest.strip():
            try:
                self.run(Path(rest.strip()).read_text(encoding="utf-8"))
            except OSError as failure:
                print(f"{rest.strip()}: {failure.strerror}", file=sys.stderr)
        else:
            print(HELP, end="")
        return True


@contextlib.contextmanager
def connected(target: str) -> Iterator[psycopg.Connection[tuple[object, ...]]]:
    """A connection to the server that the connection string or the home leads to; the home is opened if nobody has it."""
    home = Path(target)
    if "://" in target or "=" in target:
        with _connect(target) as connection:
            yield connection
        return
    if not (home / CONFIG_FILE).is_file():
        raise StorageError(
            f"{target} is neither a home nor a connection string", hint="Try postgresql://admin@host:5439/dev."
        )
    try:
        house = open_house(home, {"serve": {"port": 0, "http_port": -1}})
    except HomeInUse:
        with _connect(_server_of(home)) as connection:
            yield connection
        return
    try:
        password = secrets.token_urlsafe(24)
        verifier = make_verifier(password, secrets.token_bytes(16), secrets.token_bytes(16))
        house.service.use_one_time(User(ADMIN, str(verifier), True))
        server, _ = listen(house)
        try:
            dsn = f"host=127.0.0.1 port={server.port} user={ADMIN} dbname={house.service.database} sslmode=disable"
            with _connect(dsn, password) as connection:
                yield connection
        finally:
            server.stop(0)
    finally:
        house.close()


def _server_of(home: Path) -> str:
    settings: ServeSettings = load(home, {"serve": ServeSettings, **_other_sections()}, {})["serve"]
    return f"host={settings.host} port={settings.port} user={ADMIN} dbname={settings.database}"


def _other_sections() -> dict[str, type]:
    from boathouse.app.assemble import OWN_SECTIONS
    from boathouse.app.discover import discover_rooms
    from boathouse.app.settings import sections

    return sections(discover_rooms(), OWN_SECTIONS)


def _connect(dsn: str, password: str | None = None) -> psycopg.Connection[tuple[object, ...]]:
    try:
        if password is None and "password" not in conninfo_to_dict(dsn):
            password = os.environ.get("PGPASSWORD") or os.environ.get("BOATHOUSE_ADMIN_PASSWORD")
        return psycopg.connect(dsn, autocommit=True, password=password)
    except (psycopg.OperationalError, psycopg.ProgrammingError) as failure:
        text = str(failure).strip().splitlines()[-1]
        raise InvalidAuthorization(
            f"cannot connect: {text}", hint="Set PGPASSWORD or BOATHOUSE_ADMIN_PASSWORD, and check host and port."
        ) from failure
