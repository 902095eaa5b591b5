"""Captured changes as HTTP requests: `TO 'https://host/path'`, one POST a batch, in order, the next only after the answer.

Each request says which places it holds: a receiver that keeps the last one drops what comes again after a failure. 408, 425,
429 and 5xx, and connections that break, are tried again with growing pauses; any other answer than 2xx is a failure at once.
Source: RFC 9110; the header is that of draft-ietf-httpapi-idempotency-key-header.
"""

from __future__ import annotations

import base64
import http.client
import random
import ssl
from collections.abc import Mapping
from urllib.parse import SplitResult, urlsplit

from boathouse.capture.delivery import access, registered
from boathouse.capture.delivery.destination import Delivery, Opening, OutputKind
from boathouse.capture.output import Declared
from boathouse.contracts.errors import InvalidParameterValue
from boathouse.contracts.house import House
from boathouse.contracts.source_errors import OutputUnavailable

_AGAIN = {408, 425, 429, *range(500, 600)}
_PAUSE_SECONDS_MAX = 30.0
_LOCAL = ("localhost", "127.0.0.1", "::1")
_SECRET = ("token", "user", "password", *access.FILES)


class PostDestination:
    """See `Destination`."""

    def __init__(self, opening: Opening) -> None:
        self._opening, self._options = opening, opening.options
        self._url = urlsplit(opening.declared.place)
        self._context = _context(self._url, opening.secret)
        self._headers = _authorization(opening.secret)
        self._connection: http.client.HTTPConnection | None = None

    def deliver(self, delivery: Delivery) -> None:
        """See `Destination`."""
        assert delivery.formatter is not None
        body = delivery.body()
        headers = {
            "Content-Type": delivery.formatter.content_type,
            "Idempotency-Key": f'"{delivery.key}"',
            "Boathouse-Source": delivery.identity,
            "Boathouse-Integration": delivery.integration,
            "Boathouse-First": str(delivery.first),
            "Boathouse-Last": str(delivery.last),
            "Boathouse-Whole": "true" if delivery.is_whole else "false",
            **self._headers,
        }
        retries, pause, said = int(self._options["retries"]), float(self._options["pause_seconds"]), ""
        for turn in range(retries + 1):
            status, said, wanted = self._post(body, headers)
            if 200 <= status < 300:
                return
            if status and status not in _AGAIN:
                raise OutputUnavailable(f"the answer is {said}")
            if turn < retries and self._opening.pause(wanted or pause * random.uniform(0.5, 1)):  # noqa: S311
                raise OutputUnavailable("the output stops")
            pause = min(2 * pause, _PAUSE_SECONDS_MAX)
        raise OutputUnavailable(f"{said} after {retries + 1} tries")

    def close(self) -> None:
        """See `Destination`."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _post(self, body: bytes, headers: Mapping[str, str]) -> tuple[int, str, float]:
        """The status, 0 for none; what it was in words; and how many seconds the other side wants to be left alone."""
        try:
            if self._connection is None:
                self._connection = self._connect()
            target = (self._url.path or "/") + (f"?{self._url.query}" if self._url.query else "")
            self._connection.request("POST", target, body, dict(headers))
            answer = self._connection.getresponse()
            answer.read(1 << 20)
            if not answer.isclosed():  # more than anybody needs to say
                self.close()
            after = answer.headers.get("Retry-After", "")
            wanted = min(float(after), _PAUSE_SECONDS_MAX) if after.isdigit() else 0.0
            return answer.status, f"HTTP {answer.status}", wanted
        except ssl.SSLCertVerificationError as failure:
            self.close()
            return 0, f"the certificate is not to be trusted: {failure.verify_message}", 0.0
        except (OSError, http.client.HTTPException) as failure:
            self.close()
            reason = getattr(failure, "strerror", None) or type(failure).__name__
            return 0, f"no answer: {reason}", 0.0

    def _connect(self) -> http.client.HTTPConnection:
        host, timeout = self._url.hostname or "", float(self._options["timeout_seconds"])
        if self._context is None:
            return http.client.HTTPConnection(host, self._url.port, timeout=timeout)
        return http.client.HTTPSConnection(host, self._url.port, timeout=timeout, context=self._context)


def _context(url: SplitResult, secret: Mapping[str, str]) -> ssl.SSLContext | None:
    if url.scheme.lower() != "https":
        return None
    try:
        context = ssl.create_default_context(cafile=secret.get("ca_file"))
        if "certificate_file" in secret:
            context.load_cert_chain(secret["certificate_file"], secret.get("key_file"))
    except (OSError, ssl.SSLError) as failure:
        raise OutputUnavailable("ca_file, certificate_file or key_file of the secret cannot be read") from failure
    return context


def _authorization(secret: Mapping[str, str]) -> dict[str, str]:
    if "token" in secret:
        return {"Authorization": f"Bearer {secret['token']}"}
    if "user" in secret:
        pair = f"{secret['user']}:{secret.get('password', '')}".encode()
        return {"Authorization": f"Basic {base64.b64encode(pair).decode('ascii')}"}
    return {}


def check(house: House, declared: Declared) -> None:
    """The place is a URL, and a secret is not sent in clear, and says what an output to HTTP knows.

    Raises:
        InvalidParameterValue: otherwise.
    """
    try:
        url = urlsplit(declared.place)
        sound = url.scheme.lower() in ("http", "https") and bool(url.hostname) and url.port != 0
    except ValueError:
        sound = False
    if not sound or any(one in declared.place for one in "\r\n \t"):
        raise InvalidParameterValue("an output to HTTP is a URL: https://host/path")
    if url.username is not None or url.password is not None:
        raise InvalidParameterValue(
            "a URL shows its password to everybody", hint="Put user and password into a SECRET."
        )
    if declared.secret and url.scheme.lower() == "http" and url.hostname not in _LOCAL:
        raise InvalidParameterValue("a secret is sent over https only", hint="Use an https URL.")
    secret = registered.secret_of(house, declared)
    access.require_known(secret, _SECRET)
    if "token" in secret and "user" in secret:
        raise InvalidParameterValue("the secret has a token and a user: one of them opens the output")


HTTP = OutputKind(
    PostDestination,
    guarantee="once by Idempotency-Key or place",
    same_batches=True,
    options={"batch_rows": 1_000, "timeout_seconds": 30.0, "retries": 3, "pause_seconds": 0.5},
    check=check,
)
