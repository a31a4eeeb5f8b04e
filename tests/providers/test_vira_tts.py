"""Vira's text to speech: where it says the audio is, and who is told the token."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import msgspec
import pytest
import trio
from hypothesis import example, given
from hypothesis import strategies as st

from callengine.errors import (
    BalanceExhausted,
    ConfigError,
    ProviderError,
    ProviderRefused,
    ProviderThrottled,
    ProviderUnavailable,
)
from callengine.providers import TextToSpeech, Voice
from callengine.providers.audio import read_wav
from callengine.providers.spoken import MOST_AUDIO
from callengine.providers.vira_tts import Answer, ViraTtsConfig, open_vira_tts, place_of
from callengine.testing import SECRET, Reply, Subject, check_tts, open_wire
from tests.providers.fake_ffmpeg import DECODED, fake_ffmpeg, told
from tests.providers.test_spoken import MP3, NO_FFMPEG, SPOKEN

API = "https://vira.test/avasho/v2/request"
EMPTY = (
    Reply(403),
    Reply(400, b'{"status": "error", "message": "balanceError"}'),
    Reply(200, b'{"data": {"message": "Your credit is below the set threshold"}}'),
)


def answer(**data: object) -> bytes:
    return msgspec.json.encode({"status": "success", "data": {"filename": "a.wav", "duration": 0.5, **data}})


def nested(**result: str) -> dict[str, object]:
    return {"filename": None, "data": {"aiResponse": {"result": result}}}


class Web:
    """Vira at `API`, and whatever else is asked: everything else holds the audio."""

    def __init__(self, content: bytes, audio: Callable[[httpx.Request], httpx.Response] | None = None) -> None:
        self.content, self.asked = content, list[httpx.Request]()
        self.audio = audio or (lambda _: httpx.Response(200, content=SPOKEN))

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        return httpx.Response(201, content=self.content) if request.method == "POST" else self.audio(request)

    async def speak(self, voice: Voice | None = None, config: ViraTtsConfig | None = None) -> bytes:
        config = config or ViraTtsConfig(SECRET, API, ffmpeg=NO_FFMPEG)
        async with open_vira_tts(config, httpx.MockTransport(self)) as mouth:
            return await mouth.synthesise("سلام", voice or Voice())

    @property
    def fetched(self) -> httpx.Request:
        [_, request] = self.asked
        return request


async def test_it_conforms() -> None:
    async with open_wire(Reply(body=SPOKEN)) as files:

        @asynccontextmanager
        async def vira(url: str) -> AsyncIterator[TextToSpeech]:
            async with open_vira_tts(ViraTtsConfig(SECRET, url, ffmpeg=NO_FFMPEG)) as opened:
                yield opened

        await check_tts(Subject(vira, Reply(201, answer(url=f"{files.url}/a.wav")), EMPTY))
        assert files.asked
        assert all(SECRET not in f"{asked.headers} {asked.target}" for asked in files.asked)


async def test_a_text_is_sent_as_vira_wants_it() -> None:
    web = Web(answer(url="https://vira.test/files/a.wav"))
    assert await web.speak(Voice("fa", "shahrzad", 165)) == SPOKEN
    asked = web.asked[0]
    assert (str(asked.url), asked.headers["gateway-token"]) == (API, SECRET)
    assert asked.headers["Content-Type"] == "application/json"
    assert msgspec.json.decode(asked.content) == {"text": "سلام", "speaker": "shahrzad", "speed": 1.1, "timestamp": False}
    await web.speak()
    assert msgspec.json.decode(web.asked[2].content)["speaker"] == "female"


@pytest.mark.parametrize(
    ("data", "place"),
    [
        ({"url": "https://files.test/a.mp3?sig=1"}, "https://files.test/a.mp3?sig=1"),
        ({"url": "/files/a.wav"}, "https://vira.test/files/a.wav"),
        ({"url": "a.wav"}, "https://vira.test/avasho/v2/a.wav"),
        ({"url": "//files.test/a.wav"}, "https://files.test/a.wav"),
        ({"data": {"url": "/a.wav"}}, "https://vira.test/a.wav"),
        (nested(url="https://files.test/a.mp3"), "https://files.test/a.mp3"),
        (nested(filename="https://files.test/a.mp3"), "https://files.test/a.mp3"),
        ({"url": "", "filename": "https://files.test/a.mp3"}, "https://files.test/a.mp3"),
        ({"url": "/right.wav", "filename": "https://files.test/wrong.mp3"}, "https://vira.test/right.wav"),
    ],
)
async def test_the_audio_is_fetched_from_where_it_is_said_to_be(data: dict[str, object], place: str) -> None:
    web = Web(answer(**data))
    assert await web.speak() == SPOKEN
    assert str(web.fetched.url) == place
    assert web.fetched.method == "GET"


@pytest.mark.parametrize(
    ("link", "trusted"),
    [
        ("/files/a.wav", True),
        ("https://vira.test/a.wav", True),
        ("http://vira.test/a.wav", False),
        ("https://vira.test:8443/a.wav", False),
        ("https://vira.test.evil.test/a.wav", False),
        ("https://vira.test@evil.test/a.wav", False),
        ("//evil.test/a.wav", False),
        ("https://files.test/a.wav", False),
    ],
)
async def test_the_token_goes_to_the_host_of_the_api_alone(link: str, trusted: bool) -> None:
    web = Web(answer(url=link))
    assert await web.speak() == SPOKEN
    assert (web.fetched.headers.get("gateway-token") == SECRET) is trusted
    assert (SECRET in f"{web.fetched.url} {web.fetched.headers.multi_items()}") is trusted


@pytest.mark.parametrize(
    "link", ["file:///etc/passwd", "ftp://files.test/a", "data:audio/wav;base64,AAAA", "http://", "http://[::1"]
)
async def test_an_address_beside_the_web_is_not_asked(link: str) -> None:
    web = Web(answer(url=link))
    with pytest.raises(ProviderUnavailable, match="named an address"):
        await web.speak()
    assert len(web.asked) == 1


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (httpx.Response(200, content=b"<html>maintenance</html>"), ProviderUnavailable),
        (httpx.Response(200), ProviderUnavailable),
        (httpx.Response(200, content=SPOKEN[:500]), ProviderUnavailable),
        (httpx.Response(200, content=b"\0" * (MOST_AUDIO + 1)), ProviderUnavailable),
        (httpx.Response(302, headers={"Location": "http://169.254.169.254/"}), ProviderRefused),
        (httpx.Response(403, content=SECRET.encode()), ProviderRefused),
        (httpx.Response(404), ProviderRefused),
        (httpx.Response(429), ProviderThrottled),
        (httpx.Response(503), ProviderUnavailable),
    ],
)
async def test_audio_that_cannot_be_had_says_nothing_about_the_account(
    reply: httpx.Response, error: type[ProviderError]
) -> None:
    web = Web(answer(url="/a.wav"), lambda _: reply)
    with pytest.raises(error) as raised:
        await web.speak()
    assert type(raised.value) is error
    assert SECRET not in str(raised.value)
    assert len(web.asked) == 2


async def test_audio_without_an_end_is_left_at_its_bound() -> None:
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        while True:
            sent += 65_536
            await trio.lowlevel.checkpoint()
            yield b"\0" * 65_536

    with pytest.raises(ProviderUnavailable, match=f"more than {MOST_AUDIO} bytes"):
        await Web(answer(url="/a.wav"), lambda _: httpx.Response(200, content=endless())).speak()
    assert sent <= MOST_AUDIO + 2 * 65_536


async def test_mp3_is_decoded(tmp_path: Path) -> None:
    web = Web(answer(url="/a.mp3"), lambda _: httpx.Response(200, content=MP3))
    spoken = await web.speak(config=ViraTtsConfig(SECRET, API, ffmpeg=fake_ffmpeg(tmp_path)))
    assert read_wav(spoken) == DECODED
    assert " -f mp3 " in told(tmp_path)


async def test_an_answer_that_names_no_audio_is_none() -> None:
    for content in (
        answer(),
        answer(url=None),
        answer(url=7),
        answer(filename="a.mp3"),
        b'{"data": null}',
        b'{"data": {}}',
        b"[]",
    ):
        with pytest.raises(ProviderUnavailable, match="not what was asked for"):
            await Web(content).speak()
    with pytest.raises(BalanceExhausted):
        await Web(b'{"data": {"filename": null}, "error": "balanceError"}').speak()


def test_what_vira_needs_is_named_and_its_token_is_in_no_repr() -> None:
    assert SECRET not in repr(ViraTtsConfig(SECRET))
    for token in ("", "two words"):
        with pytest.raises(ConfigError, match="VIRA_TTS_TOKEN"):
            ViraTtsConfig(token)
    with pytest.raises(ConfigError, match="VIRA_TTS_URL"):
        ViraTtsConfig(SECRET, "vira.test")


Json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["data", "url", "filename", "aiResponse", "result", "duration"]), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(st.fixed_dictionaries({"data": Json}))
def test_whatever_is_answered_it_names_a_link_or_is_refused(document: dict[str, object]) -> None:
    content = msgspec.json.encode(document)
    try:
        found = msgspec.json.decode(content, type=Answer)
    except msgspec.DecodeError:
        return
    assert found.link
    assert found.link in _texts(document)


def _texts(part: object) -> list[str]:
    if isinstance(part, str):
        return [part]
    inner = part.values() if isinstance(part, dict) else part if isinstance(part, list) else ()
    return [text for each in inner for text in _texts(each)]


@given(st.text(max_size=60) | st.from_regex(r"(https?|file)?:?(//)?[a-z.:@\[\]%0-9-]{0,20}(/\S{0,10})?", fullmatch=True))
@example("http://xn--a")
@example("http://a:99999999/")
@example("\x00")
@example("//[")
@example("?" * 70_000)
def test_wherever_a_link_leads_it_is_on_the_web_or_refused(link: str) -> None:
    try:
        url = place_of(link, API)
    except ProviderUnavailable:
        return
    assert url.scheme in {"http", "https"}
    assert httpx.Request("GET", url).url.host
