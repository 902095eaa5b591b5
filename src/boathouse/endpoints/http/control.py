"""Steering captures over HTTP: the statements of SQL under paths, for the same users with the same rights.

    GET  /capture                      the integrations
    GET  /capture/NAME                 one, with its tables, dumps and outputs
    GET  /capture/NAME/schemas         the versions of its tables' shapes
    GET  /capture/NAME/schemas/TABLE   a shape: the newest, or …/VERSION; as JSON Schema, or …/VERSION/avro
    POST /capture/NAME/pause           and /resume
    POST /capture/NAME/dump            {"table": "schema.name", "keys": [["1"], …]}, both of which may be left out
    POST /capture/NAME/dump/pause      and /resume, /stop: {"table": …} or of all tables
    POST /capture/NAME/tables/add      and /drop, /set: {"tables": ["schema.name", …]}; to set none stands for all
    POST /capture/NAME/pace            {"chunk_rows": 5000, "chunk_pause_seconds": 0.5}, either or both

Made by the app where a port is set. A user proves who it is with its password (Basic), or with the token that the secret
`http_control` has for it (Bearer). What is asked of a house becomes a statement's text, which goes through the same door as any
client's; an instance without a warehouse answers by itself.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import json
import logging
import secrets
import ssl
from collections.abc import Mapping
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Protocol
from urllib.parse import unquote

from boathouse.capture.instances.status import newest_schema
from boathouse.capture.steering import (
    dump_statement,
    integration_statement,
    pace_statement,
    table_path,
    tables_statement,
)
from boathouse.contracts.answers import Rows
from boathouse.contracts.errors import (
    BoathouseError,
    InputError,
    InsufficientPrivilege,
    InvalidAuthorization,
    InvalidParameterValue,
    UndefinedObject,
)
from boathouse.endpoints.http.listener import HttpListener
from boathouse.sql.parse import parse_statement
from boathouse.sql.redshift.types import quoted
from boathouse.sql.targets.ddl_columns import text_literal
from boathouse.wire.postgres import hashes
from boathouse.wire.postgres.scram import check_password, mock_verifier, parse_verifier

LOG = logging.getLogger(__name__)
_BODY_BYTES_MAX = 1 << 20
_REQUEST_SECONDS_MAX = 10.0
_VIEWS = {
    "lag": "svv_integration_lag",
    "tables": "svv_integration_table_state",
    "dumps": "svv_integration_dump",
    "outputs": "svv_integration_output",
}


_OF_VERSION = ("schema_name", "table_name", "version", "valid_from", "noted")


class Service(Protocol):
    """Where users and sessions come from; see `query.service`."""

    def user(self, name: str) -> Any: ...

    def open(
        self, user: Any, database: str, parameters: Mapping[str, str], secret: bytes, on_notice: Any, on_parameter: Any
    ) -> Any: ...


class Captures(Protocol):
    """Who may ask, and what is asked of: a house's integrations, or one capture without a warehouse."""

    def user(self, name: str) -> Any:
        """Somebody with a `verifier`; None: nobody of that name."""
        ...

    def rows(self, user: Any, view: str, where: Mapping[str, str]) -> list[dict[str, Any]]:
        """What a view shows, of the rows with these texts."""
        ...

    def give(self, user: Any, statement: str) -> None:
        """Carry out an ALTER INTEGRATION."""
        ...


class OfHouse:
    """The captures of a house, by its door."""

    def __init__(self, service: Service, database: str) -> None:
        self._service, self._database = service, database

    def user(self, name: str) -> Any:
        """See `Captures`."""
        return self._service.user(name)

    def rows(self, user: Any, view: str, where: Mapping[str, str]) -> list[dict[str, Any]]:
        """See `Captures`."""
        which = " AND ".join(f"{quoted(name)} = {text_literal(value)}" for name, value in where.items()) or "TRUE"
        return self._run(user, f"SELECT * FROM {view} WHERE {which} ORDER BY 1")

    def give(self, user: Any, statement: str) -> None:
        """See `Captures`."""
        self._run(user, statement)

    def _run(self, user: Any, text: str) -> list[dict[str, Any]]:
        session = self._service.open(
            user, self._database, {"application_name": "control over HTTP"}, secrets.token_bytes(4),
            lambda notice: None, lambda name, value: None,
        )  # fmt: skip
        try:
            answer = session.run(parse_statement(text))
            if not isinstance(answer, Rows):
                return []
            names = [field.name for field in answer.fields]
            return [
                dict(zip(names, row, strict=True))
                for batch in answer.batches
                for row in zip(*(column.to_pylist() for column in batch.columns), strict=True)
            ]
        finally:
            session.close()


class ControlServer(HttpListener):
    """Serves the pages.

    Args:
        host, port: where to listen; port 0 takes a free one.
        context: TLS; None for none.
        token: `user` and `token` of the secret `http_control`; empty where there is none.
    """

    def __init__(
        self, host: str, port: int, captures: Captures, context: ssl.SSLContext | None, token: Mapping[str, str]
    ) -> None:
        handler = type("Handler", (_Handler,), {"door": _Door(captures, token), "context": context})
        super().__init__(host, port, "boathouse-control", handler, _Server)


class _Server(ThreadingHTTPServer):
    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away, or spoke no TLS, is its own affair."""
        LOG.debug("a request over HTTP broke off", exc_info=True)


class _Door:
    """Who may come in, and what a request asks."""

    def __init__(self, captures: Captures, token: Mapping[str, str]) -> None:
        self._captures, self._token = captures, token
        self._seed = secrets.token_bytes(16)

    def user(self, authorization: str) -> Any:
        """Raises InvalidAuthorization, in the same words and after the same work whatever is wrong."""
        scheme, _, given = authorization.partition(" ")
        if scheme.lower() == "bearer" and self._token.get("token"):
            user = self._captures.user(self._token.get("user", ""))
            if hmac.compare_digest(given.strip().encode(), self._token["token"].encode()) and user is not None:
                return user
        if scheme.lower() == "basic":
            try:
                name, colon, password = base64.b64decode(given, validate=True).decode().partition(":")
            except (binascii.Error, UnicodeDecodeError):
                name, colon, password = "", "", ""
            user = self._captures.user(name) if colon else None
            if self._proves(user, name, password):
                return user
            LOG.warning("control over HTTP: password authentication failed for user %r", name)
        raise InvalidAuthorization("user and password, or the token, are not right")

    def _proves(self, user: Any, name: str, password: str) -> bool:
        kept = None if user is None else user.verifier
        if kept is not None and kept.startswith(hashes.MD5):
            return hashes.check_md5_password(kept, name, password)
        if kept is not None and kept.startswith(hashes.SHA256):
            return hashes.check_sha256(kept, password.encode())
        verifier = mock_verifier(name, self._seed) if kept is None else parse_verifier(kept)
        return check_password(verifier, password) and kept is not None

    def asked(self, user: Any, method: str, path: str, body: Mapping[str, Any]) -> Any:
        """What a request comes to."""
        parts = [unquote(part) for part in path.partition("?")[0].strip("/").split("/")]
        if parts[0] != "capture" or len(parts) > 6:
            raise UndefinedObject("there is no such page")
        if method == "GET" and len(parts) == 1:
            return {"integrations": self._captures.rows(user, "svv_integration", {})}
        if method == "GET" and len(parts) == 2:
            return self._one(user, parts[1])
        if method == "GET" and parts[2] == "schemas":
            return self._schemas(user, parts[1], *parts[3:])
        if method == "POST" and 2 < len(parts) < 5:
            self._captures.give(user, _statement(parts[1], parts[2:], body))
            return {"done": True}
        raise UndefinedObject("there is no such page")

    def _one(self, user: Any, name: str) -> dict[str, Any]:
        which = {"integration_id": name}
        found = self._captures.rows(user, "svv_integration", which)
        if not found:
            raise UndefinedObject(f'integration "{name}" does not exist')
        return {**found[0], **{key: self._captures.rows(user, view, which) for key, view in _VIEWS.items()}}

    def _schemas(
        self, user: Any, name: str, table: str = "", version: str = "newest", kind: str = "json-schema"
    ) -> Any:
        column = {"json-schema": "json_schema", "avro": "avro_schema"}.get(kind)
        if column is None or not (version == "newest" or version.isdigit()):
            raise UndefinedObject("there is no such page")
        found = self._captures.rows(user, "svv_integration_schema", {"integration_id": name})
        if not table:
            return {"schemas": [{key: one[key] for key in _OF_VERSION} for one in found]}
        shape = newest_schema(found, table_path(table), None if version == "newest" else int(version), column)
        if shape is None:
            raise UndefinedObject(f'no such version of table "{table}" of integration "{name}" is known')
        return shape


def _statement(name: str, action: list[str], body: Mapping[str, Any]) -> str:
    """The statement of a POST.

    Raises:
        UndefinedObject: there is no such action. InvalidParameterValue: a member that it does not take, or of another type.
    """
    allowed: tuple[str, ...] = ()
    if action in (["dump", "pause"], ["dump", "resume"], ["dump", "stop"]):
        allowed = ("table",)
    elif action == ["dump"]:
        allowed = ("table", "keys")
    elif action in (["tables", "set"], ["tables", "add"], ["tables", "drop"]):
        allowed = ("tables",)
    elif action == ["pace"]:
        allowed = ("chunk_rows", "chunk_pause_seconds")
    elif action not in (["pause"], ["resume"]):
        raise UndefinedObject("there is no such page")
    unknown = sorted(set(body) - set(allowed))
    if unknown:
        raise InvalidParameterValue(
            f'there is no member "{unknown[0]}"', hint=f"Members: {', '.join(allowed) or 'none'}."
        )
    if action == ["pace"]:
        rows, pause = body.get("chunk_rows"), body.get("chunk_pause_seconds")
        if not _is_number(rows, int) or not _is_number(pause, int | float):
            raise InvalidParameterValue(
                "chunk_rows is a whole number, chunk_pause_seconds a number, and neither below zero"
            )
        return pace_statement(name, rows, pause)
    if action[0] == "tables":
        tables = body.get("tables", [])
        if not isinstance(tables, list) or not all(isinstance(one, str) for one in tables):
            raise InvalidParameterValue("tables is a list of schema.name")
        return tables_statement(action[1], name, tables)
    if action in (["pause"], ["resume"]):
        return integration_statement(action[0], name)
    table, keys = body.get("table"), body.get("keys", [])
    if not isinstance(table, str | None) or not isinstance(keys, list):
        raise InvalidParameterValue("table is schema.name, and keys a list")
    return dump_statement(action[-1], name, table, [_key(key) for key in keys])


def _is_number(value: object, kind: Any) -> bool:
    return value is None or (isinstance(value, kind) and not isinstance(value, bool) and value >= 0)


def _key(key: object) -> list[str]:
    values = key if isinstance(key, list) else [key]
    if not values or any(isinstance(value, bool) or not isinstance(value, str | int) for value in values):
        raise InvalidParameterValue("a key is a text or a whole number, or a list of them")
    return [str(value) for value in values]


class _Handler(BaseHTTPRequestHandler):
    server_version = "boathouse"
    sys_version = ""
    timeout = _REQUEST_SECONDS_MAX
    door: _Door
    context: ssl.SSLContext | None

    def setup(self) -> None:
        """TLS is agreed on here, on the request's own thread, so that a client that stalls holds up no other."""
        if self.context is not None:
            self.request.settimeout(self.timeout)
            self.request = self.context.wrap_socket(self.request, server_side=True)
        super().setup()

    def do_GET(self) -> None:
        """See the module."""
        self._answer("GET")

    def do_POST(self) -> None:
        """See the module."""
        self._answer("POST")

    def _answer(self, method: str) -> None:
        try:
            body = self._body() if method == "POST" else {}
            user = self.door.user(self.headers.get("Authorization", ""))
            status, told = HTTPStatus.OK, self.door.asked(user, method, self.path, body)
        except BoathouseError as failure:
            status = _status(failure)
            told = {"error": failure.message, "hint": failure.hint, "sqlstate": failure.sqlstate}
        except Exception:
            LOG.exception("control over HTTP failed by a defect")
            status, told = HTTPStatus.INTERNAL_SERVER_ERROR, {"error": "internal error"}
        data = json.dumps(told, default=str).encode() + b"\n"
        self.send_response(status)
        if status == HTTPStatus.UNAUTHORIZED:
            self.send_header("WWW-Authenticate", 'Basic realm="boathouse", charset="UTF-8"')
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        self.wfile.write(data)

    def _body(self) -> Mapping[str, Any]:
        length = self.headers.get("Content-Length", "0")
        if not length.isdigit() or int(length) > _BODY_BYTES_MAX:
            self.close_connection = True
            raise InvalidParameterValue("the body is too long, or does not say how long it is")
        text = self.rfile.read(int(length))
        try:
            found = json.loads(text or b"{}")
        except ValueError:
            found = None
        if not isinstance(found, dict):
            raise InvalidParameterValue("the body is no JSON object")
        return found

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """What was asked stands in the log of statements; here it helps who debugs."""
        LOG.debug(format, *args)


def _status(failure: BoathouseError) -> HTTPStatus:
    kinds: tuple[tuple[type[BoathouseError], HTTPStatus], ...] = (
        (InvalidAuthorization, HTTPStatus.UNAUTHORIZED),
        (InsufficientPrivilege, HTTPStatus.FORBIDDEN),
        (UndefinedObject, HTTPStatus.NOT_FOUND),
        (InputError, HTTPStatus.BAD_REQUEST),
    )
    for kind, status in kinds:
        if isinstance(failure, kind):
            return status
    return HTTPStatus.SERVICE_UNAVAILABLE if failure.retryable else HTTPStatus.INTERNAL_SERVER_ERROR
