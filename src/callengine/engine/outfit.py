"""Which providers the settings ask for."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager

import trio
from attrs import field, frozen

from callengine.calls import Understood
from callengine.engine.ears import ears_of
from callengine.engine.messages import messenger_of
from callengine.engine.sound import clearly_heard, copies_of, open_shelf
from callengine.engine.speaking import synthesiser_of, voice_of
from callengine.engine.transcripts import transcript_log
from callengine.errors import ConfigError
from callengine.providers import (
    ONCE,
    BoundedLanguageModel,
    BoundedMessenger,
    BoundedTextToSpeech,
    Bounds,
    Complaints,
    GreetingJudge,
    IntentClassifier,
    LanguageModel,
    Messenger,
    Patience,
    RenderedSpeech,
    Speaker,
    SpeechToText,
    WebService,
)
from callengine.providers.openai import OpenAiConfig, open_model
from callengine.providers.shelves import HttpShelf, Shelf
from callengine.providers.silero import SileroJudge
from callengine.providers.web import WebHosts, open_web
from callengine.settings import HttpSettings, LlmSettings, Settings

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
        judge: tells people from machines by their voice; None where they are told by talk.
        free_disk: MiB free where the store is; None where that cannot be known.
        hosts: that `web` asks; None where it asks any.
        complaints: hear of every error of what calls listen, think and speak with.
        services: the bounds of each service.
        shelf: where sound lies for the PBX; None where there is no such place.
        understood: told of each answer.
        chores: run for as long as calls do.
    """

    ears: SpeechToText | None
    classifier: IntentClassifier
    speaker: Speaker | None = None
    messenger: Messenger | None = None
    web: WebService | None = None
    hosts: WebHosts | None = None
    judge: GreetingJudge | None = None
    free_disk: Callable[[], Awaitable[int | None]] | None = None
    complaints: Complaints = field(factory=Complaints)
    services: tuple[Bounds, ...] = ()
    shelf: Shelf | None = None
    understood: Callable[[Understood], None] = field(default=lambda _: None)
    chores: tuple[Callable[[], Awaitable[None]], ...] = ()

    @property
    def served(self) -> HttpShelf | None:
        """What the PBX fetches from us; None where it fetches nothing."""
        return self.shelf if isinstance(self.shelf, HttpShelf) else None

    def playable(self, uri: str) -> str:
        """How the PBX calls the sound of a scenario's media URI."""
        return uri if self.shelf is None else self.shelf.playable(uri)


@asynccontextmanager
async def outfit_of(settings: Settings) -> AsyncIterator[Outfit]:
    """The providers of these settings, open for the time of the block.

    Raises:
        ConfigError: a provider is asked for that cannot be had.
    """
    async with AsyncExitStack() as stack:
        bounds = _BoundsMaker(settings.http)
        model = await _model(settings.llm, bounds, stack)
        hosts = WebHosts(frozenset(settings.requests.hosts), settings.requests.token_of)
        shelf = await stack.enter_async_context(open_shelf(settings))
        ears = await ears_of(settings.stt, settings.llm.openai_api_key, bounds.bounds, stack)
        copies, transcripts = copies_of(settings.audio), transcript_log(settings)
        yield Outfit(
            ears=ears and clearly_heard(ears, settings, copies),
            classifier=IntentClassifier(model),
            judge=_judge(),
            speaker=await _speaker(settings, shelf, bounds, stack),
            messenger=await _messenger(settings, bounds, stack),
            web=await _web(hosts, settings.requests.max_parallel, stack),
            hosts=hosts,
            complaints=bounds.complaints,
            services=tuple(bounds.made),
            shelf=shelf,
            understood=transcripts.note if transcripts else lambda _: None,
            chores=tuple(kept.run for kept in (copies, transcripts) if kept is not None),
        )


@asynccontextmanager
async def language_model_of(settings: Settings) -> AsyncIterator[LanguageModel | None]:
    """The language model of these settings alone, open for the time of the block; None where they have no key for one.

    Raises:
        ConfigError: key or address cannot be used.
    """
    async with AsyncExitStack() as stack:
        yield await _model(settings.llm, _BoundsMaker(settings.http), stack)


@frozen
class _BoundsMaker:
    """Makes the bounds of each service, and remembers them."""

    http: HttpSettings
    complaints: Complaints = field(factory=Complaints)
    made: list[Bounds] = field(factory=list)

    def bounds(self, service: str, at_once: int, timeout: float) -> Bounds:
        http = self.http
        patience = Patience(http.attempts, http.hedge_seconds, http.failures, http.rest_seconds)
        return self._made(Bounds(service, trio.CapacityLimiter(at_once), timeout, self.complaints, patience))

    def once(self, service: str, at_once: int, timeout: float) -> Bounds:
        """Of a service whose failures pause nobody, and that is asked nothing twice."""
        return self._made(Bounds(service, trio.CapacityLimiter(at_once), timeout, patience=ONCE))

    def _made(self, bounds: Bounds) -> Bounds:
        self.made.append(bounds)
        return bounds


async def _model(settings: LlmSettings, bounds: _BoundsMaker, stack: AsyncExitStack) -> LanguageModel | None:
    key, base_url = settings.api_key, settings.base_url
    if not key:
        key, base_url = settings.openai_api_key, OPENAI
    if not key:
        return None
    config = OpenAiConfig(base_url, key.get_secret_value(), settings.model, settings.timeout, structured=settings.structured)
    model = await stack.enter_async_context(open_model(config))
    return BoundedLanguageModel(model, bounds.bounds("the language model", settings.max_parallel, settings.timeout))


async def _web(hosts: WebHosts, at_once: int, stack: AsyncExitStack) -> WebService | None:
    return await stack.enter_async_context(open_web(hosts, at_once=at_once)) if hosts.allowed else None


async def _messenger(settings: Settings, bounds: _BoundsMaker, stack: AsyncExitStack) -> Messenger | None:
    messenger = await messenger_of(settings, stack)
    if messenger is None:
        return None
    return BoundedMessenger(messenger, bounds.once("the message service", MESSAGES_AT_ONCE, settings.http.timeout))


def _judge() -> GreetingJudge | None:
    """There is one where its model is installed."""
    try:
        return SileroJudge.load()
    except ConfigError:
        return None


async def _speaker(settings: Settings, shelf: Shelf | None, bounds: _BoundsMaker, stack: AsyncExitStack) -> Speaker | None:
    tts = settings.tts
    made = await synthesiser_of(settings, stack) if shelf else None
    if made is None or shelf is None:
        return None
    speech = BoundedTextToSpeech(made.speech, bounds.bounds(made.service, tts.max_parallel, tts.timeout))
    return RenderedSpeech(speech, voice_of(tts), shelf, made.origin)
