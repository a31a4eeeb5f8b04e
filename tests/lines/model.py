"""A naive model of the lines: it knows nothing of windows, queues or admission.

It keeps a list of who was given what and when, and counts it again each time.
"""

from collections.abc import Collection, Iterator
from datetime import date
from enum import IntEnum, auto

from attrs import define, field, frozen

from callengine.model import LeaseRequest, LineId, LineLimits, Purpose

SLACK = 0.001
"""Seconds after the end of a window in which a call may still be counted or not."""

LOOK_AGAIN = 60.0
"""Seconds in which a wall clock set forward must be noticed."""

PURPOSES = tuple(Purpose)

NO_LIMITS = LineLimits(per_minute=0, per_day=0, per_second=0)


@frozen
class Rules:
    """The limits over all lines."""

    per_second: int
    outbound: int
    inbound: int
    reserve: int


class Stage(IntEnum):
    """How far somebody has come: asked, given a slot, at the gate, through it, answered by the PBX, gone."""

    WAITS = auto()
    HOLDS = auto()
    AT_GATE = auto()
    THROUGH = auto()
    ANSWERED = auto()
    GONE = auto()


PENDING = {Stage.HOLDS, Stage.AT_GATE, Stage.THROUGH}
SEATED = {*PENDING, Stage.ANSWERED}


@define(eq=False)
class Person:
    """Somebody who asked for a line, or for none: a leg to an operator's desk passes the gate only.

    Attributes:
        number: of the request, counted up.
        place: at the gate, counted up.
        seated: the limits of the line when the slot was given, and a number that tells which of two came later.
        passed: the same for the gate.
    """

    number: int
    want: LeaseRequest | None
    stage: Stage = Stage.WAITS
    line: LineId | None = None
    place: int = 0
    seated: tuple[int, LineLimits] = (0, NO_LIMITS)
    passed: tuple[int, LineLimits] = (0, NO_LIMITS)

    @property
    def purpose(self) -> Purpose:
        return self.want.purpose if self.want else Purpose.OPERATOR

    @property
    def rank(self) -> tuple[Purpose, int]:
        """Who asks for a slot is served in this order."""
        return self.purpose, self.number

    @property
    def gate_rank(self) -> tuple[Purpose, int]:
        return self.purpose, self.place


@frozen
class Figures:
    """The slots and pending tokens of one moment."""

    slots: dict[LineId, int]
    pending: dict[LineId, int]
    through: dict[LineId | None, int]
    purposes: dict[Purpose, int]
    callers: set[LineId | None]

    @property
    def customers(self) -> int:
        return self.purposes[Purpose.INBOUND] + self.purposes[Purpose.OUTBOUND]


@define(eq=False)
class Book:
    """What happened on the lines."""

    rules: Rules
    limits: dict[LineId, LineLimits]
    now: float = 0.0
    today: date = date.min
    clock_set: float = -LOOK_AGAIN
    people: list[Person] = field(factory=list)
    served_now: list[Person] = field(factory=list)
    passed_now: list[Person] = field(factory=list)
    answers: list[tuple[float, LineId | None]] = field(factory=list)
    answered_today: dict[LineId, int] = field(factory=dict)
    counter: int = 0

    def count(self) -> int:
        self.counter += 1
        return self.counter

    def at(self, now: float, today: date) -> None:
        """Time went on to this moment. A day that is over does not come back."""
        self.now = now
        if today > self.today:
            self.today = today
            self.answered_today = dict.fromkeys(self.limits, 0)
        oldest = now - 60 - SLACK
        while self.answers and self.answers[0][0] < oldest:
            del self.answers[0]

    def served(self, person: Person, line: LineId) -> None:
        person.stage, person.line = Stage.HOLDS, line
        person.seated = self.count(), self.limits[line]
        self.served_now.append(person)

    def passed(self, person: Person) -> None:
        person.stage = Stage.THROUGH
        person.passed = self.count(), self.limits[person.line] if person.line else NO_LIMITS
        self.passed_now.append(person)

    def answered(self, person: Person) -> None:
        person.stage = Stage.ANSWERED
        self.answers.append((self.now, person.line))
        if person.line is not None:
            self.answered_today[person.line] += 1

    def gone(self, person: Person) -> None:
        person.stage = Stage.GONE
        self.people.remove(person)

    def turn_page(self) -> None:
        """What happened in this step has been looked at."""
        self.served_now.clear()
        self.passed_now.clear()

    def figures(self, without: Collection[Person] = ()) -> Figures:
        """Count everything, as if some had not been served."""
        slots, pending = dict.fromkeys(self.limits, 0), dict.fromkeys(self.limits, 0)
        through: dict[LineId | None, int] = dict.fromkeys((None, *self.limits), 0)
        purposes = dict.fromkeys(PURPOSES, 0)
        callers = set()
        for person in self.people:
            if person.stage is Stage.WAITS:
                if person.want and person.purpose is Purpose.INBOUND:
                    callers.add(person.want.line)
            elif person not in without:
                through[person.line] += person.stage is Stage.THROUGH
                if person.line is not None:
                    slots[person.line] += 1
                    purposes[person.purpose] += 1
                    pending[person.line] += person.stage in PENDING and person.purpose is not Purpose.INBOUND
        return Figures(slots, pending, through, purposes, callers)

    def answered_since(self, line: LineId, since: float) -> int:
        return sum(1 for when, of_line in self.answers if of_line == line and when > since)

    def able(self, want: LeaseRequest, figures: Figures) -> Iterator[LineId]:
        """The lines that could serve this wish."""
        if self._allowed(want.purpose, figures):
            for line in self.limits if want.line is None else (want.line,):
                if self._has_room(line, want.purpose, figures):
                    yield line

    def _allowed(self, purpose: Purpose, figures: Figures) -> bool:
        """Whether the limits over all lines let a call of this purpose start."""
        cap = {Purpose.OPERATOR: 0, Purpose.INBOUND: self.rules.inbound, Purpose.OUTBOUND: self.rules.outbound}[purpose]
        if cap and figures.purposes[purpose] >= cap:
            return False
        return purpose is not Purpose.OUTBOUND or figures.customers < self.for_customers()

    def for_customers(self) -> int:
        """The slots that an outbound call may find taken at most, its own included."""
        slots = sum(limits.concurrent for limits in self.limits.values())
        return slots - min(self.rules.reserve, slots - 1)

    def _has_room(self, line: LineId, purpose: Purpose, figures: Figures) -> bool:
        limits = self.limits[line]
        if figures.slots[line] >= limits.concurrent:
            return False
        if purpose is Purpose.INBOUND:
            return True
        if purpose is Purpose.OUTBOUND and line in figures.callers:
            return False
        pending = figures.pending[line]
        if limits.per_day:
            perhaps_unseen = self.now <= self.clock_set + LOOK_AGAIN + SLACK
            if perhaps_unseen or pending + self.answered_today[line] >= limits.per_day:
                return False
        return not limits.per_minute or pending + self.answered_since(line, self.now - 60 - SLACK) < limits.per_minute

    def gate_open(self, person: Person, figures: Figures) -> bool:
        """Whether both seconds, the overall one and the line's, have room for this person."""
        lately = [line for when, line in self.answers if when > self.now - 1 - SLACK]
        overall = self.rules.per_second
        if overall and sum(figures.through.values()) + len(lately) >= overall:
            return False
        limit = self.limits[person.line].per_second if person.line else 0
        return not limit or figures.through[person.line] + lately.count(person.line) < limit
