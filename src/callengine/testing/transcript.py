"""A played call as people read one: what was said and done, with times, and what differs from its case."""

from collections.abc import Iterator, Sequence

from callengine.testing.one_call import Played
from callengine.testing.tape import CALLER, Happening, What
from callengine.testing.verdict import Failure, found_at_the_end

_WIDTH = 44
"""Columns of what happens; the step stands after them."""

_SILENT = (What.STEP, What.OUTCOME, What.NOT_LISTENED_TO, What.GONE)
"""What people on the phone do not notice."""

_QUOTED = (What.SAYS, What.STT_HEARS, What.LLM_ANSWERS, What.IS_TOLD, What.IS_SENT)
"""What is told in quotes, if anything was said. A model that answers nothing leaves the intent to keywords."""


def transcript(played: Played, failures: Sequence[Failure] = ()) -> list[str]:
    """The lines of a transcript.

    `-` marks what should have happened, `+` what the caller heard instead, `!` what should not have happened.
    """
    awaited = {failure.place: failure for failure in failures if failure.wanted and failure.place is not None}
    unwanted = {failure.place for failure in failures if not failure.wanted and failure.place is not None}
    missed = min(awaited, default=len(played.happenings))
    lines: list[str] = []
    before = ""
    for place, happening in enumerate(played.happenings):
        if place in awaited:
            lines.append(_differs(awaited[place]))
        words = _words(happening)
        heard = happening.what in (What.HEARS, What.IS_TOLD) and happening.who == CALLER
        mark = "!" if place in unwanted else "+" if place >= missed and heard else " "
        if (words and words != before) or mark == "!":  # the hold audio plays again and again
            lines.append(
                f"{happening.at:8.1f} {mark} {words or f'comes to {happening.text}':<{_WIDTH}} {happening.step}".rstrip()
            )
        before = words or before
    return [*lines, *_at_the_end(played, failures)]


def _words(happening: Happening) -> str:
    """The line of a happening; empty for one that is not told."""
    if happening.what in _SILENT or (happening.what in _QUOTED and not happening.text):
        return ""
    who = f"{happening.who} " if happening.who not in ("", CALLER) else ""
    text = f'"{happening.text}"' if happening.what in _QUOTED else happening.text
    return f"{who}{happening.what.value} {text}".rstrip()


def _at_the_end(played: Played, failures: Sequence[Failure]) -> Iterator[str]:
    found = found_at_the_end(played)
    for failure in failures:
        if (failure.wanted and failure.place is None) or failure.place == len(played.happenings):
            yield _differs(failure)
            key = failure.wanted.partition(" ")[0]
            if key in found:
                yield f"{'':8} + {key} {found[key]}"


def _differs(failure: Failure) -> str:
    where = f"line {failure.position.line}"
    return f"{'':8} - {failure.wanted:<{_WIDTH}} {where}"
