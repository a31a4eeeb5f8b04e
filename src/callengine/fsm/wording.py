"""Persian, Arabic and Latin text brought to one spelling, so that what was heard can be compared with what was expected.

For comparing only: what a caller said is kept as it was understood.
"""

import unicodedata

_LETTERS = str.maketrans({"ي": "ی", "ى": "ی", "ك": "ک", "ة": "ه", "ە": "ه", "ٱ": "ا"})
"""Letters that keyboards, Arabic fonts and hasty writers exchange. Hamza and madda (أ إ آ ؤ ئ ۀ) go with the other marks."""

_TATWEEL = "ـ"
_APOSTROPHES = {"'", "’", "ʼ", "‘"}
_VERB_PREFIXES = {"می", "نمی"}
"""Written with a half-space, a space or nothing before the verb: joined, so that a lost space cannot lose a negation."""

_LOWEST_MARK = 10
"""Combining classes below are vowel killers and nuktas of Indic scripts, which belong to the letter."""


def words_of(text: str) -> tuple[str, ...]:
    """Return the words of a text in their one spelling.

    Half-spaces, joiners, tatweel and diacritics are gone, digits are ASCII, case is folded, punctuation separates words.
    """
    folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    return _with_prefixes_joined("".join(_spelt(char) for char in folded).translate(_LETTERS).split())


def normalise(text: str) -> str:
    """Return a text in its one spelling, a space between words."""
    return " ".join(words_of(text))


def _spelt(char: str) -> str:
    if char.isdecimal():
        return str(unicodedata.decimal(char))
    if char == _TATWEEL or char in _APOSTROPHES or unicodedata.combining(char) >= _LOWEST_MARK:
        return ""
    category = unicodedata.category(char)
    if category == "Cf":
        return ""
    return " " if category[0] in "CPSZ" else char


def _with_prefixes_joined(words: list[str]) -> tuple[str, ...]:
    joined: list[str] = []
    for word in words:
        if joined and joined[-1] in _VERB_PREFIXES:
            joined[-1] += word
        else:
            joined.append(word)
    return tuple(joined)
