"""S3 endpoints of every kind, reached by COPY's own client and by the engine's reads alike: TLS by an authority of one's own,
buckets as host names, regions, session tokens, no keys at all; and the formats of COPY over them."""

from __future__ import annotations

import io
import ipaddress
import re
import ssl
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import boto3
import fastavro
import pyarrow as pa
import pyarrow.orc as orc
import pyarrow.parquet as pq
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from moto.server import DomainDispatcherApplication, ThreadedMotoServer, create_backend_app
from tests.rooms.lake.test_copy_lzop import ARCHIVES
from werkzeug.serving import make_server

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))
from copy_house import CopyHouse  # noqa: E402
from guarded_s3 import Guard  # noqa: E402

KEYS = "ACCESS_KEY_ID 'AKIAENDPOINTENDPOINT' SECRET_ACCESS_KEY 'the-hidden-key'"
TABLE = pa.table({"a": pa.array([1, 2], pa.int32()), "b": ["one", "two"]})
ROWS = [(1, "one"), (2, "two")]


def parquet() -> bytes:
    out = io.BytesIO()
    pq.write_table(TABLE, out)
    return out.getvalue()


def fill(endpoint: str, **more: Any) -> Any:
    client = boto3.client("s3", endpoint_url=endpoint, region_name="us-east-1", aws_access_key_id="a",
                          aws_secret_access_key="b", **more)  # fmt: skip
    client.create_bucket(Bucket="ends")
    client.put_object(Bucket="ends", Key="text/1", Body=b"1|one\n2|two\n", ACL="public-read")
    client.put_object(Bucket="ends", Key="parquet/1.parquet", Body=parquet(), ACL="public-read")
    return client


def loads_and_reads(house: CopyHouse, access: str = KEYS) -> None:
    """COPY brings a file by our client, a scan by the engine; both must arrive."""
    house.table("a integer, b varchar(20)")
    house.run(f"COPY t FROM 's3://ends/text/' {access}")
    assert house.run("SELECT * FROM t ORDER BY a") == ROWS
    assert house.run("SELECT a, b FROM far.two ORDER BY a") == ROWS


def external(house: CopyHouse) -> None:
    house.run("CREATE EXTERNAL SCHEMA far FROM DATA CATALOG DATABASE 'far' CREATE EXTERNAL DATABASE IF NOT EXISTS")
    house.run(
        "CREATE EXTERNAL TABLE far.two (a integer, b varchar(20)) STORED AS PARQUET LOCATION 's3://ends/parquet/'"
    )


@contextmanager
def opened(home: Path, secrets: str, **lake: Any) -> Iterator[CopyHouse]:
    house = CopyHouse(home)
    house.close()
    (home / "secrets.toml").write_text(secrets)
    house.reopen(home, {"lake": {"s3_attempts_max": 1, "s3_timeout_seconds": 20.0, **lake}})
    external(house)
    yield house
    house.close()


SECRET = '[s3]\naccess_key_id = "AKIAENDPOINTENDPOINT"\nsecret_access_key = "the-hidden-key"\n'

# -- TLS ---------------------------------------------------------------------------------------------------


def certificates(folder: Path) -> tuple[Path, Path]:
    """An authority of our own, and a server's certificate with its key that it vouches for."""
    now = datetime.now(UTC)
    keys = [ec.generate_private_key(ec.SECP256R1()) for _ in range(2)]
    names = [x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]) for name in ("own authority", "127.0.0.1")]
    address = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
    extensions = [x509.BasicConstraints(True, None), x509.SubjectAlternativeName([address])]
    made = [
        x509.CertificateBuilder().subject_name(name).issuer_name(names[0]).public_key(key.public_key())
        .serial_number(x509.random_serial_number()).not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=2)).add_extension(extension, critical=False).sign(keys[0], hashes.SHA256())
        .public_bytes(serialization.Encoding.PEM)
        for name, key, extension in zip(names, keys, extensions, strict=True)
    ]  # fmt: skip
    key = keys[1].private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    authority, server = folder / "ca.pem", folder / "server.pem"
    authority.write_bytes(made[0])
    server.write_bytes(made[1] + key)
    return authority, server


@pytest.fixture(scope="module")
def tls(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    authority, server = certificates(tmp_path_factory.mktemp("tls"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(server)
    made = make_server(
        "127.0.0.1", 0, DomainDispatcherApplication(create_backend_app), threaded=True, ssl_context=context
    )
    thread = threading.Thread(target=made.serve_forever, daemon=True)
    thread.start()
    endpoint = f"https://127.0.0.1:{made.server_port}"
    fill(endpoint, verify=str(authority))
    yield endpoint, authority
    made.shutdown()
    thread.join()


def test_an_authority_of_ones_own_vouches_for_the_endpoint(tmp_path: Path, tls: tuple[str, Path]) -> None:
    endpoint, authority = tls
    with opened(tmp_path / "home", SECRET, s3_endpoint=endpoint, s3_ca_file=str(authority)) as house:
        loads_and_reads(house)
        house.run(f"UNLOAD ('SELECT * FROM t') TO 's3://ends/out/' {KEYS} FORMAT PARQUET")
        house.run(f"COPY t FROM 's3://ends/out/' {KEYS} PARQUET")
        assert house.run("SELECT count(*) FROM t") == [(4,)]


def test_an_endpoint_that_nobody_vouches_for_is_refused(tmp_path: Path, tls: tuple[str, Path]) -> None:
    endpoint, _ = tls
    with opened(tmp_path / "home", SECRET, s3_endpoint=endpoint) as house:
        house.table("a integer, b varchar(20)")
        for failure in (house.fails(f"COPY t FROM 's3://ends/text/' {KEYS}"), house.fails("SELECT * FROM far.two")):
            assert failure.sqlstate == "58030" and "s3://ends/" in str(failure), failure
            assert "hidden" not in f"{failure} {failure.detail} {failure.hint}"
        assert house.run("SELECT count(*) FROM t") == [(0,)]


# -- hosts, regions, tokens --------------------------------------------------------------------------------


class Recorded(Guard):
    """Notes whom each request was for and how it was signed. As an HTTP proxy it is asked for whole URLs, whose host names
    the bucket; moto behind it is asked for paths."""

    seen: list[tuple[str, str, str]]

    def _serve(self) -> None:
        parts = urlsplit(self.path)
        host = parts.hostname or ""
        signed = self.headers.get("Authorization", "")
        self.seen.append((host, signed, self.headers.get("x-amz-security-token", "")))
        if host:
            self.headers.replace_header("Host", f"127.0.0.1:{self.behind[1]}")
            self.path = f"/{host.partition('.')[0]}{parts.path}" + (f"?{parts.query}" if parts.query else "")
        super()._serve()

    do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = _serve


@pytest.fixture(scope="module")
def moto() -> Iterator[Any]:
    server = ThreadedMotoServer(port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield fill(f"http://{host}:{port}")
    server.stop()


Seen = list[tuple[str, str, str]]


@pytest.fixture(scope="module")
def recording(moto: Any) -> Iterator[tuple[str, Seen]]:
    seen: Seen = []
    behind = urlsplit(moto.meta.endpoint_url)
    handler = type("OwnRecorded", (Recorded,), {"behind": (behind.hostname, behind.port), "owners": {}, "seen": seen})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}", seen
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def recorder(recording: tuple[str, Seen]) -> tuple[str, Seen]:
    recording[1].clear()
    return recording


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, recording: tuple[str, Seen]) -> Iterator[CopyHouse]:
    """One without any secret."""
    with opened(tmp_path_factory.mktemp("ends") / "home", "", s3_endpoint=recording[0]) as made:
        yield made


def test_without_keys_requests_are_not_signed(house: CopyHouse, recorder: tuple[str, Seen]) -> None:
    loads_and_reads(house, "")
    assert recorder[1] and {signed for _, signed, _ in recorder[1]} == {""}


def test_hosts_name_buckets_and_signatures_regions_and_tokens(
    tmp_path: Path, recorder: tuple[str, Seen], monkeypatch: pytest.MonkeyPatch
) -> None:
    proxy, seen = recorder
    for name in ("HTTP_PROXY", "http_proxy"):
        monkeypatch.setenv(name, proxy)
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    secrets = SECRET + 'region = "eu-north-1"\nsession_token = "the-hidden-token"\n'
    with opened(tmp_path / "home", secrets, s3_endpoint="http://lake.test", s3_url_style="virtual") as house:
        loads_and_reads(house, f"{KEYS} SESSION_TOKEN 'the-hidden-token' REGION 'eu-north-1'")
        kept = house.run("SELECT trim(querytxt) FROM stl_query")
        assert any("COPY t FROM" in text for (text,) in kept) and "hidden" not in str(kept)
    assert {host for host, _, _ in seen} == {"ends.lake.test"}
    assert {token for _, _, token in seen} == {"the-hidden-token"}
    assert all(re.search(r"Credential=\w+/\d{8}/eu-north-1/s3/aws4_request", signed) for _, signed, _ in seen)


def test_keys_of_the_environment_count_where_the_settings_say_so(
    tmp_path: Path, recorder: tuple[str, Seen], monkeypatch: pytest.MonkeyPatch
) -> None:
    endpoint, seen = recorder
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAENVIRONMENTENVIR")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "the-hidden-key")
    with opened(tmp_path / "home", "", s3_endpoint=endpoint, s3_environment=True) as house:
        house.table("a integer, b varchar(20)")
        house.run("COPY t FROM 's3://ends/text/' IAM_ROLE default")
        assert seen and all("Credential=AKIAENVIRONMENTENVIR/" in signed for _, signed, _ in seen)


# -- formats -----------------------------------------------------------------------------------------------


def avro() -> bytes:
    schema = {"type": "record", "name": "r", "fields": [{"name": "a", "type": "int"}, {"name": "b", "type": "string"}]}
    out = io.BytesIO()
    fastavro.writer(out, schema, TABLE.to_pylist(), codec="deflate")
    return out.getvalue()


def written_orc() -> bytes:
    out = io.BytesIO()
    orc.write_table(TABLE, out)
    return out.getvalue()


@pytest.mark.parametrize(
    ("content", "options", "rows"),
    [
        (written_orc(), "ORC", ROWS),
        (parquet(), "PARQUET", ROWS),
        (avro(), "AVRO 'auto'", ROWS),
        (ARCHIVES, "LZOP", [(number, f"line {number % 7}") for number in range(200)] + [(200, "last")]),
        ("1|one\n2|two\n".encode("utf-16"), "ENCODING UTF16", ROWS),
        (b"1  one\n2  two\n", "FIXEDWIDTH 'a:3,b:3'", ROWS),
        (b'{"A": 1, "b": "one"}{"a": 2,\n"b": "two"}', "JSON 'auto ignorecase'", ROWS),
    ],
    ids=["orc", "parquet", "avro", "lzop", "utf-16", "fixed width", "json"],
)
def test_every_format_comes_from_s3(house: CopyHouse, moto: Any, content: bytes, options: str, rows: Any) -> None:
    moto.put_object(Bucket="ends", Key="format/1", Body=content)
    house.table("a integer, b varchar(20)")
    house.run(f"COPY t FROM 's3://ends/format/' {KEYS} {options}")
    assert house.run("SELECT * FROM t ORDER BY a") == rows
    if options.split()[0] in ("ENCODING", "FIXEDWIDTH"):
        return  # half of such a file is a whole one of fewer lines
    moto.put_object(Bucket="ends", Key="format/1", Body=content[: len(content) // 2 - 1])
    failure = house.fails(f"COPY t FROM 's3://ends/format/' {KEYS} {options}")
    assert "s3://ends/format/1" in f"{failure} {failure.detail}", failure
    assert house.run("SELECT * FROM t ORDER BY a") == rows
