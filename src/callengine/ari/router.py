"""Brings each event to whoever waits for the object it concerns.

A waiter subscribes before it sends its request: events can overtake the answer (seen on 22.10.1: StasisStart within 1 ms
of it). Each subscription has a bounded queue of its own, so that a call which does not keep up fails alone.
"""

from collections import deque
from collections.abc import Iterable
from types import TracebackType
from typing import Self

import trio

from callengine.ari.events import Dial, Event, EventsLost, StasisStart
from callengine.ari.tap import AriTap
from callengine.errors import AriLost

_FORWARDS = 256


class EventOverflow(AriLost):
    """A subscription's reader did not keep up: events that concern it were lost, and it gets no more."""


class Subscription:
    """The events that concern some objects, in the order the PBX sent them. A context manager; iterate or `receive`."""

    def __init__(self, router: "Router", ids: tuple[str, ...], limit: int) -> None:
        self._router = router
        self._limit = limit
        self._ids: dict[str, None] = {}
        self._listening = True
        self._sender, self._events = trio.open_memory_channel[Event](limit)
        self.add(*ids)

    def add(self, *ids: str) -> None:
        """Be told of these objects too, from now on."""
        self._ids |= dict.fromkeys(ids)
        if self._listening:
            self._router.register(self, ids)

    async def receive(self) -> Event:
        """Wait for the next event.

        Raises:
            EventOverflow: after the last event that still fitted the queue.
        """
        try:
            return await self._events.receive()
        except trio.EndOfChannel:
            raise EventOverflow(f"more than {self._limit} events wait to be read") from None

    def deliver(self, event: Event) -> None:
        """Queue an event; the router's to call. A full queue ends the subscription."""
        try:
            self._sender.send_nowait(event)
        except trio.WouldBlock:
            self._stop_listening()

    def close(self) -> None:
        """Be told nothing more; what is still queued is dropped. A second time does nothing."""
        self._stop_listening()
        self._events.close()

    def _stop_listening(self) -> None:
        self._listening = False
        self._sender.close()
        self._router.forget(self, self._ids)

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Event:
        return await self.receive()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<Subscription {' '.join(self._ids)}>"


class Router:
    """Knows who waits for what. All of it is synchronous: between two checkpoints nothing slips through.

    Attributes:
        arrivals: StasisStart of channels nobody knows: inbound calls, and originated ones that were given up.
        forwards: names of the channels that called parties have lately redirected calls to.
        turned_away: arrivals dropped because too many were waiting; a reconciliation finds their channels.
        unclaimed: other events that concerned nobody.
    """

    def __init__(self, *, arrivals: int = 256, tap: AriTap | None = None) -> None:
        self._tap = tap
        self._readers: dict[str, dict[Subscription, None]] = {}
        self.forwards: deque[str] = deque(maxlen=_FORWARDS)
        self._arrived, self.arrivals = trio.open_memory_channel[StasisStart](arrivals)
        self.turned_away = 0
        self.unclaimed = 0

    def subscribe(self, *ids: str, limit: int = 256) -> Subscription:
        """Be told of these objects, from this moment on: subscribe before you send the request that makes them.

        Args:
            limit: events that may wait to be read; one more ends the subscription with EventOverflow.
        """
        return Subscription(self, ids, limit)

    def dispatch(self, event: Event) -> None:
        """Queue the event for each subscription it concerns, once; EventsLost concerns all. Never waits, never raises."""
        if self._tap is not None:
            self._tap.event(event)
        if isinstance(event, Dial) and event.forwarded is not None:
            self.forwards.append(event.forwarded.name)
        readers = self._concerned(event)
        for reader in readers:
            reader.deliver(event)
        if not readers:
            self._unexpected(event)

    def register(self, reader: Subscription, ids: Iterable[str]) -> None:
        """A subscription's to call."""
        for each in ids:
            self._readers.setdefault(each, {})[reader] = None

    def forget(self, reader: Subscription, ids: Iterable[str]) -> None:
        """A subscription's to call."""
        for each in ids:
            readers = self._readers.get(each, {})
            readers.pop(reader, None)
            if not readers:
                self._readers.pop(each, None)

    def _concerned(self, event: Event) -> dict[Subscription, None]:
        ids = tuple(self._readers) if isinstance(event, EventsLost) else event.object_ids()
        return {reader: None for each in ids for reader in self._readers.get(each, ())}

    def _unexpected(self, event: Event) -> None:
        if not isinstance(event, StasisStart):
            self.unclaimed += 1
            return
        try:
            self._arrived.send_nowait(event)
        except trio.WouldBlock:
            self.turned_away += 1
