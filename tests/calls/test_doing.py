"""Short messages, the do-not-dial list and callbacks: done once, and in spite of a hangup."""

import io
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TypeVar

import pytest
import trio
from attrs import define, field
from trio.testing import MockClock

from callengine import logs
from callengine.calls.errands import MOST_AT_ONCE, Errands
from callengine.errors import ProviderUnavailable, StoreError
from callengine.fsm import Chart
from callengine.fsm.steps import LONGEST_SENDING
from callengine.model import Book, Callback, Cause, Writer
from callengine.providers import Messenger
from callengine.providers.scripted import ScriptedMessenger
from callengine.settings import LogSettings
from callengine.simulator import HangUp, Moment, Persona
from callengine.store import MemoryBook, MemoryWriter
from tests.calls.stage import CUSTOMER, Cast, Stage, chart, stage

T = TypeVar("T")
VERDICTS = (
    "step: done, type: set_result, result: busy, next: end",
    "step: failed, type: set_result, result: banned, next: end",
    "step: end, type: hangup",
)
LEAVES = Persona(hangs_up=HangUp(Moment.ANSWER, seconds=1.0))


def doing(keys: str) -> Chart:
    return chart("step: start, type: entry, next: do", f"step: do, type: {keys}, next: done, on_failure: failed", *VERDICTS)


SEND = doing('send_sms, text: "Dear {name}, see you"')
OPT_OUT = doing("opt_out")


@define
class SlowMessenger:
    """Takes its time; keeps what it was asked to send and what it has sent."""

    seconds: float
    asked: list[str] = field(factory=list)
    sent: list[str] = field(factory=list)

    async def send(self, to: str, text: str) -> None:
        self.asked.append(to)
        await trio.sleep(self.seconds)
        self.sent.append(to)


@define
class SlowWriter:
    """A store that takes its time, or fails."""

    book: MemoryBook
    seconds: float = 0.0
    failure: StoreError | None = None
    shared: bool = False

    async def write(self, unit: Callable[[Book], T]) -> T:
        await trio.sleep(self.seconds)
        if self.failure is not None:
            raise self.failure
        return self.book.apply(unit)

    async def read(self, unit: Callable[[Book], T]) -> T:
        await trio.lowlevel.checkpoint()
        return self.book.look(unit)


async def ends(flow: Chart, cast: Cast, number: str = CUSTOMER, **fields: str) -> str:
    async with stage(cast) as here:
        result = await here.call(flow, number=number, fields=fields).run()
        await here.is_swept()
    return result.result


class TestSendSms:
    async def test_the_customer_gets_it_once(self, autojump_clock: MockClock) -> None:
        messenger = ScriptedMessenger()
        assert await ends(SEND, Cast(messenger=messenger), name="Sara") == "busy"
        assert messenger.sent == [(CUSTOMER, "Dear Sara, see you")]

    async def test_or_somebody_else(self, autojump_clock: MockClock) -> None:
        messenger = ScriptedMessenger()
        flow = doing('send_sms, text: "{name} called", to: "{boss}"')
        assert await ends(flow, Cast(messenger=messenger), name="Sara", boss="+98 (912) ۱۱۱-2233") == "busy"
        assert messenger.sent == [("989121112233", "Sara called")]

    @pytest.mark.parametrize("to", ["", "1234", "0912@evil", "0912,0913"])
    async def test_what_is_no_number_is_a_failure(self, to: str, autojump_clock: MockClock) -> None:
        messenger = ScriptedMessenger()
        assert await ends(doing('send_sms, text: hello, to: "{to}"'), Cast(messenger=messenger), to=to) == "banned"
        assert not messenger.sent

    async def test_the_log_does_not_quote_what_is_no_number(self, autojump_clock: MockClock, logs_as_they_were: None) -> None:
        stream = io.StringIO()
        logs.configure(LogSettings(level="DEBUG"), stream=stream)
        await ends(doing('send_sms, text: hello, to: "{to}"'), Cast(messenger=ScriptedMessenger()), to="canary")
        assert "is no telephone number" in stream.getvalue()
        assert "canary" not in stream.getvalue()

    @pytest.mark.parametrize("name", ["", " \n"])
    async def test_an_empty_one_is_a_failure(self, name: str, autojump_clock: MockClock) -> None:
        messenger = ScriptedMessenger()
        assert await ends(doing('send_sms, text: "{name}"'), Cast(messenger=messenger), name=name) == "banned"
        assert not messenger.sent

    async def test_a_long_field_does_not_make_it_long_without_end(self, autojump_clock: MockClock) -> None:
        messenger = ScriptedMessenger()
        assert await ends(SEND, Cast(messenger=messenger), name="x" * 100_000) == "busy"
        [(_, text)] = messenger.sent
        assert len(text) < 2500

    @pytest.mark.parametrize("messenger", [None, ScriptedMessenger(ProviderUnavailable("down"))])
    async def test_nobody_who_sends_it(self, messenger: Messenger | None, autojump_clock: MockClock) -> None:
        assert await ends(SEND, Cast(messenger=messenger)) == "banned"

    async def test_one_that_takes_too_long_is_a_failure(self, autojump_clock: MockClock) -> None:
        messenger = SlowMessenger(LONGEST_SENDING + 1)
        async with stage(Cast(messenger=messenger)) as here:
            result = await here.plays(SEND)
        assert (result.result, messenger.asked, messenger.sent) == ("banned", [CUSTOMER], [])
        assert result.seconds == pytest.approx(LONGEST_SENDING, abs=0.1)

    async def test_a_hangup_does_not_undo_it_and_holds_up_nothing(self, autojump_clock: MockClock) -> None:
        messenger = SlowMessenger(LONGEST_SENDING - 1)
        async with stage(Cast(LEAVES, messenger=messenger)) as here:
            result = await here.call(SEND).run()
            assert (result.cause, messenger.sent) == (Cause.CUSTOMER_GONE, [])
            assert result.seconds == pytest.approx(1.0, abs=0.1), "the call does not wait for it"
            await here.services.errands.drained()
            assert messenger.sent == [CUSTOMER]
            await here.is_swept()

    async def test_a_fault_of_the_messenger_costs_one_step(self, autojump_clock: MockClock) -> None:
        class Broken:
            async def send(self, to: str, text: str) -> None:
                raise RuntimeError("a fault of ours")

        assert await ends(SEND, Cast(messenger=Broken())) == "banned"


class TestOptOut:
    async def test_the_number_is_never_dialled_again(self, autojump_clock: MockClock) -> None:
        book = MemoryBook()
        assert await ends(OPT_OUT, Cast(writer=MemoryWriter(book))) == "busy"
        assert book.do_not_dial() == {CUSTOMER}

    @pytest.mark.parametrize(
        ("writer", "number"),
        [
            (None, CUSTOMER),
            (SlowWriter(MemoryBook(), failure=StoreError("the disk is full")), CUSTOMER),
            (SlowWriter(MemoryBook(), seconds=LONGEST_SENDING + 1), CUSTOMER),
        ],
    )
    async def test_it_is_a_failure_where_it_cannot_be_written(
        self, writer: Writer | None, number: str, autojump_clock: MockClock
    ) -> None:
        assert await ends(OPT_OUT, Cast(writer=writer), number) == "banned"

    @pytest.mark.parametrize("number", ["", "anonymous"])
    async def test_a_withheld_number_is_a_failure(self, number: str, autojump_clock: MockClock) -> None:
        book = MemoryBook()
        async with stage(Cast(writer=MemoryWriter(book))) as here:
            channel = here.pbx.ring_in(Persona(), "02191302000", number)
            call = here.received(OPT_OUT, channel, number=number)
            result = await call.run()
            await here.is_swept()
        assert result.result == "banned"
        assert not book.do_not_dial()

    async def test_it_survives_a_hangup(self, autojump_clock: MockClock) -> None:
        book = MemoryBook()
        async with stage(Cast(LEAVES, writer=SlowWriter(book, seconds=5.0))) as here:
            result = await here.call(OPT_OUT).run()
            assert result.cause is Cause.CUSTOMER_GONE
            assert not book.do_not_dial()
            await here.services.errands.drained()
            assert book.do_not_dial() == {CUSTOMER}
            await here.is_swept()


class TestScheduleCallback:
    async def written(self, keys: str, **fields: str) -> tuple[Callback, datetime]:
        """The one callback that a call leads to, and when it was asked for."""
        book, flow = MemoryBook(), doing(f"schedule_callback, {keys}")
        async with stage(Cast(writer=MemoryWriter(book))) as here:
            began = await self.asked(here, flow, fields)
        [callback] = book.callbacks()
        return callback, began

    async def asked(self, here: Stage, flow: Chart, fields: dict[str, str]) -> datetime:
        call = here.call(flow, fields=fields)
        assert (await call.run()).result == "busy"
        [at] = [moment.at for moment in here.notes.moments if moment.name == "do"]
        await here.is_swept()
        return here.ambient.epoch + timedelta(seconds=at)

    @pytest.mark.parametrize(
        ("keys", "fields", "hours"),
        [("after: 5400", {}, 1.5), ("in_hours: hours", {"hours": " 2 "}, 2), ("in_hours: hours", {"hours": "۷۲۰"}, 720)],
    )
    async def test_so_long_from_now(self, keys: str, fields: dict[str, str], hours: float, autojump_clock: MockClock) -> None:
        callback, began = await self.written(keys, **fields)
        assert callback.not_before == began + timedelta(hours=hours)
        assert (callback.number, callback.scenario, callback.fields) == (CUSTOMER, "test", fields)

    @pytest.mark.parametrize(("zone", "then"), [("", (2, 9, 30)), (", zone: Asia/Tehran", (3, 6, 0))])
    async def test_at_a_time_of_day(self, zone: str, then: tuple[int, int, int], autojump_clock: MockClock) -> None:
        callback, _ = await self.written(f'at: "09:30"{zone}')
        day, hour, minute = then
        assert callback.not_before == datetime(2026, 3, day, hour, minute, tzinfo=UTC)

    async def test_somebody_else(self, autojump_clock: MockClock) -> None:
        callback, _ = await self.written('after: 60, to: "{mobile}"', mobile="0912 111 2233")
        assert callback.number == "09121112233"

    @pytest.mark.parametrize("hours", ["", "0", "721", "1.5", "-1", "soon", "9" * 5000])
    async def test_no_number_of_hours(self, hours: str, autojump_clock: MockClock) -> None:
        book = MemoryBook()
        flow = doing("schedule_callback, in_hours: hours")
        assert await ends(flow, Cast(writer=MemoryWriter(book)), hours=hours) == "banned"
        assert not book.callbacks()

    async def test_no_number_to_call(self, autojump_clock: MockClock) -> None:
        flow = doing('schedule_callback, after: 60, to: "{mobile}"')
        assert await ends(flow, Cast(writer=MemoryWriter(MemoryBook()))) == "banned"

    async def test_it_survives_a_hangup(self, autojump_clock: MockClock) -> None:
        book = MemoryBook()
        async with stage(Cast(LEAVES, writer=SlowWriter(book, seconds=5.0))) as here:
            await here.call(doing("schedule_callback, after: 60")).run()
            await here.services.errands.drained()
            assert len(book.callbacks()) == 1
            await here.is_swept()


@pytest.mark.parametrize("kind", ['send_sms, text: "hello"', "opt_out", "schedule_callback, after: 60"])
async def test_without_a_route_the_call_ends_with_the_default_result(kind: str, autojump_clock: MockClock) -> None:
    flow = chart("step: start, type: entry, next: do", f"step: do, type: {kind}, next: end", "step: end, type: hangup")
    assert await ends(flow, Cast()) == f"failed:{kind.partition(',')[0]}"


async def test_an_errand_that_is_cut_off_is_told_of(autojump_clock: MockClock, logs_as_they_were: None) -> None:
    stream = io.StringIO()
    logs.configure(LogSettings(), stream=stream)
    errands = Errands()
    async with trio.open_nursery() as nursery:
        await nursery.start(errands.run)
        nursery.start_soon(errands.carry_out, "short message", trio.sleep_forever)
        await trio.sleep(1.0)
        nursery.cancel_scope.cancel()
    [line] = stream.getvalue().splitlines()
    assert "short message: cut off, it may have been done" in line
    assert "error" in line


async def test_too_many_errands_are_not_begun(autojump_clock: MockClock) -> None:
    errands, done = Errands(), list[bool]()

    async def ask() -> None:
        done.append(await errands.carry_out("errand", lambda: trio.sleep(1.0)))

    async with trio.open_nursery() as nursery:
        await nursery.start(errands.run)
        async with trio.open_nursery() as calls:
            for _ in range(MOST_AT_ONCE + 1):
                calls.start_soon(ask)
        await errands.drained()
        nursery.cancel_scope.cancel()
    assert (done.count(True), done.count(False)) == (MOST_AT_ONCE, 1)
