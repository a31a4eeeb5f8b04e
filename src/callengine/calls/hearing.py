"""Hearing what the customer says: recorded, and turned into text."""

from collections.abc import Iterable

import structlog
import trio

from callengine.calls.context import CallContext
from callengine.errors import NothingHeard, ProviderError
from callengine.fsm.steps import LONGEST_THOUGHT
from callengine.model import MomentKind
from callengine.providers import SpeechHints
from callengine.providers.audio import heard_nothing

log = structlog.get_logger()


async def hear(call: CallContext, phrases: Iterable[str]) -> str | None:
    """Record the customer and return what they say: empty where it is nothing, None where it could not be had.

    Args:
        phrases: what they are likely to say.

    Raises:
        AriLost: the PBX did not answer.
    """
    stt = call.chart.scenario.stt
    audio = await call.talk.record(max_duration=stt.max_duration, max_silence=stt.max_silence)
    if audio is None:
        return None
    try:
        with trio.move_on_after(LONGEST_THOUGHT):
            hints = SpeechHints(phrases=tuple(phrases), hotwords=stt.hotwords, recording=call.talk.recording_name)
            return await _transcribed(call, audio, hints)
        log.warning("speech to text took too long")
    except NothingHeard:
        return ""
    except ProviderError as error:
        log.warning("speech to text failed", error=str(error))
    return None


async def _transcribed(call: CallContext, audio: bytes, hints: SpeechHints) -> str:
    if call.services.ears is None or await heard_nothing(audio):
        return ""
    call.note(MomentKind.PROVIDER, "speech to text", f"{len(audio)} bytes")
    return await call.services.ears.transcribe(audio, hints)
