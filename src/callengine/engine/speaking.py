"""Which service speaks, by the settings."""

from contextlib import AsyncExitStack

from attrs import frozen

from callengine.providers import TextToSpeech, Voice, cartesia, openai_speech, vira_tts
from callengine.providers.base import NORMAL_PACE
from callengine.providers.cartesia import CartesiaConfig, open_cartesia
from callengine.providers.espeak import EspeakTextToSpeech
from callengine.providers.openai_speech import OpenAiSpeechConfig, open_openai_speech
from callengine.providers.vira_tts import ViraTtsConfig, open_vira_tts
from callengine.settings import Secret, Settings, TtsSettings


@frozen
class Synthesiser:
    """Who speaks.

    Attributes:
        service: its name, for messages.
        speech: not yet held to any bounds.
        model: what else tells its speech from that of others.
    """

    service: str
    speech: TextToSpeech
    model: str = ""

    @property
    def origin(self) -> str:
        """What tells its speech from that of others."""
        return f"{self.service} {self.model}"


def voice_of(tts: TtsSettings) -> Voice:
    """The voice of these settings."""
    return Voice(tts.language, tts.voice, round(NORMAL_PACE * tts.speed))


async def synthesiser_of(settings: Settings, stack: AsyncExitStack) -> Synthesiser | None:
    """The service of these settings, open for as long as the stack; None where nobody speaks.

    Raises:
        ConfigError: it is asked for without what it needs; the message names the setting.
    """
    tts = settings.tts
    match tts.chosen:
        case "local":
            return Synthesiser("espeak-ng", EspeakTextToSpeech(timeout=tts.timeout))
        case "vira":
            vira = ViraTtsConfig(_plain(tts.vira_token), tts.vira_url, settings.stt.verify_ssl, tts.timeout)
            return Synthesiser(vira_tts.NAME, await stack.enter_async_context(open_vira_tts(vira)), vira.url)
        case "cartesia":
            wanted = CartesiaConfig(_plain(tts.cartesia_api_key), tts.voice, tts.model or cartesia.MODEL, tts.timeout)
            return Synthesiser(cartesia.NAME, await stack.enter_async_context(open_cartesia(wanted)), wanted.model)
        case "openai":
            model, key = tts.model or openai_speech.MODEL, _openai_key(settings)
            openai = OpenAiSpeechConfig(tts.base_url, key, model, tts.format, tts.timeout)
            opened = await stack.enter_async_context(open_openai_speech(openai))
            return Synthesiser(openai_speech.NAME, opened, f"{openai.base_url} {model}")
    return None


def _plain(secret: Secret[str]) -> str:
    return secret.get_secret_value()


def _openai_key(settings: Settings) -> str:
    """OpenAI's own key goes to OpenAI alone."""
    tts = settings.tts
    return _plain(tts.api_key or settings.llm.openai_api_key) if tts.at_openai else _plain(tts.api_key)
