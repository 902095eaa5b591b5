"""One client, from its first packet to its last: the table of contents of a conversation.

Runs on a thread of its own, made by the server. Requests come from the channel; statements go to the session; answers
go out through `deliver`. Whatever fails becomes an ErrorResponse here, and only here.
"""

from __future__ import annotations

import logging
import secrets
import threading
from collections.abc import Sequence
from time import monotonic

from boathouse.contracts.answers import Answer, CopyIn, CopyOut, Done, Notice, Rows
from boathouse.contracts.errors import (
    AdminShutdown,
    BoathouseError,
    FeatureNotSupported,
    InvalidAuthorization,
    ProtocolViolation,
    TooManyConnections,
)
from boathouse.contracts.types import SqlType
from boathouse.endpoints.postgres.announce import Announcer
from boathouse.endpoints.postgres.authenticate import agree_on_version, authenticate, greet, session_parameters
from boathouse.endpoints.postgres.channel import Channel, ClientGone, DeadlinePassed, ServerStopping
from boathouse.endpoints.postgres.conversation import Passage, QuerySession
from boathouse.endpoints.postgres.deliver import BrokenCopy, Delivery
from boathouse.endpoints.postgres.extended_query import ExtendedQuery, located
from boathouse.endpoints.postgres.failures import as_error
from boathouse.endpoints.postgres.host import Host
from boathouse.endpoints.postgres.relay import Relay
from boathouse.sql.statements import Discard, Statement
from boathouse.wire.postgres import messages
from boathouse.wire.postgres.requests import (
    Bind,
    CancelRequest,
    Close,
    Describe,
    Execute,
    Flush,
    FunctionCall,
    Malformed,
    Parse,
    Query,
    Request,
    StartupMessage,
    Sync,
    Terminate,
)

LOG = logging.getLogger(__name__)
LINGER_SECONDS = 1.0


class Connection:
    """One client's conversation.

    Args:
        host: the server.
        channel: the client's socket.
    """

    def __init__(self, host: Host, channel: Channel) -> None:
        self._host = host
        self.channel = channel
        self.key: tuple[int, int] | None = None
        """(pid, secret) once a session is open."""
        self.is_busy = False
        """True while a statement runs: then the server watches whether the client is still there."""
        self._session: QuerySession | None = None
        self._delivery: Delivery | None = None
        self._announcer: Announcer | None = None
        self._is_ended = False
        self._idle_error = AdminShutdown("terminating connection due to idle timeout", sqlstate="57P05")
        self._in_batch = False
        self._batch_failed = False
        self._cancelling = threading.Lock()

    def serve(self) -> None:
        """Talk until either side ends it; frees everything."""
        told = False
        try:
            self._converse()
        except ClientGone as gone:
            LOG.debug("connection ended: %s", gone)
            if self._is_ended:
                told = self._tell_last(AdminShutdown("terminating connection due to administrator command"))
        except DeadlinePassed:
            if self._session is not None:
                self._session.timed_out()
                told = self._tell_last(self._idle_error)
        except ServerStopping:
            told = self._session is not None and self._tell_last(
                AdminShutdown("terminating connection due to administrator command")
            )
        except BrokenCopy as broken:
            told = self._tell_last(broken.error)
        except InvalidAuthorization as error:
            LOG.warning("refused: %s, from %s", error.message, self.channel.peer)
            told = self._tell_last(error)
        except Exception as failure:  # noqa: BLE001 - told to the client, logged where unexpected
            told = self._tell_last(as_error(failure))
        finally:
            try:
                if self._session is not None:
                    self._session.close()
                    LOG.info("disconnected: session %d", self._session.pid)
                    if self._announcer is not None:
                        self._announcer.tell("disconnecting session")
            except Exception:
                LOG.exception("a session could not be closed properly")
            finally:
                # Before the client sees the end: whoever waited for it may come in at once.
                self._host.leave(self)
                self.channel.close(linger_seconds=LINGER_SECONDS if told else 0.0)

    def end(self) -> None:
        """From any thread: end the session; the client is told."""
        self._is_ended = True
        self.cancel("terminating connection due to administrator command")
        self.channel.stop_reading()

    def cancel(self, reason: str | None = None) -> None:
        """From any thread: cancel the request that is being served, if any; never the one after it, nor one whose
        client has been told that it is over.
        """
        session, delivery = self._session, self._delivery
        with self._cancelling:
            if session is not None and delivery is not None and self.is_busy:
                delivery.cancel(reason)
                session.cancel(reason)

    def settle(self) -> None:
        """From any thread: wait until a cancel has reached a database behind this house."""
        if self._session is not None and self._session.passage is not None:
            self._session.passage.link.settle()

    def insist(self) -> None:
        """From the watch: a cancel that came just before the engine began has not reached it; repeat it."""
        session, delivery = self._session, self._delivery
        with self._cancelling:
            if session is not None and delivery is not None and self.is_busy and delivery.is_cancelled:
                session.cancel()

    # -- opening ---------------------------------------------------------------------------------------

    def _converse(self) -> None:
        deadline = monotonic() + self._host.settings.startup_seconds_max
        greeting = greet(self.channel, self._host.tls, self._host.settings.tls, deadline)
        if isinstance(greeting, CancelRequest):
            self._host.cancel(greeting)
            return
        session = self._open(greeting, deadline)
        self._session = session
        self._delivery = delivery = Delivery(self.channel, session)
        if session.passage is not None:
            self._relay(session, session.passage)
            return
        extended = ExtendedQuery(self.channel, session, delivery, self._run)
        self._extended = extended
        self._ready()
        while True:
            if self._host.stopping.is_set():
                raise ServerStopping
            request = self.channel.read(self._idle_deadline(session))
            if isinstance(request, Terminate):
                return
            with self._cancelling:
                if not self._in_batch:
                    # A cancel that came during Parse or Bind is meant for the whole batch.
                    delivery.start()
                self.is_busy = True
            try:
                self._serve_request(session, extended, request)
            finally:
                self.is_busy = False

    def _relay(self, session: QuerySession, passage: Passage) -> None:
        """The rest of the conversation is with a database behind this house."""
        delivery = self._delivery
        assert delivery is not None

        def begin() -> None:
            with self._cancelling:
                delivery.start()
                self.is_busy = True

        def rest() -> float | None:
            with self._cancelling:
                self.is_busy = False
            return self._idle_deadline(session)

        self.channel.send(passage.link.greeting)
        self._ready()
        Relay(self.channel, passage, begin, rest, self._host.stopping.is_set).serve()

    def _idle_deadline(self, session: QuerySession) -> float | None:
        idle_max, limit = self._host.settings.idle_seconds_max, session.idle_limit()
        if limit is None or (idle_max and idle_max < limit[0]):
            return monotonic() + idle_max if idle_max else None
        self._idle_error = limit[1]
        return monotonic() + limit[0]

    def _open(self, startup: StartupMessage, deadline: float) -> QuerySession:
        agree_on_version(self.channel, startup)
        parameters = startup.parameters
        if parameters.get("replication", "false").lower() not in ("false", "off", "no", "0"):
            raise FeatureNotSupported("replication connections are not supported")
        if not self._host.admit(self):
            raise TooManyConnections("sorry, too many clients already", hint="Raise connections_max, or close some.")
        host = self._host
        self._announcer = announcer = Announcer(host.service, self.channel, startup)
        try:
            user = authenticate(self.channel, host.service, startup, host.tls, host.mock_seed, deadline)
        except InvalidAuthorization:
            announcer.tell("authentication failure")
            raise
        announcer.tell("authenticated")
        self.channel.protocol.authenticated()
        secret = secrets.token_bytes(4)
        database = parameters.get("database") or parameters["user"]
        session = host.service.open(
            user, database, session_parameters(startup), secret, self._notice, self._report_setting
        )
        self._session = session
        session.on_cancel, session.on_end = self.cancel, self.end
        announcer.tell("initiating session", session.pid)
        self.key = (session.pid, int.from_bytes(secret, "big", signed=True))
        encrypted = "with TLS" if self.channel.is_encrypted else "without TLS"
        LOG.info("connected: session %d, user %s, from %s, %s", session.pid, user.name, self.channel.peer, encrypted)
        for name, value in session.settings_to_report().items():
            self._report_setting(name, value)
        self.channel.send(messages.backend_key_data(*self.key))
        return session

    # -- requests --------------------------------------------------------------------------------------

    def _serve_request(self, session: QuerySession, extended: ExtendedQuery, request: Request) -> None:
        if isinstance(request, Query):
            self._simple_query(session, extended, request.text)
        elif isinstance(request, Sync):
            self._sync(session, extended)
        elif isinstance(request, Flush):
            self.channel.flush()
        elif isinstance(request, FunctionCall):
            self._tell(FeatureNotSupported("function calls by message are not supported", hint="Use SELECT."))
            self._ready()
        elif isinstance(request, Malformed) and not request.in_batch:
            self._tell(request.error)
            self._ready()
        else:
            try:
                self._batch_request(extended, request)
            except (ClientGone, BrokenCopy):
                raise
            except Exception as failure:  # noqa: BLE001 - told to the client, logged where unexpected
                self._tell(as_error(failure))
                self.channel.flush()
                session.fail()
                self._batch_failed = True
                self.channel.protocol.fail_batch()

    def _batch_request(self, extended: ExtendedQuery, request: Request) -> None:
        self._in_batch = True
        if isinstance(request, Parse):
            extended.parse(request)
        elif isinstance(request, Bind):
            extended.bind(request)
        elif isinstance(request, Describe):
            extended.describe(request)
        elif isinstance(request, Execute):
            extended.execute(request)
        elif isinstance(request, Close):
            extended.close(request)
        elif isinstance(request, Malformed):
            raise request.error
        else:
            raise ProtocolViolation(f"unexpected {type(request).__name__} message")

    def _simple_query(self, session: QuerySession, extended: ExtendedQuery, text: str) -> None:
        """One string of statements: all or nothing, each with an answer of its own."""
        failed = True
        several = False
        extended.close_portal("")
        # A batch that was flushed and never synced ends with this message, as asyncpg's COPY has it.
        batched, self._in_batch = self._in_batch, False
        try:
            statements = session.parse(text)
            several = len(statements) > 1
            if not statements:
                self.channel.send(messages.EMPTY_QUERY_RESPONSE)
            for statement in statements:
                if several:
                    session.begin_implicit()
                self._answer(session, statement)
            failed = False
        except (ClientGone, BrokenCopy):
            raise
        except Exception as failure:  # noqa: BLE001 - told to the client, logged where unexpected
            self._tell(as_error(failure))
            session.fail()
        if several or batched:
            self._end_implicit(session, failed)
        if session.status == "I":
            extended.close_portals()
        self._ready()

    def _answer(self, session: QuerySession, statement: Statement) -> None:
        answer = self._run(statement, (), ())
        assert self._delivery is not None
        if isinstance(answer, Done):
            self.channel.send(messages.command_complete(answer.tag))
        elif isinstance(answer, CopyIn):
            self._delivery.copy_in(answer)
        elif isinstance(answer, CopyOut):
            self._delivery.copy_out(answer)
        elif isinstance(answer, Rows):
            formats = (0,) * len(answer.fields)
            self.channel.send(messages.row_description(answer.fields, formats))
            try:
                self._delivery.rows(answer, formats)
            except BoathouseError as error:
                raise located(error, statement) from error

    def _run(self, statement: Statement, parameters: Sequence[object], types: Sequence[SqlType]) -> Answer:
        """Run one statement of either protocol."""
        session, delivery = self._session, self._delivery
        assert session is not None and delivery is not None
        delivery.check_request()
        self._extended.pass_moment()
        if isinstance(statement, Discard) and self._extended.discard(statement):
            return Done(statement.tag)
        if self._in_batch and not self.channel.protocol.next_is_sync():
            # More may follow before Sync, and all of it stands or falls together.
            session.begin_implicit()
        try:
            return session.run(statement, parameters, types)
        except BoathouseError as error:
            raise located(error, statement) from error

    def _sync(self, session: QuerySession, extended: ExtendedQuery) -> None:
        """The end of a batch: of its implicit transaction too."""
        if session.status == "I":
            extended.close_portals()
        self._end_implicit(session, self._batch_failed)
        self._in_batch = self._batch_failed = False
        extended.pass_moment()
        self._ready()

    def _end_implicit(self, session: QuerySession, failed: bool) -> None:
        try:
            session.end_implicit(failed=failed)
        except ClientGone:
            raise
        except Exception as failure:  # noqa: BLE001 - told to the client, logged where unexpected
            self._tell(as_error(failure))

    # -- to the client ---------------------------------------------------------------------------------

    def _ready(self) -> None:
        assert self._session is not None
        # Before the client hears of it: what it cancels from then on is its next request, never this one.
        with self._cancelling:
            self.is_busy = False
        self.channel.send(messages.ready_for_query(self._session.status))
        self.channel.flush()

    def _tell(self, error: BoathouseError, severity: messages.Severity = "ERROR") -> None:
        self.channel.send(messages.error_of(error, severity))

    def _tell_last(self, error: BoathouseError) -> bool:
        """Say why the connection ends; True where the client could be told."""
        passage = None if self._session is None else self._session.passage
        if passage is not None and passage.is_inside:
            return False
        try:
            self._tell(error, "FATAL")
            self.channel.flush()
        except ClientGone:
            return False
        return True

    def _notice(self, notice: Notice) -> None:
        self.channel.send(
            messages.notice_response(
                notice.message, notice.sqlstate, severity=notice.severity, detail=notice.detail, hint=notice.hint
            )
        )
        self.channel.flush()

    def _report_setting(self, name: str, value: str) -> None:
        self.channel.send(messages.parameter_status(name, value))
