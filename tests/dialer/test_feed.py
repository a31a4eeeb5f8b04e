"""Contacts and the panel's word, as they reach the store."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime

import attrs
import pytest
import trio
from attrs import define, field
from trio.testing import MockClock

from callengine.dialer.feed import FeedRules, PanelFeed
from callengine.dialer.panel_word import Appliers, PanelWord
from callengine.errors import PanelUnavailable
from callengine.model import (
    Attempt,
    AttemptId,
    AttemptState,
    CallId,
    CallResult,
    Cause,
    ChartId,
    Contact,
    ContactState,
    LineId,
    Message,
    Pause,
    Result,
    SeededAmbient,
    digits_of,
)
from callengine.panel import PanelLine, Reporter
from callengine.store import MemoryBook, MemoryWriter


def batch(numbers: Sequence[tuple[int | str, str]], name: str = "b1", **more: object) -> bytes:
    rows = [{"id": ref, "phone_number": number} for ref, number in numbers]
    return json.dumps({"call_allowed": True, "batch": {"batch_id": name, "numbers": rows}, **more}).encode()


NOBODY = batch([])


@define
class World:
    answers: list[bytes | Exception]
    book: MemoryBook = field(factory=MemoryBook)
    sizes: list[int | None] = field(factory=list)
    times: list[float] = field(factory=list)
    lines: list[tuple[PanelLine, ...]] = field(factory=list)
    scenarios: list[tuple[str, ...] | None] = field(factory=list)
    resumed: list[datetime] = field(factory=list)
    ambient: SeededAmbient = field(factory=lambda: SeededAmbient(1, trio.current_time, datetime(2026, 3, 2, tzinfo=UTC)))

    async def next_batch(self, size: int | None) -> bytes:
        await trio.lowlevel.checkpoint()
        self.sizes.append(size)
        self.times.append(trio.current_time())
        answer = self.answers.pop(0) if self.answers else NOBODY
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def resume(self, asked_at: datetime) -> None:
        self.resumed.append(asked_at)

    def feed(self, size: int = 0) -> PanelFeed:
        word = PanelWord(Appliers(lines=self.lines.append, scenarios=self.scenarios.append))
        return PanelFeed(
            self,
            MemoryWriter(self.book),
            self.ambient,
            FeedRules("main", size),
            word,
            Reporter("salehi", self.ambient, lambda: word.known),
            digits_of,
            resumed_by_panel=self.resume,
        )

    async def run(self, seconds: float, size: int = 0) -> PanelFeed:
        feed = self.feed(size)
        async with trio.open_nursery() as nursery:
            await nursery.start(feed.run)
            await trio.sleep(seconds)
            nursery.cancel_scope.cancel()
        return feed

    @property
    def contacts(self) -> tuple[Contact, ...]:
        return tuple(listed.contact for listed in self.book.look(lambda page: page.contacts.page()))

    @property
    def posted(self) -> tuple[Message, ...]:
        later = self.ambient.wall().replace(year=2027)
        return self.book.look(lambda page: page.outbox.pending(later, 100))

    @property
    def reports(self) -> list[tuple[str, str]]:
        return [(message.subject, json.loads(message.body)["reason"]) for message in self.posted]


async def test_contacts_come_with_what_the_panel_wants_back(autojump_clock: MockClock) -> None:
    world = World([batch([(17, "0912 123 4567")])])
    feed = await world.run(30)
    [contact] = world.contacts
    assert (contact.reference, contact.phone_number, contact.batch) == ("17", "0912 123 4567", '"b1"')
    assert not feed.seen_end


async def test_a_bad_number_is_refused_alone_and_reported_as_written(autojump_clock: MockClock) -> None:
    world = World([batch([(1, "123@evil&PJSIP/x"), (2, "09121234567")])])
    await world.run(30)
    assert [contact.reference for contact in world.contacts] == ["2"]
    assert world.reports == [("1", "invalid_number")]


async def test_one_person_is_one_contact_and_no_id_is_lost(autojump_clock: MockClock) -> None:
    first = [(1, "09121234567"), (1, "09121234567"), (2, "0912-123-4567")]
    world = World([batch(first), batch([(1, "09121234567"), (3, "09121234567")], "b2"), NOBODY])
    feed = await world.run(150)
    assert [contact.reference for contact in world.contacts] == ["1"]
    assert world.reports == [("2", "duplicate_number"), ("3", "duplicate_number")]
    assert feed.seen_end


async def test_of_two_numbers_under_one_id_only_the_first_is_called(autojump_clock: MockClock) -> None:
    first = [(1, "09121234567"), (1, "09121234568"), (2, "09121234569")]
    world = World([batch(first), batch([(1, "09121234568"), (2, "0912 123 4569"), (3, "09121234560")], "b2"), NOBODY])
    await world.run(150)
    assert [(contact.reference, contact.number) for contact in world.contacts] == [
        ("1", "09121234567"),
        ("2", "09121234569"),
        ("3", "09121234560"),
    ]
    assert world.reports == [("1", "id_reused")], "that of the first batch waits still, so the id is left alone"
    [told] = [json.loads(message.body) for message in world.posted]
    assert (told["number_id"], told["phone_number"], told["status"]) == (1, "09121234568", "FAILED")


async def test_an_id_that_is_open_is_told_of_again_once_the_panel_has_heard_of_it(autojump_clock: MockClock) -> None:
    world = World([batch([(1, "09121234567")]), batch([(1, "09121234568")], "b2"), batch([(1, "12")], "b3")])
    await world.run(150)
    assert world.reports == [("1", "id_reused")]
    [message] = world.posted
    world.book.apply(lambda page: page.outbox.accepted(message.id, world.ambient.wall()))
    world.answers = [batch([(1, "12")], "b4")]
    await world.run(30)
    assert world.reports == [("1", "invalid_number")]
    assert [contact.number for contact in world.contacts] == ["09121234567"]


async def test_an_id_whose_call_is_over_may_come_with_another_number(autojump_clock: MockClock) -> None:
    world = World([batch([(1, "09121234567")])])
    await world.run(30)
    [contact] = world.contacts
    declined = Attempt(
        AttemptId("a"),
        contact,
        CallId("a"),
        LineId(""),
        "",
        ChartId(""),
        world.ambient.wall(),
        state=AttemptState.NEVER_PLACED,
        outcome=CallResult(Result("failed:do_not_dial"), Cause.REFUSED, answered=False),
    )
    world.book.apply(lambda page: page.decline(declined))
    world.answers = [batch([(1, "09121234568")], "b2")]
    await world.run(30)
    assert [contact.number for contact in world.contacts] == ["09121234567", "09121234568"]
    assert not world.reports


async def test_an_id_whose_result_the_panel_has_not_accepted_is_not_taken_again(autojump_clock: MockClock) -> None:
    world = World([batch([(1, "nobody")]), batch([(1, "09121234567")], "b2")])
    await world.run(90)
    assert not world.contacts
    assert world.reports == [("1", "invalid_number")]


async def test_nonsense_is_refused_whole_kept_and_asked_past(autojump_clock: MockClock) -> None:
    world = World([b"<html>\x00", batch([(1, "09121234567")])])
    await world.run(90)
    [refused] = world.book.look(lambda page: page.inspection.latest())
    assert "no JSON" in refused.reason
    assert len(world.contacts) == 1


async def test_the_word_counts_though_no_calls_are_allowed(autojump_clock: MockClock) -> None:
    lines = [{"id": 3, "phone_number": "0211"}]
    closed = json.dumps({"call_allowed": False, "outbound_lines": lines, "active_scenarios": ["a"], "retry_after_seconds": 5})
    world = World([closed.encode(), batch([], active_scenarios=["a"])])
    feed = world.feed()
    async with trio.open_nursery() as nursery:
        await nursery.start(feed.run)
        await trio.sleep(1)
        assert not feed.allowed
        await feed.wait_allowed()
        await trio.sleep(0.1)
        nursery.cancel_scope.cancel()
    assert world.times[1] - world.times[0] == pytest.approx(5, abs=0.1)
    assert world.lines == [(PanelLine("0211", "", "3"),)]
    assert world.scenarios == [("a",)]
    assert len(world.resumed) == 1


async def test_a_restart_while_the_panel_is_down_begins_with_its_last_word(autojump_clock: MockClock) -> None:
    world = World([batch([], outbound_lines=[{"phone_number": "0211"}])])
    await world.run(30)
    world.answers = [PanelUnavailable("down")] * 100
    assert (await world.run(30)).allowed
    assert len(world.lines) == 2
    world.answers = [b'{"call_allowed": false}']
    await world.run(30)
    world.answers = [PanelUnavailable("down")] * 100
    assert not (await world.run(30)).allowed


async def test_no_more_are_asked_for_while_enough_wait_unless_calls_wait_for_the_panel(autojump_clock: MockClock) -> None:
    many = [(number, f"0912{number:07}") for number in range(1200)]
    world = World([batch(many)])
    await world.run(300, size=10)
    assert world.sizes == [10]
    assert world.book.look(lambda page: page.contacts.counts())[ContactState.PENDING] == 1200
    pause = Pause("p", "failures", "", world.ambient.wall())
    world.book.apply(lambda page: page.pauses.begin(pause))
    await world.run(70, size=10)
    assert world.sizes == [10, 1, 1]


async def test_an_empty_list_is_filled_before_the_time(autojump_clock: MockClock) -> None:
    world = World([batch([(1, "09121234567")])])
    feed = world.feed()
    async with trio.open_nursery() as nursery:
        await nursery.start(feed.run)
        await trio.sleep(10)
        feed.hurry()
        await trio.sleep(1)
        feed.hurry()
        await trio.sleep(20)
        nursery.cancel_scope.cancel()
    assert len(world.times) == 2, "an answer that brought nobody is not hurried"


def test_two_batches_are_enough() -> None:
    assert FeedRules("main", 10).enough == 1000
    assert attrs.evolve(FeedRules("main"), size=900).enough == 1800
