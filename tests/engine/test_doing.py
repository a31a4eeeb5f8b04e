"""Who opts out is never dialled again; what calls asked for is carried out before the engine ends."""

from collections.abc import AsyncIterator
from functools import partial

import attrs
import trio
from attrs import define
from trio.testing import MockClock

from callengine.model import AttemptState, Cause, Contact, ContactId, Digits
from callengine.settings import LimitSettings
from callengine.simulator import HangUp, Kind, Moment, People, Persona
from callengine.store import MemoryBook, MemoryWriter
from callengine.testing.campaign import simulation_settings
from tests.calls.stage import chart
from tests.calls.test_doing import SlowMessenger, SlowWriter
from tests.engine.rig import rig

NUMBER = Digits("09121112233")
ONE_A_SECOND = simulation_settings(
    lines=1, limits=LimitSettings(concurrent=5, per_minute=0, per_day=0, per_second=1, overall_per_second=1)
)
OPT_OUT = chart(
    "step: start, type: entry, next: out", "step: out, type: opt_out, next: end", "step: end, type: hangup"
).scenario
SEND = chart(
    "step: start, type: entry, next: tell", "step: tell, type: send_sms, text: hello, next: end", "step: end, type: hangup"
).scenario


@define
class Repeated:
    """The same number in two lists: a second time when the first call is over."""

    async def __aiter__(self) -> AsyncIterator[Contact]:
        yield Contact(ContactId("first"), NUMBER, "0912 111 2233")
        await trio.sleep(120.0)
        yield Contact(ContactId("second"), NUMBER, "0912-111-2233", intent="once more")


async def test_a_number_that_opted_out_is_not_dialled_again_in_the_same_campaign(autojump_clock: MockClock) -> None:
    async with rig(0, scenarios=(OPT_OUT,)) as here:
        engine = attrs.evolve(here.engine, contacts=Repeated())
        await engine.run()
        first, second = here.attempts()
        assert first.outcome is not None and first.outcome.answered
        assert second.state is AttemptState.NEVER_PLACED
        assert second.outcome is not None and second.outcome.result == "failed:do_not_dial"
        assert len(here.records(Kind.ANSWERED)) == 1
        assert here.book.do_not_dial() == {NUMBER}
        here.judge()


async def test_who_opts_out_while_their_call_waits_for_its_turn_is_not_dialled(autojump_clock: MockClock) -> None:
    """A turn may come long after the intent: in the morning, say, where the calling hours ended in between."""
    shared = partial(MemoryWriter, shared=True)
    async with rig(2, scenarios=(OPT_OUT,), settings=ONE_A_SECOND, writer=shared) as here:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(here.engine.run)
            while len(here.attempts()) < 2:
                await trio.sleep(0.05)
            waiting = here.attempts()[1]
            assert len(here.records(Kind.ORIGINATE)) == 1
            here.book.block(waiting.contact.number)
        outcome = here.attempts()[1].outcome
        assert here.attempts()[1].state is AttemptState.NEVER_PLACED
        assert outcome is not None and (outcome.result, outcome.cause) == ("failed:do_not_dial", Cause.DO_NOT_DIAL)
        assert len(here.records(Kind.ORIGINATE)) == 1
        assert here.engine.leaked.nothing
        here.judge()


async def test_the_engine_does_not_end_before_a_message_is_sent(autojump_clock: MockClock) -> None:
    messenger = SlowMessenger(8.0)
    leaves = People(otherwise=Persona(hangs_up=HangUp(Moment.ANSWER, seconds=1.0)))
    async with rig(1, scenarios=(SEND,), people=leaves) as here:
        engine = attrs.evolve(here.engine, outfit=attrs.evolve(here.engine.outfit, messenger=messenger))
        await engine.run()
        assert len(messenger.sent) == 1
        assert engine.leaked.nothing
        here.judge()


async def test_the_engine_does_not_end_before_the_number_is_off_the_list(autojump_clock: MockClock) -> None:
    leaves = People(otherwise=Persona(hangs_up=HangUp(Moment.ANSWER, seconds=0.5)))

    def slow(book: MemoryBook) -> SlowWriter:
        return SlowWriter(book, seconds=4.0)

    async with rig(2, scenarios=(OPT_OUT,), people=leaves, writer=slow) as here:
        await here.engine.run()
        assert len(here.book.do_not_dial()) == 2
