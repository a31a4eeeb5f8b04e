"""Generated flows that are correct because of how they are made, as an author makes them: questions, ways back, an end."""

from random import Random

from attrs import define, field

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
    Step,
    SttSettings,
    TransferToOperator,
    Wait,
)
from callengine.model import Intent, Result, StepId

INTENTS = (Intent("yes"), Intent("no"), Intent("unknown"))
REFUSED, GIVEN_UP, BYE, END = StepId("refused"), StepId("given up"), StepId("bye"), StepId("end")


@define
class _Author:
    """Writes the steps of one flow.

    Attributes:
        rounds: questions, one after the other.
        sharing: whether all ways back count on one counter.
    """

    rng: Random
    rounds: int
    sharing: bool
    steps: list[Step] = field(factory=list)

    def write(self) -> tuple[Step, ...]:
        self.add(Entry(id=StepId("start"), next=StepId("ask 0")))
        for number in range(self.rounds):
            self.question(number)
        self.connection()
        self.add(SetResult(id=REFUSED, result=Result("not_interested"), next=BYE))
        self.add(SetResult(id=GIVEN_UP, result=Result("unknown"), next=BYE))
        self.add(PlayPrompt(id=BYE, prompt="hello", next=END))
        self.add(Hangup(id=END))
        return tuple(self.steps)

    def add(self, step: Step) -> None:
        self.steps.append(step)

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

    def connection(self) -> None:
        connected, failed, talk = StepId("connected"), StepId("failed"), StepId("talk")
        self.add(TransferToOperator(id=StepId("connect"), agent_type="outbound", on_success=connected, on_failure=failed))
        self.add(SetResult(id=connected, result=Result("connected_to_operator"), next=talk))
        self.add(Wait(id=talk))
        self.add(SetResult(id=failed, result=Result("disconnected"), next=BYE))


def correct_scenario(rng: Random, rounds: int | None = None) -> Scenario:
    """A scenario without a finding, unless its calls can last long; its steps stand in any order.

    Args:
        rounds: how many questions it asks; one to three unless given.
    """
    steps = list(_Author(rng, rounds=rounds or rng.randint(1, 3), sharing=rng.random() < 0.5).write())
    rng.shuffle(steps)
    return Scenario(
        name="generated",
        flow=Flow("flow", tuple(steps)),
        prompts={"hello": "sound:hello", "moment": "sound:moment", "onhold": "sound:hold"},
        stt=SttSettings(max_duration=float(rng.randint(3, 20))),
        llm=LlmSettings(intent_categories=INTENTS),
    )
