"""The event socket: reads always, pings, and comes back by itself.

Asterisk closes a socket that is not read for 100 ms, sends no pings of its own, and takes our application out of service when
the socket drops: events are then lost for good, and whoever answers a call of ours is hung up on.
"""

from itertools import count
from urllib.parse import urlencode, urlsplit

import h11
import structlog
import trio
import wsproto.utilities
from attrs import define, field
from statemachine import State, StateChart
from statemachine.model import Model
from trio_websocket import ConnectionClosed, ConnectionRejected, WebSocketConnection, wrap_client_stream

from callengine.ari.client import AriClient
from callengine.ari.config import AriConfig
from callengine.ari.events import ApplicationReplaced, EventDecoder, EventsLost
from callengine.ari.resources import AsteriskInfo
from callengine.ari.router import Router
from callengine.errors import AriError, AriLost, AriRefused
from callengine.model import Ambient, StreamOpener

log = structlog.get_logger()

_QUEUE = 256
_RECEIVE = 64 * 1024
_WRONG_CREDENTIALS = frozenset({401, 403})
_LONGEST_DOUBLING = 16
_TAKEN_OVER = "another engine has taken our application over"


class LinkStates(StateChart[Model]):
    """The life of the link."""

    allow_event_without_transition = False
    catch_errors_as_events = False

    down = State(initial=True)
    up = State()
    replaced = State(final=True)

    connected = down.to(up)
    dropped = up.to(down)
    taken_over = up.to(replaced) | down.to(replaced)


@define
class _Session:
    """One connection of the socket: whoever finds out first why it must end says so."""

    scope: trio.CancelScope = field(factory=trio.CancelScope)
    why: str = ""
    rejected: int = 0

    def end(self, why: str) -> None:
        self.why = self.why or why
        self.scope.cancel()


class Link:
    """Keeps the event socket up and hands what it says to the router.

    A drop that nobody announces is found within `ping_interval + ping_timeout` of the configuration (10 s by default). After a
    drop it reconnects, waiting longer from failure to failure, and tells every subscription EventsLost: what they wait for may
    have happened unheard. At each connect it has the PBX send only the events of the table that are wanted.

    Attributes:
        decoder: counts messages that were unknown or malformed.
        info: the PBX last connected to, None before the first time.
        connects: how often a connection was tried.
        why_down: a sentence about the last drop or failure; empty while up.
    """

    def __init__(self, config: AriConfig, opener: StreamOpener, client: AriClient, router: Router, ambient: Ambient) -> None:
        self._config = config
        self._opener = opener
        self._client = client
        self._router = router
        self._rng = ambient.rng
        self._host, self._resource = resource_of(config)
        self._states = LinkStates()
        self._changed = trio.Event()
        self.decoder = EventDecoder()
        self.info: AsteriskInfo | None = None
        self.connects = 0
        self.why_down = "not connected yet"

    @property
    def up(self) -> bool:
        """The socket is open, our application active, the filter set: calls may be placed."""
        return self._states.up.is_active

    @property
    def replaced(self) -> bool:
        """Another engine has taken our application over: this link is finished, and no call may be placed."""
        return self._states.replaced.is_active

    async def wait_up(self) -> None:
        """Wait until calls may be placed.

        Raises:
            AriLost: another engine has taken our application over.
        """
        while not self.up:
            if self.replaced:
                raise AriLost(self.why_down)
            await self._changed.wait()

    async def wait_down(self) -> None:
        """Wait until the link is no longer up; `replaced` says whether for good."""
        while self.up:
            await self._changed.wait()

    async def run(self, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
        """Keep the link up, until cancelled or replaced; reports itself started when it is up for the first time.

        Raises:
            AriRefused: the PBX does not know our credentials, and never has.
        """
        failures = 0
        while True:
            began = trio.current_time()
            session = await self._connect(task_status)
            if session.rejected in _WRONG_CREDENTIALS and self.info is None:
                raise AriRefused(session.rejected, "the PBX does not know our credentials", "GET the event socket")
            await self._client.transport.close_idle()
            if self.replaced:
                return
            failures = 0 if trio.current_time() - began > self._config.backoff_cap else failures + 1
            pause = self._backoff(failures)
            log.warning("PBX cannot be reached", reason=self.why_down, retry_seconds=round(pause, 1))
            await trio.sleep(pause)

    def _backoff(self, failures: int) -> float:
        doubled = self._config.backoff_base * 2.0 ** min(failures, _LONGEST_DOUBLING)
        return min(self._config.backoff_cap, doubled) * self._rng.uniform(0.5, 1.0)

    def _go_down(self, why: str) -> None:
        self.why_down = why
        if self.up:
            self._states.dropped()
            self._tell()

    def _tell(self) -> None:
        self._changed.set()
        self._changed = trio.Event()

    async def _connect(self, task_status: trio.TaskStatus[None]) -> _Session:
        """One connection, from its opening to its end. The stream is simply closed: the PBX waits for no farewell.

        trio-websocket answers a peer that breaks the protocol, fails at that, and lets the errors of wsproto and h11 through.
        """
        self.connects += 1
        session = _Session()
        try:
            with trio.fail_after(self._config.connect_timeout):
                stream = await self._opener()
        except (OSError, trio.TooSlowError) as error:
            session.end(f"no connection: {str(error) or 'timed out'}")
            self._go_down(session.why)
            return session
        try:
            with session.scope:
                async with trio.open_nursery() as nursery:
                    await self._serve(nursery, session, stream, task_status)
        except* ConnectionRejected as rejections:
            session.rejected = _status_of(rejections)
            session.end(f"the handshake was answered {session.rejected}")
        except* (wsproto.utilities.ProtocolError, h11.ProtocolError) as errors:
            session.end(f"the PBX does not speak WebSocket: {errors.exceptions[0]}")
        finally:
            self._go_down(session.why or "the link was stopped")
            await trio.aclose_forcefully(stream)
        return session

    async def _serve(
        self, nursery: trio.Nursery, session: _Session, stream: trio.abc.Stream, task_status: trio.TaskStatus[None]
    ) -> None:
        with trio.move_on_after(self._config.connect_timeout) as patience:
            socket = await wrap_client_stream(
                nursery,
                stream,  # type: ignore[arg-type]  # its text promises any stream, its annotation only sockets
                self._host,
                self._resource,
                extra_headers=[(b"Authorization", self._config.authorization)],
                message_queue_size=_QUEUE,
                receive_buffer_size=_RECEIVE,
            )
        if patience.cancelled_caught:
            session.end(f"no handshake within {self._config.connect_timeout:g} s")
            return
        nursery.start_soon(self._ping, socket, session)
        nursery.start_soon(self._set_up, session, task_status)
        await self._read(socket, session)

    async def _set_up(self, session: _Session, task_status: trio.TaskStatus[None]) -> None:
        try:
            await self._client.set_event_filter()
            info = await self._client.info()
        except AriError as error:
            session.end(str(error))
            return
        if self.replaced:
            return
        before, self.info = self.info, info
        self.why_down = ""
        self._states.connected()
        log.info("PBX reached", version=info.version)
        self._tell()
        if before is None:
            task_status.started()
        else:
            self._router.dispatch(EventsLost(restarted=info.startup_time != before.startup_time))

    async def _ping(self, socket: WebSocketConnection, session: _Session) -> None:
        for number in count():
            await trio.sleep(self._config.ping_interval)
            with trio.move_on_after(self._config.ping_timeout) as patience:
                try:
                    await socket.ping(b"%d" % number)
                except ConnectionClosed as closed:
                    session.end(_farewell(closed))
            if patience.cancelled_caught:
                session.end(f"no answer to a ping within {self._config.ping_timeout:g} s")

    async def _read(self, socket: WebSocketConnection, session: _Session) -> None:
        while True:
            try:
                message = await socket.get_message()
            except ConnectionClosed as closed:
                return session.end(_farewell(closed))
            event = self.decoder.decode(message)
            if event is None:
                continue
            self._router.dispatch(event)
            if isinstance(event, ApplicationReplaced):
                self.why_down = _TAKEN_OVER
                self._states.taken_over()
                self._tell()
                return session.end(_TAKEN_OVER)


def resource_of(config: AriConfig) -> tuple[str, str]:
    """Host and resource of the event socket."""
    parts = urlsplit(config.events_url)
    return parts.netloc, f"{parts.path}?{urlencode({'app': config.app, 'subscribeAll': 'false'})}"


def _farewell(closed: ConnectionClosed) -> str:
    return f"the event socket was closed: {closed.reason.name if closed.reason else 'unknown'}"


def _status_of(rejections: BaseExceptionGroup[ConnectionRejected]) -> int:
    first = rejections.exceptions[0]
    return first.status_code if isinstance(first, ConnectionRejected) else 0
