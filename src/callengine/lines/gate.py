"""The per-second gate, the last thing before an originate request."""

import math

import trio
from attrs import define, field

from callengine.lines.queues import ClassQueues
from callengine.lines.windows import OPEN, SlidingWindow, Tokens
from callengine.model import Purpose


@define(eq=False)
class Turn:
    """A wait for the gate: who, on which line's window, and what it was given when it was let through."""

    purpose: Purpose
    of_line: SlidingWindow
    granted: trio.Event = field(factory=trio.Event, init=False)
    tokens: Tokens = field(factory=Tokens, init=False)


class Gate:
    """Lets calls through, at most `overall` in any second and each line at most its own limit; zero is no limit.

    Rate error: a turn counts from when it is granted until one second after it was dated. Behind a PBX that takes t
    seconds to answer, a limit of N a second is reached as N / (1 + t); with answers at once, as N.
    """

    def __init__(self, overall: int) -> None:
        self.overall = SlidingWindow(1.0, overall)
        self._waiting: ClassQueues[Turn] = ClassQueues()

    def join(self, turn: Turn) -> None:
        self._waiting.join(turn)

    def withdraw(self, turn: Turn) -> None:
        """Forget a turn that will not be used, whether it was granted or still waits."""
        self._waiting.leave(turn)
        turn.tokens.give_back()

    def admit(self) -> None:
        """Let through whoever may go now: by purpose, then first come first served on each line."""
        for turn in self._waiting.everyone():
            if self.overall.opens_at() != OPEN:
                return
            if turn.of_line.opens_at() == OPEN:
                self._waiting.leave(turn)
                turn.tokens.take(self.overall, turn.of_line)
                turn.granted.set()

    def opens_at(self) -> float:
        """When time alone lets the next one through; infinity if nobody waits for that."""
        overall = self.overall.opens_at()
        return min((max(overall, turn.of_line.opens_at()) for turn in self._waiting.everyone()), default=math.inf)
