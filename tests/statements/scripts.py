"""SQL scripts with their answers: read from a file, run over the wire, written down the way a client sees them.

A script's first comment says in a sentence what it shows; `-- source: r_SUM` names the page of the Redshift Database
Developer Guide that says so. Each statement ends with a semicolon at the end of a line, outside `$$`, and is sent as one
string; the lines below it that begin with `-->` are its whole answer:

    SELECT 5 / 2 AS half;
    --> half:int4
    --> 2

Columns stand as `name:type`, values as text (NULL without a value, '' for an empty one, quoted where blanks
begin or end it, \\n for a line's end); a
statement without rows answers with its tag; notices stand before (`NOTICE: …`), errors as `ERROR 22012 at 8: message`
(no `at` where no position was sent). `…` matches any text. A statement without `-->` lines is preparation: it must
succeed. `-- file NAME: TEXT` writes a file below the lake's folder before the script runs: one line, with escapes as in
Python (`\\n`, `\\xe9` for one byte). Every script runs in a schema of its own, which is also the only one on its search path.
"""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass, field
from pathlib import Path

from tests.clients.raw_client import Message, RawClient

TYPES = {
    16: "bool", 17: "bytea", 18: '"char"', 19: "name", 20: "int8", 21: "int2", 22: "int2vector", 23: "int4",
    24: "regproc", 25: "text", 26: "oid", 30: "oidvector", 700: "float4", 701: "float8", 705: "unknown",
    1002: '"char"[]', 1003: "name[]", 1005: "int2[]", 1007: "int4[]", 1009: "text[]", 1028: "oid[]", 1042: "char",
    1043: "varchar", 1082: "date", 1083: "time", 1114: "timestamp", 1184: "timestamptz", 1186: "interval",
    1266: "timetz", 1700: "numeric", 2205: "regclass", 2206: "regtype", 3000: "geometry",
    3001: "geography", 4000: "super", 4089: "regnamespace",
    4096: "regrole", 6551: "varbyte",
}  # fmt: skip

_PROGRESS = re.compile(r"COPY \S+: .*record\(s\) read$")
"""Said of a load that takes long: on a busy machine any may."""


@dataclass
class Step:
    """One string sent to the server and the lines of its answer."""

    line: int
    sql: str
    answer: list[str] = field(default_factory=list)


def read(path: Path) -> list[Step]:
    """The steps of a script."""
    steps: list[Step] = []
    waiting: list[str] = []
    for number, line in enumerate(path.read_text().splitlines(), start=1):
        if line.startswith("-->"):
            assert steps, f"{path.name}:{number}: an answer before any statement"
            assert not waiting, f"{path.name}:{number}: an answer inside a statement"
            steps[-1].answer.append(line[3:].strip())
        elif waiting or (line.strip() and not line.startswith("--")):
            waiting.append(line)
            if line.rstrip().endswith(";") and "\n".join(waiting).count("$$") % 2 == 0:
                steps.append(Step(number - len(waiting) + 1, "\n".join(waiting)))
                waiting = []
    assert not waiting, f"{path.name}: the last statement has no semicolon at a line's end"
    return steps


def files(path: Path) -> dict[str, bytes]:
    """The files that a script needs, by their names."""
    found = re.findall(r"^-- file (\S+): (.*)$", path.read_text(), re.MULTILINE)
    return {name: text.encode().decode("unicode_escape").encode("latin-1") for name, text in found}


def ask(client: RawClient, sql: str) -> list[str]:
    """Send a string; the whole answer as lines."""
    return lines_of(client.query(sql))


def lines_of(messages: list[Message]) -> list[str]:
    """Messages as the lines of a script's answer."""
    lines: list[str] = []
    has_rows = False
    for message in messages:
        if message.kind == b"T":
            has_rows = True
            lines.append(" | ".join(f"{name}:{kind}" for name, kind in _columns(message)))
        elif message.kind == b"D":
            lines.append(" | ".join(_value(value) for value in message.values))
        elif message.kind == b"C":
            if not has_rows:
                lines.append(message.text)
            has_rows = False
        elif message.kind == b"N" and not _PROGRESS.match(message.fields["M"]):
            lines.append(f"{message.fields['S']}: {message.fields['M']}")
        elif message.kind == b"E":
            found = message.fields
            place = f" at {found['P']}" if "P" in found else ""
            lines.append(f"ERROR {found['C']}{place}: {found['M']}")
    return lines


def agrees(wanted: list[str], found: list[str]) -> bool:
    """True where each line is the wanted one."""
    if len(wanted) != len(found):
        return False
    return all(one == other or _pattern(one).fullmatch(other) for one, other in zip(wanted, found, strict=True))


def _pattern(line: str) -> re.Pattern[str]:
    return re.compile(".*".join(re.escape(part) for part in line.split("…")))


def _columns(message: Message) -> list[tuple[str, str]]:
    found, at = [], 2
    for _ in range(int.from_bytes(message.body[:2], "big")):
        end = message.body.index(b"\0", at)
        _, _, oid, _, modifier, _ = struct.unpack_from("!ihihih", message.body, end + 1)
        found.append((message.body[at:end].decode(), TYPES.get(oid, str(oid)) + _modifier(oid, modifier)))
        at = end + 19
    return found


def _modifier(oid: int, modifier: int) -> str:
    if modifier < 0:
        return ""
    if oid == 1700:
        return f"({(modifier - 4) >> 16},{(modifier - 4) & 0xFFFF})"
    return f"({modifier - 4})"


def _value(value: bytes | None) -> str:
    if value is None:
        return "NULL"
    text = value.decode().replace("\\", "\\\\").replace("\n", "\\n")
    return f"'{text}'" if text != text.strip() or not text else text
