"""Whether somebody understands speech: half a second of a tone is sent."""

from array import array
from contextlib import AsyncExitStack
from math import pi, sin
from typing import Final

import trio
from attrs import evolve

from callengine.doctor.asking import LONGEST, Service, asked
from callengine.doctor.finding import Sheet
from callengine.doctor.patient import Patient
from callengine.engine.ears import ears_of
from callengine.providers import ONCE, Bounds, SpeechHints
from callengine.providers.audio import Sound, write_wav
from callengine.providers.deepgram import BASE_URL as DEEPGRAM
from callengine.providers.openai_stt import OPENAI
from callengine.settings import Settings

WHAT: Final = "speech to text"

_RATE, _SECONDS, _HERTZ, _LOUD = 8_000, 0.5, 300.0, 6_000


async def check_ears(patient: Patient, sheet: Sheet) -> None:
    """Have the recogniser listen."""
    settings = patient.settings
    if settings.stt.service == "none":
        sheet.skip(WHAT, "No speech to text is configured (STT_PROVIDER): every reply counts as silence")
        return
    service = _service(settings)

    async def ask() -> str:
        async with AsyncExitStack() as stack:
            ears = await ears_of(settings.stt, settings.llm.openai_api_key, _bounds, stack)
            assert ears is not None
            heard = await ears.transcribe(tone(), SpeechHints(phrases=("yes", "no"), language=settings.stt.language))
            return f"{service.name} answers" + (
                f", and heard {heard!r} in a tone" if heard else " and hears no words in a tone"
            )

    await asked(service, sheet, ask)


def _bounds(service: str, at_once: int, timeout: float) -> Bounds:
    return Bounds(service, trio.CapacityLimiter(at_once), min(timeout, LONGEST), patience=ONCE)


def tone() -> bytes:
    """Half a second of a tone that swells and fades, as a WAV file."""
    count = int(_RATE * _SECONDS)
    samples = (_LOUD * sin(pi * at / count) * sin(2 * pi * _HERTZ * at / _RATE) for at in range(count))
    return write_wav(Sound(_RATE, array("h", map(int, samples))))


def _service(settings: Settings) -> Service:
    stt = settings.stt
    common = Service(WHAT, "", timeout=("STT_TIMEOUT", stt.timeout))
    match stt.service:
        case "vira":
            return evolve(
                common, name="Vira", key="VIRA_STT_TOKEN", address="VIRA_STT_URL", url=stt.vira_url, verify=stt.verify_ssl
            )
        case "deepgram":
            return evolve(
                common,
                name="Deepgram",
                key="DEEPGRAM_API_KEY",
                address="STT_BASE_URL",
                url=stt.base_url or DEEPGRAM,
                details="STT_MODEL, STT_LANGUAGE",
            )
        case "openai":
            key = "STT_API_KEY" if stt.api_key or not stt.at_openai else "OPENAI_API_KEY"
            url = stt.base_url or OPENAI
            name = "OpenAI" if stt.at_openai else url
            return evolve(common, name=name, key=key, address="STT_BASE_URL", url=url, details="STT_MODEL, STT_LANGUAGE")
        case _:
            return evolve(common, name="pocketsphinx", details="STT_PROVIDER")
