"""Secrets are masked in time proportional to the text, whatever the text holds: the patterns hold the interpreter."""

from __future__ import annotations

import pytest

from boathouse.sql.redshift.redact import redact

CHARACTERS = 196_000


@pytest.mark.timeout(60)  # what is quadratic takes minutes and more
@pytest.mark.parametrize(
    "piece",
    [
        "x", "password/*", "password--", "password '", "password $a$", "a://b:", "password as ", "password=", "/*", "'", "_",
        "secret \n", "identified by ", "token = /* x */ ",
    ],
)  # fmt: skip
def test_no_text_takes_long(piece: str) -> None:
    assert "hunter2" not in redact(piece * (CHARACTERS // len(piece)) + " password 'hunter2'")


@pytest.mark.timeout(60)
@pytest.mark.parametrize("gap", ["\n", " ", "\t\n"])
def test_no_gap_takes_long(gap: str) -> None:
    # Strings on one line are not one string.
    for head in ("password", "password as", *(["password 'x'"] if "\n" in gap else [])):
        assert "hunter2" not in redact(f"{head}{gap * (CHARACTERS // len(gap))}'hunter2'")


@pytest.mark.parametrize("comment", ["/* a */", "-- a\n", f"/*{'y' * 2000}*/", f"--{'y' * 2000}\n"])
def test_a_comment_before_a_secret_hides_nothing(comment: str) -> None:
    found = redact(f"ALTER USER ada PASSWORD {comment} 'hunter2'")
    assert found.startswith("ALTER USER ada PASSWORD ") and "hunter2" not in found
