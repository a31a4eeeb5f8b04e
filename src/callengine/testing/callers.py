"""People who call us in a simulated campaign."""

from collections.abc import Iterable, Sequence
from random import Random

import trio
from attrs import frozen

from callengine.simulator import Persona, SimulatedPbx, random_caller

NO_LINE = "02155500000"
"""A number that reaches the PBX and is no line of a simulated campaign."""


@frozen
class Caller:
    """A person who calls one of our numbers.

    Attributes:
        at: seconds after the start of the campaign.
        dialled: the number they call, a line's or not.
        number: their own; empty where it is withheld.
    """

    at: float
    persona: Persona
    dialled: str
    number: str = ""


def random_callers(
    rng: Random, count: int, *, within: float, lines: Sequence[str], phrases: Sequence[str], keys: Sequence[str] = ()
) -> tuple[Caller, ...]:
    """So many callers in the order of their calls; the same for the same generator state.

    One in ten dials a number that is no line, two in ten withhold their own.

    Args:
        within: seconds after the start by which all of them have called.
    """
    times = sorted(round(rng.uniform(0.0, within), 3) for _ in range(count))
    return tuple(
        Caller(
            at=at,
            persona=random_caller(rng, phrases, keys),
            dialled=rng.choice(lines) if lines and rng.random() < 0.9 else NO_LINE,
            number="" if rng.random() < 0.2 else f"0913{rng.randrange(10**7):07}",
        )
        for at in times
    )


async def ring_in(pbx: SimulatedPbx, callers: Iterable[Caller], task_status: trio.TaskStatus[trio.CancelScope]) -> None:
    """Let everybody call at their time, or once the engine listens if it does not; reports the scope that stops it."""
    began = trio.current_time()
    with trio.CancelScope() as scope:
        task_status.started(scope)
        for caller in sorted(callers, key=lambda caller: caller.at):
            await trio.sleep_until(began + caller.at)
            await pbx.wait_listened_to()
            pbx.ring_in(caller.persona, caller.dialled, caller.number)
