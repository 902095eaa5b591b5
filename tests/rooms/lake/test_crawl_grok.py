"""Grok patterns as expressions, run as the crawler and the scan run them: by the engine's RE2."""

from __future__ import annotations

import time

import duckdb
import pytest

from boathouse.contracts import types as t
from boathouse.lake.crawler.grok import PATTERNS, read_grok, read_own_patterns


def fields_of(pattern: str, line: str, own: str = "") -> dict[str, str] | None:
    expression, columns = read_grok(pattern, read_own_patterns(own))
    names = [name for name, _ in columns]
    found = duckdb.execute(
        f"SELECT regexp_full_match(?, '{expression.replace(chr(39), chr(39) * 2)}'), "
        f"regexp_extract(?, '^(?:{expression.replace(chr(39), chr(39) * 2)})$', {names})",
        [line, line],
    ).fetchall()
    return found[0][1] if found[0][0] else None


@pytest.mark.parametrize("name", sorted(PATTERNS))
def test_every_pattern_is_one_that_the_engine_takes(name: str) -> None:
    expression, _ = read_grok(f"%{{{name}:it_self}}")
    assert duckdb.execute("SELECT regexp_matches('x', ?)", [expression]).fetchone() is not None


@pytest.mark.parametrize(
    ("name", "matching", "other"),
    [
        ("INT", "-42", "4.2"),
        ("NUMBER", "+1.5", "1.5.2"),
        ("WORD", "rope_1", "two words"),
        ("IP", "255.1.0.9", "256.1.0.9"),
        ("IP", "fe80::1", "gull"),
        ("IPORHOST", "a.example.org", "a b"),
        ("UUID", "550e8400-e29b-41d4-a716-446655440000", "550e8400"),
        ("TIMESTAMP_ISO8601", "2020-01-02T03:04:05.6Z", "2020-13-02T03:04:05"),
        ("HTTPDATE", "23/Sep/2018:22:10:52 +0000", "2018-09-23"),
        ("SYSLOGTIMESTAMP", "Sep  3 22:10:52", "3 Sep"),
        ("DATE_EU", "31.12.2020", "31122020"),
        ("LOGLEVEL", "Warning", "loud"),
        ("QS", r'"a \"quoted\" word"', '"open'),
        ("URI", "https://u:p@example.org:8080/a/b?c=d", "no uri"),
        ("UNIXPATH", "/var/log", "var"),
        ("EMAILADDRESS", "ann@example.org", "ann"),
        ("MAC", "00:1b:44:11:3a:b7", "00:1b"),
        ("BOOLEAN", "True", "yes"),
    ],
)
def test_patterns_match_what_their_names_say(name: str, matching: str, other: str) -> None:
    assert fields_of(f"%{{{name}:f}}", matching) == {"f": matching}
    assert fields_of(f"%{{{name}:f}}", other) is None


def test_only_named_fields_are_columns_and_have_their_types() -> None:
    pattern = r"(?:%{WORD:Name}|(-)) (?<x>[(]?)%{INT:n:int},%{NUMBER:v:double},%{INT:big:long} \(%{DATA:rest}\)"
    _, columns = read_grok(pattern)
    assert columns == (
        ("name", t.varchar(65535)), ("n", t.INTEGER), ("v", t.DOUBLE), ("big", t.BIGINT), ("rest", t.varchar(65535)),
    )  # fmt: skip
    assert fields_of(pattern, "gull (1,2.5,3 (a)b)") == {
        "name": "gull",
        "n": "1",
        "v": "2.5",
        "big": "3",
        "rest": "a)b",
    }


def test_own_patterns_stand_before_the_known_and_may_name_them() -> None:
    assert fields_of("%{WORD:w}", "a-b", "WORD %{INT}|[a-z]-[a-z]") == {"w": "a-b"}


def test_syslog_lines_have_fields_inside_fields() -> None:
    found = fields_of("%{SYSLOGBASE:whole} %{GREEDYDATA:message}", "Sep 23 22:10:52 host-1 sshd[42]: closed by peer")
    assert found == {
        "whole": "Sep 23 22:10:52 host-1 sshd[42]:", "timestamp": "Sep 23 22:10:52", "logsource": "host-1",
        "program": "sshd", "pid": "42", "message": "closed by peer",
    }  # fmt: skip


def test_a_pattern_that_makes_backtracking_engines_stand_still_is_answered_at_once() -> None:
    started = time.monotonic()
    assert fields_of("%{EVIL:e}!", "a" * 20_000, "EVIL (a+)+") is None
    assert time.monotonic() - started < 20
