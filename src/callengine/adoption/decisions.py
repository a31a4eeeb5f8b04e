"""Pure: what to do with calls whose outcome is not written, by what the PBX shows of them after a restart.

| the PBX shows of the customer's channel | the call | its result |
|---|---|---|
| bridged with another channel of ours | goes on until either leaves | `connected_to_operator`, `inbound_call` |
| alone in a bridge of ours: the operator has left | hung up | the same |
| up | hung up | `answered_unserved` |
| anything else | hung up | `failed:restart` |
| nothing, and the PBX has restarted since | over | `pbx_lost` |
| nothing else: a request may still be on its way | hung up if it appears | `failed:unconfirmed` |

An attempt's channel bears the id that was written with its intent, and a caller's the id that was written at their arrival.
One that an older version wrote down without it is known by caller, number called and order.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Literal

import attrs
from attrs import field, frozen

from callengine.ari import Bridge, Channel, application_of
from callengine.model import (
    Attempt,
    AttemptState,
    CallResult,
    Cause,
    LineId,
    Placement,
    Purpose,
    Received,
    Result,
    TransferOutcome,
)

Over = Attempt | Received
"""A call of ours, or one that came in."""

AFTER_RESTART = "the engine was restarted while this call was in progress"

_UP = "Up"
_OUR_BRIDGES = "Stasis"


@frozen
class Found:
    """What the PBX showed after the restart.

    Attributes:
        app: our application.
        startup_time: since when the PBX runs.
        held: ids of channels that the engine has taken up since it runs: none of them is an earlier life's.
    """

    app: str
    channels: tuple[Channel, ...]
    bridges: tuple[Bridge, ...]
    startup_time: datetime
    held: frozenset[str] = frozenset()


@frozen
class Talk:
    """A customer and an operator who talk with each other: both stay.

    Attributes:
        operator_line: whose slot the operator's channel takes; None where it is on no line of ours.
        talked: seconds that they have talked already.
    """

    call: Over
    customer: str
    operator: str
    bridge: str
    operator_line: LineId | None = None
    talked: float = 0.0


@frozen
class Cut:
    """A call to hang up.

    Attributes:
        call: with the outcome to write.
        bridge: of ours that it is in; empty where there is none.
    """

    call: Over
    channel: str
    bridge: str = ""


@frozen
class Vanished:
    """A call of which the PBX shows nothing.

    Attributes:
        call: with the outcome to write.
        may_appear: the id of a channel that may still come to be; empty where that is out of the question.
    """

    call: Over
    may_appear: str = ""


@frozen
class LooseLeg:
    """An operator's channel that takes a slot of a line and serves no customer any more."""

    channel: str
    line: LineId


@frozen
class Decisions:
    """Every unfinished call stands in one of the first three, once."""

    talks: tuple[Talk, ...] = ()
    cuts: tuple[Cut, ...] = ()
    vanished: tuple[Vanished, ...] = ()
    loose: tuple[LooseLeg, ...] = ()


def decide(
    attempts: Iterable[Attempt],
    received: Iterable[Received],
    found: Found,
    *,
    placements: Iterable[Placement] = (),
    now: datetime,
) -> Decisions:
    """What becomes of each unfinished call.

    Args:
        attempts, received: those whose outcome is not written.
        placements: written of late, those of operator legs among them.
        now: an attempt of which it is not known when it was placed counts in its line's windows as of this moment.
    """
    ours = {each.id: each for each in found.channels if each.id not in found.held}
    attempts = tuple(attempts)
    lines = {each.id: each.line for each in placements}
    view = _View(ours, _bridges(found), lines)
    calls: list[tuple[Over, Channel | None]] = [(each, ours.get(each.channel or "")) for each in attempts]
    calls += _callers(tuple(received), found)
    fates = [_fate(call, channel, view, found.startup_time, now) for call, channel in calls]
    talks = tuple(fate for fate in fates if isinstance(fate, Talk))
    customers = {channel.id for _, channel in calls if channel is not None}
    talking = {talk.operator for talk in talks}
    loose = (LooseLeg(each, lines[each]) for each in ours if each in lines and each not in customers | talking)
    return Decisions(
        talks,
        tuple(fate for fate in fates if isinstance(fate, Cut)),
        tuple(fate for fate in fates if isinstance(fate, Vanished)),
        tuple(loose),
    )


@frozen
class _View:
    """Of the PBX: our channels by id, the bridge each is in, the line each takes a slot of."""

    channels: Mapping[str, Channel]
    bridge_of: Mapping[str, Bridge]
    lines: Mapping[str, LineId] = field(factory=dict)

    def partner(self, channel: str) -> str | None:
        """Whom a channel talks with."""
        bridge = self.bridge_of.get(channel)
        members = bridge.channels if bridge is not None else ()
        return next((each for each in members if each != channel and each in self.channels), None)


def _bridges(found: Found) -> Mapping[str, Bridge]:
    ours = (each for each in found.bridges if each.creator == _OUR_BRIDGES and each.name == found.app)
    return {channel: bridge for bridge in ours for channel in bridge.channels}


def _fate(call: Over, channel: Channel | None, view: _View, startup: datetime, now: datetime) -> Talk | Cut | Vanished:
    if channel is None:
        return _vanished(call, startup, now)
    bridge, partner = view.bridge_of.get(channel.id), view.partner(channel.id)
    if bridge is None:
        return Cut(cut(call, now, answered=channel.state == _UP), channel.id)
    if partner is None:
        return Cut(talked(call, Cause.PARTNER_GONE, 0.0, now), channel.id, bridge.id)
    return Talk(call, channel.id, partner, bridge.id, view.lines.get(partner), _talked_already(call, bridge, now))


def _talked_already(call: Over, bridge: Bridge, now: datetime) -> float:
    """Seconds since the bridge was made, which is when both were to talk. It tells so by the PBX's clock, which may differ from
    ours: nobody has talked for longer than there has been a call.
    """
    if bridge.creationtime is None:
        return 0.0
    return min(max((now - bridge.creationtime).total_seconds(), 0.0), (now - _began(call)).total_seconds())


def _began(call: Over) -> datetime:
    return call.intended_at if isinstance(call, Attempt) else call.arrived_at


def _vanished(call: Over, startup: datetime, now: datetime) -> Vanished:
    if startup > _began(call):
        lost = CallResult(Result("pbx_lost"), Cause.PBX_LOST, answered=False, detail="the PBX was restarted during this call")
        return Vanished(closed(call, lost, now))
    detail = f"{AFTER_RESTART}; what became of it is not known"
    unconfirmed = CallResult(Result("failed:unconfirmed"), Cause.UNCONFIRMED, answered=False, detail=detail)
    may_appear = call.channel or "" if isinstance(call, Attempt) else ""
    return Vanished(closed(call, unconfirmed, now, state=AttemptState.UNKNOWN), may_appear)


def cut(call: Over, now: datetime, *, answered: bool) -> Over:
    """A call that is hung up, with its outcome."""
    result = Result("answered_unserved" if answered else "failed:restart")
    return closed(call, CallResult(result, Cause.SHUTDOWN, answered, detail=AFTER_RESTART), now)


def talked(call: Over, cause: Cause, seconds: float, now: datetime) -> Over:
    """A call in which customer and operator have talked, with its outcome.

    Args:
        seconds: for how long.
    """
    result = Result("connected_to_operator" if isinstance(call, Attempt) else "inbound_call")
    outcome = CallResult(
        result,
        cause,
        answered=True,
        detail=AFTER_RESTART,
        seconds=seconds,
        transfer=TransferOutcome.COMPLETED,
        talked=seconds,
    )
    return closed(call, outcome, now)


Ended = Literal[AttemptState.SETTLED, AttemptState.UNKNOWN]


def closed(call: Over, outcome: CallResult, now: datetime, *, state: Ended = AttemptState.SETTLED) -> Over:
    """A call with its outcome."""
    if isinstance(call, Received):
        return attrs.evolve(call, outcome=outcome)
    return attrs.evolve(call, state=state, outcome=outcome, placed_at=call.placed_at or now)


def slot_of(call: Over) -> tuple[LineId, Purpose] | None:
    """The slot that the customer's channel takes; None where the call counts against no line."""
    if call.line is None:
        return None
    return call.line, Purpose.OUTBOUND if isinstance(call, Attempt) else Purpose.INBOUND


def _callers(received: tuple[Received, ...], found: Found) -> list[tuple[Over, Channel | None]]:
    """Each call that came in with its channel."""
    known = {call.channel for call in received if call.channel is not None}
    there = {channel.id: channel for channel in found.channels if channel.id not in found.held}
    calls: list[tuple[Over, Channel | None]] = [
        (call, there.get(call.channel)) for call in received if call.channel is not None
    ]
    nameless = [call for call in received if call.channel is None]
    return calls + _by_order(nameless, [channel for name, channel in there.items() if name not in known], found.app)


def _by_order(received: Iterable[Received], channels: Iterable[Channel], app: str) -> list[tuple[Over, Channel | None]]:
    """Calls without an id of their channel: told apart by order where caller and number called are the same."""
    waiting: dict[tuple[str, str], list[Channel]] = {}
    for channel in sorted(channels, key=_since):
        called = _called(channel, app)
        if called is not None:
            waiting.setdefault(called, []).append(channel)
    calls: list[tuple[Over, Channel | None]] = []
    # The latest first: who of several callers is gone already, called before those who are still there, most likely.
    for call in sorted(received, key=lambda each: each.arrived_at, reverse=True):
        those = waiting.get((call.caller, call.dialled))
        calls.append((call, those.pop() if those else None))
    return calls


def _since(channel: Channel) -> float:
    return channel.creationtime.timestamp() if channel.creationtime is not None else 0.0


def _called(channel: Channel, app: str) -> tuple[str, str] | None:
    """Who called which number; None for a channel that is not in our application."""
    if application_of(channel) != app:
        return None
    args = channel.dialplan.app_data.split(",")[1:]
    dialled = args[1] if args[:1] == ["inbound"] and len(args) > 1 else channel.dialplan.exten
    return channel.caller.number, dialled
