"""One operator: what they do, and what comes next."""

import math
from enum import Enum

from attrs import Factory, define, field
from statemachine import State, StateChart


class OperatorState(Enum):
    """What an operator does, in the words of the trade."""

    READY = "ready"
    RESERVED = "reserved"
    """Being rung, or about to be."""
    IN_CALL = "in_call"
    WRAP_UP = "wrap_up"
    """Writes down what the last call was about, or is left in peace after one that they did not take."""
    PAUSED = "paused"


S = OperatorState


class OperatorChart(StateChart["Desk"]):
    """The life of an operator; strict, so that an event out of place is an error and not silence."""

    allow_event_without_transition = False
    catch_errors_as_events = False

    ready = State(value=S.READY, initial=True)
    reserved = State(value=S.RESERVED)
    in_call = State(value=S.IN_CALL)
    wrap_up = State(value=S.WRAP_UP)
    paused = State(value=S.PAUSED)

    reserve = ready.to(reserved)
    connect = reserved.to(in_call)
    give_up = reserved.to(ready)
    leave = in_call.to(wrap_up) | reserved.to(wrap_up)
    finish = wrap_up.to(ready)
    pause = ready.to(paused) | wrap_up.to(paused)
    resume = paused.to(ready)


@define(eq=False)
class Desk:
    """What is known of one operator.

    Attributes:
        state: kept by the chart.
        turn: when it was last theirs, as a serial number; 0 if never.
        since: when they were reserved, or, once they talk, when they began to, on trio's clock; a wrap-up does not change it.
        pausing: will pause when the call is over.
    """

    state: OperatorState = S.READY
    chart: OperatorChart = field(default=Factory(OperatorChart, takes_self=True), init=False, repr=False)
    turn: int = 0
    since: float = -math.inf
    wraps_up_until: float = -math.inf
    pausing: bool = False

    @property
    def will_be_ready(self) -> bool:
        """Busy now, and ready again one day without anybody's doing."""
        return self.state in (S.RESERVED, S.IN_CALL, S.WRAP_UP) and not self.pausing

    def pause(self) -> None:
        """Be ready no longer: at once, or after the call."""
        if self.state in (S.READY, S.WRAP_UP):
            self.chart.pause()
        else:
            self.pausing = self.state is not S.PAUSED

    def resume(self) -> None:
        """Take back a pause, be it in force or still to come."""
        self.pausing = False
        if self.state is S.PAUSED:
            self.chart.resume()

    def connect(self, now: float) -> None:
        """They talk with the customer they are reserved for."""
        self.chart.connect()
        self.since = now

    def free(self, now: float, wrap_up: float, rest: float) -> None:
        """The customer and the channel are gone. Who talked with nobody has nothing to write down.

        Args:
            wrap_up: seconds for who talked.
            rest: seconds for who did not.
        """
        talked = self.state is S.IN_CALL
        if talked or rest > 0.0:
            self.chart.leave()
            self.wraps_up_until = now + (wrap_up if talked else rest)
        else:
            self.chart.give_up()
        if self.pausing:
            self.pausing = False
            self.chart.pause()

    def finish_wrap_up(self, now: float) -> None:
        """Be ready again, if it is time."""
        if self.state is S.WRAP_UP and self.wraps_up_until <= now:
            self.chart.finish()
