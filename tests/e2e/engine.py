"""The engine as it runs in earnest, started on any PBX and watched while it calls."""

import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import trio
from attrs import define, field, frozen

from callengine.ari import tcp_opener
from callengine.dialer import ContactList
from callengine.engine import Engine, Outfit
from callengine.fsm import Scenario
from callengine.model import (
    Ambient,
    Attempt,
    CallId,
    CallResult,
    Cause,
    Moment,
    MomentKind,
    Received,
    StreamOpener,
    SystemAmbient,
)
from callengine.providers import GreetingJudge, IntentClassifier, Speaker, SpeechToText
from callengine.providers.shelves import Shelf
from callengine.scenarios import load_scenarios
from callengine.settings import (
    AriSettings,
    DialingSettings,
    InboundSettings,
    KeepSettings,
    LimitSettings,
    OperatorSettings,
    Settings,
)
from callengine.store import MemoryBook, MemoryWriter
from tests.e2e.traces import Trace

FLOWS = Path(__file__).parent / "flows"
OFFICE = Path(__file__).parent / "office"
"""A scenario with hold audio, and with a flow for calls that come in."""
ATTENDED = Path(__file__).parent / "attended"
"""The same, but an operator is told that somebody waits, and takes the call with a key."""
STRAIGHT = Path(__file__).parent / "straight"
"""Whoever answers is connected at once."""
VOICE = Path(__file__).parent / "voice"
"""Callers choose by key or word, and key in a number."""
MACHINES = Path(__file__).parent / "machines"
"""Answering machines are left a message."""
VOICES = Path(__file__).parent / "voices"
"""Who answers is told by their voice, and who calls by AMD."""

IN_LINE = Path(__file__).parent / "line"
"""Whoever answers, or calls us, stands in line for an operator, and hears music and a prompt."""
LINES = ("5550001", "5550002")
THREE_LINES = (*LINES, "5550003")

DESK = "PJSIP/10041@desk"
"""Where the telephone of `AT_THE_DESK` is: no leg to it takes a slot of a line."""

Callers = Callable[[], Awaitable[object]]
"""People who call a line; returns when they do not call any more."""

LAST_WORD = 0.3
"""Seconds in which the PBX tells what it has to tell of a call that is over for the engine."""

LATE_WORD = 5.0
"""Seconds it gets in all, if it has not told of some channel's end by then: the engine had its proof in an answer before."""

LONGEST_RUN = 120.0
"""Seconds that the calls of one test may take together."""

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

    def receive(self, received: Received) -> None:
        self.numbers[received.call] = received.caller

    def note(self, moment: Moment) -> None:
        self.moments.append((time.time(), moment))
        self.changed.set()
        self.changed = trio.Event()

    async def wait_results(self, count: int) -> None:
        """Wait until so many calls are over."""
        while sum(moment.kind is MomentKind.RESULT for _, moment in self.moments) < count:
            await self.changed.wait()

    async def wait_state(self, state: str, kind: MomentKind = MomentKind.STATE) -> None:
        """Wait until some customer's leg is in this state, or some operator's."""
        while not any(moment.kind is kind and moment.name == state for _, moment in self.moments):
            await self.changed.wait()

    def of(self, number: str, kind: MomentKind) -> list[tuple[float, Moment]]:
        """The moments of this kind in the call with this number."""
        return [(at, moment) for at, moment in self.moments if self.numbers[moment.call] == number and moment.kind is kind]

    def ended(self, number: str) -> float:
        """When the call with this number was over: seconds since the epoch."""
        [(at, _)] = self.of(number, MomentKind.RESULT)
        return at

    def walk(self, number: str) -> tuple[str, ...]:
        """The transitions of the call with this number: each step, with its outcome if it came to one."""
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

    def outcome(self, number: str) -> CallResult:
        """What became of the one call to this number, or from it."""
        called = [attempt.outcome for attempt in self.book.attempts() if attempt.contact.number == number]
        [outcome] = called + [received.outcome for received in self.book.received() if received.caller == number]
        assert outcome is not None, f"the call with {number} is not over"
        return outcome

    def results(self) -> list[str]:
        """Of all calls placed, in the order in which they were."""
        return [attempt.outcome.result for attempt in self.book.attempts() if attempt.outcome is not None]

    def told(self, number: str) -> str:
        """The call with this number, the only one of the campaign, for comparison with another run of it."""
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
    desk: bool = False,
    inbound: InboundSettings | None = None,
) -> Settings:
    """Settings of a test: so many calls at once on each line, and no other limit.

    Args:
        operators: numbers, rung over the trunk.
        desk: the operator is the one at the desk, if there are no others.
    """
    return Settings(
        ari=ari,
        dialing=DialingSettings(trunk="trunk", outbound_numbers=tuple(lines), origination_timeout=LONGEST_RING),
        limits=LimitSettings(concurrent=slots, per_minute=0, per_day=0, per_second=0, overall_per_second=0),
        operators=OperatorSettings(mobile_numbers=tuple(operators), endpoint=DESK if desk else "", timeout=LONGEST_RING),
        inbound=inbound or InboundSettings(),
        keep=KeepSettings(transcripts=True),
    )


def scenarios(folder: Path = FLOWS) -> tuple[Scenario, ...]:
    """Those of a folder."""
    return load_scenarios(folder)


def set_out(
    settings: Settings,
    numbers: Sequence[str],
    ears: SpeechToText,
    opener: StreamOpener,
    ambient: Ambient,
    folder: Path = FLOWS,
    speaker: Speaker | None = None,
    judge: GreetingJudge | None = None,
    shelf: Shelf | None = None,
) -> Campaign:
    """An engine that will call these numbers and serve who calls, by the scenarios of a folder; not yet running."""
    notebook, trace, book = Notebook(), Trace(), MemoryBook()
    engine = Engine(
        settings=settings,
        scenarios=scenarios(folder),
        contacts=ContactList(numbers, ambient),
        store=MemoryWriter(book),
        opener=opener,
        ambient=ambient,
        outfit=Outfit(ears=ears, classifier=IntentClassifier(), speaker=speaker, judge=judge, shelf=shelf),
        timeline=notebook,
        tap=trace,
    )
    return Campaign(engine, notebook, trace, book, trio.lowlevel.current_statistics().tasks_living)


@asynccontextmanager
async def running(campaign: Campaign) -> AsyncIterator[None]:
    """Run the engine for the time of the block, which begins when it listens to the PBX; then stop it.

    Raises:
        trio.TooSlowError: it took longer than any run should.
    """
    with trio.fail_after(LONGEST_RUN):
        async with trio.open_nursery() as nursery:
            nursery.start_soon(partial(campaign.engine.run, stay=True))
            await campaign.engine.link.wait_up()
            yield
            campaign.engine.stop()


async def nobody() -> None:
    """Calls."""


async def carry_out(campaign: Campaign, calls: int, callers: Callers = nobody) -> None:
    """Run the engine until so many calls are over and the PBX has said its last word on them, then stop it."""
    async with running(campaign):
        await callers()
        await campaign.notebook.wait_results(calls)
        await last_words(campaign)


async def last_words(campaign: Campaign) -> None:
    """Hear the PBX out on the calls that are over."""
    await trio.sleep(LAST_WORD)
    with trio.move_on_after(LATE_WORD - LAST_WORD):
        await campaign.trace.wait_ended()


def on_asterisk(
    settings: Settings,
    numbers: Sequence[str],
    ears: SpeechToText,
    folder: Path = FLOWS,
    speaker: Speaker | None = None,
    judge: GreetingJudge | None = None,
    shelf: Shelf | None = None,
) -> Campaign:
    """An engine on a real PBX, not yet running."""
    opener = tcp_opener(settings.ari.base_url)
    return set_out(settings, numbers, ears, opener, SystemAmbient(), folder, speaker, judge, shelf)


async def call(settings: Settings, numbers: Sequence[str], ears: SpeechToText, folder: Path = FLOWS) -> Campaign:
    """Call these numbers on a real PBX, each once."""
    campaign = on_asterisk(settings, numbers, ears, folder)
    await carry_out(campaign, len(numbers))
    return campaign
