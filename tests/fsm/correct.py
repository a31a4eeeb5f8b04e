"""Generated flows that are correct because of how they are made, as an author makes them: questions, ways back, an end."""

from collections.abc import Sequence
from random import Random

from attrs import define

from callengine.fsm import (
    CheckRetryLimit,
    ClassifyIntent,
    Entry,
    Flow,
    Hangup,
    LlmSettings,
    PlayPrompt,
    Record,
    RouteByIntent,
    Scenario,
    SetResult,
    SttSettings,
)
from callengine.model import Intent, Result, StepId
from tests.fsm.stages import BYE, END, GIVEN_UP, REFUSED, STAGES, Stage, Steps, connection, refusal

INTENTS = (Intent("yes"), Intent("no"), Intent("unknown"))


@define
class _Author(Steps):
    """Writes the steps of one flow.

    Attributes:
        rounds: questions, one after the other.
        sharing: whether all ways back count on one counter.
    """

    rounds: int
    sharing: bool

    def write(self, stages: Sequence[Stage]) -> None:
        first = StepId("ask 0")
        for stage in reversed(stages):
            first = stage(self, first)
        self.add(Entry(id=StepId("start"), next=first))
        for number in range(self.rounds):
            self.question(number)
        connection(self)
        refusal(self)
        self.add(SetResult(id=GIVEN_UP, result=Result("unknown"), next=BYE))
        self.add(PlayPrompt(id=BYE, prompt="hello", next=END))
        self.add(Hangup(id=END))

    def question(self, number: int) -> None:
        ask, hear, think = StepId(f"ask {number}"), StepId(f"hear {number}"), StepId(f"think {number}")
        route, again = StepId(f"route {number}"), StepId(f"again {number}")
        then = StepId(f"ask {number + 1}") if number + 1 < self.rounds else StepId("connect")
        self.add(PlayPrompt(id=ask, prompt="hello", next=hear))
        on_failure = self.rng.choice((again, GIVEN_UP))
        self.add(Record(id=hear, next=think, on_empty=again, on_failure=on_failure))
        self.add(ClassifyIntent(id=think, prompt="moment", next=route, on_failure=self.rng.choice((again, GIVEN_UP))))
        routes = {Intent("yes"): then, Intent("no"): REFUSED, Intent("unknown"): again}
        self.add(RouteByIntent(id=route, routes=routes))
        self.way_back(number, again, ask, hear)

    def way_back(self, number: int, again: StepId, ask: StepId, hear: StepId) -> None:
        """Ask once more; and where that was in vain, perhaps begin with the first question once more."""
        counter = "asked" if self.sharing else f"asked {number}"
        repeat, restart = StepId(f"repeat {number}"), StepId(f"restart {number}")
        within = repeat if self.rng.random() < 0.5 else ask
        exceeded = restart if self.rng.random() < 0.3 else GIVEN_UP
        most = self.rng.randint(1, 2)
        self.add(CheckRetryLimit(id=again, counter=counter, max_count=most, within_limit=within, exceeded=exceeded))
        if within == repeat:
            self.add(PlayPrompt(id=repeat, prompt="hello", next=hear))
        if exceeded == restart:
            first = StepId("ask 0")
            self.add(CheckRetryLimit(id=restart, counter="restarted", max_count=1, within_limit=first, exceeded=GIVEN_UP))


def correct_scenario(rng: Random, rounds: int | None = None, *, whole: bool = False) -> Scenario:
    """A scenario without a finding, unless its calls can last long; its steps stand in any order.

    Args:
        rounds: how many questions it asks; one to three unless given.
        whole: it has every stage, and so every step type.
    """
    author = _Author(rng, whole, rounds=rounds or rng.randint(1, 3), sharing=rng.random() < 0.5)
    author.write([stage for stage in STAGES if whole or rng.random() < 0.4])
    rng.shuffle(author.steps)
    return Scenario(
        name="generated",
        flow=Flow("flow", tuple(author.steps)),
        prompts={"hello": "sound:hello", "moment": "sound:moment", "onhold": "sound:hold"},
        stt=SttSettings(max_duration=float(rng.randint(3, 20))),
        llm=LlmSettings(intent_categories=INTENTS),
        contact_fields={"name": "text", "city": "text", "debt": "number"},
    )
