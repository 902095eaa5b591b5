"""The demonstration's servers: an S3 endpoint in this process, Boathouse in a process of its own.

Handed on: where they listen, to `run`.
"""

from __future__ import annotations

import logging
import os
import secrets
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from boathouse.app.settings import CONFIG_FILE, SECRETS_FILE
from boathouse.contracts.errors import InternalError, StorageError

BUCKET = "boathouse-demo"
STOP_SECONDS_MAX = 20


@contextmanager
def s3_endpoint() -> Iterator[str]:
    """An S3 endpoint on a free port of this machine, its objects in memory; yields its URL."""
    from moto.server import ThreadedMotoServer

    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        yield f"http://{host}:{port}"
    finally:
        server.stop()


def s3_client(endpoint: str) -> Any:
    """A client of the demonstration's endpoint."""
    import boto3

    return boto3.client(
        "s3",
        endpoint_url=endpoint,
        region_name="us-east-1",
        aws_access_key_id="demo",
        aws_secret_access_key="demo-secret",  # noqa: S106 - the endpoint is in this process and takes any
    )


def make_home(home: Path, endpoint: str, shop: Mapping[str, str]) -> str:
    """`boathouse init`, then the endpoint and the shop's database in the home's settings and secrets.

    Returns:
        the administrator's password.
    """
    password = "Demo-" + secrets.token_urlsafe(9) + "1a"
    command = [sys.executable, "-m", "boathouse.app.cli", "init", str(home)]
    environment = os.environ | {"BOATHOUSE_ADMIN_PASSWORD": password}
    made = subprocess.run(command, env=environment, capture_output=True, text=True)  # noqa: S603 - our own command
    if made.returncode:
        raise StorageError(f"no home could be made: {made.stderr.strip()}")
    config = home / CONFIG_FILE
    text = config.read_text(encoding="utf-8")
    config.write_text(text.replace("[lake]\n", f'[lake]\ns3_endpoint = "{endpoint}"\n', 1), encoding="utf-8")
    keys = '[s3]\naccess_key_id = "demo"\nsecret_access_key = "demo-secret"\n'
    keys += "[shop]\n" + "".join(f'{name} = "{value}"\n' for name, value in shop.items())
    (home / SECRETS_FILE).write_text(keys, encoding="utf-8")
    return password


@contextmanager
def boathouse_server(home: Path) -> Iterator[int]:
    """`boathouse serve` on free ports; yields the PostgreSQL port."""
    command = [sys.executable, "-m", "boathouse.app.cli", "serve", str(home), "--port", "0", "--http-port", "0"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)  # noqa: S603 - our own command
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        if "ready" not in line:
            raise InternalError(f"the server did not start; see {home / 'logs'}")
        yield int(line.partition("postgres port ")[2].split(",")[0])
    finally:
        process.terminate()
        try:
            process.wait(STOP_SECONDS_MAX)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
