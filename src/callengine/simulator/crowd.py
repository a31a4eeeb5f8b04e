"""Random people: those we call, those who call us, and operators."""

from collections.abc import Iterable, Mapping, Sequence
from random import Random

from callengine.simulator.people import HangUp, Instead, Moment, People, Persona, Utterance

_FATES: Mapping[Instead | None, int] = {
    None: 60,
    Instead.NO_ANSWER: 14,
    Instead.BUSY: 10,
    Instead.DECLINE: 5,
    Instead.POWER_OFF: 5,
    Instead.NO_ROUTE: 2,
    Instead.CONGESTION: 2,
    Instead.UNREACHABLE: 1,
    Instead.FORWARD: 1,
}
"""Of a hundred numbers dialled, how many meet this fate: made up, but with every fate in it."""


_MACHINES = 0.15
"""Of those that answer, how many are answering machines."""


def random_people(rng: Random, numbers: Iterable[str], phrases: Sequence[str], keys: Sequence[str] = ()) -> People:
    """A person for each number, who says some of the phrases and presses some of the keys; the same generator gives the same.

    About six in ten answer; of those, one or two in ten are answering machines, and four in ten hang up early, at any moment
    of the call.
    """
    return People({number: _random_persona(rng, phrases, keys) for number in numbers})


def random_caller(rng: Random, phrases: Sequence[str], keys: Sequence[str] = ()) -> Persona:
    """A person who calls us: two in ten wait no longer than some seconds, three in ten hang up at another moment."""
    says, fate = _random_words(rng, phrases), rng.random()
    if fate < 0.2:
        leaves: HangUp | None = HangUp(Moment.RINGING, seconds=round(rng.uniform(0.2, 15.0), 3))
    else:
        leaves = _random_hang_up(rng) if fate < 0.5 else None
    thinks = round(rng.uniform(0.1, 1.2), 3)
    return Persona(says=says, thinks=thinks, keys=_random_keys(rng, keys), hangs_up=leaves)


_OPERATORS_FATES: Mapping[Instead | None, int] = {
    None: 50,
    Instead.BUSY: 20,
    Instead.DECLINE: 10,
    Instead.NO_ANSWER: 10,
    Instead.POWER_OFF: 5,
    Instead.UNREACHABLE: 3,
    Instead.FORWARD: 2,
}
"""As above, of a hundred operators."""


def random_operators(rng: Random, numbers: Sequence[str]) -> People:
    """An operator at each number; at least one of them answers, and whoever answers ends the conversation after a while."""
    reachable = rng.choice(numbers) if numbers else ""
    return People({number: _random_operator(rng, answers=number == reachable) for number in numbers})


def _random_operator(rng: Random, *, answers: bool) -> Persona:
    [fate] = rng.choices(list(_OPERATORS_FATES), list(_OPERATORS_FATES.values()))
    instead = None if answers else fate
    return Persona(
        rings_after=round(rng.uniform(0.1, 2.0), 3),
        answers_after=round(rng.uniform(0.5, 8.0), 3),
        instead=instead,
        forwards_to=_random_number(rng) if instead is Instead.FORWARD else "",
        hangs_up=HangUp(Moment.BRIDGE, seconds=round(rng.uniform(1.0, 60.0), 3)),
    )


def _random_number(rng: Random) -> str:
    return "".join(rng.choices("123456789", k=9))


def _random_words(rng: Random, phrases: Sequence[str]) -> tuple[str, ...]:
    return tuple(rng.choice(phrases) if phrases and rng.random() < 0.85 else "" for _ in range(rng.randint(1, 4)))


def _random_keys(rng: Random, keys: Sequence[str]) -> tuple[str, ...]:
    """Nothing is drawn where there is nothing to press: such people stay what they are."""
    return tuple(rng.choice(keys) if rng.random() < 0.85 else "" for _ in range(rng.randint(1, 8))) if keys else ()


def _random_persona(rng: Random, phrases: Sequence[str], keys: Sequence[str]) -> Persona:
    [instead] = rng.choices(list(_FATES), list(_FATES.values()))
    said = _random_words(rng, phrases)
    is_machine = instead is None and rng.random() < _MACHINES
    return Persona(
        rings_after=round(rng.uniform(0.1, 2.0), 3),
        answers_after=round(rng.uniform(1.0, 25.0), 3),
        instead=instead,
        forwards_to=_random_number(rng) if instead is Instead.FORWARD else "",
        says=() if is_machine else said,
        thinks=round(rng.uniform(0.1, 1.2), 3),
        keys=_random_keys(rng, keys),
        greets=_random_announcement(rng) if is_machine else _random_hello(rng),
        hangs_up=_random_hang_up(rng) if rng.random() < 0.4 else None,
    )


def _random_announcement(rng: Random) -> tuple[Utterance, ...]:
    """Of an answering machine: some sentences, and a beep."""
    sentences = [Utterance(round(rng.uniform(0.2, 1.0), 3), round(rng.uniform(2.0, 6.0), 3)) for _ in range(rng.randint(1, 3))]
    return (*sentences, Utterance(round(rng.uniform(0.2, 1.5), 3), 0.4))


def _random_hello(rng: Random) -> tuple[Utterance, ...]:
    """Of a person: eight in ten say hello, and some of them twice."""
    if rng.random() >= 0.8:
        return ()
    words = [Utterance(round(rng.uniform(0.2, 1.0), 3), round(rng.uniform(0.2, 0.6), 3)) for _ in range(rng.choice((1, 1, 2)))]
    return tuple(words)


def _random_hang_up(rng: Random) -> HangUp:
    return HangUp(
        after=rng.choice(list(Moment)),
        nth=rng.randint(1, 2),
        seconds=round(rng.expovariate(1 / 2.0), 3),
        cause=rng.choice((16, 16, 16, 0)),
    )
