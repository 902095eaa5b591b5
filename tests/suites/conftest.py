"""What a lake of several servers stands on: a PostgreSQL for its catalog, an S3 for its files."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import boto3
import pytest
from moto.server import ThreadedMotoServer

if TYPE_CHECKING:
    from tests.clients.upstream.postgres_behind import PostgresBehind


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresBehind]:
    from tests.clients.upstream.postgres_behind import PostgresBehind  # skips what asks for it, where there is none

    made = PostgresBehind()
    yield made
    made.close()


class Endpoint:
    """Moto's S3, which can be stopped; its store is the process's and stays."""

    def __init__(self) -> None:
        self._server = ThreadedMotoServer(port=0)
        self._server.start()
        host, self._port = self._server.get_host_and_port()
        self.url = f"http://{host}:{self._port}"

    def start(self) -> None:
        self._server = ThreadedMotoServer(port=self._port)
        self._server.start()

    def stop(self) -> None:
        self._server.stop()


@pytest.fixture(scope="session")
def endpoint() -> Iterator[Endpoint]:
    server = Endpoint()
    keys = {"aws_access_key_id": "k", "aws_secret_access_key": "s", "region_name": "us-east-1"}
    boto3.client("s3", endpoint_url=server.url, **keys).create_bucket(Bucket="shared-lake")
    yield server
    server.stop()


@pytest.fixture(scope="module")
def lake_settings(postgres: PostgresBehind, endpoint: Endpoint) -> Iterator[None]:
    """Everything that two homes on one lake agree on, in the environment."""
    from tests.clients.upstream import postgres_behind

    settings = {
        "BOATHOUSE_SECRET_BOOKS_HOST": "127.0.0.1",
        "BOATHOUSE_SECRET_BOOKS_PORT": str(postgres.port),
        "BOATHOUSE_SECRET_BOOKS_DBNAME": postgres_behind.DATABASE,
        "BOATHOUSE_SECRET_BOOKS_USER": postgres_behind.ACCOUNT,
        "BOATHOUSE_SECRET_BOOKS_PASSWORD": postgres_behind.PASSWORD,
        "BOATHOUSE_SECRET_S3_ACCESS_KEY_ID": "k",
        "BOATHOUSE_SECRET_S3_SECRET_ACCESS_KEY": "s",
        "BOATHOUSE_LAKE_S3_ENDPOINT": endpoint.url,
        "BOATHOUSE_LAKE_S3_ATTEMPTS_MAX": "1",
    }
    with pytest.MonkeyPatch.context() as patch:
        for name, value in settings.items():
            patch.setenv(name, value)
        yield
