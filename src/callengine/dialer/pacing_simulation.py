"""A call centre in which pacing is tried out: in steps of a second, from a seed, without a telephone.

Customers answer or do not, wait for an operator no longer than they have to, and talk; whom to call is the pacer's decision.
"""

import math
from collections import deque
from collections.abc import Iterator
from heapq import heappop, heappush
from random import Random

from attrs import define, field, frozen

from callengine.dialer.pacing import Figures, Pacer
from callengine.settings.choices import PacingMode

HOUR = 3_600

MOST_OPERATORS = 1_000
"""Whom a run is made for; it bounds its cost."""


@frozen
class World:
    """What the simulated customers and operators do.

    Attributes:
        operators: who are there all the time.
        hours: of work.
        answer_rate: share of calls that are answered.
        later_answer_rate: that of the second half; None for no change.
        talk: mean seconds of a conversation, whose lengths are lognormal.
        sigma: of the lognormal distribution.
        wrap_up: seconds after a conversation.
        answers_after: seconds between which those who answer do so, all equally likely.
        rings: seconds after which a call nobody answers is over.
        patience: seconds in which a customer must have an operator.
        slots: calls that may be on the way at once.
    """

    operators: int = 10
    hours: float = 8.0
    answer_rate: float = 0.3
    later_answer_rate: float | None = None
    talk: float = 120.0
    sigma: float = 0.9
    wrap_up: float = 15.0
    answers_after: tuple[float, float] = (4.0, 20.0)
    rings: float = 25.0
    patience: float = 2.0
    slots: int = 1_000

    def answer_rate_at(self, second: int) -> float:
        """In force at a second of the run."""
        late = self.later_answer_rate is not None and second >= self.hours * HOUR / 2
        return self.later_answer_rate if late and self.later_answer_rate is not None else self.answer_rate


@frozen
class Sample:
    """How things stood in one stretch of a run.

    Attributes:
        at: seconds since the begin, at the end of the stretch.
        occupancy: of the operators in the stretch.
        abandon_ratio: of all answers so far.
    """

    at: float
    occupancy: float
    abandon_ratio: float


@frozen
class RunFigures:
    """What came of one run.

    Attributes:
        seed: it can be run again with.
        occupancy: share of their time in which operators talked or wrapped up.
        samples: its course, in stretches of equal length.
    """

    seed: int
    dials: int
    answers: int
    abandoned: int
    occupancy: float
    alpha: float
    samples: tuple[Sample, ...]

    @property
    def abandon_ratio(self) -> float:
        """Abandoned / answers; 0.0 without any."""
        return self.abandoned / self.answers if self.answers else 0.0


STRETCHES = 96
"""Samples of a run."""


@define(eq=False)
class _Centre:
    """One run, second by second."""

    world: World
    pacer: Pacer
    random: Random
    idle: int = field(init=False)
    dials: int = 0
    busy_seconds: float = 0.0
    _mu: float = field(init=False)
    _ringing: list[tuple[float, float, bool]] = field(factory=list, init=False)
    """When each call is over or answered, when it was placed, and which of the two; the next first."""
    _busy: list[tuple[float, float]] = field(factory=list, init=False)
    """When each operator is ready again, and when they began."""
    _waiting: deque[float] = field(factory=deque, init=False)
    """When each customer will have waited for too long."""

    def __attrs_post_init__(self) -> None:
        self.idle = self.world.operators
        self._mu = math.log(self.world.talk) - self.world.sigma**2 / 2

    def second(self, now: int) -> None:
        """Everything that happens until this second, and the calls that are placed then."""
        while self._busy and self._busy[0][0] <= now:
            ready_at, began = heappop(self._busy)
            self.pacer.history.handled(ready_at - began)
            self.idle += 1
        while self._ringing and self._ringing[0][0] <= now:
            self._over(*heappop(self._ringing))
        while self._waiting and self.idle:
            self._waiting.popleft()
            self._connect(now)
        while self._waiting and self._waiting[0] <= now:
            self._waiting.popleft()
            self.pacer.history.abandoned()
        self._place(now)
        self.busy_seconds += self.world.operators - self.idle

    def _over(self, at: float, placed: float, answered: bool) -> None:
        if answered:
            self.pacer.history.answered(at - placed)
            self._waiting.append(at + self.world.patience)
        else:
            self.pacer.history.not_answered()

    def _connect(self, now: int) -> None:
        talk = self.random.lognormvariate(self._mu, self.world.sigma)
        heappush(self._busy, (now + talk + self.world.wrap_up, now))
        self.idle -= 1

    def _place(self, now: int) -> None:
        figures = Figures(
            idle=self.idle,
            busy=tuple(now - began for _, began in self._busy),
            ringing=len(self._ringing),
            waiting=len(self._waiting),
            slots=self.world.slots - len(self._ringing),
        )
        rate = self.world.answer_rate_at(now)
        for _ in range(self.pacer.calls(figures)):
            self.dials += 1
            answered = self.random.random() < rate
            takes = self.random.uniform(*self.world.answers_after) if answered else self.world.rings
            heappush(self._ringing, (now + takes, now, answered))


def simulate(world: World, mode: PacingMode, *, seed: int, target: float = 0.025, dial_level: float = 1.5) -> RunFigures:
    """One run; the same seed gives the same run."""
    centre = _Centre(world, Pacer(mode, dial_level=dial_level, target=target), Random(seed))
    seconds = max(1, round(world.hours * HOUR))
    stretch = max(1, seconds // STRETCHES)
    samples, busy_before = [], 0.0
    for now in range(seconds):
        centre.second(now)
        if (now + 1) % stretch == 0:
            occupancy = (centre.busy_seconds - busy_before) / (world.operators * stretch)
            busy_before = centre.busy_seconds
            samples.append(Sample(now + 1.0, occupancy, centre.pacer.history.abandons.ratio))
    history = centre.pacer.history
    return RunFigures(
        seed=seed,
        dials=centre.dials,
        answers=history.abandons.answers,
        abandoned=history.abandons.abandoned,
        occupancy=centre.busy_seconds / (world.operators * seconds),
        alpha=history.alpha,
        samples=tuple(samples),
    )


@frozen
class Trial:
    """The same simulated several times.

    Attributes:
        seed: of the first run; the next run has the next one.
        runs: how many.
        target: share of answers that may be abandoned, for mode predictive.
        dial_level: calls for each ready operator in mode power.
    """

    world: World
    mode: PacingMode
    seed: int
    runs: int = 24
    target: float = 0.025
    dial_level: float = 1.5

    def figures(self) -> Iterator[RunFigures]:
        """Of one run after the other, each when it is over."""
        for seed in range(self.seed, self.seed + self.runs):
            yield simulate(self.world, self.mode, seed=seed, target=self.target, dial_level=self.dial_level)
