"""What each step type does in a call: one performer a type, plain sequential code, and the one table of them.

A performer returns the step's outcome; the chart decides where the call goes. A hangup reaches it as cancellation.
"""

from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from types import MappingProxyType
from typing import TypeVar, cast

import structlog
import trio

from callengine.calls.context import CallContext
from callengine.calls.transfer import transfer
from callengine.errors import NothingHeard, ProviderError
from callengine.fsm import (
    UNKNOWN,
    CheckRetryLimit,
    ClassifyIntent,
    Disconnect,
    Entry,
    Hangup,
    PlayPrompt,
    Record,
    RouteByIntent,
    SetResult,
    Step,
    TransferToOperator,
    Wait,
)
from callengine.fsm.steps import LONGEST_THOUGHT, Branch, Set
from callengine.model import MomentKind, Outcome, TransferOutcome
from callengine.providers import SpeechHints
from callengine.providers.audio import heard_nothing

S = TypeVar("S", bound=Step)

Performer = Callable[[CallContext, S], Awaitable[Outcome | None]]
"""Performs one step; None means that the call ends here."""

NEXT = Outcome("next")
ON_EMPTY = Outcome("on_empty")
ON_FAILURE = Outcome("on_failure")
ON_SUCCESS = Outcome("on_success")
OTHERWISE = Outcome("otherwise")

log = structlog.get_logger()


async def entry(call: CallContext, step: Entry) -> Outcome:
    return NEXT


async def play_prompt(call: CallContext, step: PlayPrompt) -> Outcome:
    await call.talk.play(call.media(step.prompt))
    return NEXT


async def record(call: CallContext, step: Record) -> Outcome:
    stt = call.chart.scenario.stt
    take = partial(call.talk.record, max_duration=stt.max_duration, max_silence=stt.max_silence)
    async with call.beside(take) as recorder:
        audio = await recorder.result()
    if audio is None:
        return ON_FAILURE
    with trio.move_on_after(LONGEST_THOUGHT):
        return await _understand(call, audio)
    log.warning("speech to text took too long")
    return ON_FAILURE


async def _understand(call: CallContext, audio: bytes) -> Outcome:
    try:
        transcript = await _transcribe(call, audio)
    except NothingHeard:
        return ON_EMPTY
    except ProviderError as error:
        log.warning("speech to text failed", error=str(error))
        return ON_FAILURE
    if not transcript:
        return ON_EMPTY
    call.memory.transcript = transcript
    return NEXT


async def _transcribe(call: CallContext, audio: bytes) -> str:
    scenario, ears = call.chart.scenario, call.services.ears
    if ears is None or await heard_nothing(audio):
        return ""
    phrases = tuple(phrase for phrases in scenario.llm.fallback_tokens.values() for phrase in phrases)
    call.note(MomentKind.PROVIDER, "speech to text", f"{len(audio)} bytes")
    return await ears.transcribe(audio, SpeechHints(phrases=phrases, hotwords=scenario.stt.hotwords))


async def classify_intent(call: CallContext, step: ClassifyIntent) -> Outcome:
    think = partial(call.services.classifier.classify, call.memory.transcript, call.chart.scenario.llm)
    async with call.beside(think) as classifier:
        if step.prompt is not None:
            await call.talk.play(call.media(step.prompt))
        with trio.move_on_after(LONGEST_THOUGHT) as patience:
            found = await classifier.result()
    if patience.cancelled_caught:
        log.warning("classification took too long")
        return ON_FAILURE
    if found.detail:
        log.warning("the language model was not heeded", reason=found.detail)
    call.note(MomentKind.PROVIDER, f"intent by {found.source}", found.intent or "none")
    if found.intent is None:
        return ON_FAILURE
    call.memory.intent = found.intent
    return NEXT


async def route_by_intent(call: CallContext, step: RouteByIntent) -> Outcome:
    return Outcome(call.memory.intent or UNKNOWN)


async def check_retry_limit(call: CallContext, step: CheckRetryLimit) -> Outcome:
    count = call.memory.counters.get(step.counter, 0) + 1
    call.memory.counters[step.counter] = count
    return Outcome("within_limit") if count <= step.max_count else Outcome("exceeded")


async def branch(call: CallContext, step: Branch) -> Outcome:
    known, now = call.known(), call.services.pbx.ambient.wall()
    fitting = (outcome for outcome, case in step.named_cases() if all(test.holds(known, now) for test in case.when))
    return next(fitting, OTHERWISE)


async def remember(call: CallContext, step: Set) -> Outcome:
    for name, template in step.values.items():
        call.memory.variables[name] = call.text(template)
    for name, number in step.add.items():
        call.memory.counters[name] = call.memory.counters.get(name, 0) + number
    return NEXT


async def set_result(call: CallContext, step: SetResult) -> Outcome:
    call.memory.result = step.result
    return NEXT


async def transfer_to_operator(call: CallContext, step: TransferToOperator) -> Outcome:
    return ON_SUCCESS if await transfer(call, step) is TransferOutcome.COMPLETED else ON_FAILURE


async def hang_up(call: CallContext, step: Disconnect | Hangup) -> None:
    """The end of the call hangs up whoever is still there."""


async def wait(call: CallContext, step: Wait) -> Outcome:
    """Until somebody hangs up, or the call has lasted too long: both cancel this."""
    await trio.sleep_forever()


_PERFORMERS: Mapping[type[Step], object] = MappingProxyType(
    {
        Entry: entry,
        PlayPrompt: play_prompt,
        Record: record,
        ClassifyIntent: classify_intent,
        RouteByIntent: route_by_intent,
        CheckRetryLimit: check_retry_limit,
        SetResult: set_result,
        TransferToOperator: transfer_to_operator,
        Disconnect: hang_up,
        Hangup: hang_up,
        Wait: wait,
        Branch: branch,
        Set: remember,
    }
)


def performer_of(step: S) -> Performer[S]:
    """The performer of a step's type."""
    return cast("Performer[S]", _PERFORMERS[type(step)])
