"""Where an explored call is, what it knows there, and the ways on: what drives are made of."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import TypeVar

import attrs
from attrs import frozen

from callengine.calls import filled
from callengine.fsm import Chart, Step
from callengine.fsm.acts import Act, Does
from callengine.model import Intent, Outcome, StepId

S = TypeVar("S", bound=Step)

CONTACT = "09120000000"
"""The number of whoever is called, or calls."""

Pairs = tuple[tuple[str, str], ...]


@frozen
class Place:
    """Where a call is, and all that its way from there depends on.

    Attributes:
        counts: of each counter, no further than its limits and tests tell apart.
        said: the last thing that was understood.
        bridged: with an operator. Nobody can be recorded then.
        remembers: what steps have set, as far as tests ask for it.
        fields: of the contact, as far as the way here has assumed them.
        at: when the call began; None while it does not matter.
    """

    step: StepId
    counts: tuple[tuple[str, int], ...] = ()
    said: str = ""
    intent: Intent | None = None
    bridged: bool = False
    remembers: Pairs = ()
    fields: Pairs = ()
    at: datetime | None = None

    def known(self, chart: Chart) -> Mapping[str, str]:
        """What names stand for as far as it is settled, as a call knows it."""
        counters = {name: str(dict(self.counts).get(name, 0)) for name in chart.counters}
        heard = {"transcript": self.said, "intent": self.intent or ""}
        return {**dict(self.fields), **counters, **dict(self.remembers), **heard, "number": CONTACT}

    def text(self, template: str, chart: Chart) -> str:
        """A text with its placeholders filled; a field of which nothing was assumed is empty."""
        return filled(template, self.known(chart))

    def remembering(self, values: Mapping[str, str]) -> "Place":
        """With variables set."""
        return attrs.evolve(self, remembers=joined(self.remembers, values))

    def assuming(self, fields: Mapping[str, str]) -> "Place":
        """With fields of the contact assumed."""
        return attrs.evolve(self, fields=joined(self.fields, fields))


def joined(pairs: Pairs, more: Mapping[str, str]) -> Pairs:
    """Pairs in the order of their names, so that equal places are equal."""
    return tuple(sorted({**dict(pairs), **more}.items()))


@frozen
class Way:
    """One way a step can end.

    Attributes:
        outcome: None where the call ends with the step.
        acts: what brings it about.
        after: the place of the call then; its step is still the one that ends.
    """

    outcome: Outcome | None
    acts: tuple[Act, ...]
    after: Place


Drive = Callable[[S, Place, Chart], Iterator[Way]]


def here(step: Step, *acts: Act) -> tuple[Act, ...]:
    """Acts that must not begin before the call has come to the step.

    Ways of such a step without acts of their own wait for it too: the next visit must not be taken for this one.
    """
    return (Act(Does.COMES_TO, step.id), *acts)
