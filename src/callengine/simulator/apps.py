"""Stasis applications: who listens to what happens, and what they want to hear."""

from collections.abc import Callable, Iterable
from typing import Protocol

import msgspec
import trio
from attrs import define, field

from callengine.simulator.events import ApplicationReplaced, Event
from callengine.simulator.log import Kind, Log


class Listener(Protocol):
    """The event socket of an application."""

    def offer(self, event: bytes) -> None:
        """Queue an event; never waits."""
        ...

    def cut(self) -> None:
        """Close without a word."""
        ...


class EventType(msgspec.Struct, frozen=True):
    type: str


class EventFilter(msgspec.Struct, frozen=True):
    """Body of `PUT /applications/{app}/eventFilter`; both empty lets everything through."""

    allowed: tuple[EventType, ...] = ()
    disallowed: tuple[EventType, ...] = ()


class ApplicationView(msgspec.Struct, frozen=True):
    name: str
    channel_ids: list[str]
    bridge_ids: list[str]
    endpoint_ids: list[str]
    device_names: list[str]
    events_allowed: tuple[EventType, ...]
    events_disallowed: tuple[EventType, ...]


@define(eq=False)
class Application:
    """One application. It outlives its socket as long as channels belong to it, as in Asterisk."""

    name: str
    listener: Listener | None = None
    wanted: EventFilter = field(factory=EventFilter)
    channels: dict[str, None] = field(factory=dict)
    _allowed: frozenset[str] = frozenset()
    _disallowed: frozenset[str] = frozenset()

    def want(self, wanted: EventFilter) -> None:
        self.wanted = wanted
        self._allowed = frozenset(entry.type for entry in wanted.allowed)
        self._disallowed = frozenset(entry.type for entry in wanted.disallowed)

    def wants(self, event: Event) -> bool:
        """Whether the event passes the filter, which never holds ApplicationReplaced back."""
        kind = type(event).__name__
        if kind == ApplicationReplaced.__name__:
            return True
        return kind not in self._disallowed and (not self._allowed or kind in self._allowed)

    def view(self) -> ApplicationView:
        return ApplicationView(self.name, sorted(self.channels), [], [], [], self.wanted.allowed, self.wanted.disallowed)


@define(eq=False)
class Applications:
    """All applications known to the PBX, and delivery of events to their sockets."""

    _log: Log
    _asterisk_id: str
    _now: Callable[[], str]
    _known: dict[str, Application] = field(factory=dict)
    _encoder: msgspec.json.Encoder = field(factory=msgspec.json.Encoder)
    _waiting: trio.lowlevel.ParkingLot = field(factory=trio.lowlevel.ParkingLot)

    def get(self, name: str) -> Application | None:
        return self._known.get(name)

    def all(self) -> Iterable[Application]:
        return self._known.values()

    def known(self, name: str) -> Application:
        """The application of this name, made now if need be: the target of an originate is not checked."""
        return self._known.setdefault(name, Application(name))

    def is_active(self, name: str) -> bool:
        app = self._known.get(name)
        return app is not None and app.listener is not None

    async def wait_active(self, name: str) -> None:
        """Until somebody listens for an application."""
        while not self.is_active(name):
            await self._waiting.park()

    def connect(self, name: str, listener: Listener) -> None:
        """A socket listens for an application from now on; one that did before is told it was replaced, nothing more."""
        app = self.known(name)
        if app.listener is not None:
            self.send(name, ApplicationReplaced())
        app.listener = listener
        self._log.note(Kind.APP_UP, name)
        self._waiting.unpark_all()

    def disconnect(self, listener: Listener) -> None:
        """A socket is gone. Its applications are inactive; what happens meanwhile, nobody hears."""
        for app in [app for app in self._known.values() if app.listener is listener]:
            app.listener = None
            self._log.note(Kind.APP_DOWN, app.name)
            if not app.channels:
                del self._known[app.name]

    def cut(self) -> None:
        """Close every socket without a word."""
        for app in self._known.values():
            if app.listener is not None:
                app.listener.cut()

    def send(self, name: str, event: Event) -> None:
        app = self._known.get(name)
        if app is None or app.listener is None or not app.wants(event):
            return
        event.timestamp = self._now()
        event.application = name
        event.asterisk_id = self._asterisk_id
        app.listener.offer(self._encoder.encode(event))
