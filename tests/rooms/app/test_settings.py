"""Settings come from the file, the environment and the command line, each checked by name."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import pytest

from boathouse.app.settings import explain, load, load_secrets
from boathouse.contracts.errors import InvalidParameterValue


@dataclass(frozen=True)
class Example:
    size: int = field(default=3, metadata={"help": "A size."})
    on: bool = field(default=False, metadata={"help": "A switch."})
    names: tuple[str, ...] = field(default=(), metadata={"help": "Names."})
    tls: Literal["off", "require"] = field(default="off", metadata={"help": "A choice."})
    seconds: float = field(default=1.5, metadata={"help": "Seconds."})


KNOWN: dict[str, type[Any]] = {"example": Example}


def _write(home: Path, text: str) -> Path:
    (home / "boathouse.toml").write_text(text)
    return home


def test_the_command_line_beats_the_environment_beats_the_file_beats_the_default(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = _write(tmp_path, '[example]\nsize = 4\nnames = ["a", "b"]\nseconds = 2\n')
    monkeypatch.setenv("BOATHOUSE_EXAMPLE_SIZE", "5")
    monkeypatch.setenv("BOATHOUSE_EXAMPLE_ON", "true")
    found = {origin.name: (origin.value, origin.source) for origin in explain(home, KNOWN, {"example": {"size": 6}})}
    assert found["size"] == (6, "command line")
    assert found["on"] == (True, "environment BOATHOUSE_EXAMPLE_ON")
    assert found["names"] == (("a", "b"), "boathouse.toml")
    assert found["seconds"] == (2.0, "boathouse.toml")
    assert found["tls"] == ("off", "default")
    assert load(home, KNOWN, {})["example"].size == 5


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("[exampel]\nsize = 1\n", "[exampel]"),
        ("[example]\nsise = 1\n", "sise"),
        ('[example]\nsize = "many"\n', "[example] size"),
        ('[example]\ntls = "maybe"\n', "[example] tls"),
        ("[example\n", "boathouse.toml"),
    ],
)
def test_a_mistake_in_the_file_is_named(tmp_path: Path, text: str, named: str) -> None:
    with pytest.raises(InvalidParameterValue) as caught:
        load(_write(tmp_path, text), KNOWN, {})
    assert named in str(caught.value)


def test_secrets_that_others_can_read_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "secrets.toml"
    path.write_text('[s3]\naccess_key_id = "k"\n')
    path.chmod(0o644)
    with pytest.raises(InvalidParameterValue, match="can be read by others"):
        load_secrets(tmp_path)
    path.chmod(0o600)
    assert load_secrets(tmp_path) == {"s3": {"access_key_id": "k"}}


def test_secrets_may_come_from_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOATHOUSE_SECRET_S3_ACCESS_KEY_ID", "k")
    assert load_secrets(tmp_path) == {"s3": {"access_key_id": "k"}}
