"""The life of an attempt, declared as a state machine and walked by its table.

    intended -> placed -> ringing -> answered -> settled
        |         '----------'----------'------> unknown
        '-> never_placed

The library's machine declares and checks the life and can draw it. An attempt walks the table read from it once: making
a machine and sending it five events costs close to a millisecond of CPU, more than a whole call may add.
"""

from collections.abc import Mapping
from datetime import datetime

import attrs
from attrs import define
from statemachine import State, StateChart

from callengine.model import Attempt, AttemptState, CallResult

S = AttemptState


class AttemptChart(StateChart[object]):
    """States and events of an attempt; strict, so that an event out of place is an error and not silence."""

    allow_event_without_transition = False
    catch_errors_as_events = False

    intended = State(value=S.INTENDED, initial=True)
    placed = State(value=S.PLACED)
    ringing = State(value=S.RINGING)
    answered = State(value=S.ANSWERED)
    settled = State(value=S.SETTLED, final=True)
    unknown = State(value=S.UNKNOWN, final=True)
    never_placed = State(value=S.NEVER_PLACED, final=True)

    place = intended.to(placed)
    ring = placed.to(ringing) | ringing.to(ringing, internal=True) | answered.to(answered, internal=True)
    answer = placed.to(answered) | ringing.to(answered) | answered.to(answered, internal=True)
    settle = placed.to(settled) | ringing.to(settled) | answered.to(settled)
    lose = placed.to(unknown) | ringing.to(unknown) | answered.to(unknown)
    withdraw = intended.to(never_placed)


def _table() -> Mapping[tuple[AttemptState, str], AttemptState]:
    return {
        (state.value, event.id): transition.target.value
        for state in AttemptChart.states
        for transition in state.transitions
        for event in transition.events
        if transition.target is not None
    }


NEXT = _table()
FINAL = frozenset(state.value for state in AttemptChart.states if state.final)


@define(eq=False)
class AttemptLife:
    """One attempt as it goes on. Whoever runs the call tells it what the PBX did.

    The PBX repeats itself and speaks out of order: a state that is over is not entered again, and a final one absorbs
    whatever comes later.

    Attributes:
        attempt: the record as of now.
        blocked: the number was put on the do-not-dial list meanwhile: it must not be dialled any more.
    """

    attempt: Attempt
    blocked: bool = False

    def placed(self) -> None:
        """The originate request is about to be sent: call this after the lease's turn, without a wait in between."""
        self._send("place")

    def ringing(self) -> None:
        self._send("ring")

    def answered(self) -> None:
        self._send("answer")

    def unknown(self) -> None:
        """What became of the originate request cannot be found out."""
        self._send("lose")

    def request_answered(self, at: datetime) -> None:
        """The PBX has answered the originate request: from now on the call counts in every window as of this moment."""
        self.attempt = attrs.evolve(self.attempt, placed_at=at)

    def settle(self, outcome: CallResult) -> None:
        """The call is over. Before the request was sent that means it was never placed."""
        if self.attempt.state not in FINAL:
            self._send("withdraw" if self.attempt.state is S.INTENDED else "settle")
        if self.attempt.outcome is None:
            self.attempt = attrs.evolve(self.attempt, outcome=outcome)

    @property
    def was_placed(self) -> bool:
        return self.attempt.state not in (S.INTENDED, S.NEVER_PLACED)

    def _send(self, event: str) -> None:
        state = self.attempt.state
        if state in FINAL:
            return
        target = NEXT.get((state, event))
        if target is None:
            raise RuntimeError(f"attempt {self.attempt.id}: {event} while {state.value}")
        self.attempt = attrs.evolve(self.attempt, state=target)
