"""Who is where."""

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from callengine.simulator import HangUp, Instead, Moment, People, Persona, random_people
from callengine.simulator.person import Person

ANNA, OTHER = Persona(says=("yes",)), Persona()
PEOPLE = People({"9120000001": ANNA, "7000": Persona(instead=Instead.BUSY)}, otherwise=OTHER)


def test_digits_in_front_of_a_number_do_not_matter() -> None:
    assert PEOPLE.at("9120000001") is ANNA
    assert PEOPLE.at("02559120000001") is ANNA
    assert PEOPLE.at("7000").instead is Instead.BUSY
    assert PEOPLE.at("0217000") is OTHER, "a short number at the end is a coincidence"
    assert PEOPLE.at("") is OTHER


def test_a_person_leaves_at_the_moment_they_planned() -> None:
    plan = HangUp(Moment.PROMPT, nth=2, seconds=1)
    person = Person(Persona(hangs_up=plan, says=("one", "")))
    noticed = [person.leaves(moment) for moment in (Moment.ANSWER, Moment.PROMPT, Moment.RECORDING, Moment.PROMPT)]
    assert noticed == [None, None, None, plan]
    assert [person.next_words()[0] for _ in range(3)] == ["one", "", ""]


@given(st.integers(), st.lists(st.text("0123456789", min_size=5, max_size=15), unique=True, max_size=30))
def test_random_people_are_the_same_for_the_same_seed(seed: int, numbers: list[str]) -> None:
    people = random_people(Random(seed), numbers, ("yes", "no"))
    assert people == random_people(Random(seed), numbers, ("yes", "no"))
    assert list(people.by_number) == numbers
