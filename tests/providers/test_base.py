"""What every provider is held to."""

import pytest
import trio
import trio.testing
from hypothesis import given
from hypothesis import strategies as st

from callengine.errors import BalanceExhausted, ProviderError, ProviderUnavailable
from callengine.providers import (
    BoundedLanguageModel,
    BoundedMessenger,
    BoundedSpeechToText,
    BoundedTextToSpeech,
    Bounds,
    Complaints,
    Question,
    SpeechHints,
    Voice,
)
from callengine.providers.base import NORMAL_PACE
from callengine.providers.scripted import Script, ScriptedMessenger, ScriptedModel, ScriptedSpeech, ScriptedSpeechToText


def bounds(places: int = 1, timeout: float = 5.0) -> Bounds:
    return Bounds("the model", trio.CapacityLimiter(places), timeout)


async def test_a_slow_service_is_given_up(autojump_clock: trio.testing.MockClock) -> None:
    model = BoundedLanguageModel(ScriptedModel(Script(("yes",), seconds=6.0)), bounds())
    with pytest.raises(ProviderUnavailable, match="the model did not deliver within 5 s"):
        await model.complete(Question("?"))
    assert trio.current_time() == pytest.approx(5.0)


async def test_waiting_for_a_place_counts(autojump_clock: trio.testing.MockClock) -> None:
    model = BoundedLanguageModel(ScriptedModel(Script(("yes",), seconds=4.0)), bounds())
    outcomes: list[str] = []

    async def ask() -> None:
        try:
            outcomes.append(await model.complete(Question("?")))
        except ProviderUnavailable:
            outcomes.append("given up")

    async with trio.open_nursery() as nursery:
        for _ in range(3):
            nursery.start_soon(ask)
    assert sorted(outcomes) == ["given up", "given up", "yes"]
    assert trio.current_time() == pytest.approx(5.0)


async def test_no_more_uses_at_once_than_places(autojump_clock: trio.testing.MockClock) -> None:
    model = BoundedLanguageModel(ScriptedModel(Script(("yes",), seconds=1.0)), bounds(places=2))
    async with trio.open_nursery() as nursery:
        for _ in range(4):
            nursery.start_soon(model.complete, Question("?"))
    assert trio.current_time() == pytest.approx(2.0)


async def test_a_cancelled_use_gives_its_place_back(autojump_clock: trio.testing.MockClock) -> None:
    within = bounds()
    with trio.move_on_after(1):
        await BoundedLanguageModel(ScriptedModel(Script(("yes",), seconds=4.0)), within).complete(Question("?"))
    assert within.limiter.borrowed_tokens == 0


async def test_all_ports_pass_through() -> None:
    messenger = ScriptedMessenger()
    await BoundedMessenger(messenger, bounds()).send("100", "hello")
    assert messenger.sent == [("100", "hello")]
    assert await BoundedSpeechToText(ScriptedSpeechToText(Script(("yes",))), bounds()).transcribe(b"", SpeechHints()) == "yes"
    assert await BoundedTextToSpeech(ScriptedSpeech(Script((b"wav",))), bounds()).synthesise("hello", Voice()) == b"wav"


async def test_the_services_own_error_passes() -> None:
    model = BoundedLanguageModel(ScriptedModel(Script((ProviderUnavailable("down"),))), bounds())
    with pytest.raises(ProviderUnavailable, match=r"^down$"):
        await model.complete(Question("?"))


async def test_every_error_is_heard_of_once(autojump_clock: trio.testing.MockClock) -> None:
    async def fails() -> str:
        raise BalanceExhausted("nothing is left")

    async def hangs() -> str:
        await trio.sleep_forever()
        return ""

    heard: list[str] = []

    held = Bounds("the service", trio.CapacityLimiter(1), 5.0, Complaints(lambda error: heard.append(str(error))))
    for use in (fails, hangs):
        with pytest.raises(ProviderError):
            await held.run(use)
    assert heard == ["nothing is left", "the service did not deliver within 5 s"]


@given(st.integers(54, 300))
def test_a_speed_in_hundredths_survives_as_words_a_minute(hundredths: int) -> None:
    assert Voice(words_per_minute=round(NORMAL_PACE * hundredths / 100)).speed == hundredths / 100
