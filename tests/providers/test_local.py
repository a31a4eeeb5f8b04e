"""Offline speech recognition, listening to real speech."""

import sys
import threading
from array import array
from collections.abc import Sequence
from pathlib import Path

import pytest
import trio
import trio.testing
from hypothesis import given
from hypothesis import strategies as st

from callengine.errors import ConfigError
from callengine.providers import SpeechHints
from callengine.providers.audio import Sound, write_wav
from callengine.providers.local import MOST_GRAMMARS, PocketsphinxSpeechToText, Transition, transitions_of

DATA = Path(__file__).parent / "data"
HINTS = SpeechHints(phrases=("Yes", "yes please", "no", "not interested", "Where did you get my number?"))


@pytest.fixture
async def ears() -> PocketsphinxSpeechToText:
    return await PocketsphinxSpeechToText.load()


def speech(name: str) -> bytes:
    return (DATA / f"{name}.wav").read_bytes()


async def test_phrases_of_the_flow_are_heard_as_the_flow_writes_them(ears: PocketsphinxSpeechToText) -> None:
    assert await ears.transcribe(speech("yes"), HINTS) == "Yes"
    assert await ears.transcribe(speech("no"), HINTS) == "no"
    assert await ears.transcribe(speech("number"), HINTS) == "Where did you get my number?"


async def test_unrelated_speech_and_noise_are_nothing_heard(ears: PocketsphinxSpeechToText) -> None:
    assert await ears.transcribe(speech("unrelated"), HINTS) == ""
    assert await ears.transcribe(b"RIFF" + bytes(4000), HINTS) == ""
    assert await ears.transcribe(b"", HINTS) == ""
    assert await ears.transcribe(write_wav(Sound(8000, array("h"))), HINTS) == ""
    assert await ears.transcribe(speech("number"), SpeechHints(phrases=("yes", "no"))) == ""


async def test_words_the_dictionary_does_not_know_are_left_out(ears: PocketsphinxSpeechToText) -> None:
    assert await ears.transcribe(speech("yes"), SpeechHints(phrases=("بله", "qwzx", "yes", "", "<sil>"))) == "yes"
    assert await ears.transcribe(speech("yes"), SpeechHints(phrases=("بله", "qwzx yes"))) == ""
    assert await ears.transcribe(speech("yes"), SpeechHints()) == ""


async def test_grammars_come_and_go_and_are_bounded(ears: PocketsphinxSpeechToText) -> None:
    numbers = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"]
    for number in range(MOST_GRAMMARS + 2):
        hints = SpeechHints(phrases=("yes", f"{numbers[number % 10]} {numbers[number // 10]}"))
        assert await ears.transcribe(speech("yes"), hints) == "yes"
    assert await ears.transcribe(speech("no"), HINTS) == "no"


class Hypothesis:
    hypstr = "yes"


class SlowDecoder:
    """Takes until it is told to go on, as the real one may with a long recording on a busy machine.

    Attributes:
        begun: set once the first recording is being worked on.
        go: lets every recording come to its end.
        steps: what was done, in order.
    """

    def __init__(self) -> None:
        self.begun = trio.Event()
        self.go = threading.Event()
        self.steps: list[str] = []
        self._token = trio.lowlevel.current_trio_token()

    def lookup_word(self, word: str) -> str:
        return word

    def add_word(self, word: str, phones: str, update: bool) -> int:
        raise NotImplementedError

    def create_fsg(self, name: str, start_state: int, final_state: int, transitions: Sequence[Transition]) -> object:
        return name

    def add_fsg(self, name: str, fsg: object) -> None: ...
    def activate_search(self, search_name: str) -> None: ...
    def remove_search(self, search_name: str) -> None: ...

    def start_utt(self) -> None:
        self.steps.append("start")

    def process_raw(self, data: bytes, *, full_utt: bool) -> int:
        self._token.run_sync_soon(self.begun.set)
        assert self.go.wait(timeout=10.0), "nobody let it go on"
        return len(data)

    def end_utt(self) -> None:
        self.steps.append("end")

    def hyp(self) -> Hypothesis:
        return Hypothesis()


async def test_a_hangup_waits_for_no_thread_but_the_next_recording_does() -> None:
    decoder = SlowDecoder()
    ears = PocketsphinxSpeechToText(decoder)
    heard: list[str] = []

    async def listen() -> None:
        heard.append(await ears.transcribe(speech("yes"), SpeechHints(phrases=("yes",))))

    async with trio.open_nursery() as caller:
        caller.start_soon(listen)
        await decoder.begun.wait()
        caller.cancel_scope.cancel()
    assert (heard, decoder.steps) == ([], ["start"])
    async with trio.open_nursery() as next_caller:
        next_caller.start_soon(listen)
        await trio.testing.wait_all_tasks_blocked()
        assert decoder.steps == ["start"]
        decoder.go.set()
    assert (heard, decoder.steps) == (["yes"], ["start", "end", "start", "end"])


async def test_a_missing_pocketsphinx_is_named_with_the_cure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pocketsphinx", None)
    with pytest.raises(ConfigError, match=r"pip install 'callengine\[local\]'"):
        await PocketsphinxSpeechToText.load()


@given(st.lists(st.sampled_from(["yes", "no", "sure", "the"]), min_size=1, max_size=4))
def test_a_sentence_is_a_path_from_start_to_end(words: list[str]) -> None:
    arcs = {(arc[0], arc[3]): arc[1] for arc in transitions_of((" ".join(words),)) if len(arc) == 4}
    state = 0
    for word in words:
        state = arcs[state, word]
    assert state == 1
