"""Who answered a call, a person or a machine: told by their talk, by their voice, or by Asterisk's AMD."""

import math
from collections.abc import Mapping
from contextlib import AsyncExitStack
from functools import partial
from types import MappingProxyType

import structlog
import trio
from attrs import define, field

from callengine.ari import ChannelTalkingFinished, ChannelTalkingStarted, EventsLost
from callengine.calls.context import CallContext
from callengine.calls.greeting import Voice, hearing
from callengine.calls.talk import Talk
from callengine.errors import AriRefused
from callengine.fsm import DetectMachine
from callengine.model import MomentKind, Outcome
from callengine.providers import Answerer, GreetingEar, GreetingJudge, GreetingRules

HUMAN = Outcome("human")
MACHINE = Outcome("machine")
NOT_SURE = Outcome("not_sure")

_OUTCOMES: Mapping[Answerer, Outcome] = MappingProxyType(
    {Answerer.PERSON: HUMAN, Answerer.MACHINE: MACHINE, Answerer.NOT_SURE: NOT_SURE}
)
_STATUSES: Mapping[str, Outcome] = MappingProxyType({"HUMAN": HUMAN, "MACHINE": MACHINE})
"""What the application AMD says in the variable AMDSTATUS; NOTSURE and HANGUP besides."""

_PIECE = 1.0
"""Seconds of sound that are recorded at a time, unless somebody stops speaking before: the shortest that Asterisk takes."""

log = structlog.get_logger()


async def detect_machine(call: CallContext, step: DetectMachine) -> Outcome:
    judge = call.services.judge
    if step.by == "amd":
        return await _by_amd(call)
    if step.by == "voice" and judge is not None:
        return await _by_voice(call, step, judge)
    return await _by_talk(call, step)


async def _by_talk(call: CallContext, step: DetectMachine) -> Outcome:
    try:
        async with hearing(call.customer, step.after_greeting) as voice:
            return await _who(voice, step)
    except AriRefused as refusal:
        log.warning("talk cannot be detected", error=str(refusal))
        return NOT_SURE


async def _who(voice: Voice, step: DetectMachine) -> Outcome:
    """A greeting that ends in time is heard to end `after_greeting` later; one that is not, goes on too long."""
    if not isinstance(await voice.begins(trio.current_time() + step.initial_silence), ChannelTalkingStarted):
        return NOT_SURE
    match await voice.ends(trio.current_time() + step.longest + step.after_greeting):
        case ChannelTalkingFinished():
            return HUMAN
        case None:
            return MACHINE
        case _:
            return NOT_SURE


async def _by_amd(call: CallContext) -> Outcome:
    try:
        status = await call.customer.command(call.services.pbx.ari.get_variable(call.customer.id, "AMDSTATUS"))
    except AriRefused as refusal:
        log.warning("the dialplan did not run AMD before this call", error=str(refusal))
        return NOT_SURE
    return _STATUSES.get(status, NOT_SURE)


async def _by_voice(call: CallContext, step: DetectMachine, judge: GreetingJudge) -> Outcome:
    rules = GreetingRules(step.initial_silence, step.longest, step.after_greeting, step.patience)
    with judge.listen(rules) as ear:
        async with call.talk.recording(call.beside, partial(_listen, call, ear, step.after_greeting)) as listening:
            with trio.move_on_after(step.patience):
                await listening.result()
        judgement = ear.end()
    call.note(MomentKind.PROVIDER, "who answered", f"{judgement.who} after {judgement.at:.1f} s: {judgement.why}")
    return _OUTCOMES[judgement.who]


async def _listen(call: CallContext, ear: GreetingEar, silence: float) -> None:
    """Until it is clear who answered, or they can be recorded no longer."""
    pieces = _Pieces(call.talk)
    async with AsyncExitStack() as stack:
        try:
            voice = await stack.enter_async_context(hearing(call.customer, silence))
            await stack.enter_async_context(call.beside(partial(pieces.cut_after_talk, voice)))
        except AriRefused as refusal:  # then it takes up to a second longer
            log.warning("talk cannot be detected", error=str(refusal))
        while (audio := await pieces.next()) is not None and await ear.hear(audio, pieces.seconds) is None:
            pass


@define(eq=False)
class _Pieces:
    """What is recorded, piece by piece; between two of them a few requests' time is not heard.

    Attributes:
        seconds: that the last piece took; 0 where it is not known, because it was cut.
    """

    _talk: Talk
    seconds: float = field(default=_PIECE, init=False)

    async def next(self) -> bytes | None:
        """Record the next; None where that failed."""
        self.seconds = _PIECE
        return await self._talk.record(max_duration=_PIECE, max_silence=None, passing=True)

    async def cut_after_talk(self, voice: Voice) -> None:
        """End a piece as soon as the PBX hears that somebody has stopped speaking."""
        while (event := await voice.ends(math.inf)) is not None:
            if not isinstance(event, EventsLost):
                self.seconds = 0.0
                await self._talk.cut()
