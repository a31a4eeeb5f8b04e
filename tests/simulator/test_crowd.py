"""Random people of every kind."""

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from callengine.simulator import Instead, Moment, random_caller, random_operators, random_people

NUMBERS = st.lists(st.text("0123456789", min_size=5, max_size=15), unique=True, max_size=30)


@given(st.integers(), NUMBERS)
def test_random_people_are_the_same_for_the_same_seed(seed: int, numbers: list[str]) -> None:
    people = random_people(Random(seed), numbers, ("yes", "no"))
    assert people == random_people(Random(seed), numbers, ("yes", "no"))
    assert list(people.by_number) == numbers


def test_of_those_who_answer_some_are_machines_and_most_others_say_hello() -> None:
    crowd = random_people(Random(1), [str(number) for number in range(1000)], ("yes", "no")).by_number.values()
    lengths = [sum(each.seconds for each in persona.greets) for persona in crowd if persona.instead is None]
    machines, hellos = [each for each in lengths if each > 2.0], [each for each in lengths if 0 < each < 1.5]
    assert len(machines) + len(hellos) + lengths.count(0) == len(lengths)
    assert 0.1 < len(machines) / len(lengths) < 0.2
    assert 0.7 < len(hellos) / (len(lengths) - len(machines)) < 0.9


@given(st.integers(), NUMBERS)
def test_some_operator_answers_and_ends_the_conversation(seed: int, numbers: list[str]) -> None:
    operators = random_operators(Random(seed), numbers)
    assert operators == random_operators(Random(seed), numbers)
    assert list(operators.by_number) == numbers
    assert not numbers or any(operator.instead is None for operator in operators.by_number.values())
    for operator in operators.by_number.values():
        assert operator.hangs_up is not None and operator.hangs_up.after is Moment.BRIDGE


def test_operators_may_be_out_of_reach_in_every_way() -> None:
    operators = random_operators(Random(1), [str(number) for number in range(500)]).by_number.values()
    assert {operator.instead for operator in operators} == {
        None,
        Instead.BUSY,
        Instead.DECLINE,
        Instead.NO_ANSWER,
        Instead.POWER_OFF,
        Instead.UNREACHABLE,
        Instead.FORWARD,
    }


def test_callers_are_patient_and_impatient_and_all_of_them_can_speak() -> None:
    callers = [random_caller(Random(seed), ("yes", "no")) for seed in range(100)]
    assert callers == [random_caller(Random(seed), ("yes", "no")) for seed in range(100)]
    impatient = [caller for caller in callers if caller.hangs_up is not None and caller.hangs_up.after is Moment.RINGING]
    assert 10 < len(impatient) < 40
    assert any(caller.hangs_up is None for caller in callers)
    assert all(caller.instead is None and caller.says for caller in callers)
