"""Who can be rung on one call of a flow test: the caller, and operators."""

from collections.abc import Iterator, Mapping, Sequence

from attrs import define, field

from callengine.fsm import Chart
from callengine.fsm.acts import Act, Does
from callengine.fsm.steps import ToOperator
from callengine.model import StepId
from callengine.simulator import HangUp, Instead, KeyPress, Moment, Persona
from callengine.testing.tape import Tape

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

    Attributes:
        busy_at: the visit of a step during which all operators are busy, by its number on the tape.
    """

    script: Sequence[Act]
    contact: str
    chart: Chart
    tape: Tape
    busy_at: int | None = field(default=None, init=False)
    _operators: Iterator[Does] = field(init=False)

    def __attrs_post_init__(self) -> None:
        self._operators = iter(parts_of(self.script))

    def at(self, dialled: str) -> Persona:
        """Who answers this call."""
        if dialled.endswith(self.contact):
            return Persona(instead=CALLERS[self.script[0].does])
        if self.tape.visits == self.busy_at:
            return Persona(instead=Instead.BUSY)
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
