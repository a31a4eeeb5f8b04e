"""Finding which of several phrases was said."""

from collections.abc import Mapping
from typing import TypeVar

from callengine.fsm.wording import words_of
from callengine.model import Intent

M = TypeVar("M")

_NOT = "not"
"""Persian needs no such rule: its verbs carry the negation, so that `علاقه ندارم` does not hold `علاقه دارم`."""


def intent_of(transcript: str, phrases: Mapping[Intent, tuple[str, ...]]) -> Intent | None:
    """Return the intent with the longest phrase that occurs in the transcript; of equals, the one declared first."""
    return next(iter(meant_by(transcript, phrases)), None)


def meant_by(transcript: str, phrases: Mapping[M, tuple[str, ...]]) -> tuple[M, ...]:
    """Return whose longest phrase that occurs in the transcript is the longest of all: several where they are equally long.

    A phrase begins and ends where words do: "no" is not found in "know". Spaces inside count for nothing, because writers
    of Persian and recognisers set them differently. A phrase right behind "not" is not meant, nor is one that "not" ends:
    "sure" is found neither in "not sure" nor in "sure not".
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
    ends = ((start, _end_of(letters, words, start)) for start in range(len(words)))
    return any(end is not None and not _denied(words, start, end) for start, end in ends)


def _end_of(letters: str, words: tuple[str, ...], start: int) -> int | None:
    """Behind which of the words those from `start` on, joined, are these letters; None where they are others."""
    at, end = 0, start
    while at < len(letters) and end < len(words) and letters.startswith(words[end], at):
        at += len(words[end])
        end += 1
    return end if 0 < at == len(letters) else None


def _denied(words: tuple[str, ...], start: int, end: int) -> bool:
    return words[start - 1 : start] == (_NOT,) or words[end:] == (_NOT,)
