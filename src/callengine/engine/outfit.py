"""Which providers the settings ask for."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager

import trio
from attrs import field, frozen

from callengine.providers import (
    BoundedLanguageModel,
    BoundedMessenger,
    BoundedSpeechToText,
    BoundedTextToSpeech,
    Bounds,
    Complaints,
    IntentClassifier,
    LanguageModel,
    Messenger,
    RenderedSpeech,
    Speaker,
    SpeechToText,
    Voice,
    WebService,
)
from callengine.providers.espeak import EspeakTextToSpeech
from callengine.providers.local import PocketsphinxSpeechToText
from callengine.providers.melipayamak import MeliPayamakConfig, open_messenger
from callengine.providers.openai import OpenAiConfig, open_model
from callengine.providers.web import WebHosts, open_web
from callengine.settings import LlmSettings, Settings, SttSettings

MESSAGES_AT_ONCE = 4
"""Short messages that are sent at the same time."""

OPENAI = "https://api.openai.com/v1"


@frozen
class Outfit:
    """What calls listen, think and speak with.

    Attributes:
        ears: None where every reply counts as silence.
        speaker: None where nothing but recorded prompts is played.
        messenger: None where no short message is sent.
        web: None where no web service is asked.
        free_disk: MiB free where the store is; None where that cannot be known.
        hosts: that `web` asks; None where it asks any.
        complaints: hear of every error of what calls listen, think and speak with.
    """

    ears: SpeechToText | None
    classifier: IntentClassifier
    speaker: Speaker | None = None
    messenger: Messenger | None = None
    web: WebService | None = None
    hosts: WebHosts | None = None
    free_disk: Callable[[], Awaitable[int | None]] | None = None
    complaints: Complaints = field(factory=Complaints)


@asynccontextmanager
async def outfit_of(settings: Settings) -> AsyncIterator[Outfit]:
    """The providers of these settings, open for the time of the block.

    Raises:
        ConfigError: a provider is asked for that cannot be had.
    """
    async with AsyncExitStack() as stack:
        complaints = Complaints()
        model = await _model(settings.llm, complaints, stack)
        hosts = WebHosts(frozenset(settings.requests.hosts), settings.requests.token_of)
        yield Outfit(
            ears=await _ears(settings.stt, complaints),
            classifier=IntentClassifier(model),
            speaker=_speaker(settings, complaints),
            messenger=await _messenger(settings, stack),
            web=await _web(hosts, settings.requests.max_parallel, stack),
            hosts=hosts,
            complaints=complaints,
        )


async def _model(settings: LlmSettings, complaints: Complaints, stack: AsyncExitStack) -> LanguageModel | None:
    key, base_url = settings.api_key, settings.base_url
    if not key:
        key, base_url = settings.openai_api_key, OPENAI
    if not key:
        return None
    config = OpenAiConfig(base_url, key.get_secret_value(), settings.model, settings.timeout)
    model = await stack.enter_async_context(open_model(config))
    return BoundedLanguageModel(model, _bounds("the language model", settings.max_parallel, settings.timeout, complaints))


async def _web(hosts: WebHosts, at_once: int, stack: AsyncExitStack) -> WebService | None:
    return await stack.enter_async_context(open_web(hosts, at_once=at_once)) if hosts.allowed else None


async def _messenger(settings: Settings, stack: AsyncExitStack) -> Messenger | None:
    if not settings.sms.api_key or not settings.sms.sender:
        return None
    timeout = settings.http.timeout
    config = MeliPayamakConfig(settings.sms.api_key.get_secret_value(), settings.sms.sender, timeout)
    messenger = await stack.enter_async_context(open_messenger(config))
    return BoundedMessenger(messenger, _bounds("the message service", MESSAGES_AT_ONCE, timeout, Complaints()))


async def _ears(settings: SttSettings, complaints: Complaints) -> SpeechToText | None:
    if settings.provider == "none":
        return None
    ears = await PocketsphinxSpeechToText.load()
    return BoundedSpeechToText(ears, _bounds("pocketsphinx", settings.max_parallel, settings.timeout, complaints))


def _speaker(settings: Settings, complaints: Complaints) -> Speaker | None:
    tts, folder = settings.tts, settings.audio.sound_dir
    if tts.provider == "none" or folder is None:
        return None
    bounds = _bounds("espeak-ng", tts.max_parallel, tts.timeout, complaints)
    voice = BoundedTextToSpeech(EspeakTextToSpeech(timeout=tts.timeout), bounds)
    return RenderedSpeech(voice, Voice(tts.language), folder)


def _bounds(service: str, at_once: int, timeout: float, complaints: Complaints) -> Bounds:
    return Bounds(service, trio.CapacityLimiter(at_once), timeout, complaints)
