"""A leg: what it makes of what the PBX says, says twice, says late or does not say."""

import pytest
import trio
from attrs import define, field
from trio.testing import MockClock

from callengine.ari import (
    Event,
    Router,
    StasisStart,
)
from callengine.calls.legs import RING_MARGIN
from callengine.model import Cause, MomentKind
from callengine.simulator import Fault, HangUp, Instead, Kind, Moment, PbxConfig, Persona
from tests.calls.stage import PROMPTS, RINGS_FOR, Cast, DeafRouter, Stage, chart, desk, stage

HELLO = chart(
    "step: start, type: entry, next: say", "step: say, type: play_prompt, prompt: hello, next: end", "step: end, type: hangup"
)
LISTEN = chart(
    "step: start, type: entry, next: listen",
    "step: listen, type: record, next: end, on_empty: silence",
    "step: silence, type: set_result, result: missed, next: end",
    "step: end, type: hangup",
)
WAIT = chart("step: start, type: entry, next: talk", "step: talk, type: wait")


@define
class StutteringRouter(Router):
    """Hears every event twice, and all that came before once more after it."""

    heard: list[Event] = field(factory=list)

    def __attrs_post_init__(self) -> None:
        super().__init__()

    def dispatch(self, event: Event) -> None:
        super().dispatch(event)
        for earlier in (*self.heard[-5:], event):
            if not isinstance(earlier, StasisStart):
                super().dispatch(earlier)
        self.heard.append(event)


class TestPlacing:
    @pytest.mark.parametrize(
        ("instead", "result", "cause"),
        [
            (Instead.BUSY, "busy", Cause.CUSTOMER_GONE),
            (Instead.DECLINE, "banned", Cause.CUSTOMER_GONE),
            (Instead.NO_ANSWER, "missed", Cause.CUSTOMER_GONE),
            (Instead.POWER_OFF, "power_off", Cause.CUSTOMER_GONE),
            (Instead.NO_ROUTE, "power_off", Cause.CUSTOMER_GONE),
            (Instead.CONGESTION, "banned", Cause.CUSTOMER_GONE),
            (Instead.UNREACHABLE, "failed:refused", Cause.REFUSED),
        ],
    )
    async def test_who_does_not_answer_has_a_reason(
        self, instead: Instead, result: str, cause: Cause, autojump_clock: MockClock
    ) -> None:
        async with stage(Cast(Persona(instead=instead))) as here:
            ended = await here.plays(HELLO)
        assert (ended.result, ended.cause, ended.answered, ended.seconds) == (result, cause, False, 0.0)

    async def test_a_forwarded_call_is_ended_at_both_places(self, autojump_clock: MockClock) -> None:
        away = Persona(instead=Instead.FORWARD, forwards_to="0999123456789")
        async with stage(Cast(away)) as here:
            ended = await here.plays(HELLO)
            assert len(here.records(Kind.CREATED)) == len(here.records(Kind.DESTROYED)) == 2
            assert not here.records(Kind.ANSWERED)
        assert (ended.result, ended.cause) == ("forwarded", Cause.FORWARDED)

    async def test_a_call_without_any_event_is_given_up(self, autojump_clock: MockClock) -> None:
        async with stage(Cast(Persona(), router=DeafRouter((Event,)))) as here:
            began = trio.current_time()
            ended = await here.plays(HELLO)
        [dialling, down, _] = here.notes.moments
        assert (dialling.name, down.name) == ("dialling", "down")
        assert down.at - began == pytest.approx(RINGS_FOR + RING_MARGIN, abs=0.1)
        assert (ended.result, ended.cause) == ("missed", Cause.CUSTOMER_GONE)

    @pytest.mark.parametrize("seed", range(8))
    async def test_events_may_come_before_the_answer(self, seed: int, autojump_clock: MockClock) -> None:
        hasty = Persona(rings_after=0.0, answers_after=0.01, says=("yes please",))
        async with stage(Cast(hasty, pbx=PbxConfig(prompt_seconds=PROMPTS, latency=0.8), seed=seed)) as here:
            ended = await here.plays(LISTEN)
        assert (ended.cause, ended.transcript) == (Cause.FLOW_ENDED, "yes please")

    async def test_events_may_come_twice_and_late(self, autojump_clock: MockClock) -> None:
        async with stage(Cast(Persona(says=("yes please",)), router=StutteringRouter())) as here:
            ended = await here.plays(LISTEN)
            assert here.notes.names(MomentKind.STATE) == ["dialling", "ringing", "up"]
        assert ended.cause is Cause.FLOW_ENDED

    async def test_nobody_is_called_while_the_link_is_down(self, autojump_clock: MockClock) -> None:
        async with stage(Cast()) as here:
            here.power.off()
            await here.link.wait_down()
            async with trio.open_nursery() as nursery:
                nursery.start_soon(here.call(HELLO).run)
                await trio.sleep(60)
                assert not here.notes.moments
                await here.power.on()
            await here.is_swept()
            [asked] = here.records(Kind.ORIGINATE)
            [up] = here.records(Kind.APP_UP)
            assert asked.at > up.at
        assert here.notes.steps[-1] == "end"

    async def test_a_link_that_drops_during_the_wait_for_a_turn_holds_the_call_back(self, autojump_clock: MockClock) -> None:
        async with stage(Cast()) as here:
            call = here.call(HELLO)
            here.calls[0][1].wait = 5.0
            async with trio.open_nursery() as nursery:
                nursery.start_soon(call.run)
                await trio.sleep(4.9)
                here.power.off()
                await trio.sleep(10)
                await here.power.on()
            [asked], [up] = here.records(Kind.ORIGINATE), here.records(Kind.APP_UP)
            assert asked.at > up.at
            await here.is_swept()


class TestAmbiguousPlacing:
    """The originate request gets no answer that tells what became of it."""

    async def test_the_channel_that_comes_late_is_found_and_the_phone_is_rung_once(self, autojump_clock: MockClock) -> None:
        async with stage(Cast(Persona(answers_after=1000.0), timeout=2.0)) as here:
            here.pbx.delay("POST /channels", 12.0)
            ended = await here.plays(HELLO)
            [asked], [created], [gone] = map(here.records, (Kind.ORIGINATE, Kind.CREATED, Kind.DESTROYED))
            [lease] = [lease for _, lease in here.calls]
        assert (ended.result, ended.cause) == ("failed:unconfirmed", Cause.UNCONFIRMED)
        assert created.at - asked.at > 11
        assert gone.at <= lease.released_at[0]
        assert lease.placed_at, "the windows count it"

    async def test_cancelled_while_the_request_is_under_way(self, autojump_clock: MockClock) -> None:
        async with stage(Cast(Persona(answers_after=1000.0))) as here:
            here.pbx.delay("POST /channels", 5.0)
            with trio.move_on_after(1.0):
                await here.call(HELLO).run()
            assert trio.current_time() < 5.0
            await here.is_swept()
            assert len(here.records(Kind.ORIGINATE)) == len(here.records(Kind.CREATED)) == 1

    @pytest.mark.parametrize(
        ("fault", "result"),
        [
            (Fault("POST /channels", status=502), "failed:unconfirmed"),
            (Fault("POST /channels", status=503), "pbx_lost"),
            (Fault("POST /channels", status=400), "failed:refused"),
            (Fault("POST /channels", unanswered=True), "unknown"),
        ],
    )
    async def test_it_asks_the_pbx_and_never_posts_again(self, fault: Fault, result: str, autojump_clock: MockClock) -> None:
        async with stage(Cast()) as here:
            here.pbx.faults.append(fault)
            ended = await here.plays(HELLO)
            assert len(here.records(Kind.ORIGINATE)) == 1
        assert ended.result == result, "unknown: the channel was found, and the flow ran"

    async def test_a_pbx_that_does_not_even_say_whether_it_exists(self, autojump_clock: MockClock) -> None:
        async with stage(Cast(timeout=2.0)) as here:
            here.pbx.faults += [Fault("POST /channels", unanswered=True), Fault("GET /channels/*", status=500)]
            ended = await here.plays(HELLO)
        assert ended.cause is Cause.UNCONFIRMED

    async def test_a_recording_whose_request_is_late_leaves_no_file(self, autojump_clock: MockClock) -> None:
        async with stage(Cast(Persona(says=("yes please",)), timeout=2.0)) as here:
            here.pbx.delay("POST /channels/*/record", 4.0)
            ended = await here.plays(LISTEN)
        assert ended.cause is Cause.PBX_LOST

    async def test_a_bridge_whose_request_is_late_is_deleted(self, autojump_clock: MockClock) -> None:
        flow = chart(
            "step: start, type: entry, next: connect",
            "step: connect, type: transfer_to_operator, agent_type: outbound, on_success: talk, on_failure: end",
            "step: talk, type: wait",
            "step: end, type: hangup",
        )
        async with stage(Cast(operators=(desk("200"),), timeout=2.0)) as here:
            here.pbx.delay("POST /bridges", 4.0)
            ended = await here.plays(flow)
            assert len(here.records(Kind.BRIDGE_CREATED)) == len(here.records(Kind.BRIDGE_DELETED)) == 1
        assert ended.cause is Cause.PBX_LOST


class TestLostLink:
    """The event socket drops and comes back: what happened in between was not heard."""

    async def dropped(self, here: Stage, after: float) -> None:
        await trio.sleep(after)
        here.pbx.cut_event_sockets()

    @pytest.mark.parametrize("after", [0.1, 1.0, 2.9, 3.3, 3.5, 4.0, 5.0, 5.29, 5.3, 5.31])
    async def test_a_call_goes_on_or_ends_but_never_hangs(self, after: float, autojump_clock: MockClock) -> None:
        async with stage(Cast(Persona(says=("yes please",)))) as here, trio.open_nursery() as nursery:
            nursery.start_soon(self.dropped, here, after)
            with trio.fail_after(60):
                ended = await here.plays(LISTEN)
        assert ended.cause in (Cause.FLOW_ENDED, Cause.CUSTOMER_GONE)

    async def test_what_was_said_until_then_is_heard(self, autojump_clock: MockClock) -> None:
        async with stage(Cast(Persona(says=("yes please",)))) as here, trio.open_nursery() as nursery:
            nursery.start_soon(self.dropped, here, 4.6)
            ended = await here.plays(LISTEN)
        assert (ended.cause, ended.transcript) == (Cause.FLOW_ENDED, "yes please")

    async def test_who_hung_up_unheard_is_found_gone(self, autojump_clock: MockClock) -> None:
        leaves = Persona(hangs_up=HangUp(Moment.ANSWER, seconds=10.0))
        async with stage(Cast(leaves)) as here:
            async with trio.open_nursery() as nursery:
                nursery.start_soon(self.dropped, here, 13.29)
                ended = await here.plays(WAIT)
            assert here.records(Kind.APP_DOWN)[0].at < here.records(Kind.DESTROYED)[0].at < here.records(Kind.APP_UP)[1].at
        assert (ended.cause, ended.result) == (Cause.CUSTOMER_GONE, "hangup")

    async def test_an_answer_that_was_not_heard_is_seen(self, autojump_clock: MockClock) -> None:
        router = DeafRouter((StasisStart,))
        async with stage(Cast(Persona(says=("yes please",)), router=router)) as here, trio.open_nursery() as nursery:
            nursery.start_soon(self.dropped, here, 8.0)
            ended = await here.plays(HELLO)
        assert router.dropped == 1
        assert (ended.cause, ended.answered) == (Cause.FLOW_ENDED, True)

    @pytest.mark.parametrize("after", [1.0, 4.0, 10.0])
    async def test_a_restart_of_the_pbx_ends_calls_as_lost(self, after: float, autojump_clock: MockClock) -> None:
        async with stage(Cast(Persona(says=("yes please",)))) as here:
            async with trio.open_nursery() as nursery:

                @nursery.start_soon
                async def restart() -> None:
                    await trio.sleep(after)
                    here.power.off()
                    await trio.sleep(3)
                    await here.power.on()

                ended = await here.call(WAIT).run()
            await here.reaper.drained()
            [(_, lease)] = here.calls
        assert (ended.cause, ended.result) == (Cause.PBX_LOST, "pbx_lost")
        assert len(lease.released_at) == 1

    async def test_a_pbx_that_hangs_while_the_socket_lives(self, autojump_clock: MockClock) -> None:
        async with stage(Cast()) as here:
            async with trio.open_nursery() as nursery:

                @nursery.start_soon
                async def hang() -> None:
                    await trio.sleep(2)
                    here.pbx.delay("*", 60.0)

                began = trio.current_time()
                ended = await here.call(HELLO).run()
                assert trio.current_time() - began < 3.3 + 10 + 2.1, "one request's time, and the clean-up's"
            [(_, lease)] = here.calls
            assert ended.cause is Cause.PBX_LOST
            assert not lease.released_at
            here.pbx.faults.clear()
            await trio.sleep(60)
            await here.is_swept()
