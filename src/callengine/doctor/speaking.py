"""Whether somebody speaks: one short word is synthesised."""

from contextlib import AsyncExitStack
from typing import Final

from attrs import evolve

from callengine.doctor.asking import Service, asked
from callengine.doctor.finding import Sheet
from callengine.doctor.patient import Patient
from callengine.engine.speaking import synthesiser_of, voice_of
from callengine.providers import cartesia
from callengine.settings import Settings

WHAT: Final = "text to speech"

_WORDS: Final = {"fa": "سلام", "ar": "مرحبا", "de": "Hallo", "fr": "Salut", "es": "Hola", "tr": "Selam"}
"""By language; elsewhere Hello."""


async def check_speech(patient: Patient, sheet: Sheet) -> None:
    """Have the synthesiser say a word."""
    settings = patient.settings
    if settings.tts.chosen == "none":
        sheet.skip(WHAT, "No text to speech is configured (TTS_PROVIDER): prompts are recordings alone")
        return
    service = _service(settings)

    async def ask() -> str:
        async with AsyncExitStack() as stack:
            made = await synthesiser_of(settings, stack)
            assert made is not None
            word = _WORDS.get(settings.tts.language.partition("-")[0], "Hello")
            spoken = await made.speech.synthesise(word, voice_of(settings.tts))
            return f"{service.name} says {word!r} ({len(spoken):,} bytes)"

    await asked(service, sheet, ask)


def _service(settings: Settings) -> Service:
    tts = settings.tts
    common = Service(WHAT, "", details="TTS_VOICE, TTS_MODEL", timeout=("TTS_TIMEOUT", tts.timeout))
    match tts.chosen:
        case "vira":
            verify = settings.stt.verify_ssl
            return evolve(common, name="Vira", key="VIRA_TTS_TOKEN", address="VIRA_TTS_URL", url=tts.vira_url, verify=verify)
        case "cartesia":
            return evolve(common, name="Cartesia", key="CARTESIA_API_KEY", url=cartesia.BASE_URL, address="TTS_PROVIDER")
        case "openai":
            key = "TTS_API_KEY" if tts.api_key or not tts.at_openai else "OPENAI_API_KEY"
            name = "OpenAI" if tts.at_openai else tts.base_url
            return evolve(common, name=name, key=key, address="TTS_BASE_URL", url=tts.base_url)
        case _:
            return evolve(common, name="espeak-ng", details="TTS_VOICE, TTS_LANGUAGE")
