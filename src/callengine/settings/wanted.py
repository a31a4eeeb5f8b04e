"""Services that are asked for by name without what they need, and those that nobody will hear of without a word."""

from collections.abc import Iterator

from callengine.settings.sources import Problem
from callengine.settings.tree import Settings


def lacking(settings: Settings) -> Iterator[Problem]:
    """What a provider that is named lacks."""
    yield from _speech(settings)
    yield from _messages(settings)


def _speech(settings: Settings) -> Iterator[Problem]:
    tts = settings.tts
    if tts.provider == "vira" and not tts.vira_token:
        yield Problem("tts.vira_token", "TTS_PROVIDER is vira without VIRA_TTS_TOKEN: give its token, or another provider")
    if tts.provider == "cartesia" and not tts.cartesia_api_key:
        yield Problem("tts.cartesia_api_key", "TTS_PROVIDER is cartesia without CARTESIA_API_KEY: give its key")
    if tts.provider == "cartesia" and not tts.voice:
        yield Problem("tts.voice", "TTS_PROVIDER is cartesia without TTS_VOICE: give the id of a voice, as Cartesia lists them")
    if tts.provider == "openai" and tts.at_openai and not (tts.api_key or settings.llm.openai_api_key):
        yield Problem("tts.api_key", "TTS_PROVIDER is openai without TTS_API_KEY or OPENAI_API_KEY: give its key")


def _messages(settings: Settings) -> Iterator[Problem]:
    sms = settings.sms
    if sms.provider == "melipayamak" and not (sms.api_key and sms.sender):
        yield Problem("sms.api_key", "SMS_PROVIDER is melipayamak without SMS_API_KEY and SMS_FROM: give both")
    if sms.provider == "webhook" and not sms.webhook_url:
        yield Problem("sms.webhook_url", "SMS_PROVIDER is webhook without SMS_WEBHOOK_URL: give the address that sends")


def unheard(settings: Settings) -> Iterator[str]:
    """Sentences on tokens that give no speech and no message."""
    tts, sms = settings.tts, settings.sms
    if tts.provider == "auto" and tts.chosen == "none" and tts.cartesia_api_key:
        yield "CARTESIA_API_KEY gives no speech without TTS_VOICE, the id of a voice"
    by_folder = settings.media.delivery == "folder"
    if tts.provider == "auto" and tts.chosen != "none" and by_folder and not settings.audio.sound_dir:
        yield f"No speech is made by {tts.chosen} without AST_SOUND_DIR, the PBX's folder of custom sounds"
    if sms.webhook_token and sms.chosen != "webhook":
        yield "SMS_WEBHOOK_TOKEN has no effect: SMS_WEBHOOK_URL is not used"
