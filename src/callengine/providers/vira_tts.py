"""Text to speech by Vira: one request has a text spoken, another fetches the audio from where the answer says it is."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from functools import partial

import httpx
import msgspec
from attrs import field, frozen
from attrs.validators import gt

from callengine.errors import ProviderUnavailable
from callengine.providers.base import Voice
from callengine.providers.ffmpeg import Ffmpeg
from callengine.providers.http import HttpService, checked_key, checked_url, open_service
from callengine.providers.spoken import MOST_AUDIO, wav_of
from callengine.providers.vira_stt import says_empty_account

URL = "https://partai.gw.isahab.ir/avasho/v2/avasho/request"
SPEAKER = "female"
"""Where no voice is named."""

NAME = "Vira's text to speech"
HEADER = "gateway-token"


@frozen
class ViraTtsConfig:
    """Where Vira is and who pays.

    Attributes:
        token: of the gateway; sent to the host of `url` alone, and never shown, in no error either.
        url: what texts are posted to.
        verify: whether certificates are checked.
        timeout: seconds for each wait for the network; `Bounds` limit the whole.
        ffmpeg: decodes what is not plain WAV.
    """

    token: str = field(repr=False)
    url: str = URL
    verify: bool = True
    timeout: float = field(default=30.0, validator=gt(0))
    ffmpeg: Ffmpeg = field(factory=Ffmpeg)

    def __attrs_post_init__(self) -> None:
        checked_key(self.token, "VIRA_TTS_TOKEN")
        checked_url(self.url, "VIRA_TTS_URL")


class _Part(msgspec.Struct):
    url: str | None = None
    filename: str | None = None


class _Response(msgspec.Struct):
    result: _Part | None = None


class _Inner(_Part, rename="camel"):
    ai_response: _Response | None = None


class _Data(_Part):
    data: _Inner | None = None

    @property
    def parts(self) -> Iterator[_Part]:
        """Itself and what lies within, as far as it is there."""
        yield self
        if self.data is not None:
            yield self.data
            if self.data.ai_response is not None and self.data.ai_response.result is not None:
                yield self.data.ai_response.result


class Answer(msgspec.Struct):
    """What Vira answers; like its recogniser's, what is wanted stands at one of three depths. One without it is none."""

    data: _Data

    def __post_init__(self) -> None:
        if not self.link:
            raise ValueError("it does not say where the audio is")

    @property
    def link(self) -> str:
        """Where the audio is, absolute or relative."""
        return next(self._links(), "")

    def _links(self) -> Iterator[str]:
        yield from (part.url for part in self.data.parts if part.url)
        names = (part.filename or "" for part in self.data.parts)
        yield from (name for name in names if name.startswith(("http://", "https://")))


@frozen
class ViraTextToSpeech:
    """A `TextToSpeech`; made by `open_vira_tts`, which owns the connections."""

    config: ViraTtsConfig
    service: HttpService
    files: HttpService

    async def synthesise(self, text: str, voice: Voice) -> bytes:
        """Return a WAV file, mono and 16-bit.

        Raises:
            BalanceExhausted: the account is empty.
            ProviderThrottled: too many requests.
            ProviderRefused: the text, the speaker or the token is wrong.
            ProviderUnavailable: the network or the service failed, or what came is no audio.
        """
        body = {"text": text, "speaker": voice.name or SPEAKER, "speed": voice.speed, "timestamp": False}
        request = self.service.post(self.config.url, body)
        request.headers[HEADER] = self.config.token
        answer = await self.service.ask_json(request, Answer)
        return await wav_of(await self._fetched(answer.link), NAME, self.config.ffmpeg)

    async def _fetched(self, link: str) -> bytes:
        url = place_of(link, self.config.url)
        request = self.files.client.build_request("GET", url, headers={"Accept": "audio/*"})
        if _origin(url) == _origin(httpx.URL(self.config.url)):
            request.headers[HEADER] = self.config.token
        return await self.files.ask(request, MOST_AUDIO)


def place_of(link: str, base: str) -> httpx.URL:
    """Return where a link leads, seen from an address.

    Raises:
        ProviderUnavailable: nowhere on the web.
    """
    try:
        url = httpx.URL(base).join(link)
        on_the_web = url.scheme in {"http", "https"} and bool(url.host)
    except (httpx.InvalidURL, ValueError):  # the latter for names of hosts that are none
        raise ProviderUnavailable(f"{NAME} named an address that is none") from None
    if not on_the_web:
        raise ProviderUnavailable(f"{NAME} named an address that is not on the web ({ascii(url.scheme)[1:-1]}:)")
    return url


def _origin(url: httpx.URL) -> tuple[str, str, int | None]:
    return url.scheme, url.host, url.port


@asynccontextmanager
async def open_vira_tts(
    config: ViraTtsConfig, transport: httpx.AsyncBaseTransport | None = None
) -> AsyncIterator[ViraTextToSpeech]:
    """Hold the connections to the service while the block runs.

    Args:
        transport: instead of the network, for tests.
    """
    opened = partial(open_service, patience=config.timeout, secrets=(config.token,), verify=config.verify, transport=transport)
    # A refusal of the audio says nothing about the account.
    async with opened(NAME, empty_account=says_empty_account) as service, opened("Vira's server of audio") as files:
        yield ViraTextToSpeech(config, service, files)
