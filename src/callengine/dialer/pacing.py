"""Pacing: figures in, number of calls to place out. It knows no clock and no call.

    pacer = Pacer("predictive", target=0.025)
    pacer.history.answered(11.0)        # a call was answered, and 11 s after it was placed somebody wants an operator
    pacer.history.not_answered()        # a call came to its end without
    pacer.history.handled(134.0)        # an operator was busy so long with one customer: talk and wrap-up
    pacer.history.abandoned()           # one of those answered had no operator in time
    pacer.calls(Figures(idle=2, busy=(31.0, 80.5), ringing=3))  # ask each second

The predictive rule places as many calls as keep the expected number of customers without an operator at a small share of
those who will want one; the share, alpha, is adapted to what became of it. The American rule behind it: at most 3 % of live
answers may be abandoned (47 CFR 64.1200 (a)(7)).
"""

from bisect import bisect_left, bisect_right, insort
from collections import deque
from collections.abc import Iterable
from math import erf, exp, floor, isfinite, pi, sqrt

from attrs import define, field, frozen

from callengine.model import AbandonRate
from callengine.settings.choices import PacingMode

MOST = 1_000
"""Calls placed at one decision; it bounds its cost."""

REMEMBERED = 1_000
"""Handling times and times to answer that are kept, the latest."""

GATE_ANSWERS = 50
GATE_RATIO = 0.029
"""From so many answers on, at such a ratio of abandoned ones, nobody is called but for a ready operator."""

DIALS_EACH = 10
"""Calls for each operator that are over before the answer rate is told by them. What it begins with is a guess; a wrong one
would call far too many for a team that is ready all at once, and their abandoned calls would keep the gate closed for hours. A
large team places more calls on one estimate, which has to be the better for it."""

ADAPTED_EVERY = 20
JUDGED = 40
"""Answers between two adaptations of alpha, and the latest ones that each goes by."""

LEAST_ALPHA, MOST_ALPHA = 0.001, 0.5
DECAY = 0.998
PRIOR_ANSWERS, PRIOR_DIALS = 2.0, 10.0
LEAST_ANSWER_RATE = 0.001
PRIOR_TAU = 12.0
"""Seconds to an answer, before the first."""

NOTHING = AbandonRate(0, 0)
"""No answer yet."""

_ROOT_2 = sqrt(2.0)
_ROOT_2_PI = sqrt(2.0 * pi)


def _count(number: int) -> int:
    return max(0, number)


@frozen
class Figures:
    """What is the case at one moment. Counts below zero count as none.

    Attributes:
        idle: operators who are ready.
        busy: for each operator who is not and will be, the seconds since they began with their customer.
        ringing: calls on the way to an operator: placed, and neither over nor waiting for one.
        waiting: customers who want an operator and have none yet.
        slots: calls that lines and rates allow to be placed now.
        abandons: the worse of the rates beside the run's own, as the ledger has them; see `worse`.
    """

    idle: int = field(converter=_count)
    busy: tuple[float, ...] = ()
    ringing: int = field(default=0, converter=_count)
    waiting: int = field(default=0, converter=_count)
    slots: int = field(default=MOST, converter=_count)
    abandons: AbandonRate = NOTHING


def worse(*rates: AbandonRate) -> AbandonRate:
    """The highest ratio of those with enough answers to judge by; without such a one, that with the most answers."""
    judged = [rate for rate in rates if rate.answers >= GATE_ANSWERS]
    if judged:
        return max(judged, key=lambda rate: rate.ratio)
    return max(rates, key=lambda rate: rate.answers)


def closes_gate(rate: AbandonRate) -> bool:
    """Whether so many calls were abandoned that nobody is called any more but for a ready operator."""
    return rate.answers >= GATE_ANSWERS and rate.ratio >= GATE_RATIO


@define(eq=False)
class History:
    """What was learnt from calls so far, in bounded memory.

    Attributes:
        target: share of answers that may be abandoned.
        alpha: share of the customers expected to want an operator who may be expected to find none.
        abandons: of this run.
        completed: calls that were answered or came to their end without.
    """

    target: float = 0.025
    alpha: float = field(default=0.025)
    abandons: AbandonRate = NOTHING
    completed: int = 0
    _answers: float = PRIOR_ANSWERS
    _dials: float = PRIOR_DIALS
    _times: deque[float] = field(factory=deque, init=False)
    _sorted: list[float] = field(factory=list, init=False)
    _waits: deque[float] = field(factory=deque, init=False)
    _waited: float = field(default=0.0, init=False)
    _judged: deque[AbandonRate] = field(factory=lambda: deque([NOTHING], maxlen=JUDGED // ADAPTED_EVERY), init=False)
    """The run's at the last adaptations."""

    @property
    def answer_rate(self) -> float:
        """The probability that a call is answered by somebody who wants an operator: p of the rule."""
        return max(LEAST_ANSWER_RATE, self._answers / self._dials)

    @property
    def tau(self) -> float:
        """Mean seconds from placing a call to its answer."""
        return self._waited / len(self._waits) if self._waits else PRIOR_TAU

    def answered(self, after: float) -> None:
        """A call was answered.

        Args:
            after: seconds since it was placed.
        """
        self._dialled(1.0)
        if isfinite(after):
            self._waits.append(max(0.0, after))
            self._waited += self._waits[-1]
            if len(self._waits) > REMEMBERED:
                self._waited -= self._waits.popleft()
        self.abandons = AbandonRate(self.abandons.answers + 1, self.abandons.abandoned)
        if self.abandons.answers % ADAPTED_EVERY == 0:
            self._adapt()

    def not_answered(self) -> None:
        """A call came to its end without."""
        self._dialled(0.0)

    def abandoned(self) -> None:
        """One of those who answered had no operator in time."""
        self.abandons = AbandonRate(self.abandons.answers, self.abandons.abandoned + 1)

    def handled(self, seconds: float) -> None:
        """An operator was busy so long with one customer: talk and wrap-up."""
        if not isfinite(seconds):
            return
        self._times.append(max(0.0, seconds))
        insort(self._sorted, self._times[-1])
        if len(self._times) > REMEMBERED:
            del self._sorted[bisect_left(self._sorted, self._times.popleft())]

    def frees(self, busy: Iterable[float]) -> list[float]:
        """The probabilities to be ready by the time a call placed now is answered; who began last is first.

        Each is `1 - S(age + tau) / S(age)`, with S the empirical survival of handling times. Those not over yet count for as
        long as they have lasted (Kaplan and Meier's estimate): the first to be over are the short ones, and whoever judged by
        them alone would expect everybody back at once. Nobody is expected back who has been busy for longer than anybody was.

        Args:
            busy: seconds since each began with their customer; who has no finite number of them is left out.
        """
        ages = sorted(filter(isfinite, busy))
        longer = [self._longer(age) for age in ages]
        # Between two ages the number of unfinished times is the same, and the product of the estimate is one fraction.
        survival = [1.0] * len(ages)
        for this in range(1, len(ages)):
            unfinished = len(ages) - this
            survival[this] = survival[this - 1] * (longer[this] + unfinished) / (longer[this - 1] + unfinished)
        frees = []
        for this, age in enumerate(ages):
            until = age + self.tau
            last = bisect_right(ages, until) - 1
            unfinished = len(ages) - 1 - last
            known = longer[last] + unfinished
            stays = survival[last] / survival[this] * ((self._longer(until) + unfinished) / known if known else 1.0)
            frees.append(1.0 - stays)
        return frees

    def _longer(self, seconds: float) -> int:
        """How many handling times were longer."""
        return len(self._sorted) - bisect_right(self._sorted, seconds)

    def _dialled(self, answers: float) -> None:
        self.completed += 1
        self._answers = self._answers * DECAY + answers
        self._dials = self._dials * DECAY + 1.0

    def _adapt(self) -> None:
        """By the ratio of the latest answers.

        That of the whole run is slow to forget: alpha would go on to fall long after a mistake, and then to rise for too long.
        The run's ratio closes the gate.
        """
        before = self._judged[0]
        self._judged.append(self.abandons)
        ratio = (self.abandons.abandoned - before.abandoned) / (self.abandons.answers - before.answers)
        if ratio < 0.9 * self.target:
            self.alpha = min(MOST_ALPHA, self.alpha * 1.06)
        elif ratio > self.target:
            self.alpha = max(LEAST_ALPHA, self.alpha * 0.8)


@define(eq=False)
class Pacer:
    """Says how many calls to place now.

    Args:
        mode: `agentless`: as many as there are slots; `progressive`: one for each ready operator; `power`: `dial_level` for
            each; `predictive`: as many as keep abandoned calls near the target.
        dial_level: calls for each ready operator in mode power.
        target: share of answers that may be abandoned, for mode predictive.
    """

    mode: PacingMode
    dial_level: float = field(default=1.5, kw_only=True)
    target: float = field(default=0.025, kw_only=True)
    history: History = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.history = History(self.target)

    def calls(self, figures: Figures) -> int:
        """How many calls to place now, from 0 to the slots there are; at most `MOST` unless the mode is agentless."""
        if self.mode == "agentless":
            return figures.slots
        if self.mode == "progressive" or closes_gate(self.history.abandons) or closes_gate(figures.abandons):
            wanted = progressive(figures)
        elif self.mode == "power":
            wanted = power(figures, self.dial_level)
        elif self.history.completed < DIALS_EACH * (figures.idle + len(figures.busy)):
            wanted = progressive(figures)
        else:
            wanted = predictive(figures, self.history)
        return min(wanted, figures.slots, MOST)


def progressive(figures: Figures) -> int:
    """One call for each ready operator whom nobody waits for and no call is on its way to."""
    return max(0, figures.idle - figures.waiting - figures.ringing)


def power(figures: Figures, dial_level: float) -> int:
    """`dial_level` calls for each ready operator whom nobody waits for, rounded down, but at least one where there is one."""
    free = figures.idle - figures.waiting
    if free <= 0:
        return 0
    level = min(dial_level, float(MOST)) if dial_level > 0.0 else 0.0
    return max(0, max(1, floor(free * level)) - figures.ringing)


def predictive(figures: Figures, history: History) -> int:
    """The largest number of calls with which `E <= alpha * m`; see `excess`. It changes nothing, and knows no slots.

    With n more calls on the way, `m = waiting + (ringing + n) * p` customers will want an operator, and
    `mu = idle + sum(w)` operators will be there, with w of `History.frees`. As long as there is a ready operator for every
    call, E is 0; the normal distribution would leave some of it, and keep small teams from being called for.
    """
    share = history.answer_rate
    frees = history.frees(figures.busy)
    mu = figures.idle + sum(frees)
    variance = sum(w * (1.0 - w) for w in frees)
    alpha = history.alpha
    sure = progressive(figures)
    # E is never below m - mu, so nothing above this bound can do; below it, the largest that does is the first from above.
    bound = ((mu / (1.0 - alpha)) - figures.waiting) / share - figures.ringing
    for calls in range(min(MOST, floor(bound)), sure, -1):
        on_the_way = figures.ringing + calls
        wanted = figures.waiting + on_the_way * share
        if excess(wanted - mu, sqrt(on_the_way * share * (1.0 - share) + variance)) <= alpha * wanted:
            return calls
    return sure


def excess(mean: float, deviation: float) -> float:
    """The mean of what a normally distributed number has above zero: `s * phi(z) + (m - mu) * Phi(z)` of the rule."""
    if deviation <= 0.0:
        return max(0.0, mean)
    z = mean / deviation
    return deviation * exp(-0.5 * z * z) / _ROOT_2_PI + mean * 0.5 * (1.0 + erf(z / _ROOT_2))
