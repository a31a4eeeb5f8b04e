"""What every provider must do, as checks that ship: whoever adds one has it checked against a server of odd answers.

A check opens the provider against a web server on loopback and raises `AssertionError` with a sentence on what it did wrong.
"""

import zlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial
from typing import Generic, TypeVar

import trio
from attrs import evolve, frozen

from callengine.errors import (
    BalanceExhausted,
    NothingHeard,
    ProviderError,
    ProviderRefused,
    ProviderThrottled,
    ProviderUnavailable,
    innermost,
)
from callengine.providers import LanguageModel, Messenger, Question, SpeechHints, SpeechToText, TextToSpeech, Voice
from callengine.providers.audio import read_wav
from callengine.testing.wire import Reply, Wire, open_wire

P = TypeVar("P")

SECRET = "canary-key-93417"  # noqa: S105  # it is no secret: it must not be seen again
"""The key that a provider under test is to be opened with: no error may show it."""

PATIENCE = 10.0
"""Seconds of real time after which a check is given up."""

_AT_ONCE = 5
_PIECES = 16
_PADDING = 64 * 1024 * 1024
"""Bytes that an answer is swollen to, and whose packed form is a thousandth of it."""

_RETRY_AFTER = 7
_ODD: tuple[tuple[str, Reply, tuple[type[ProviderError], ...]], ...] = (
    ("a wrong key", Reply(401, f"no such key: {SECRET}\nforged line".encode()), (ProviderRefused,)),
    ("a bad request", Reply(400, b'{"error": "bad"}'), (ProviderRefused,)),
    ("a redirect", Reply(302, b"", {"Location": "http://169.254.169.254/"}), (ProviderRefused,)),
    ("too many requests", Reply(429, b"slow down", {"Retry-After": str(_RETRY_AFTER)}), (ProviderThrottled,)),
    ("an error of its own", Reply(500, f"oops {SECRET}".encode()), (ProviderUnavailable,)),
    ("a gateway's error", Reply(502, b"<html>bad gateway</html>"), (ProviderUnavailable,)),
)
_NOT_AN_ANSWER: tuple[tuple[str, Reply], ...] = (
    ("HTML with status 200", Reply(200, b"<html>maintenance</html>", {"Content-Type": "text/html"})),
    ("nothing with status 200", Reply(200)),
    ("events where JSON was asked for", Reply(200, b'data: {"something": "else"}\n\n', {"Content-Type": "text/event-stream"})),
    ("JSON of another kind", Reply(200, b'{"something": "else"}')),
    ("bytes that are no text", Reply(200, b"\xff\xfe\x00")),
    ("nested JSON without an end", Reply(200, b"[" * 100_000)),
)


@frozen
class Subject(Generic[P]):
    """A provider to be checked.

    Attributes:
        open: opens it against a server at a URL, with the key `SECRET`.
        good: the vendor's answer in which a text, or for speech a WAV file, is delivered.
        empty: the vendor's answers that say the account is empty.
        silent: for speech to text, its answer to audio without speech, if it has one of its own.
        delivers: whether the answer matters; a messenger's does not beyond its status.
    """

    open: Callable[[str], AbstractAsyncContextManager[P]]
    good: Reply
    empty: tuple[Reply, ...] = ()
    silent: Reply | None = None
    delivers: bool = True


async def check_stt(subject: Subject[SpeechToText], audio: bytes, text: str) -> None:
    """Check a recogniser.

    Args:
        audio: a WAV file.
        text: what `subject.good` delivers.

    Raises:
        AssertionError: it does something else than a `SpeechToText` must.
    """

    async def use(ears: SpeechToText) -> str:
        return await ears.transcribe(audio, SpeechHints(("yes", "no"), ("Callengine",), "en"))

    async with _checked(subject, use) as (wire, ears):
        heard = await use(ears)
        assert heard == text, f"heard {heard!r} where the service said {text!r}"
        if subject.silent is not None:
            wire.told(subject.silent)
            try:
                heard = await use(ears)
            except NothingHeard:
                heard = ""
            assert not heard, f"heard {heard!r} in silence"


async def check_tts(subject: Subject[TextToSpeech]) -> None:
    """Check a synthesiser; `subject.good` delivers a WAV file.

    Raises:
        AssertionError: it does something else than a `TextToSpeech` must.
    """

    async def use(mouth: TextToSpeech) -> bytes:
        return await mouth.synthesise("Hello, سلام \u200c\ud800", Voice())

    async with _checked(subject, use) as (_, mouth):
        sound = read_wav(await use(mouth))
        assert sound.samples, "the speech holds no samples"


async def check_llm(subject: Subject[LanguageModel], text: str) -> None:
    """Check a language model; `subject.good` delivers `text`.

    Raises:
        AssertionError: it does something else than a `LanguageModel` must.
    """

    async def use(model: LanguageModel) -> str:
        return await model.complete(Question("Which is it?", "well \ud800", ("yes", "no")))

    async with _checked(subject, use) as (_, model):
        answer = await use(model)
        assert answer == text, f"answered {answer!r} where the service said {text!r}"


async def check_messenger(subject: Subject[Messenger]) -> None:
    """Check a messenger: it sends once, whatever comes.

    Raises:
        AssertionError: it does something else than a `Messenger` must.
    """

    async def use(messenger: Messenger) -> None:
        await messenger.send("09120000000", "Hello, سلام \ud800")

    async with _checked(subject, use) as (wire, messenger):
        await use(messenger)
        assert len(wire.asked) == 1, f"a message was sent with {len(wire.asked)} requests"
        wire.told(Reply(500), subject.good)
        await fails(partial(use, messenger), (ProviderUnavailable,), "an error of its own")
        assert len(wire.asked) == 1, "a message that may have been sent was sent again"


@asynccontextmanager
async def _checked(subject: Subject[P], use: Callable[[P], Awaitable[object]]) -> AsyncIterator[tuple[Wire, P]]:
    """What holds for all of them is checked first, then the block runs, with a service that works."""
    try:
        with trio.fail_after(PATIENCE):
            async with open_wire(subject.good) as wire, subject.open(wire.url) as provider:
                await _check_failures(subject, wire, partial(use, provider))
                await _check_cancellation(subject, wire, partial(use, provider))
                wire.told(subject.good)
                async with trio.open_nursery() as nursery:
                    for _ in range(_AT_ONCE):
                        nursery.start_soon(use, provider)
                wire.told(subject.good)
                yield wire, provider
            async with subject.open(wire.url) as provider:  # nobody listens there any more
                await fails(partial(use, provider), (ProviderUnavailable,), "a closed port")
    except trio.TooSlowError:
        raise AssertionError(f"after {PATIENCE:g} s the check is not through: something hangs") from None
    except BaseExceptionGroup as group:
        raise innermost(group) from None


async def _check_failures(subject: Subject[P], wire: Wire, use: Callable[[], Awaitable[object]]) -> None:
    for what, reply, families in _ODD:
        wire.told(reply)
        error = await fails(use, families, what)
        if isinstance(error, ProviderThrottled):
            assert error.retry_after == _RETRY_AFTER, f"Retry-After: {_RETRY_AFTER} was read as {error.retry_after}"
    for reply in subject.empty:
        wire.told(reply)
        await fails(use, (BalanceExhausted,), f"an empty account ({reply.status}: {reply.body[:60]!r})")
    if subject.delivers:
        broken = evolve(subject.good, cut=len(subject.good.body) // 2)
        truncated = evolve(subject.good, body=subject.good.body[: len(subject.good.body) // 2])
        swollen = _swollen(subject.good)
        odd = (("an answer that breaks off", broken), ("half an answer", truncated), ("a swollen answer", swollen))
        for what, reply in (*_NOT_AN_ANSWER, *odd):
            wire.told(reply)
            await fails(use, (ProviderUnavailable, ProviderRefused), what)
        wire.told(evolve(subject.good, pieces=_PIECES, pause=0.001))
        await use()


def _swollen(good: Reply) -> Reply:
    """An answer that is right, and that nobody should unpack: with so many spaces behind it, it would eat up memory."""
    packer = zlib.compressobj(level=1, wbits=zlib.MAX_WBITS | 16)
    packed = bytearray(packer.compress(good.body))
    for _ in range(_PADDING // 2**20):
        packed += packer.compress(b" " * 2**20)
    packed += packer.flush()
    return evolve(good, body=bytes(packed), headers={**good.headers, "Content-Encoding": "gzip"})


async def fails(use: Callable[[], Awaitable[object]], families: tuple[type[ProviderError], ...], what: str) -> ProviderError:
    expected = " or ".join(family.__name__ for family in families)
    try:
        got = await use()
    except ProviderError as error:
        assert isinstance(error, families), f"{what} must be {expected}, and is {type(error).__name__}: {error}"
        assert SECRET not in str(error), f"the error about {what} shows the key"
        assert "\n" not in str(error), f"the error about {what} has several lines"
        return error
    raise AssertionError(f"{what} must be {expected}, and is taken for {got!r}")


async def _check_cancellation(subject: Subject[P], wire: Wire, use: Callable[[], Awaitable[object]]) -> None:
    """A caller who hangs up leaves no connection in use, whether the answer has begun or not, or comes drop by drop."""
    replies = [evolve(subject.good, held=-1)]
    if size := len(subject.good.body):  # an answer without a body has no middle
        replies += [evolve(subject.good, held=1), evolve(subject.good, pieces=size, pause=PATIENCE)]
    for reply in replies:
        wire.told(reply)
        async with trio.open_nursery() as nursery:
            nursery.start_soon(use)
            await wire.wait_asked()
            nursery.cancel_scope.cancel()
        with trio.move_on_after(PATIENCE / 2):
            await wire.wait_quiet()
        assert not wire.open, "a cancelled use leaves its connection open"
