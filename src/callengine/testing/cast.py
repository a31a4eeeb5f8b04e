"""Who takes part in one call of a flow test: the caller, operators, and providers that fail when they are told to."""

from collections.abc import Iterator, Mapping, Sequence

import trio
from attrs import define, field

from callengine.errors import ProviderError
from callengine.fsm import Chart, ToOperator
from callengine.fsm.acts import Act, Does
from callengine.model import StepId
from callengine.providers import SpeechHints
from callengine.providers.scripted import HeardInRecording
from callengine.simulator import HangUp, Instead, KeyPress, Moment, Persona
from callengine.testing.tape import Tape, What

THINKS = 0.5
"""Seconds a provider takes, so that a script can say in time that it fails."""

TALKS = 60.0
"""Seconds of conversation after which an operator hangs up if the script does not say otherwise."""

PRESSES_AFTER = 1.0
"""Seconds after the answer at which an operator of whom the script says nothing takes the call."""

CALLERS: Mapping[Does, Instead | None] = {
    Does.ANSWERS: None,
    Does.IS_BUSY: Instead.BUSY,
    Does.DECLINES: Instead.DECLINE,
    Does.DOES_NOT_ANSWER: Instead.NO_ANSWER,
    Does.IS_SWITCHED_OFF: Instead.POWER_OFF,
    Does.CANNOT_BE_REACHED: Instead.UNREACHABLE,
}
"""What somebody whom we call does."""

OPERATORS: Mapping[Does, Instead | None] = {
    Does.OPERATOR_ANSWERS: None,
    Does.OPERATOR_IS_BUSY: Instead.BUSY,
    Does.OPERATOR_DECLINES: Instead.DECLINE,
    Does.OPERATOR_DOES_NOT_ANSWER: Instead.NO_ANSWER,
}
"""What an operator does whom we ring."""


@define(eq=False)
class Cast:
    """Everybody who can be rung on one call.

    Operators take their parts in the order of the script; whoever is rung beyond it takes the call.
    """

    script: Sequence[Act]
    contact: str
    chart: Chart
    tape: Tape
    _operators: Iterator[Does] = field(init=False)

    def __attrs_post_init__(self) -> None:
        self._operators = iter(parts_of(self.script))

    def at(self, dialled: str) -> Persona:
        """Who answers this call."""
        if dialled.endswith(self.contact):
            return Persona(instead=CALLERS[self.script[0].does])
        part = next(self._operators, None)
        talks = HangUp(Moment.BRIDGE, seconds=TALKS)
        if part is None:
            return Persona(presses=self._accepts(), hangs_up=talks)
        return Persona(instead=OPERATORS[part], hangs_up=talks)

    def _accepts(self) -> tuple[KeyPress, ...]:
        step = self.chart.steps.get(StepId(self.tape.step))
        key = step.accept_key if isinstance(step, ToOperator) else None
        return () if key is None else (KeyPress(key, PRESSES_AFTER),)


def parts_of(script: Sequence[Act]) -> tuple[Does, ...]:
    """The operators of a script, in the order they are rung."""
    return tuple(act.does for act in script if act.does in OPERATORS)


@define(eq=False)
class Prompter:
    """Tells a provider what to do at its next turn, and the tape what it did.

    Attributes:
        answers: what the tape calls an answer.
        fails: what it calls a failure.
    """

    answers: What
    fails: What
    tape: Tape
    _turn: str | ProviderError | None = field(default=None, init=False)

    def tell(self, turn: str | ProviderError) -> None:
        """Answer so, or fail so, at the next turn."""
        self._turn = turn

    def take(self, otherwise: str) -> str:
        """The turn that was told, else another one.

        Raises:
            ProviderError: it was told to fail.
        """
        turn, self._turn = self._turn, None
        if isinstance(turn, ProviderError):
            self.tape.add("", self.fails)
            raise turn
        words = otherwise if turn is None else turn
        self.tape.add("", self.answers, words)
        return words


@define(eq=False)
class Ears:
    """Hears what people say, unless told otherwise; a `SpeechToText`."""

    prompter: Prompter
    _heard: HeardInRecording = field(factory=HeardInRecording, init=False)

    async def transcribe(self, audio: bytes, hints: SpeechHints) -> str:
        """The words of a recording."""
        await trio.sleep(THINKS)
        return self.prompter.take(await self._heard.transcribe(audio, hints))


@define(eq=False)
class Mind:
    """Answers nothing, so that keywords tell the intent, unless told otherwise; a `LanguageModel`."""

    prompter: Prompter

    async def complete(self, prompt: str) -> str:  # noqa: ARG002  # it does as it is told
        """The answer of its prompter."""
        await trio.sleep(THINKS)
        return self.prompter.take("")
