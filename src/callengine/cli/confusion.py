"""How often a classifier finds the intent that phrases have, and which it takes for which."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from attrs import frozen

from callengine.model import Intent
from callengine.providers import Classification
from callengine.scenarios.phrases import Phrase

NONE = Intent("(none)")
"""Stands for the intent of a phrase that a model failed on and no keyword told."""


@frozen
class Judged:
    """A phrase and what was understood."""

    phrase: Phrase
    found: Classification

    @property
    def intent(self) -> Intent:
        return self.found.intent or NONE

    @property
    def right(self) -> bool:
        return self.found.intent == self.phrase.intent


@frozen
class Rates:
    """How well one intent is told, as shares from 0 to 1; None where there is nothing to divide by.

    Attributes:
        phrases: that have it.
        precision: of the phrases that were taken for it, those that have it.
        recall: of the phrases that have it, those that were taken for it.
    """

    phrases: int
    precision: float | None
    recall: float | None


@frozen
class Confusion:
    """What came of a labelled set; it holds one phrase at least."""

    judged: Sequence[Judged]

    @property
    def right(self) -> int:
        return sum(each.right for each in self.judged)

    @property
    def accuracy(self) -> float:
        """The share of phrases whose intent was found."""
        return self.right / len(self.judged)

    @property
    def missed(self) -> tuple[Judged, ...]:
        """In the order of the file."""
        return tuple(each for each in self.judged if not each.right)

    @property
    def failures(self) -> tuple[Classification, ...]:
        """Of phrases that the model was asked about and failed on."""
        return tuple(each.found for each in self.judged if each.found.error is not None)

    def counts(self) -> Counter[tuple[Intent, Intent]]:
        """How many phrases that have the first intent were taken for the second."""
        return Counter((each.phrase.intent, each.intent) for each in self.judged)

    def of_languages(self) -> Mapping[str, "Confusion"]:
        """The same for each language that the file names, in its order."""
        names = dict.fromkeys(each.phrase.language for each in self.judged if each.phrase.language)
        return {name: Confusion([each for each in self.judged if each.phrase.language == name]) for name in names}

    def sources(self) -> Mapping[str, int]:
        """How many intents each way gave."""
        return Counter(each.found.source for each in self.judged)

    def rates(self, intents: Iterable[Intent]) -> Mapping[Intent, Rates]:
        """How well each intent is told."""
        counts = self.counts()
        had, taken = Counter[Intent](), Counter[Intent]()
        for (is_, for_), count in counts.items():
            had[is_] += count
            taken[for_] += count
        return {
            intent: Rates(
                had[intent], _share(counts[intent, intent], taken[intent]), _share(counts[intent, intent], had[intent])
            )
            for intent in intents
        }


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None
