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

_WITH_NOT = ("is", "are", "was", "were", "do", "does", "did", "have", "has", "had", "would", "could", "should", "must", "need")
_NEGATED = {
    **{f"{verb}nt": (verb, "not") for verb in _WITH_NOT},
    "cant": ("can", "not"),
    "cannot": ("can", "not"),
    "wont": ("will", "not"),
}
"""English negations that are written in one word, without their apostrophe, which recognisers leave out."""

_SHORTENED = {"'ll": "will", "'m": "am", "'re": "are", "'ve": "have"}
"""English endings that stand for a word. Without the apostrophe they are other words, such as `ill`."""

_LOWEST_MARK = 10
"""Combining classes below are vowel killers and nuktas of Indic scripts, which belong to the letter."""


def words_of(text: str) -> tuple[str, ...]:
    """Return the words of a text in their one spelling.

    Half-spaces, joiners, tatweel and diacritics are gone, digits are ASCII, case is folded, punctuation separates words, and
    shortened English is written out: `can't` is `can not`.
    """
    folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    words = "".join(_spelt(char) for char in folded).translate(_LETTERS).split()
    return _with_prefixes_joined([part for word in words for part in _written_out(word)])


def normalise(text: str) -> str:
    """Return a text in its one spelling, a space between words."""
    return " ".join(words_of(text))


def _spelt(char: str) -> str:
    if char.isdecimal():
        return str(unicodedata.decimal(char))
    if char in _APOSTROPHES:
        return "'"
    if char == _TATWEEL or unicodedata.combining(char) >= _LOWEST_MARK:
        return ""
    category = unicodedata.category(char)
    if category == "Cf":
        return ""
    return " " if category[0] in "CPSZ" else char


def _written_out(word: str) -> tuple[str, ...]:
    for ending, meaning in _SHORTENED.items():
        if word.endswith(ending) and (stem := word.removesuffix(ending).strip("'")):
            return *_written_out(stem), meaning
    bare = word.replace("'", "")
    return _NEGATED.get(bare, (bare,) if bare else ())


def _with_prefixes_joined(words: list[str]) -> tuple[str, ...]:
    joined: list[str] = []
    for word in words:
        if joined and joined[-1] in _VERB_PREFIXES:
            joined[-1] += word
        else:
            joined.append(word)
    return tuple(joined)
