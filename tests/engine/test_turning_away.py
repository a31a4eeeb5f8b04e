"""Who is not let in, or no longer: callers at the end, forwards, channels of our own."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import attrs
import msgspec
import pytest
import trio
from trio.testing import MockClock

from callengine.ari import Channel, Dial, StasisStart
from callengine.ari.resources import CallerId
from callengine.calls import Call, Inbound
from callengine.dialer import Settlement
from callengine.engine import Timelines
from callengine.engine.charts import charted
from callengine.engine.reception import Reception
from callengine.model import CallId, Cause, ChannelId
from callengine.settings import CallSettings, InboundSettings, Settings
from callengine.simulator import HangUp, Kind, Moment, People, Persona
from callengine.store import MemoryBook, MemoryWriter
from tests.calls.stage import LINE as STAGE_LINE
from tests.calls.stage import Cast, Stage, stage
from tests.engine.rig import Rig, rig
from tests.engine.service import CALLER, LINE, SETTINGS, STAYS, A, calls_in, in_service, inbound, results


class TestEnd:
    def settings(self, drain: float) -> Settings:
        return inbound(attrs.evolve(SETTINGS, calls=CallSettings(drain_seconds=drain)), wait=300.0)

    async def test_conversations_go_on_and_who_waits_or_calls_now_is_turned_away(self, autojump_clock: MockClock) -> None:
        async with in_service(settings=self.settings(100.0)) as here:
            await calls_in(here, 3)
            here.engine.stop()
            await trio.sleep(5)
            assert await calls_in(here, 2) == ()
            assert [record.detail["cause"] for record in here.records(Kind.DESTROYED)] == ["17"] * 3
            await trio.sleep(60)
            assert results(here) == ["inbound_call", "inbound_call", "missed"]

    async def test_past_the_deadline_they_are_hung_up(self, autojump_clock: MockClock) -> None:
        async with in_service(settings=self.settings(5.0)) as here:
            await calls_in(here, 3)
            here.engine.stop()
            await trio.sleep(6)
            assert results(here) == ["failed:shutdown", "failed:shutdown", "missed"]

    @pytest.mark.parametrize("drain", [0.001, 1.0])
    async def test_who_calls_around_the_end_is_left_nowhere(self, drain: float, autojump_clock: MockClock) -> None:
        for millisecond in range(-12, 12):
            async with in_service(settings=self.settings(drain)) as here:
                began = trio.current_time()

                async def stop(here: Rig = here, at: float = began + 1) -> None:
                    await trio.sleep_until(at)
                    here.engine.stop()

                async with trio.open_nursery() as nursery:
                    nursery.start_soon(stop)
                    await trio.sleep_until(began + 1 + drain + millisecond / 1000 + 0.0001)
                    for _ in range(4):
                        try:
                            here.pbx.ring_in(STAYS, LINE, CALLER)
                        except ConnectionRefusedError:
                            break
                        await trio.sleep(0.0003)
            assert trio.current_time() - began < 1 + drain + 5

    async def test_a_call_that_begins_after_all_others_were_hung_up_ends_at_once(self, autojump_clock: MockClock) -> None:
        """It was let in at the very moment of the stop, and is not among those that were hung up."""
        async with in_service(settings=self.settings(600.0)) as here:
            await calls_in(here)
            here.pbx.delay("DELETE /channels/*", 1.0)
            here.engine.stop()
            here.engine.stop()
            await trio.sleep(0.5)
            reception = here.engine.reception
            flow = here.engine.assignment.scenarios[0].inbound_flow
            assert flow is not None
            way = Inbound(CALLER, ChannelId("1772442000.99"), None, 60.0)
            call = Call(CallId("late"), flow, reception.services, way, reception.timeline)
            assert (await reception.carry(call)).cause is Cause.SHUTDOWN

    async def test_at_the_end_of_a_campaign_callers_are_served_to_their_end(self, autojump_clock: MockClock) -> None:
        people = People(otherwise=Persona(hangs_up=HangUp(Moment.ANSWER, seconds=5.0)))
        async with rig(1, settings=SETTINGS, people=people, scenarios=(A,)) as here:
            async with trio.open_nursery() as nursery:
                nursery.start_soon(here.engine.run)
                await here.pbx.wait_listened_to()
                await trio.sleep(3)
                [_] = await calls_in(here)
            here.judge()
            assert results(here) == ["inbound_call"]
            [call] = here.received()
            assert call.outcome is not None
            assert call.outcome.seconds == pytest.approx(30, abs=0.1)


class TestWhoIsNoCaller:
    """Arrivals in our application that nobody rang us with."""

    def arrival(self, name: str, channel_id: str, *args: str) -> StasisStart:
        channel = Channel(channel_id, name=name, state="Ring", caller=CallerId(number=CALLER))
        return StasisStart(args=args, channel=channel)

    @pytest.mark.parametrize("before", [True, False], ids=["told of before", "told of after"])
    async def test_a_forward_that_leads_back_to_us(self, before: bool, autojump_clock: MockClock) -> None:
        name = "Local/02191302000@default-00000001"
        async with in_service() as here:
            router = here.engine.reception.services.pbx.router
            dial = Dial(dialstatus="CANCEL", peer=Channel("p"), forwarded=Channel("f", name=f"{name};1"))
            if before:
                router.dispatch(dial)
            router.dispatch(self.arrival(f"{name};2", "1772442001.99", "inbound", LINE))
            if not before:
                await trio.sleep(0.2)
                router.dispatch(dial)
            await trio.sleep(5)
            assert not here.received()

    async def test_another_local_channel_is_a_caller(self, autojump_clock: MockClock) -> None:
        async with in_service() as here:
            router = here.engine.reception.services.pbx.router
            router.dispatch(self.arrival("Local/x@default-1;2", "1772442001.99", "inbound", LINE))
            await trio.sleep(5)
            assert len(here.received()) == 1

    async def test_a_channel_of_ours_that_answers_too_late(self, autojump_clock: MockClock) -> None:
        async with in_service() as here:
            late = here.pbx.ambient.new_id()
            here.engine.reception.services.pbx.router.dispatch(self.arrival("PJSIP/trunk-1", late))
            await trio.sleep(5)
            assert not here.received()

    async def test_callers_are_no_orphans(self, autojump_clock: MockClock) -> None:
        async with in_service(settings=inbound(wait=300.0)) as here:
            for _ in range(4):
                await calls_in(here)
                here.pbx.cut_event_sockets()
                await trio.sleep(0.5)
                await here.pbx.wait_listened_to()
            await trio.sleep(100)
            assert results(here) == ["inbound_call"] * 4

    async def test_who_rang_unheard_is_cleared(self, autojump_clock: MockClock) -> None:
        """Their arrival was lost with the socket: nobody would ever answer them."""
        async with in_service() as here:
            here.pbx.ring_in(Persona(), LINE, CALLER)
            here.pbx.cut_event_sockets()
            await trio.sleep(5)
            assert not here.received()
            assert len(here.records(Kind.DESTROYED)) == 1


async def at_once(arrivals: list[StasisStart]) -> AsyncIterator[StasisStart]:
    """Arrivals that were all there before the first was looked at; no more come."""
    for arrival in arrivals:
        yield arrival
    await trio.sleep_forever()


@asynccontextmanager
async def reception_of(here: Stage, callers: int, waiting_room: int = 20) -> AsyncIterator[tuple[Reception, list[StasisStart]]]:
    """A reception alone, and callers of whom it was not told yet."""
    reception = Reception(
        settings=InboundSettings(wait=60.0, waiting_room=waiting_room),
        lines=lambda: (STAGE_LINE.id,),
        services=here.services,
        assignment=charted((A,), here.ambient),
        timeline=Timelines(()),
        writer=MemoryWriter(MemoryBook()),
        carry=lambda call: call.run(),
        settlement=Settlement(here.ambient),
    )
    for _ in range(callers):
        here.pbx.ring_in(Persona(), STAGE_LINE.id, CALLER)
    yield reception, [await here.router.arrivals.receive() for _ in range(callers)]


async def test_of_many_who_arrive_at_once_no_more_wait_than_there_is_room(autojump_clock: MockClock) -> None:
    async with stage(Cast()) as here, reception_of(here, 8, waiting_room=3) as (reception, arrivals):
        here.slots.free = 0
        with trio.move_on_after(20):
            await reception.run(at_once(arrivals))
        assert len([record for record in here.records(Kind.DESTROYED) if record.detail["cause"] == "17"]) == 5


async def test_who_may_be_a_forward_is_not_forgotten_at_the_end(autojump_clock: MockClock) -> None:
    async with stage(Cast()) as here, reception_of(here, 1) as (reception, [arrival]):
        local = msgspec.structs.replace(arrival.channel, name="Local/x@default-1;2")
        with trio.move_on_after(0.1):
            await reception.run(at_once([msgspec.structs.replace(arrival, channel=local)]))
        await here.reaper.drained()
        assert len(here.records(Kind.DESTROYED)) == 1
