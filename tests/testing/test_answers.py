"""What simulated web services answer."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callengine.fsm import SavedField
from callengine.providers import WebRequest
from callengine.testing import simulate
from callengine.testing.answers import SOME_NUMBER, SOME_TEXT, answer_for, fitting_answer, request_steps
from tests.calls.stage import chart

ASKING = chart(
    "step: start, type: entry, next: ask",
    'step: ask, type: request, url: "https://a.test/{number}?q=(x)", save: {due: {path: a.0.due, type: number}}, next: note',
    'step: note, type: request, method: POST, url: "https://a.test/{number}?q=(x)", save: {name: {path: name}}, next: tell',
    'step: tell, type: send_sms, text: "{name} owes {due}", next: later',
    "step: later, type: schedule_callback, in_hours: due, next: out",
    "step: out, type: opt_out, next: done",
    "step: done, type: set_result, result: busy, next: end",
    "step: end, type: hangup",
).scenario


@pytest.mark.parametrize(
    ("method", "url", "answer"),
    [
        ("GET", "https://a.test/0912?q=(x)", {"a": [{"due": SOME_NUMBER}]}),
        ("POST", "https://a.test/0912?q=(x)", {"name": SOME_TEXT}),
        ("GET", "https://a.test/0912?q=x", None),
        ("PUT", "https://a.test/0912?q=(x)", None),
    ],
)
def test_the_step_that_asked_gets_what_it_remembers(method: str, url: str, answer: object) -> None:
    assert fitting_answer(request_steps((ASKING,)), WebRequest(method, url, None, 1.0)) == answer


@given(st.lists(st.from_regex(r"([a-c]|[0-2])(\.([a-c]|[0-2])){0,3}", fullmatch=True)))
def test_any_paths_have_an_answer(paths: list[str]) -> None:
    answer_for({path: SavedField(path=path) for path in paths})


def test_flows_that_have_things_done_are_simulated() -> None:
    report = simulate((ASKING,), calls=40, seed=3).report
    assert report.callbacks > 5 and report.opt_outs > 5
    assert not [result for result in report.dispositions if result.startswith("failed")]
    assert report.leaked.nothing
    assert not report.violations
