"""Providers that do as they are told."""

import pytest
import trio
import trio.testing

from callengine.errors import ProviderUnavailable
from callengine.providers import Question, SpeechHints
from callengine.providers.audio import write_wav
from callengine.providers.scripted import HeardInRecording, Script, ScriptedMessenger, ScriptedModel, ScriptedSpeaker
from tests.providers.test_audio import tone, wav


def with_words(recording: bytes, words: str) -> bytes:
    content = words.encode()
    return recording + b"said" + len(content).to_bytes(4, "little") + content + b"\0" * (len(content) % 2)


async def test_the_words_are_heard_in_the_recording() -> None:
    for words in ("yes", "نه، نمی‌خوام", "no!"):
        assert await HeardInRecording().transcribe(with_words(write_wav(tone()), words), SpeechHints()) == words


async def test_silence_and_a_recording_without_words_are_nothing_heard() -> None:
    assert await HeardInRecording().transcribe(with_words(wav(bytes(8000)), "yes"), SpeechHints()) == ""
    assert await HeardInRecording().transcribe(write_wav(tone()), SpeechHints()) == ""


async def test_a_script_is_followed_to_its_last_turn(autojump_clock: trio.testing.MockClock) -> None:
    model = ScriptedModel(Script(("yes", ProviderUnavailable("down"), "no"), seconds=2.0))
    assert await model.complete(Question("a")) == "yes"
    with pytest.raises(ProviderUnavailable, match="down"):
        await model.complete(Question("b"))
    assert [await model.complete(Question("c")), await model.complete(Question("d"))] == ["no", "no"]
    assert [question.instructions for question in model.questions] == ["a", "b", "c", "d"]
    assert trio.current_time() == pytest.approx(8.0)


async def test_a_messenger_may_fail() -> None:
    with pytest.raises(ProviderUnavailable):
        await ScriptedMessenger(failure=ProviderUnavailable("down")).send("100", "hello")


async def test_a_text_has_one_place_among_the_sounds_of_the_simulated_pbx() -> None:
    speaker = ScriptedSpeaker()
    first, again, other = [await speaker.media(text) for text in ("Call from Sarah", "Call from Sarah", "تماس از سارا")]
    assert first == again == "sound:spoken/5e980e86c2b0"
    assert other != first
    assert speaker.said == ["Call from Sarah", "Call from Sarah", "تماس از سارا"]
