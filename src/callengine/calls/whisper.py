"""What an operator hears before they take the call, and the key by which they take it."""

from collections.abc import Awaitable, Callable

import structlog
import trio

from callengine.ari import Subscription
from callengine.calls.asking import pressed
from callengine.calls.beside import Beside
from callengine.calls.context import CallContext
from callengine.calls.legs import Leg
from callengine.calls.spoken import spoken
from callengine.calls.talk import Talk
from callengine.errors import AriError
from callengine.fsm import ToOperator
from callengine.fsm.steps import LONGEST_THOUGHT
from callengine.model import TransferOutcome

ACCEPTED_WITHIN = 10.0
"""Seconds after the whisper in which an operator may press the key that accepts the call."""

Whisper = Callable[[], Awaitable[str | None]]
"""Waits for the media URI of what the operator hears; None for nothing."""

log = structlog.get_logger()


def is_attended(step: ToOperator) -> bool:
    """Whether an operator who picks up is told or asked something before the customer is bridged to them."""
    return step.accept_key is not None or step.whisper is not None or step.whisper_text is not None


async def whisper_media(call: CallContext, step: ToOperator) -> str | None:
    """The media URI of what operators hear first, made ready while they are rung; None for nothing."""
    if step.whisper is not None:
        return call.media(step.whisper)
    return None if step.whisper_text is None else await spoken(call, step.whisper_text, LONGEST_THOUGHT)


async def asked(call: CallContext, step: ToOperator, leg: Leg, beside: Beside, whisper: Whisper) -> TransferOutcome | None:
    """Tell the operator who it is, and ask whether they take the call; None if they do."""
    if not is_attended(step):
        return None
    try:
        with call.services.pbx.router.subscribe(leg.id) as events:
            return await _answer(step, Talk(leg), beside, whisper, events)
    except AriError as error:
        log.warning("operator could not be asked", error=str(error))
        return TransferOutcome.UNREACHABLE


async def _answer(
    step: ToOperator, talk: Talk, beside: Beside, whisper: Whisper, events: Subscription
) -> TransferOutcome | None:
    patience = trio.CancelScope()

    async def tell() -> None:
        try:
            media = await whisper()
            if media is not None:
                await talk.play(media)
        except AriError as error:
            log.warning("operator could not be told who it is", error=str(error))
        finally:
            patience.deadline = trio.current_time() + ACCEPTED_WITHIN

    if step.accept_key is None:
        await tell()
        return None
    key: str | None = None
    async with talk.playing(beside, tell):
        with patience:
            key = await pressed(events)
    if key is None:
        return TransferOutcome.NO_ANSWER
    return None if key == step.accept_key else TransferOutcome.DECLINED
