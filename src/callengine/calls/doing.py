"""How short messages are sent, numbers taken off, and callbacks written down: each at most once for a visit of its step.

A hangup does not undo what was asked for: once begun, it is an errand that goes on though the call ends.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import partial

import structlog

from callengine.calls.context import CallContext
from callengine.calls.times import next_time
from callengine.fsm import OptOut, ScheduleCallback, SendSms
from callengine.fsm.steps import Doing
from callengine.model import Book, Callback, Digits, MomentKind

FEWEST_HOURS, MOST_HOURS = 1, 720

log = structlog.get_logger()


async def sent(call: CallContext, step: SendSms) -> bool:
    """Whether a short message was sent."""
    messenger, to, text = (
        call.services.messenger,
        _number(call.services.rules.numbering.known, call.text(step.to), step),
        call.text(step.text),
    )
    if messenger is None:
        log.warning("short message: there is nobody to send it", step=step.id)
    if not text.strip():
        log.warning("short message: it is empty once it is filled in", step=step.id)
    if messenger is None or to is None or not text.strip():
        return False
    call.note(MomentKind.PROVIDER, "short message", "")
    return await call.services.errands.carry_out("short message", lambda: messenger.send(to, text))


async def opted_out(call: CallContext, step: OptOut) -> bool:
    """Whether the customer's number was put on the do-not-dial list."""
    number = _number(call.services.rules.numbering.known, call.customer_number, step)
    if number is None:
        return False
    told = partial(call.services.opted_out, number)
    shown = {"number": number, "step": step.id}
    return await _written(call, "do-not-dial", lambda book: book.opt_out(number), shown, then=told)


async def scheduled(call: CallContext, step: ScheduleCallback) -> bool:
    """Whether it was written down that the customer is to be called back."""
    number, not_before = _number(call.services.rules.numbering.contact, call.text(step.to), step), _time_of(call, step)
    if number is None or not_before is None:
        return False
    callback = Callback(call.id, number, not_before, call.chart.scenario.name, call.fields)
    shown = {"number": number, "not_before": not_before.isoformat(), "scenario": callback.scenario}
    return await _written(call, "callback", lambda book: book.call_back(callback), shown)


async def _written(
    call: CallContext,
    what: str,
    unit: Callable[[Book], None],
    shown: Mapping[str, str],
    then: Callable[[], None] = lambda: None,
) -> bool:
    """Whether a unit of work was carried to the book; `then` is called at once, and the log tells `shown`."""
    writer = call.services.writer
    if writer is None:
        log.warning(f"{what}: there is no book to write it in")
        return False

    async def write() -> None:
        await writer.write(unit)
        then()
        log.info(f"{what}: written down", **shown)

    return await call.services.errands.carry_out(what, write)


def _number(read: Callable[[str], Digits], text: str, step: Doing) -> Digits | None:
    """The log has no text that is none: it may be what a caller said."""
    try:
        return read(text)
    except ValueError:
        log.warning("what is to be written to, or called, is no telephone number, or none that may be called", step=step.id)
        return None


def _time_of(call: CallContext, step: ScheduleCallback) -> datetime | None:
    ambient = call.services.pbx.ambient
    if step.at is not None:
        return next_time(step.at, ambient, step.zone)
    if step.after is not None:
        return ambient.wall() + timedelta(seconds=step.after)
    hours = hours_of(call.known().get(step.in_hours or "", ""))
    if hours is None:
        log.warning(f"no whole number of hours, {FEWEST_HOURS} to {MOST_HOURS}", step=step.id, variable=step.in_hours)
        return None
    return ambient.wall() + timedelta(hours=hours)


def hours_of(text: str) -> int | None:
    """The whole number of hours that a text is, if a callback may be that far ahead."""
    digits = text.strip()
    if not digits.isdecimal() or len(digits) > len(str(MOST_HOURS)):
        return None
    return int(digits) if FEWEST_HOURS <= int(digits) <= MOST_HOURS else None
