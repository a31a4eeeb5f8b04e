"""Finding which of several phrases was said."""

from collections.abc import Mapping
from typing import TypeVar

from callengine.fsm.wording import words_of
from callengine.model import Intent

M = TypeVar("M")


def intent_of(transcript: str, phrases: Mapping[Intent, tuple[str, ...]]) -> Intent | None:
    """Return the intent with the longest phrase that occurs in the transcript; of equals, the one declared first."""
    return next(iter(meant_by(transcript, phrases)), None)


def meant_by(transcript: str, phrases: Mapping[M, tuple[str, ...]]) -> tuple[M, ...]:
    """Return whose longest phrase that occurs in the transcript is the longest of all: several where they are equally long.

    A phrase begins and ends where words do: "no" is not found in "know". Spaces inside count for nothing, because writers
    of Persian and recognisers set them differently.
    """
    words = words_of(transcript)
    lengths = {meaning: _longest(examples, words) for meaning, examples in phrases.items()}
    most = max(lengths.values(), default=0)
    return tuple(meaning for meaning, length in lengths.items() if length == most > 0)


def _longest(phrases: tuple[str, ...], words: tuple[str, ...]) -> int:
    """The letters of the longest of these phrases that occurs in the words; 0 where none does."""
    return max((len(letters) for letters in map(_letters, phrases) if _occurs(letters, words)), default=0)


def _letters(phrase: str) -> str:
    return "".join(words_of(phrase))


def _occurs(letters: str, words: tuple[str, ...]) -> bool:
    return any(_spells(letters, words, start) for start in range(len(words)))


def _spells(letters: str, words: tuple[str, ...], start: int) -> bool:
    """Whether some of the words, from this one on and joined, are these letters."""
    at = 0
    while at < len(letters) and start < len(words) and letters.startswith(words[start], at):
        at += len(words[start])
        start += 1
    return 0 < at == len(letters)
