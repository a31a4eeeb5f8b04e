"""Who answered a call, a person or a machine: told by their talk, by their voice, or by Asterisk's AMD."""

from collections.abc import Mapping
from functools import partial
from types import MappingProxyType

import structlog
import trio

from callengine.ari import ChannelTalkingFinished, ChannelTalkingStarted
from callengine.calls.context import CallContext
from callengine.calls.greeting import Voice, hearing
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

_SHORTEST_PIECE, _LONGEST_PIECE = 0.1, 1.0
"""Seconds that are recorded at a time."""

_OVERDUE = 0.3
"""Seconds after which a piece is ended that should have ended: Asterisk waits four for a telephone that sends no sound."""

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
        status = await call.services.pbx.ari.get_variable(call.customer.id, "AMDSTATUS")
    except AriRefused as refusal:
        log.warning("the dialplan did not run AMD before this call", error=str(refusal))
        return NOT_SURE
    return _STATUSES.get(status, NOT_SURE)


async def _by_voice(call: CallContext, step: DetectMachine, judge: GreetingJudge) -> Outcome:
    rules = GreetingRules(step.initial_silence, step.longest, step.after_greeting, step.patience)
    async with judge.listen(rules) as ear:
        async with call.talk.recording(call.beside, partial(_listen, call, ear)) as listening:
            with trio.move_on_after(step.patience):
                await listening.result()
        judgement = ear.end()
    call.note(MomentKind.PROVIDER, "who answered", f"{judgement.who} after {judgement.at:.1f} s: {judgement.why}")
    return _OUTCOMES[judgement.who]


async def _listen(call: CallContext, ear: GreetingEar) -> None:
    """Until it is clear who answered, or they can be recorded no longer.

    They are recorded in pieces: Asterisk gives out no recording that goes on. Between two of them a few requests' time is not
    heard. A piece ends when it may be clear.
    """
    judgement = None
    while judgement is None:
        seconds = min(max(ear.clear_in, _SHORTEST_PIECE), _LONGEST_PIECE)
        audio = await _piece(call, seconds)
        if audio is None:
            return
        judgement = await ear.hear(audio, seconds)


async def _piece(call: CallContext, seconds: float) -> bytes | None:
    """A recording of so many seconds; None where it failed."""
    record = partial(call.talk.record, max_duration=_LONGEST_PIECE, max_silence=None, passing=True)
    async with call.beside(record) as recorder:
        with trio.move_on_after(seconds if seconds < _LONGEST_PIECE else _LONGEST_PIECE + _OVERDUE):
            return await recorder.result()
        await call.talk.cut()
        return await recorder.result()
