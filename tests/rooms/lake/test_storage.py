"""Places: local roots that cannot be escaped, and S3 over HTTP."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto.core import DEFAULT_ACCOUNT_ID
from moto.s3.models import s3_backends
from moto.server import ThreadedMotoServer

from boathouse.app.clock import SystemClock
from boathouse.contracts import errors
from boathouse.contracts.house import House
from boathouse.lake import storage_local
from boathouse.lake.settings import LakeSettings
from boathouse.lake.storage import full_path, storage_for
from boathouse.lake.storage_s3 import engine_secret
from boathouse.sql.statements import Credentials

NONE = Credentials()


def make_house(home: Path, **settings: Any) -> House:
    (home / "lake").mkdir(exist_ok=True)
    secrets = {"s3": {"access_key_id": "test-key", "secret_access_key": "test-secret"}}
    return House(home, {"lake": LakeSettings(**settings)}, secrets, None, SystemClock())  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def bucket(endpoint: str, request: pytest.FixtureRequest) -> str:
    name = f"b{abs(hash(request.node.name))}"
    client = boto3.client(
        "s3", endpoint_url=endpoint, region_name="us-east-1", aws_access_key_id="k", aws_secret_access_key="s"
    )
    client.create_bucket(Bucket=name)
    return name


def test_local_listing_has_key_prefix_semantics_and_hides_staging(tmp_path: Path) -> None:
    house = make_house(tmp_path)
    for name in ("in/a1.csv", "in/a2.csv", "in/b.csv", "in/.boathouse-9-a3.csv", "in2/a.csv"):
        path = tmp_path / "lake" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(name)
    storage = storage_for(house, "in/a", NONE)
    assert [Path(file.path).name for file in storage.list("in/a")] == ["a1.csv", "a2.csv"]
    assert [file.size for file in storage.list("in")] == [9, 9, 8, 9]
    assert list(storage.list("nothing")) == []


def test_what_is_being_written_has_no_name_that_others_look_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process that is killed leaves it: whoever reads `*.parquet` with a program of their own must not find it."""
    seen: list[list[str]] = []
    folder, given = tmp_path / "lake" / "out", tmp_path / "given"
    given.write_bytes(b"rows")
    monkeypatch.setattr(
        storage_local, "make_durable", lambda path: seen.append(sorted(one.name for one in folder.glob("*.parquet")))
    )
    storage = storage_for(make_house(tmp_path), "out", NONE)
    storage.write(storage.resolve("out/a.parquet"), b"rows")
    storage.write_file(given, storage.resolve("out/b.parquet"))
    assert seen == [[], ["a.parquet"]]
    assert sorted(one.name for one in folder.iterdir()) == ["a.parquet", "b.parquet"]


@pytest.mark.parametrize("place", ["/etc/passwd", "../secrets.toml", "in/../../x", "file:///etc/passwd", "link/passwd"])
def test_local_paths_stay_under_the_roots(tmp_path: Path, place: str) -> None:
    house = make_house(tmp_path)
    (tmp_path / "lake" / "link").symlink_to("/etc")
    with pytest.raises(errors.InsufficientPrivilege) as caught:
        storage_for(house, place, NONE)
    assert "roots" in (caught.value.hint or "")


def test_a_configured_root_is_allowed(tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "x.csv").write_text("1")
    house = make_house(tmp_path, roots=(str(other),))
    storage = storage_for(house, f"{other}/x", NONE)
    assert [file.path for file in storage.list(f"{other}/x")] == [f"{other}/x.csv"]


def test_local_writes_appear_whole_or_not_at_all(tmp_path: Path) -> None:
    house = make_house(tmp_path)
    storage = storage_for(house, "out/x", NONE)
    storage.write("out/x", b"abc")
    assert (tmp_path / "lake/out/x").read_bytes() == b"abc"
    (tmp_path / "lake/out/dir").mkdir()
    with pytest.raises(errors.StorageError):
        storage.write("out/dir", b"abc")
    assert sorted(os.listdir(tmp_path / "lake/out")) == ["dir", "x"]
    storage.delete(["out/x", "out/never-there"])
    assert not (tmp_path / "lake/out/x").exists()


def test_s3_round_trip(tmp_path: Path, endpoint: str, bucket: str) -> None:
    house = make_house(tmp_path, s3_endpoint=endpoint)
    place = f"s3://{bucket}/in/"
    storage = storage_for(house, place, NONE)
    storage.write(f"{place}a.txt", b"hello")
    (tmp_path / "local").write_bytes(b"x" * 9_000_000)
    storage.write_file(tmp_path / "local", f"{place}big")
    assert [(file.path, file.size) for file in storage.list(place)] == [
        (f"{place}a.txt", 5),
        (f"{place}big", 9_000_000),
    ]
    with storage.open(f"{place}a.txt") as stream:
        assert stream.read() == b"hello"
    storage.fetch(f"{place}big", tmp_path / "back")
    assert (tmp_path / "back").stat().st_size == 9_000_000
    found = storage.head(f"{place}a.txt")
    assert found is not None
    assert found.size == 5
    assert storage.head(f"{place}nothing") is None
    storage.delete([f"{place}a.txt", f"{place}big"])
    assert list(storage.list(place)) == []


def test_s3_lists_more_than_a_page(tmp_path: Path, endpoint: str, bucket: str) -> None:
    house = make_house(tmp_path, s3_endpoint=endpoint)
    storage = storage_for(house, f"s3://{bucket}/", NONE)
    for number in range(1005):  # straight into the server's store: as requests they take most of a minute
        s3_backends[DEFAULT_ACCOUNT_ID]["aws"].put_object(bucket, f"k{number:04}", b"")
    assert sum(1 for _ in storage.list(f"s3://{bucket}/k")) == 1005
    storage.delete([file.path for file in storage.list(f"s3://{bucket}/")])
    assert list(storage.list(f"s3://{bucket}/")) == []


def test_s3_errors_name_the_place_and_never_a_secret(tmp_path: Path, endpoint: str) -> None:
    house = make_house(tmp_path, s3_endpoint=endpoint)
    storage = storage_for(house, "s3://no-such-bucket/x", NONE)
    with pytest.raises(errors.StorageError) as caught:
        list(storage.list("s3://no-such-bucket/x"))
    assert "s3://no-such-bucket/x" in str(caught.value)
    assert "test-secret" not in repr(caught.value) + str(caught.value.__cause__)


def test_an_unreachable_endpoint_can_be_tried_again(tmp_path: Path) -> None:
    house = make_house(tmp_path, s3_endpoint="http://127.0.0.1:1", s3_attempts_max=1, s3_timeout_seconds=1)
    with pytest.raises(errors.StorageUnavailable) as caught:
        storage_for(house, "s3://b/x", NONE).head("s3://b/x")
    assert caught.value.retryable


def test_secrets_are_found_by_name(tmp_path: Path) -> None:
    house = make_house(tmp_path)
    with pytest.raises(errors.UndefinedObject, match="nowhere"):
        storage_for(house, "s3://b/x", Credentials(secret="nowhere"))
    assert engine_secret(house, "in/x", NONE) is None
    found = engine_secret(house, "s3://b/x/", NONE)
    assert found is not None
    assert "SCOPE 's3://b/x/'" in found[0]
    assert found[1] == "s3://b/x/"
    assert full_path(house, "s3://b/x") == "s3://b/x"


def test_a_scheme_that_nobody_knows_is_refused(tmp_path: Path) -> None:
    with pytest.raises(errors.InvalidParameterValue, match="gs://"):
        storage_for(make_house(tmp_path), "gs://b/x", NONE)
