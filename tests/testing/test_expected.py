"""What scenarios expect of people."""

from random import Random

from callengine.fsm import Condition, Flow, Scenario
from callengine.fsm.scenario import FieldType
from callengine.fsm.steps import CollectDigits, Entry, Menu, Option, Queue
from callengine.model import StepId
from callengine.testing.expected import keys_of, phrases_of, random_fields

END = StepId("end")
MENU = Menu(
    id=StepId("menu"),
    prompt="choose",
    options=(Option(key="1", words=("sales",), next=END), Option(words=("support",), next=END)),
    on_no_input=END,
    on_no_match=END,
)
DIGITS = CollectDigits(
    id=StepId("digits"), prompt="key in", variable="code", min_digits=3, next=END, on_no_input=END, on_invalid=END
)
QUEUE = Queue(
    id=StepId("queue"), agent_type="inbound", on_success=END, on_failure=END, on_timeout=END, leave_key="*", on_leave=END
)
START = Entry(id=StepId("start"), next=END)


def scenario(*conditions: Condition, **fields: FieldType) -> Scenario:
    return Scenario(name="one", flow=Flow("flow", (START, MENU, DIGITS, QUEUE)), conditions=conditions, contact_fields=fields)


def test_people_say_and_press_what_menus_ask_for() -> None:
    assert set(phrases_of([scenario()])) >= {"sales", "support"}
    assert keys_of([scenario()]) == ("1", "555#", "12#", "*", "8")


def test_a_scenario_without_keys_has_none_pressed() -> None:
    assert keys_of([Scenario(name="two", flow=Flow("flow", (START,)))]) == ()


def test_contacts_pass_the_conditions_of_some_scenario() -> None:
    wanted = scenario(
        Condition(field="city", one_of=("Tehran", "Shiraz")), Condition(field="plan", equals="gold"), debt="number"
    )
    fields = random_fields(Random(1), ("1", "2"), [wanted])
    assert set(fields) == {"1", "2"}
    for known in fields.values():
        assert all(condition.holds(known) for condition in wanted.conditions)
        assert known["debt"].isdecimal()


def test_nothing_is_made_up_where_nothing_is_asked() -> None:
    assert random_fields(Random(1), ("1",), [scenario()]) == {}
