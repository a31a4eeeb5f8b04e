"""The engine as it runs in earnest, started on any PBX and watched while it calls."""

import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import trio
from attrs import define, field, frozen

from callengine.ari import tcp_opener
from callengine.dialer import ContactList
from callengine.engine import Engine, Outfit, charted
from callengine.fsm import Scenario
from callengine.model import Ambient, Attempt, CallId, CallResult, Cause, Moment, MomentKind, StreamOpener, SystemAmbient
from callengine.providers import IntentClassifier, SpeechToText
from callengine.scenarios import load_scenarios
from callengine.settings import (
    AriSettings,
    CallSettings,
    DialingSettings,
    LimitSettings,
    OperatorSettings,
    Settings,
)
from callengine.store import MemoryBook, MemoryWriter
from tests.e2e.traces import Trace

FLOWS = Path(__file__).parent / "flows"
LINES = ("5550001", "5550002")

LAST_WORD = 0.3
"""Seconds in which the PBX tells of a channel's end, though the engine had its proof of it in an answer before."""

LONGEST_RING = 4.0
"""Seconds: those who never answer are waited for no longer."""


@define
class Notebook:
    """A timeline that is kept, with the time of day of every moment.

    Attributes:
        numbers: what each call dialled.
        changed: set, and replaced, with every moment.
    """

    numbers: dict[CallId, str] = field(factory=dict)
    moments: list[tuple[float, Moment]] = field(factory=list)
    changed: trio.Event = field(factory=trio.Event)

    def begin(self, attempt: Attempt) -> None:
        self.numbers[attempt.call] = attempt.contact.number

    def note(self, moment: Moment) -> None:
        self.moments.append((time.time(), moment))
        self.changed.set()
        self.changed = trio.Event()

    async def wait_results(self, count: int) -> None:
        """Wait until so many calls are over."""
        while sum(moment.kind is MomentKind.RESULT for _, moment in self.moments) < count:
            await self.changed.wait()

    def ended(self, number: str) -> float:
        """When the call to this number was over: seconds since the epoch."""
        [at] = [at for at, moment in self.moments if moment.kind is MomentKind.RESULT and self.numbers[moment.call] == number]
        return at

    def walk(self, number: str) -> tuple[str, ...]:
        """The transitions of the call to this number: each step, with its outcome if it came to one."""
        told: list[str] = []
        for _, moment in self.moments:
            if self.numbers[moment.call] != number:
                continue
            if moment.kind is MomentKind.STEP:
                told.append(moment.name)
            if moment.kind is MomentKind.OUTCOME:
                told[-1] += f" {moment.name}"
        return tuple(told)


@frozen
class Campaign:
    """An engine under way, and what it has come to so far.

    Attributes:
        tasks: how many there were before it began.
    """

    engine: Engine
    notebook: Notebook
    trace: Trace
    book: MemoryBook
    tasks: int

    def attempt(self, number: str) -> Attempt:
        """The one attempt to call this number."""
        [attempt] = [attempt for attempt in self.book.attempts() if attempt.contact.number == number]
        return attempt

    def outcome(self, number: str) -> CallResult:
        """What became of the call to this number."""
        outcome = self.attempt(number).outcome
        assert outcome is not None, f"the call to {number} is not over"
        return outcome

    def told(self, number: str) -> str:
        """The call to this number, the only one of the campaign, for comparison with another run of it."""
        outcome = self.outcome(number)
        left = outcome.cause in (Cause.CUSTOMER_GONE, Cause.PARTNER_GONE, Cause.FORWARDED)
        lines = [
            f"result {outcome.result}, {outcome.cause.value}",
            f"last heard: {outcome.transcript or 'nothing'}",
            "walk",
            *(f"  {step}" for step in self.notebook.walk(number)),
            *self.trace.told(left_by_person=left),
        ]
        return "\n".join(lines) + "\n"


def settings_for(
    ari: AriSettings,
    *,
    lines: Sequence[str] = LINES[:1],
    slots: int = 2,
    operators: Sequence[str] = (),
    drain_seconds: float = 30.0,
) -> Settings:
    """Settings of a test: so many calls at once on each line, and no other limit."""
    return Settings(
        ari=ari,
        dialing=DialingSettings(trunk="trunk", outbound_numbers=tuple(lines), origination_timeout=LONGEST_RING),
        limits=LimitSettings(concurrent=slots, per_minute=0, per_day=0, per_second=0, overall_per_second=0),
        calls=CallSettings(drain_seconds=drain_seconds),
        operators=OperatorSettings(mobile_numbers=tuple(operators), timeout=LONGEST_RING),
    )


def scenarios() -> tuple[Scenario, ...]:
    """Those of the folder `flows`."""
    return load_scenarios(FLOWS)


def set_out(settings: Settings, numbers: Sequence[str], ears: SpeechToText, opener: StreamOpener, ambient: Ambient) -> Campaign:
    """An engine that will call these numbers, not yet running."""
    notebook, trace, book = Notebook(), Trace(), MemoryBook()
    engine = Engine(
        settings=settings,
        assignment=charted(scenarios()),
        contacts=ContactList(numbers, ambient),
        writer=MemoryWriter(book),
        opener=opener,
        ambient=ambient,
        outfit=Outfit(ears=ears, classifier=IntentClassifier()),
        timeline=notebook,
        tap=trace,
    )
    return Campaign(engine, notebook, trace, book, trio.lowlevel.current_statistics().tasks_living)


async def carry_out(campaign: Campaign, calls: int) -> None:
    """Run the engine until so many calls are over and the PBX has said its last word on them, then stop it."""
    async with trio.open_nursery() as nursery:
        nursery.start_soon(partial(campaign.engine.run, stay=True))
        await campaign.notebook.wait_results(calls)
        await trio.sleep(LAST_WORD)
        campaign.engine.stop()


async def call(settings: Settings, numbers: Sequence[str], ears: SpeechToText) -> Campaign:
    """Call these numbers on a real PBX, each once."""
    campaign = set_out(settings, numbers, ears, tcp_opener(settings.ari.base_url), SystemAmbient())
    await carry_out(campaign, len(numbers))
    return campaign
