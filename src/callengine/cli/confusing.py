"""What came of labelled phrases, for people and for programs."""

import json
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from callengine.cli.confusion import NONE, Confusion, Judged, Rates
from callengine.cli.excerpt import harmless
from callengine.model import Intent

_ANY_WIDTH = 10_000
"""Of what is no terminal."""


def share(_type: type[object] | object, value: float | None) -> None:
    """Check an option that is a share.

    Raises:
        ValueError: it is none.
    """
    if value is not None and not 0 <= value <= 1:
        raise ValueError("give a share from 0 to 1, such as 0.9")


def show(confusion: Confusion, intents: Sequence[Intent], title: str, file: Path) -> None:
    """Print the confusion matrix, what it comes to, and the phrases that were missed."""
    console = Console(highlight=False, emoji=False, soft_wrap=True)
    with console.capture() as captured:  # not printed by the console, which would end the process where a pipe is broken
        console.print(Text(f"{harmless(title)}: {_understood(confusion)}", "bold"))
        languages = confusion.of_languages()
        if len(languages) > 1:
            for name, part in languages.items():
                console.print(Text(f"  {harmless(name)}: {_understood(part)}"))
        console.print(_matrix(confusion, intents), width=None if console.is_terminal else _ANY_WIDTH)
        for each in confusion.missed:
            console.print(Text(_missed(each, file)))
    print(captured.get(), end="")


def _understood(confusion: Confusion) -> str:
    return f"{confusion.right:,} of {len(confusion.judged):,} phrases understood, {confusion.accuracy:.1%}"


def _matrix(confusion: Confusion, intents: Sequence[Intent]) -> Table:
    counts, rates = confusion.counts(), confusion.rates(intents)
    taken = (*intents, *((NONE,) if any(each.intent == NONE for each in confusion.judged) else ()))
    table = Table("is \\ taken for", *taken, "recall", box=None, header_style="bold", pad_edge=False)
    for column in table.columns[1:]:
        column.justify = "right"
    for is_ in intents:
        cells = (Text(str(counts[is_, for_]), "green" if is_ == for_ else "") for for_ in taken)
        table.add_row(Text(is_), *cells, _percent(rates[is_].recall))
    precisions = (_percent(rates[for_].precision) if for_ in rates else "" for for_ in taken)
    table.add_row(Text("precision"), *precisions, "")
    return table


def _percent(part: float | None) -> str:
    return "-" if part is None else f"{part:.1%}"


def _missed(each: Judged, file: Path) -> str:
    """The phrase stands last: where it is read from right to left, it leaves the rest of the line alone."""
    why = f" ({each.found.detail})" if each.found.detail else ""
    place = f"{file}:{each.phrase.line}"
    return harmless(f"{place}: {each.phrase.intent}, taken for {each.intent} by {each.found.source}{why}: {each.phrase.text}")


def written(confusion: Confusion, intents: Sequence[Intent], way: str) -> str:
    """The JSON output."""
    counts = confusion.counts()
    told = {
        "by": way,
        "phrases": len(confusion.judged),
        "right": confusion.right,
        "accuracy": confusion.accuracy,
        "failures": len(confusion.failures),
        "sources": confusion.sources(),
        "languages": {
            name: {"phrases": len(part.judged), "accuracy": part.accuracy} for name, part in confusion.of_languages().items()
        },
        "intents": {intent: _rates(rates) for intent, rates in confusion.rates(intents).items()},
        "confusion": {is_: {for_: counts[is_, for_] for for_ in (*intents, NONE) if counts[is_, for_]} for is_ in intents},
        "missed": [_row(each) for each in confusion.missed],
    }
    return json.dumps(told, ensure_ascii=False, indent=2)


def _rates(rates: Rates) -> dict[str, int | float | None]:
    return {"phrases": rates.phrases, "precision": rates.precision, "recall": rates.recall}


def _row(each: Judged) -> dict[str, str | int | float | None]:
    return {
        "line": each.phrase.line,
        "phrase": each.phrase.text,
        "language": each.phrase.language,
        "intent": each.phrase.intent,
        "found": each.found.intent,
        "source": each.found.source,
        "confidence": each.found.confidence,
        "detail": each.found.detail,
    }
