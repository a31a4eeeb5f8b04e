from typing import Any

import pytest
import trio
from attrs import define, field
from hypothesis import given, settings
from hypothesis import strategies as st
from trio.testing import wait_all_tasks_blocked

from callengine.ari import (
    Bridge,
    Channel,
    ChannelDestroyed,
    ChannelEnteredBridge,
    Dial,
    Event,
    EventOverflow,
    EventsLost,
    Playback,
    PlaybackFinished,
    Router,
    StasisEnd,
    StasisStart,
    Subscription,
)
from callengine.errors import AriLost


def start(channel: str) -> StasisStart:
    return StasisStart(channel=Channel(channel))


async def waiting(subscription: Subscription) -> list[Event]:
    """What can be read without waiting."""
    found: list[Event] = []
    with trio.CancelScope() as scope:
        async with trio.open_nursery() as nursery:

            async def read() -> None:
                async for event in subscription:
                    found.append(event)

            nursery.start_soon(read)
            await wait_all_tasks_blocked()
            scope.cancel()
    return found


async def test_an_event_before_the_answer_of_the_request_is_kept() -> None:
    router = Router()
    with router.subscribe("c-1") as events:
        router.dispatch(start("c-1"))
        assert await events.receive() == start("c-1")


async def test_a_subscription_hears_its_objects_only_and_in_order() -> None:
    router = Router()
    with router.subscribe("c-1") as ours, router.subscribe("c-2") as others:
        for event in (start("c-1"), start("c-2"), StasisEnd(channel=Channel("c-1"))):
            router.dispatch(event)
        assert await waiting(ours) == [start("c-1"), StasisEnd(channel=Channel("c-1"))]
        assert await waiting(others) == [start("c-2")]


async def test_an_event_about_two_objects_of_a_subscription_comes_once() -> None:
    router = Router()
    entered = ChannelEnteredBridge(bridge=Bridge("b"), channel=Channel("c"))
    with router.subscribe("b", "c", "c") as both, router.subscribe("b") as one:
        router.dispatch(entered)
        assert await waiting(both) == [entered]
        assert await waiting(one) == [entered]


async def test_objects_can_be_added_later() -> None:
    router = Router()
    finished = PlaybackFinished(playback=Playback("p", target_uri="channel:x"))
    with router.subscribe("c") as events:
        router.dispatch(finished)
        events.add("p")
        router.dispatch(finished)
        assert await waiting(events) == [finished]
    assert router.unclaimed == 1


async def test_the_leg_that_was_forwarded_hears_of_the_channel_to_hang_up() -> None:
    router = Router()
    dial = Dial(peer=Channel("c"), forwarded=Channel("1700.7"), dialstatus="CANCEL")
    with router.subscribe("c") as events:
        router.dispatch(dial)
        assert await waiting(events) == [dial]


async def test_an_overflow_fails_one_subscription_alone() -> None:
    router = Router()
    with router.subscribe("c", limit=3) as slow, router.subscribe("c") as quick:
        for _ in range(5):
            router.dispatch(start("c"))
        assert [await slow.receive() for _ in range(3)] == [start("c")] * 3
        for _ in range(2):
            with pytest.raises(EventOverflow, match="more than 3 events"):
                await slow.receive()
        slow.add("d")
        router.dispatch(start("d"))
        assert len(await waiting(quick)) == 5
    assert issubclass(EventOverflow, AriLost)


async def test_lost_events_concern_every_subscription_once() -> None:
    router = Router()
    with router.subscribe("a", "b") as first, router.subscribe("c") as second:
        router.dispatch(EventsLost(restarted=False))
        assert await waiting(first) == [EventsLost(restarted=False)]
        assert await waiting(second) == [EventsLost(restarted=False)]


async def test_a_closed_subscription_leaves_nothing_behind() -> None:
    router = Router()
    events = router.subscribe("c")
    events.close()
    events.close()
    router.dispatch(start("c"))
    assert router.arrivals.receive_nowait() == start("c")
    with pytest.raises(trio.ClosedResourceError):
        await events.receive()


async def test_a_channel_nobody_knows_is_an_arrival() -> None:
    router = Router(arrivals=2)
    for channel in ("a", "b", "c"):
        router.dispatch(start(channel))
    router.dispatch(ChannelDestroyed(channel=Channel("a")))
    assert [router.arrivals.receive_nowait() for _ in range(2)] == [start("a"), start("b")]
    assert (router.turned_away, router.unclaimed) == (1, 1)


async def test_a_tap_sees_every_event_first() -> None:
    seen: list[Event] = []

    class Tap:
        def request(self, method: str, path: str, status: int | None, seconds: float, about: str) -> None:
            raise AssertionError

        def event(self, event: Event) -> None:
            seen.append(event)

    router = Router(tap=Tap())
    router.dispatch(start("c"))
    assert seen == [start("c")]


ids = st.sampled_from("abcd")
actions = st.one_of(
    st.tuples(st.just("subscribe"), st.lists(ids, max_size=3)),
    st.tuples(st.just("add"), st.integers(0, 3), ids),
    st.tuples(st.just("close"), st.integers(0, 3)),
    st.tuples(st.just("event"), ids, ids),
    st.tuples(st.just("lost")),
)


@define
class NaiveReader:
    """Looks at every event and keeps what concerns it."""

    subscription: Subscription
    ids: set[str]
    open: bool = True
    expected: list[Event] = field(factory=list)


def play_out(router: Router, readers: list[NaiveReader], action: tuple[Any, ...]) -> None:
    match action:
        case ("subscribe", wanted):
            readers.append(NaiveReader(router.subscribe(*wanted), set(wanted)))
        case ("add", index, wanted) if index < len(readers) and readers[index].open:
            readers[index].subscription.add(wanted)
            readers[index].ids.add(wanted)
        case ("close", index) if index < len(readers):
            readers[index].subscription.close()
            readers[index].open = False
        case ("event", channel, bridge):
            event: Event = ChannelEnteredBridge(channel=Channel(channel), bridge=Bridge(bridge))
            router.dispatch(event)
            for reader in readers:
                if reader.ids & {channel, bridge}:
                    reader.expected.append(event)
        case ("lost",):
            router.dispatch(EventsLost(restarted=True))
            for reader in readers:
                if reader.ids:
                    reader.expected.append(EventsLost(restarted=True))


@settings(max_examples=60, deadline=None)
@given(st.lists(actions, max_size=25))
async def test_routing_agrees_with_a_naive_model(script: list[tuple[Any, ...]]) -> None:
    router = Router()
    readers: list[NaiveReader] = []
    for action in script:
        play_out(router, readers, action)
    for reader in readers:
        if reader.open:
            assert await waiting(reader.subscription) == reader.expected
