"""Vira's speech to text, in good and bad moods."""

import json
import random
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from email.message import Message
from email.parser import BytesParser

import httpx
import pytest
from hypothesis import given

from callengine.errors import (
    BalanceExhausted,
    ConfigError,
    NothingHeard,
    ProviderError,
    ProviderRefused,
    ProviderThrottled,
    ProviderUnavailable,
)
from callengine.providers import SpeechHints, SpeechToText
from callengine.providers.audio import write_wav
from callengine.providers.vira_stt import ViraSttConfig, open_vira_stt, says_empty_account, says_no_speech, text_of
from callengine.testing import SECRET, Reply, Subject, check_stt
from tests.providers.odd_json import odd_json
from tests.providers.test_audio import tone

URL = "https://vira.test/stt/v1"
AUDIO = write_wav(tone())

Answer = Callable[[httpx.Request], httpx.Response]


def fields_of(request: httpx.Request) -> list[tuple[str, str | None, bytes]]:
    """The parts of a form: name, name of the file, content."""
    head = f"Content-Type: {request.headers['Content-Type']}\r\n\r\n".encode()
    form = BytesParser().parsebytes(head + request.content)
    return [
        (str(part.get_param("name", header="Content-Disposition")), part.get_filename(), content_of(part))
        for part in form.walk()
        if not part.is_multipart()
    ]


def content_of(part: Message) -> bytes:
    content = part.get_payload(decode=True)
    assert isinstance(content, bytes)
    return content


async def hear(answer: Answer, hints: SpeechHints | None = None) -> str:
    async with open_vira_stt(ViraSttConfig(URL, SECRET), httpx.MockTransport(answer)) as ears:
        return await ears.transcribe(AUDIO, hints or SpeechHints())


def reply(status: int, body: object) -> Answer:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return lambda _: httpx.Response(status, content=content)


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[SpeechToText]:
    async with open_vira_stt(ViraSttConfig(url, SECRET)) as ears:
        yield ears


async def test_it_conforms() -> None:
    subject = Subject(
        opened,
        Reply(body=json.dumps({"data": {"text": "بله، حتما"}}).encode()),
        empty=(
            Reply(403, b"forbidden"),
            Reply(400, b'{"error": "balanceError"}'),
            Reply(500, b'{"message": "Your credit is below the set threshold"}'),
            Reply(200, b'{"data": {"error": {"code": "balanceError"}}}'),
            Reply(200, b'{"data": {"text": ""}, "message": "credit is below the set threshold"}'),
            Reply(200, b"credit is below the set threshold"),
        ),
        silent=Reply(400, b'{"message": "Empty Audio file"}'),
    )
    await check_stt(subject, AUDIO, "بله، حتما")


async def test_the_request_is_the_one_that_deployments_send() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        assert (request.method, str(request.url)) == ("POST", URL)
        assert request.headers["gateway-token"] == SECRET
        assert sorted(fields_of(request)) == sorted(
            [
                ("audio", "audio.wav", AUDIO),
                ("model", None, b"default"),
                *((name, None, b"false") for name in ("srt", "inverseNormalizer", "timestamp", "spokenPunctuation")),
                *((name, None, b"false") for name in ("punctuation", "diarize")),
                ("numSpeakers", None, b"0"),
                ("hotwords[]", None, "آگراد".encode()),
                ("hotwords[]", None, "موسسه صالحی".encode()),
                ("hotwords[]", None, b"half ?"),
            ]
        )
        return httpx.Response(200, json={"data": {"text": "بله"}})

    hints = SpeechHints(hotwords=("آگراد", " ", "موسسه صالحی", "half \ud800"), language="fa")
    assert await hear(answer, hints) == "بله"


async def test_audio_arrives_as_it_is_whatever_bytes_it_holds() -> None:
    noise = random.Random(6).randbytes(4096) + b"\r\n--boundary--\r\n\r\n"

    def answer(request: httpx.Request) -> httpx.Response:
        assert [content for name, _, content in fields_of(request) if name == "audio"] == [noise]
        return httpx.Response(200, json={"data": {"text": "بله"}})

    async with open_vira_stt(ViraSttConfig(URL, SECRET), httpx.MockTransport(answer)) as ears:
        await ears.transcribe(noise, SpeechHints())


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ({"data": {"text": " بله "}}, "بله"),
        ({"data": {"data": {"text": "نه"}}}, "نه"),
        ({"data": {"data": {"aiResponse": {"result": {"text": "شاید"}}}}}, "شاید"),
        ({"data": {"text": None, "data": {"text": ["no"], "aiResponse": {"result": {"text": "شاید"}}}}}, "شاید"),
        ({"data": {"text": "", "data": {"text": "نه"}}}, "نه"),
        ({"data": {"text": ""}, "balanceError": False}, ""),
        ({"data": {"text": "they said: credit is below the set threshold"}}, "they said: credit is below the set threshold"),
    ],
)
async def test_the_text_is_found_where_it_may_be(body: object, text: str) -> None:
    assert await hear(reply(200, body)) == text


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (reply(200, {"data": {"text": "", "error": "Empty Audio file"}}), NothingHeard),
        (reply(200, {"message": "empty audio file"}), NothingHeard),
        (reply(422, b"Empty Audio file"), NothingHeard),
        (reply(200, {"balanceError": {"left": 0}}), BalanceExhausted),
        (reply(429, {"error": "balanceError"}), BalanceExhausted),
        (reply(429, b""), ProviderThrottled),
        (reply(401, f"bad token {SECRET}".encode()), ProviderRefused),
        (reply(200, {"data": None}), ProviderUnavailable),
        (reply(200, {"data": []}), ProviderUnavailable),
        (reply(200, {"data": {"text": {"text": "no"}}}), ProviderUnavailable),
        (reply(200, {"data": {"data": {"aiResponse": None}}}), ProviderUnavailable),
        (reply(200, {"balanceError": False}), ProviderUnavailable),
        (reply(200, [1]), ProviderUnavailable),
        (reply(200, 10**400), ProviderUnavailable),
        (reply(200, b"null"), ProviderUnavailable),
    ],
)
async def test_every_failure_has_its_family_and_none_shows_the_token(answer: Answer, error: type[ProviderError]) -> None:
    with pytest.raises(error) as raised:
        await hear(answer)
    assert type(raised.value) is error
    assert SECRET not in str(raised.value)


@given(odd_json("data", "text", "aiResponse", "result", "balanceError"))
def test_no_answer_breaks_the_readers(content: bytes) -> None:
    text = text_of(content)
    assert text is None or text == text.strip()
    assert says_no_speech(200, content) is False
    says_empty_account(200, content)


def test_the_token_is_in_no_repr_and_bad_settings_are_named() -> None:
    assert SECRET not in repr(ViraSttConfig(URL, SECRET))
    with pytest.raises(ConfigError, match="VIRA_STT_URL"):
        ViraSttConfig("vira.test", SECRET)
    with pytest.raises(ConfigError, match="VIRA_STT_TOKEN"):
        ViraSttConfig(URL, "two words")
