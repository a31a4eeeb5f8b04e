"""However a small file multiplies its steps, nothing large is made of it."""

from time import process_time

import pytest

from callengine.errors import FlowError
from callengine.fsm import check, compile_flow, load
from callengine.fsm.subflows import MOST_STEPS
from tests.fsm.files import findings, loaded


def nested(levels: int, uses: int, name: str = "u") -> bytes:
    """Subflows that each use the next one so often."""
    lines = ["scenario:", "  name: demo", "  subflows:"]
    for level in range(levels):
        steps = [f"step: start, type: entry, next: {name}0"]
        if level + 1 < levels:
            for use in range(uses):
                then = f"{name}{use + 1}" if use + 1 < uses else "back"
                steps.append(f"step: {name}{use}, type: subflow, flow: s{level + 1}, returns: {{done: {then}}}")
        else:
            steps[0] = "step: start, type: entry, next: back"
        steps.append("step: back, type: return")
        lines += [f"    s{level}:", *(f"      - {{{step}}}" for step in steps)]
    lines += ["  flow:", "    - {step: start, type: entry, next: all}", "    - {step: end, type: hangup}"]
    return "\n".join([*lines, "    - {step: all, type: subflow, flow: s0, returns: {done: end}}", ""]).encode()


@pytest.mark.parametrize(
    ("file", "what"),
    [
        (nested(60, 10), f"{MOST_STEPS:,} steps"),
        (nested(2_000, 2), f"{MOST_STEPS:,} steps"),
        (nested(6_000, 1), "letters in the ids"),
        (nested(12, 2, name="u" * 20_000), "letters in the ids"),
    ],
    ids=["wide", "deep", "long chain", "long ids"],
)
def test_a_bomb_is_refused_without_being_built(file: bytes, what: str) -> None:
    scenario = load(file, "x.yaml").scenario
    assert scenario is not None
    began = process_time()
    (finding,) = check(scenario)
    assert process_time() - began < 1.0
    with pytest.raises(FlowError):
        compile_flow(scenario, scenario.flow)
    assert finding.code == "F116"
    assert what in finding.message


def test_a_deep_chain_is_put_in_place() -> None:
    scenario = loaded(nested(300, 1))
    chart = compile_flow(scenario, scenario.flow)
    assert len(chart.steps) == 2 * 300 + 2


def test_a_circle_of_thousands_is_found() -> None:
    file = (
        nested(3_000, 1)
        .replace(b"step: start, type: entry, next: back", b"step: start, type: entry, next: u0")
        .replace(b"    s2999:\n", b"    s2999:\n      - {step: u0, type: subflow, flow: s0, returns: {done: back}}\n")
    )
    assert [each.code for each in findings(file)] == ["F111"]
