"""Flows that connect a customer to an operator, and how the PBX's log shows what came of it."""

import trio
from attrs import field, frozen

from callengine.calls import Call
from callengine.fsm import Chart
from callengine.model import CallResult
from callengine.simulator import Fault, HangUp, Kind, Moment
from tests.calls.stage import Stage, chart


def connecting(keys: str = "", *, onhold: bool = True, by: str = "transfer_to_operator") -> Chart:
    """A flow whose only business is a transfer; `keys` are further ones of that step, such as `, accept_key: 1`.

    Args:
        by: the type of that step.
    """
    return chart(
        "step: start, type: entry, next: connect",
        f"step: connect, type: {by}, agent_type: outbound, on_success: connected, on_failure: alone{keys}",
        "step: connected, type: set_result, result: connected_to_operator, next: talk",
        "step: talk, type: wait",
        "step: alone, type: set_result, result: disconnected, next: bye",
        "step: bye, type: play_prompt, prompt: bye, next: end",
        "step: end, type: hangup",
        onhold=onhold,
    )


TRANSFER = connecting()
TO_MUSIC = connecting(onhold=False)
LEAVES = HangUp(Moment.BRIDGE, seconds=5.0)
"""How a conversation ends that somebody must end."""


def dialled(here: Stage) -> list[str]:
    """The operators' endpoints in the order in which they were asked for, where one customer was called."""
    return [record.detail["endpoint"] for record in here.records(Kind.ORIGINATE)[1:]]


def held(here: Stage, channel: str) -> list[tuple[float, float]]:
    """From when to when this channel heard the hold audio, each time it began."""
    began = {
        record.id: record.at
        for record in here.records(Kind.PLAYBACK)
        if record.detail == {"channel": channel, "media": "sound:onhold"}
    }
    return [(began[record.id], record.at) for record in here.records(Kind.PLAYBACK_ENDED) if record.id in began]


def ended_at(here: Stage, channel: str) -> float:
    """When this channel was gone."""
    return next(record.at for record in here.records(Kind.DESTROYED) if record.id == channel)


def left_at(here: Stage, call: Call) -> float:
    """When the customer hung up."""
    return next(record.at for record in here.records(Kind.HANGUP) if record.id == call.customer.id)


async def run_all(here: Stage, *calls: Call) -> dict[Call, CallResult]:
    """Run calls at once, to their ends."""
    results: dict[Call, CallResult] = {}

    async def run(call: Call) -> None:
        results[call] = await call.run()

    async with trio.open_nursery() as nursery:
        for call in calls:
            nursery.start_soon(run, call)
    return results


@frozen
class Passing(Fault):
    """Befalls as many requests as `left` has entries, and no more."""

    left: list[None] = field(factory=list)

    def befalls(self, request: str) -> bool:
        if not self.left or not super().befalls(request):
            return False
        self.left.pop()
        return True


@frozen
class Witness(Fault):
    """Befalls no request, and remembers those that match, with their times."""

    seen: list[tuple[str, float]] = field(factory=list)

    def befalls(self, request: str) -> bool:
        if super().befalls(request):
            self.seen.append((request.partition(" ")[0], trio.current_time()))
        return False
