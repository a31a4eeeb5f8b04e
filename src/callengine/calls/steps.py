"""What each step type does in a call: one performer a type, plain sequential code, and the one table of them.

A performer returns the step's outcome; the chart decides where the call goes. A hangup reaches it as cancellation.
"""

from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from types import MappingProxyType
from typing import TypeVar, cast

import structlog
import trio

from callengine.calls.answered import detect_machine
from callengine.calls.asking import speak
from callengine.calls.choosing import collect_digits, menu
from callengine.calls.context import CallContext, Understood
from callengine.calls.doing import opted_out, scheduled, sent
from callengine.calls.greeting import leave_message
from callengine.calls.hearing import hear
from callengine.calls.queue import queue
from callengine.calls.requesting import remembered
from callengine.calls.texts import LONGEST_REMEMBERED
from callengine.calls.transfer import transfer
from callengine.fsm import (
    UNKNOWN,
    CheckRetryLimit,
    ClassifyIntent,
    DetectMachine,
    Disconnect,
    Enter,
    Entry,
    Hangup,
    Leave,
    LeaveMessage,
    OptOut,
    PlayPrompt,
    Queue,
    Record,
    Request,
    RouteByIntent,
    ScheduleCallback,
    SendSms,
    SetResult,
    Step,
    TransferToOperator,
    Wait,
)
from callengine.fsm.outcomes import NEXT, ON_EMPTY, ON_FAILURE, ON_SUCCESS, OTHERWISE
from callengine.fsm.steps import LONGEST_THOUGHT, Branch, CollectDigits, Menu, Say, Set
from callengine.model import MomentKind, Outcome, TransferOutcome

S = TypeVar("S", bound=Step)

Performer = Callable[[CallContext, S], Awaitable[Outcome | None]]
"""Performs one step; None means that the call ends here."""


log = structlog.get_logger()


async def entry(call: CallContext, step: Entry) -> Outcome:
    return NEXT


async def enter(call: CallContext, step: Enter) -> Outcome:
    return NEXT


async def leave(call: CallContext, step: Leave) -> Outcome:
    return Outcome(step.outcome)


async def play_prompt(call: CallContext, step: PlayPrompt) -> Outcome:
    await call.talk.play(call.media(step.prompt))
    return NEXT


async def say(call: CallContext, step: Say) -> Outcome:
    return NEXT if await speak(call, step.text) else ON_FAILURE


async def record(call: CallContext, step: Record) -> Outcome:
    phrases = (phrase for phrases in call.chart.scenario.llm.fallback_tokens.values() for phrase in phrases)
    transcript = await hear(call, phrases)
    if transcript is None:
        return ON_FAILURE
    if not transcript:
        return ON_EMPTY
    call.memory.transcript = transcript
    return NEXT


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
    call.note(MomentKind.PROVIDER, found.way, found.intent or "none")
    scenario, transcript = call.chart.scenario.name, call.memory.transcript
    call.services.understood(Understood(call.id, scenario, step.id, transcript, found.intent, found.source))
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
        call.memory.variables[name] = call.text(template)[:LONGEST_REMEMBERED]
    for name, number in step.add.items():
        call.memory.counters[name] = call.memory.counters.get(name, 0) + number
    return NEXT


async def set_result(call: CallContext, step: SetResult) -> Outcome:
    call.memory.result = step.result
    return NEXT


async def transfer_to_operator(call: CallContext, step: TransferToOperator) -> Outcome:
    return ON_SUCCESS if await transfer(call, step) is TransferOutcome.COMPLETED else ON_FAILURE


async def request(call: CallContext, step: Request) -> Outcome:
    return NEXT if await remembered(call, step) else ON_FAILURE


async def send_sms(call: CallContext, step: SendSms) -> Outcome:
    return NEXT if await sent(call, step) else ON_FAILURE


async def opt_out(call: CallContext, step: OptOut) -> Outcome:
    return NEXT if await opted_out(call, step) else ON_FAILURE


async def schedule_callback(call: CallContext, step: ScheduleCallback) -> Outcome:
    return NEXT if await scheduled(call, step) else ON_FAILURE


async def hang_up(call: CallContext, step: Disconnect | Hangup) -> None:
    """The end of the call hangs up whoever is still there."""


async def wait(call: CallContext, step: Wait) -> Outcome:
    """Until somebody hangs up, or the call has lasted too long: both cancel this."""
    await trio.sleep_forever()


_PERFORMERS: Mapping[type[Step], object] = MappingProxyType(
    {
        Entry: entry,
        Enter: enter,
        Leave: leave,
        PlayPrompt: play_prompt,
        Say: say,
        Record: record,
        Menu: menu,
        CollectDigits: collect_digits,
        DetectMachine: detect_machine,
        LeaveMessage: leave_message,
        ClassifyIntent: classify_intent,
        RouteByIntent: route_by_intent,
        CheckRetryLimit: check_retry_limit,
        SetResult: set_result,
        TransferToOperator: transfer_to_operator,
        Queue: queue,
        Request: request,
        SendSms: send_sms,
        OptOut: opt_out,
        ScheduleCallback: schedule_callback,
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
