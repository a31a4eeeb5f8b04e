"""Finding which of several phrases was said."""

from collections.abc import Mapping

from callengine.model import Intent
from callengine.providers.normalise import words_of


def intent_of(transcript: str, phrases: Mapping[Intent, tuple[str, ...]]) -> Intent | None:
    """Return the intent with the longest phrase that occurs in the transcript; of equals, the one declared first.

    A phrase begins and ends where words do: "no" is not found in "know". Spaces inside count for nothing, because writers
    of Persian and recognisers set them differently.
    """
    words = words_of(transcript)
    best: Intent | None = None
    length = 0
    for intent, examples in phrases.items():
        for letters in map(_letters, examples):
            if len(letters) > length and _occurs(letters, words):
                best, length = intent, len(letters)
    return best


def _letters(phrase: str) -> str:
    return "".join(words_of(phrase))


def _occurs(letters: str, words: tuple[str, ...]) -> bool:
    return any(_spells(letters, words[start:]) for start in range(len(words)))


def _spells(letters: str, words: tuple[str, ...]) -> bool:
    """Whether some of the words, from the first on and joined, are these letters."""
    rest = letters
    for word in words:
        if not rest.startswith(word):
            return False
        rest = rest[len(word) :]
        if not rest:
            return True
    return False
