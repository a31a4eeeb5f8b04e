"""Hearing how a call was answered, and leaving a machine a message.

Asterisk's function TALK_DETECT tells when somebody begins to speak and when they have been silent for so long. The channel
stays in our application.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

import structlog
import trio
from attrs import frozen

from callengine.ari import ChannelTalkingFinished, ChannelTalkingStarted, Event, EventsLost, Subscription
from callengine.calls.context import CallContext
from callengine.calls.legs import Leg
from callengine.calls.spoken import spoken
from callengine.errors import AriError, AriRefused
from callengine.fsm import LeaveMessage
from callengine.fsm.outcomes import NEXT, ON_FAILURE
from callengine.fsm.steps import LONGEST_SYNTHESIS
from callengine.model import Outcome

_LOUDNESS = 256
"""Above which a sound is speech: the mean of its samples, of 32,767. Asterisk's own figure."""

_SET, _REMOVE = "TALK_DETECT(set)", "TALK_DETECT(remove)"

log = structlog.get_logger()


@frozen
class Voice:
    """Somebody's voice, as far as the PBX tells of it."""

    _events: Subscription

    async def begins(self, deadline: float) -> Event | None:
        """Wait until they speak, at most until a moment on trio's clock: `ChannelTalkingStarted`, or None when they did not, or
        `EventsLost`, after which nobody knows.
        """
        return await self._next(ChannelTalkingStarted, deadline)

    async def ends(self, deadline: float) -> Event | None:
        """As above, until they have been silent for long enough: `ChannelTalkingFinished`."""
        return await self._next(ChannelTalkingFinished, deadline)

    async def _next(self, kind: type[Event], deadline: float) -> Event | None:
        with trio.move_on_at(deadline):
            async for event in self._events:
                if isinstance(event, (kind, EventsLost)):
                    return event
        return None


@asynccontextmanager
async def hearing(leg: Leg, silence: float) -> AsyncIterator[Voice]:
    """Have the PBX listen to a person for the time of a block.

    Args:
        silence: seconds after which they are said to have finished.

    Raises:
        AriRefused: the PBX does not listen.
        AriLost: it did not reply.
    """
    with leg.pbx.router.subscribe(leg.id) as events:
        await leg.command(leg.pbx.ari.set_variable(leg.id, _SET, f"{round(silence * 1000)},{_LOUDNESS}"))
        yield Voice(events)
    try:
        await leg.command(leg.pbx.ari.set_variable(leg.id, _REMOVE, ""))
    except AriError as error:  # it listens on, and nobody heeds it
        log.warning("talk detection goes on", error=str(error))


async def leave_message(call: CallContext, step: LeaveMessage) -> Outcome:
    async with call.beside(partial(_message, call, step)) as message:
        await _greeted(call.customer, step)
        media = await message.result()
    if media is None:
        return ON_FAILURE
    played = await call.talk.play(media)
    return NEXT if played or step.prompt is not None else ON_FAILURE


async def _message(call: CallContext, step: LeaveMessage) -> str | None:
    """The media URI of the message; None where its text could not be spoken."""
    if step.prompt is not None:
        return call.media(step.prompt)
    return await spoken(call, step.text or "", LONGEST_SYNTHESIS)


async def _greeted(leg: Leg, step: LeaveMessage) -> None:
    """Wait until the machine has said what it has to say; the whole of `wait` where that cannot be heard."""
    deadline = trio.current_time() + step.wait
    try:
        async with hearing(leg, step.silence) as voice:
            heard = await voice.begins(min(trio.current_time() + step.silence, deadline))
            if isinstance(heard, ChannelTalkingStarted):
                heard = await voice.ends(deadline)
            if not isinstance(heard, EventsLost):
                return
    except AriRefused as refusal:
        log.warning("talk cannot be detected", error=str(refusal))
    await trio.sleep_until(deadline)
