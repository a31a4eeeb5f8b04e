"""Who is where."""

from callengine.simulator import HangUp, Instead, Moment, People, Persona
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
