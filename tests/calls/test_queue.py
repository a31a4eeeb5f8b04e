"""Queues: who came first is served first, hears music and their place meanwhile, and can leave."""

from itertools import pairwise

import pytest
import trio
from attrs import define, field
from trio.testing import MockClock

from callengine.calls import Call, CallRules
from callengine.calls.queue import RESTS
from callengine.errors import ProviderError
from callengine.fsm import Chart
from callengine.model import CallResult, Cause, MomentKind, TransferOutcome
from callengine.providers.scripted import ScriptedSpeaker
from callengine.simulator import Fault, HangUp, Instead, KeyPress, Kind, Moment, Persona, audit
from tests.calls.stage import CUSTOMER, PROMPTS, Cast, Stage, chart, desk, mobile, stage
from tests.calls.transfers import LEAVES, Passing, Witness, connecting, dialled, ended_at, held, left_at, run_all

SARA, ALI = desk("200"), desk("201")
OTHER, THIRD = "09120000002", "09120000003"
PLACE = ', position_text: "You are number {position}, {name}", every: 10'
BY_NUMBER = ', position_text: "{number} {position}", every: 10'
LEAVE = ', leave_key: "9", on_leave: left'
TALKS = Persona(hangs_up=LEAVES)
TALKS_LONG = Persona(hangs_up=HangUp(Moment.BRIDGE, seconds=40.0))


def queueing(keys: str = "", *, onhold: bool = True) -> Chart:
    """A flow whose only business is a queue of 60 s; `keys` are further ones of that step."""
    left = ("step: left, type: set_result, result: left, next: end",) if "on_leave" in keys else ()
    return chart(
        "step: start, type: entry, next: line",
        "step: line, type: queue, agent_type: outbound, timeout: 60, on_success: connected, on_failure: nobody,"
        f" on_timeout: late{keys}",
        "step: connected, type: set_result, result: connected_to_operator, next: talk",
        "step: talk, type: wait",
        "step: nobody, type: set_result, result: nobody, next: end",
        "step: late, type: set_result, result: late, next: end",
        *left,
        "step: end, type: hangup",
        onhold=onhold,
    )


@define
class SpokenAt(ScriptedSpeaker):
    """Keeps what was said with its time; takes its time, and fails as long as it is told to."""

    takes: float = 0.0
    fails: bool = False
    spoken: list[tuple[float, str]] = field(factory=list)

    async def media(self, text: str) -> str:
        self.spoken.append((round(trio.current_time(), 1), text))
        await trio.sleep(self.takes)
        if self.fails:
            raise ProviderError("no voice")
        return await super().media(text)


def played(here: Stage, call: Call, media: str) -> list[float]:
    """When these media began for the customer of a call."""
    return [
        record.at
        for record in here.records(Kind.PLAYBACK)
        if record.detail["channel"] == call.customer.id and record.detail["media"].startswith(media)
    ]


async def two(here: Stage, flow: Chart) -> tuple[CallResult, CallResult]:
    """The results of the first customer, and of another who is there 1 s later."""
    first, second = here.call(flow), here.call(flow, number=OTHER)
    results = await run_all(here, first, second)
    await here.is_swept()
    return results[first], results[second]


OTHERS = {OTHER: Persona(answers_after=4.0), "200": TALKS}


class TestLine:
    @pytest.mark.parametrize("onhold", [True, False])
    async def test_the_second_is_served_when_the_first_has_talked(self, onhold: bool, autojump_clock: MockClock) -> None:
        music = Witness("* /channels/*/moh")
        async with stage(Cast(others=OTHERS, operators=(SARA,))) as here:
            here.pbx.faults.append(music)
            first, second = await two(here, queueing(onhold=onhold))
            gone = ended_at(here, here.records(Kind.ORIGINATE)[2].id)
            heard = held(here, here.calls[1][0].customer.id)
        assert first.transfer is second.transfer is TransferOutcome.COMPLETED
        assert 0.0 <= here.records(Kind.ORIGINATE)[3].at - gone < 0.1
        assert (len(heard) >= 5) == onhold
        assert sorted(method for method, _ in music.seen) == ([] if onhold else ["DELETE", "DELETE", "POST", "POST"])

    async def test_who_leaves_moves_the_others_up(self, autojump_clock: MockClock) -> None:
        speaker = SpokenAt()
        people = {
            OTHER: Persona(answers_after=4.0, hangs_up=HangUp(Moment.ANSWER, seconds=22.0)),
            THIRD: Persona(answers_after=5.0),
            "200": TALKS_LONG,
        }
        async with stage(Cast(others=people, operators=(SARA,), speaker=speaker)) as here:
            calls = [here.call(queueing(BY_NUMBER), number=number) for number in (CUSTOMER, OTHER, THIRD)]
            results = await run_all(here, *calls)
            await here.is_swept()
        assert [results[call].transfer for call in calls] == [
            TransferOutcome.COMPLETED,
            TransferOutcome.CUSTOMER_LEFT,
            TransferOutcome.COMPLETED,
        ]
        assert results[calls[1]].result == "disconnected"
        places = [tuple(text.split()) for _, text in speaker.spoken]
        assert [place for number, place in places if number == CUSTOMER] == ["1"]
        assert [place for number, place in places if number == OTHER] == ["2", "1"]
        assert [place for number, place in places if number == THIRD][:4] == ["3", "2", "1", "1"]

    async def test_a_transfer_that_waits_is_in_the_same_line(self, autojump_clock: MockClock) -> None:
        people = {**OTHERS, THIRD: Persona(answers_after=5.0)}
        async with stage(Cast(others=people, operators=(SARA,))) as here:
            waiting = connecting(", wait: 60")
            calls = [here.call(queueing()), here.call(waiting, number=OTHER), here.call(queueing(), number=THIRD)]
            results = await run_all(here, *calls)
            await here.is_swept()
            bridged = [record.detail["channel"] for record in here.records(Kind.BRIDGE_ENTERED)]
        assert {results[call].transfer for call in calls} == {TransferOutcome.COMPLETED}
        customers = [call.customer.id for call in calls]
        assert [channel for channel in bridged if channel in customers] == customers


class TestRing:
    async def test_nobody_is_rung_in_a_hot_loop(self, autojump_clock: MockClock) -> None:
        people = {"200": Persona(instead=Instead.BUSY), "201": Persona(instead=Instead.DECLINE)}
        async with stage(Cast(others=people, operators=(SARA, ALI))) as here:
            ended = await here.plays(queueing())
            rung = {name: [r.at for r in here.records(Kind.ORIGINATE) if name in r.detail["endpoint"]] for name in people}
            assert dialled(here)[:4] == [SARA.endpoint, ALI.endpoint] * 2
        for times in rung.values():
            assert 4 <= len(times) <= 60 / RESTS
            assert all(later - earlier > RESTS for earlier, later in pairwise(times))
        assert (ended.result, ended.transfer) == ("late", TransferOutcome.DECLINED)

    async def test_who_is_first_stays_first(self, autojump_clock: MockClock) -> None:
        """The first customer cannot be bridged at once; the other does not get the operator before."""
        async with stage(Cast(others=OTHERS, operators=(SARA,))) as here:
            here.pbx.faults.append(Passing("POST /bridges", status=500, left=[None]))
            first, second = await two(here, queueing())
            bridged = [record.detail["channel"] for record in here.records(Kind.BRIDGE_ENTERED)]
            customers = [call.customer.id for call, _ in here.calls]
        assert first.transfer is second.transfer is TransferOutcome.COMPLETED
        assert [channel for channel in bridged if channel in customers] == customers

    async def test_whisper_and_key_are_those_of_a_transfer(self, autojump_clock: MockClock) -> None:
        people = {
            "200": Persona(presses=(KeyPress("2", 1.0),), hangs_up=LEAVES),
            "201": Persona(presses=(KeyPress("1", 2.0),), hangs_up=LEAVES),
        }
        async with stage(Cast(others=people, operators=(SARA, ALI))) as here:
            ended = await here.plays(queueing(", whisper: moment, accept_key: 1"))
        assert (ended.transfer, ended.operator) == (TransferOutcome.COMPLETED, ALI)

    async def test_a_bridge_that_fails_is_tried_again_later(self, autojump_clock: MockClock) -> None:
        async with stage(Cast(others={"200": TALKS}, operators=(SARA,))) as here:
            here.pbx.faults.append(Fault("POST /bridges", status=500))
            ended = await here.plays(queueing())
            times = [record.at for record in here.records(Kind.ORIGINATE)[1:]]
        assert ended.result == "late"
        assert all(later - earlier > RESTS for earlier, later in pairwise(times))
        assert len(times) >= 3

    async def test_without_a_slot_they_wait_on(self, autojump_clock: MockClock) -> None:
        operator = mobile("09350000001")
        async with stage(
            Cast(others={operator.phone_number: TALKS}, operators=(operator,), rules=CallRules(operator_slot_wait=0.5))
        ) as here:
            here.slots.free = 0

            async def free() -> None:
                await trio.sleep(35)
                here.slots.free = 1

            async with trio.open_nursery() as nursery:
                nursery.start_soon(free)
                ended = await here.plays(queueing())
            tries = here.notes.names(MomentKind.TRANSFER)
        assert 2 <= len(tries) <= 5
        assert ended.transfer is TransferOutcome.COMPLETED

    async def test_who_is_paused_may_come_back(self, autojump_clock: MockClock) -> None:
        async with stage(Cast(others={"200": TALKS}, operators=(SARA,))) as here:
            here.services.operators.pause(SARA.id)

            async def resume() -> None:
                await trio.sleep(30)
                here.services.operators.resume(SARA.id)

            async with trio.open_nursery() as nursery:
                nursery.start_soon(resume)
                ended = await here.plays(queueing())
        assert ended.transfer is TransferOutcome.COMPLETED

    async def test_a_queue_after_a_transfer_passes_the_customer_on(self, autojump_clock: MockClock) -> None:
        flow = chart(
            "step: start, type: entry, next: connect",
            "step: connect, type: transfer_to_operator, agent_type: outbound, on_success: line, on_failure: end",
            "step: line, type: queue, agent_type: outbound, on_success: talk, on_failure: end, on_timeout: end",
            "step: talk, type: wait",
            "step: end, type: hangup",
        )
        async with stage(Cast(others={"200": Persona(), "201": TALKS}, operators=(SARA, ALI))) as here:
            ended = await here.plays(flow)
            assert dialled(here) == [SARA.endpoint, ALI.endpoint]
            assert not audit(here.pbx.log, {})
        assert (ended.cause, ended.operator) == (Cause.PARTNER_GONE, ALI)


class TestEnds:
    async def test_an_empty_roster_fails_at_once(self, autojump_clock: MockClock) -> None:
        async with stage(Cast()) as here:
            ended = await here.plays(queueing(PLACE))
        assert (ended.result, ended.transfer) == ("nobody", TransferOutcome.NO_OPERATOR)
        assert ended.seconds < 0.5

    async def test_the_operator_who_is_rung_at_the_timeout_is_hung_up(self, autojump_clock: MockClock) -> None:
        rules = CallRules(operator_timeout=100.0)
        async with stage(Cast(others={"200": Persona(answers_after=90.0)}, operators=(SARA,), rules=rules)) as here:
            ended = await here.plays(queueing())
            hung_up = ended_at(here, here.records(Kind.ORIGINATE)[1].id)
            [load] = here.services.operators.snapshot()
        assert ended.result == "late"
        assert ended.seconds == pytest.approx(60.0, abs=0.2)
        assert hung_up == pytest.approx(here.records(Kind.ANSWERED)[0].at + 60.0, abs=0.2)
        assert load.state.value == "ready"

    @pytest.mark.parametrize("thousandth", range(-30, 31, 3))
    @pytest.mark.parametrize("ending", ["timeout", "key"])
    async def test_around_the_moment_of_the_answer(self, ending: str, thousandth: int, autojump_clock: MockClock) -> None:
        """One who has just taken the call wins; one who has not is hung up."""
        rings = 0.3
        at = 60.0 if ending == "timeout" else 20.0
        presses = () if ending == "timeout" else (KeyPress("9", 20.0),)
        operator = Persona(rings_after=rings, answers_after=at - rings + thousandth / 1000, hangs_up=LEAVES)
        cast = Cast(
            Persona(presses=presses),
            others={"200": operator},
            operators=(SARA,),
            rules=CallRules(operator_timeout=100.0),
        )
        async with stage(cast) as here:
            ended = await here.plays(queueing(LEAVE))
            bridged = len(here.records(Kind.BRIDGE_ENTERED)) == 2
        assert ended.result == ("connected_to_operator" if bridged else "late" if ending == "timeout" else "left")
        assert (ended.transfer is TransferOutcome.COMPLETED) == bridged

    @pytest.mark.parametrize("keys", [LEAVE, LEAVE + PLACE])
    async def test_the_key_to_leave_works_at_once(self, keys: str, autojump_clock: MockClock) -> None:
        customer = Persona(presses=(KeyPress("1", 3.0), KeyPress("9", 5.0)))
        people = {"200": Persona(instead=Instead.NO_ANSWER)}
        async with stage(Cast(customer, others=people, operators=(SARA,), speaker=SpokenAt())) as here:
            ended = await here.plays(queueing(keys))
        assert ended.result == "left"
        assert ended.seconds == pytest.approx(5.0, abs=0.2)

    @pytest.mark.parametrize("second", [0.0, 0.5, 1.0, 3.0, 7.0, 12.0, 25.0])
    async def test_who_hangs_up_is_gone_at_once(self, second: float, autojump_clock: MockClock) -> None:
        customer = Persona(hangs_up=HangUp(Moment.ANSWER, seconds=second))
        people = {"200": Persona(instead=Instead.NO_ANSWER)}
        speaker = SpokenAt(takes=1.0)
        async with stage(Cast(customer, others=people, operators=(SARA,), speaker=speaker)) as here:
            ended = await here.plays(queueing(PLACE))
            gone = left_at(here, here.calls[0][0])
            rung = here.records(Kind.ORIGINATE)[1:]
            assert all(ended_at(here, record.id) - gone < 0.1 for record in rung)
            with here.services.operators.in_line((SARA,)) as place:
                assert place.position == 1
        assert (ended.cause, ended.result, ended.transfer) == (
            Cause.CUSTOMER_GONE,
            "disconnected",
            TransferOutcome.CUSTOMER_LEFT,
        )


class TestAnnouncements:
    async def test_the_place_at_once_and_then_again(self, autojump_clock: MockClock) -> None:
        speaker = SpokenAt()
        async with stage(Cast(others={"200": Persona(instead=Instead.NO_ANSWER)}, operators=(SARA,), speaker=speaker)) as here:
            call = here.call(queueing(PLACE), fields={"name": "Reza"})
            await call.run()
            await here.is_swept()
            began = played(here, call, "sound:spoken/")
            answered = here.records(Kind.ANSWERED)[0].at
            music = held(here, call.customer.id)
        assert set(speaker.said) == {"You are number 1, Reza"}
        assert began[0] - answered < 0.2
        assert all(10.0 <= later - earlier < 14.0 for earlier, later in pairwise(began))
        assert not [at for at in began for start, end in music if start < at < end - 0.001]
        assert len(music) > 20

    async def test_a_prompt_after_a_while(self, autojump_clock: MockClock) -> None:
        people = {"200": Persona(instead=Instead.NO_ANSWER)}
        async with stage(Cast(others=people, operators=(SARA,))) as here:
            call = here.call(queueing(", prompt: moment, every: 15"))
            await call.run()
            await here.is_swept()
            began = played(here, call, "sound:moment")
            answered = here.records(Kind.ANSWERED)[0].at
        assert began[0] - answered == pytest.approx(15.0, abs=0.2)
        assert [later - earlier for earlier, later in pairwise(began)] == [
            pytest.approx(15.0 + PROMPTS["sound:moment"], abs=0.2)
        ] * (len(began) - 1)

    @pytest.mark.parametrize("speaker", [None, SpokenAt(fails=True), SpokenAt(takes=100.0)], ids=["none", "fails", "slow"])
    @pytest.mark.parametrize("onhold", [True, False])
    async def test_without_a_voice_the_music_plays_on(
        self, speaker: SpokenAt | None, onhold: bool, autojump_clock: MockClock
    ) -> None:
        people = {"200": Persona(answers_after=30.0, hangs_up=LEAVES)}
        cast = Cast(others=people, operators=(SARA,), speaker=speaker, rules=CallRules(operator_timeout=50.0))
        music = Witness("* /channels/*/moh")
        async with stage(cast) as here:
            here.pbx.faults.append(music)
            call = here.call(queueing(PLACE, onhold=onhold))
            ended = await call.run()
            await here.is_swept()
            assert not played(here, call, "sound:spoken/")
            heard = held(here, call.customer.id)
        assert ended.transfer is TransferOutcome.COMPLETED
        assert (len(heard) > 15) == onhold
        assert ([method for method, _ in music.seen][:1] == ["POST"]) == (not onhold)

    @pytest.mark.parametrize("onhold", [True, False])
    @pytest.mark.parametrize("thousandth", range(0, 2400, 100))
    async def test_no_announcement_stands_in_the_way_of_the_bridge(
        self, onhold: bool, thousandth: int, autojump_clock: MockClock
    ) -> None:
        answers = 9.0 + thousandth / 1000
        people = {"200": Persona(rings_after=0.3, answers_after=answers, hangs_up=LEAVES)}
        cast = Cast(others=people, operators=(SARA,), speaker=SpokenAt(takes=0.2), rules=CallRules(operator_timeout=50.0))
        music = Witness("* /channels/*/moh")
        async with stage(cast) as here:
            here.pbx.faults.append(music)
            ended = await here.plays(queueing(PLACE, onhold=onhold))
            answered, entered = here.records(Kind.ANSWERED)[1], here.records(Kind.BRIDGE_ENTERED)[0]
            assert not audit(here.pbx.log, {})
        assert ended.transfer is TransferOutcome.COMPLETED
        assert entered.at - answered.at < 0.3
        assert [method for method, at in music.seen if at <= entered.at][-1] == "DELETE"

    async def test_music_goes_on_after_a_request_without_an_answer(self, autojump_clock: MockClock) -> None:
        people = {"200": Persona(answers_after=40.0, hangs_up=LEAVES)}
        cast = Cast(others=people, operators=(SARA,), speaker=SpokenAt(), timeout=2.0, rules=CallRules(operator_timeout=50.0))
        slow = Fault("POST /channels/*/play/*", seconds=3.0)
        async with stage(cast) as here:
            here.pbx.faults.append(slow)

            async def mend() -> None:
                await trio.sleep(12)
                here.pbx.faults.remove(slow)

            async with trio.open_nursery() as nursery:
                nursery.start_soon(mend)
                ended = await here.plays(queueing(PLACE))
            heard = held(here, here.calls[0][0].customer.id)
        assert ended.transfer is TransferOutcome.COMPLETED
        assert len(heard) > 10
