"""Judges a played call by what its case says must happen and must not."""

from collections.abc import Iterator, Mapping, Sequence

from attrs import frozen

from callengine.fsm.cases import Case, CaseFile
from callengine.fsm.nodes import Position
from callengine.testing.one_call import Played
from callengine.testing.tape import CALLER, WORDED, Happening, What


@frozen
class Failure:
    """One thing that is not as the case says.

    Attributes:
        position: of the line of the case.
        message: one sentence.
        wanted: what should have happened, as a line of a transcript; empty where something should not have.
        place: how many happenings stand before `wanted`, or before what should not have happened; None at the end.
    """

    position: Position
    message: str
    wanted: str = ""
    place: int | None = None


def failures_of(file: CaseFile, number: int, played: Played) -> tuple[Failure, ...]:
    """Everything that is not as the case says; nothing if it passed."""
    case = file.cases[number]
    return (
        *_script(played),
        *_expected(file, number, case, played),
        *_forbidden(file, number, case, played),
        *_faults(file, number, played),
    )


def _script(played: Played) -> Iterator[Failure]:
    if played.missed is not None:
        place = played.done[-1] if played.done else 0
        yield Failure(played.missed.position, f"`{played.missed}` did not come about", str(played.missed), place)


def _faults(file: CaseFile, number: int, played: Played) -> Iterator[Failure]:
    return (Failure(file.position("cases", number), fault) for fault in played.faults)


def _expected(file: CaseFile, number: int, case: Case, played: Played) -> Iterator[Failure]:
    expect = case.expect
    wanted: list[tuple[str, str | None]] = [
        ("result", expect.result),
        ("transfer", expect.transfer),
        ("transcript", expect.transcript),
        ("opted_out", _yes_or_no(expect.opted_out)),
        ("called_back", _yes_or_no(expect.called_back)),
    ]
    found = found_at_the_end(played)
    for key, word in wanted:
        if word is not None and word != found[key]:
            here = file.position("cases", number, "expect", key)
            yield Failure(here, f"{key} is {found[key]!r}, not {word!r}", f"{key} {word}")
    orders = (
        ("steps", expect.steps, What.STEP),
        ("hears", expect.hears, What.HEARS),
        ("told", expect.told, What.IS_TOLD),
        ("sms", expect.sms, What.IS_SENT),
    )
    for key, words, what in orders:
        missing = _first_missing(words, _noticed(played, what))
        if missing is not None:
            here = file.position("cases", number, "expect", key, missing)
            after = f" after {words[missing - 1]!r}" if missing else ""
            verb = "comes to" if what is What.STEP else what.value
            line = f'{verb} "{words[missing]}"' if what in WORDED else f"{verb} {words[missing]}"
            yield Failure(here, f"{words[missing]!r} is missing from {key}{after}", line)


def _first_missing(words: Sequence[str], happened: Iterator[Happening]) -> int | None:
    """The place of the first word that does not follow those before it."""
    return next((place for place, word in enumerate(words) if not any(each.is_about(word) for each in happened)), None)


def _forbidden(file: CaseFile, number: int, case: Case, played: Played) -> Iterator[Failure]:
    never = case.must_not
    lists = (
        ("hear", never.hear, What.HEARS),
        ("be_told", never.be_told, What.IS_TOLD),
        ("sms", never.sms, What.IS_SENT),
        ("visit", never.visit, What.STEP),
        ("result", never.result, What.RESULT),
    )
    for key, words, what in lists:
        for index, word in enumerate(words):
            place = _place(played, what, word)
            if place is not None:
                here = file.position("cases", number, "must_not", key, index)
                yield Failure(here, f"{key} {word!r} must not happen, and did", place=place)
    if transfer_of(played) in never.transfer:
        here = file.position("cases", number, "must_not", "transfer")
        yield Failure(here, f"transfer {transfer_of(played)!r} must not happen, and did")


def _place(played: Played, what: What, word: str) -> int | None:
    found = next((each for each in _noticed(played, what) if each.is_about(word)), None)
    return None if found is None else played.happenings.index(found)


def _noticed(played: Played, what: What) -> Iterator[Happening]:
    """Everything of one kind, in order; what operators hear is not counted."""
    return (each for each in played.happenings if each.what is what and each.who in ("", CALLER))


def found_at_the_end(played: Played) -> Mapping[str, str]:
    """What a call came to, by the keys of `expect`."""
    whats = {happening.what for happening in played.happenings}
    return {
        "result": result_of(played),
        "transfer": transfer_of(played),
        "transcript": played.results[0].transcript if played.results else "",
        "opted_out": str(What.OPTED_OUT in whats).lower(),
        "called_back": str(What.CALLED_BACK in whats).lower(),
    }


def _yes_or_no(wanted: bool | None) -> str | None:
    return None if wanted is None else str(wanted).lower()


def result_of(played: Played) -> str:
    """The result of the call; empty without one."""
    return played.results[0].result if played.results else ""


def transfer_of(played: Played) -> str:
    """What came of the last transfer, `none` without one."""
    transfer = played.results[0].transfer if played.results else None
    return "none" if transfer is None else transfer.value
