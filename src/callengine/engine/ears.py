"""Which recogniser the settings ask for."""

from collections.abc import Callable
from contextlib import AsyncExitStack

from callengine.providers import BoundedSpeechToText, Bounds, SpeechToText
from callengine.providers.deepgram import BASE_URL as DEEPGRAM
from callengine.providers.deepgram import DeepgramConfig, open_deepgram
from callengine.providers.local import PocketsphinxSpeechToText
from callengine.providers.openai_stt import OPENAI, OpenAiSttConfig, open_openai_stt
from callengine.providers.vira_stt import ViraSttConfig, open_vira_stt
from callengine.settings import Secret, SttSettings

MakesBounds = Callable[[str, int, float], Bounds]
"""The name of a service, uses at once, seconds."""


async def ears_of(
    settings: SttSettings, openai: Secret[str], bounds: MakesBounds, stack: AsyncExitStack
) -> SpeechToText | None:
    """The recogniser, open until the stack is closed; None where every reply counts as silence.

    Args:
        openai: the key for OpenAI itself.

    Raises:
        ConfigError: it cannot be had.
    """
    if settings.service == "none":
        return None
    name, ears = await _opened(settings, openai, stack)
    return BoundedSpeechToText(ears, bounds(name, settings.max_parallel, settings.timeout))


async def _opened(settings: SttSettings, openai: Secret[str], stack: AsyncExitStack) -> tuple[str, SpeechToText]:
    timeout = settings.timeout
    match settings.service:
        case "vira":
            vira = ViraSttConfig(settings.vira_url, settings.vira_token.get_secret_value(), settings.verify_ssl, timeout)
            return "Vira's speech to text", await stack.enter_async_context(open_vira_stt(vira))
        case "deepgram":
            deepgram = DeepgramConfig(
                settings.deepgram_api_key.get_secret_value(),
                settings.model or "nova-3",
                settings.language,
                timeout,
                settings.base_url or DEEPGRAM,
            )
            return "Deepgram", await stack.enter_async_context(open_deepgram(deepgram))
        case "openai":
            key = settings.key_for_openai(openai).get_secret_value()
            config = OpenAiSttConfig(settings.base_url or OPENAI, key, settings.model, settings.language, timeout)
            return "the speech to text service", await stack.enter_async_context(open_openai_stt(config))
        case _:
            return "pocketsphinx", await PocketsphinxSpeechToText.load()
