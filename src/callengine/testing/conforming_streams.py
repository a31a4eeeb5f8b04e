"""What every recogniser that listens as it is spoken must do, as a check that ships; see `callengine.testing.conforming`."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from functools import partial

import trio
from attrs import evolve, frozen

from callengine.errors import (
    BalanceExhausted,
    ProviderError,
    ProviderRefused,
    ProviderThrottled,
    ProviderUnavailable,
    innermost,
)
from callengine.providers import SpeechHints, SpeechStream, StreamingSpeechToText
from callengine.testing.conforming import SECRET, fails
from callengine.testing.socket_wire import SocketWire, Speech, open_socket_wire

RATE = 8000
"""Samples a second of the audio that is sent."""

PATIENCE = 30.0
"""Seconds of real time after which a check is given up."""

LONGEST_CLOSING = 3.0
"""Seconds after which a connection must be gone that nobody wants any more."""

_HINTS = SpeechHints(("yes", "no"), ("Callengine",), "en")
_CHUNKS = tuple(bytes([number, 0]) * 160 for number in range(1, 6))
_RETRY_AFTER = 7

_Odd = tuple[str, Speech, tuple[type[ProviderError], ...]]
_BROKEN = (ProviderUnavailable, ProviderRefused)
_ODD: tuple[_Odd, ...] = (
    ("a wrong key", Speech(401, f"no such key: {SECRET}\nforged line".encode()), (ProviderRefused,)),
    ("a bad request", Speech(400, b'{"error": "bad"}'), (ProviderRefused,)),
    ("a redirect", Speech(302, b"", {"Location": "http://169.254.169.254/"}), (ProviderRefused,)),
    ("too many requests", Speech(429, b"slow down", {"Retry-After": str(_RETRY_AFTER)}), (ProviderThrottled,)),
    ("an error of its own", Speech(500, f"oops {SECRET}".encode()), (ProviderUnavailable,)),
    ("a gateway's error", Speech(502, b"<html>bad gateway</html>"), (ProviderUnavailable,)),
    ("HTML with status 200", Speech(200, b"<html>maintenance</html>"), (ProviderUnavailable,)),
    ("an answer that is no HTTP", Speech(raw=b"\x15\x03\x01\x00\x02\x02\x28"), (ProviderUnavailable,)),
    ("no answer at all", Speech(raw=b""), (ProviderUnavailable,)),
    ("an internal error on the way", Speech(closes=1011, reason=f"oops {SECRET}\nforged"), (ProviderUnavailable,)),
    ("audio it cannot read", Speech(closes=1008, reason="not decoded"), (ProviderRefused,)),
    ("a farewell on the way", Speech(closes=1000), (ProviderUnavailable,)),
    ("a connection that breaks off", Speech(closes=1006), (ProviderUnavailable,)),
    ("a frame that is none", Speech(breaks=b"\xff" * 64), _BROKEN),
    ("a frame that is none, and silence", Speech(breaks=b"\xff" * 64, deaf=True), _BROKEN),
    ("text that is no JSON", Speech(says=("hello",)), _BROKEN),
    ("JSON of another kind", Speech(says=("[]",)), _BROKEN),
    ("nested JSON without an end", Speech(says=("[" * 100_000,)), _BROKEN),
    ("bytes that are no text", Speech(says=(b"\xff\xfe\x00",)), _BROKEN),
    ("a message without an end", Speech(says=(" " * 16 * 1024 * 1024,)), _BROKEN),
)


@frozen
class StreamSubject:
    """A recogniser to be checked.

    Attributes:
        open: opens it against a server at an http URL, with the key `SECRET` and a patience of a second or less.
        good: what the service says while it hears speech; no text of it is final but the last one.
        ending: the message by which the client says that no more audio comes.
        last: what the service says then, before it closes.
        empty: how the service says that the account is empty.
    """

    open: Callable[[str], AbstractAsyncContextManager[StreamingSpeechToText]]
    good: tuple[str, ...]
    ending: str
    last: tuple[str, ...] = ()
    empty: tuple[Speech, ...] = ()


async def check_streaming_stt(subject: StreamSubject, text: str) -> None:
    """Check a recogniser.

    Args:
        text: what is heard in the end: the final texts with spaces between them.

    Raises:
        AssertionError: it does something else than a `StreamingSpeechToText` must.
    """
    works = Speech(says=subject.good, ending=subject.ending, last=subject.last)
    try:
        with trio.fail_after(PATIENCE):
            async with open_socket_wire(works) as wire, subject.open(wire.url) as ears:
                await _check_failures(subject, wire, ears, works)
                await _check_closing(wire, ears, works)
                wire.told(works)
                heard = await _listen(ears)
                assert heard == text, f"heard {heard!r} where the service said {text!r}"
                [opened] = wire.opened
                assert opened.audio == b"".join(_CHUNKS), "the audio that arrived is not what was sent"
            async with subject.open(wire.url) as ears:  # nobody listens there any more
                await fails(partial(_listen, ears), (ProviderUnavailable,), "a closed port")
    except trio.TooSlowError:
        raise AssertionError(f"after {PATIENCE:g} s the check is not through: something hangs") from None
    except BaseExceptionGroup as group:
        raise innermost(group) from None


async def _check_failures(subject: StreamSubject, wire: SocketWire, ears: StreamingSpeechToText, works: Speech) -> None:
    mute = evolve(works, last=(), closes_last=0)
    cut = evolve(works, last=(), closes_last=1011)
    ends: tuple[_Odd, ...] = (
        ("no farewell", mute, (ProviderUnavailable,)),
        ("an error at the end", cut, (ProviderUnavailable,)),
    )
    empty: tuple[_Odd, ...] = tuple(("an empty account", speech, (BalanceExhausted,)) for speech in subject.empty)
    for what, speech, families in (*_ODD, *ends, *empty):
        wire.told(speech)
        error = await fails(partial(_listen, ears), families, what)
        if isinstance(error, ProviderThrottled):
            assert error.retry_after == _RETRY_AFTER, f"Retry-After: {_RETRY_AFTER} was read as {error.retry_after}"
        await _check_quiet(wire, f"{what} leaves its connection open")


async def _check_closing(wire: SocketWire, ears: StreamingSpeechToText, works: Speech) -> None:
    """Whoever leaves or is cancelled, at whatever point, leaves no connection, though the service never says farewell."""
    for what, speech, use in (
        ("a handshake", Speech(raw=b""), _listen),
        ("a talk", evolve(works, ending=""), _listen),
        ("an open stream", Speech(deaf=True), _linger),
    ):
        wire.told(speech)
        async with trio.open_nursery() as nursery:
            nursery.start_soon(use, ears)
            await (wire.wait_open() if speech.raw is not None else wire.wait_said(1))
            nursery.cancel_scope.cancel()
        await _check_quiet(wire, f"{what} that is cancelled leaves its connection open")
    wire.told(Speech(deaf=True))
    with trio.move_on_after(LONGEST_CLOSING) as closing:
        await _leave(ears)
    assert not closing.cancelled_caught, "leaving a stream takes as long as the service likes"
    await _check_quiet(wire, "a stream that is left leaves its connection open")
    error = ValueError("of the block itself")
    try:
        await _leave(ears, error)
    except ValueError as raised:
        assert raised is error, "an error of the block does not come through"
    else:
        raise AssertionError("an error of the block is swallowed")
    await _check_quiet(wire, "a stream whose block fails leaves its connection open")


async def _check_quiet(wire: SocketWire, complaint: str) -> None:
    with trio.move_on_after(LONGEST_CLOSING):
        await wire.wait_quiet()
    assert not wire.open, complaint


async def _listen(ears: StreamingSpeechToText) -> str:
    """Send all audio, and read what is heard."""
    try:
        async with ears.open(_HINTS, RATE) as stream, trio.open_nursery() as nursery:
            nursery.start_soon(_speak, stream)
            return " ".join([heard.text async for heard in stream if heard.final and heard.text])
    except ExceptionGroup as group:
        raise innermost(group) from None


async def _speak(stream: SpeechStream) -> None:
    try:
        for chunk in _CHUNKS:
            await stream.send(chunk)
        await stream.flush()
        await stream.finish()
    except ProviderError:
        return  # the reader hears of it as well


async def _linger(ears: StreamingSpeechToText) -> None:
    async with ears.open(_HINTS, RATE) as stream:
        await stream.send(_CHUNKS[0])
        await trio.sleep_forever()


async def _leave(ears: StreamingSpeechToText, error: Exception | None = None) -> None:
    async with ears.open(_HINTS, RATE) as stream:
        await stream.send(_CHUNKS[0])
        if error is not None:
            raise error
