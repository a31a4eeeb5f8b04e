"""A chart as a Mermaid flowchart."""

import json
import re
from collections.abc import Iterator, Mapping

from callengine.fsm.chart import Chart
from callengine.fsm.steps import (
    CheckRetryLimit,
    ClassifyIntent,
    Disconnect,
    Entry,
    Hangup,
    PlayPrompt,
    SetResult,
    Step,
    TransferToOperator,
    Wait,
)
from callengine.model import StepId

# Everything of ASCII that Mermaid or HTML could take for something else inside a quoted label.
_UNSAFE = re.compile(r"[^\w \-.,:()!?/\u200c]", re.ASCII)

_SHAPES: dict[type[Step], tuple[str, str]] = {
    Entry: ("([", "])"),
    CheckRetryLimit: ("{{", "}}"),
    Disconnect: ("(((", ")))"),
    Hangup: ("(((", ")))"),
    Wait: ("((", "))"),
}


def draw_mermaid(chart: Chart) -> str:
    """The chart as Mermaid text, ready for a fenced block or the live editor.

    A step shows its id, its type and what it is about; an arrow bears its outcome; a dotted arrow leads to the end where the
    file leaves an outcome to its default, with the result of such a call.
    """
    names = {step: f"s{number}" for number, step in enumerate(chart.steps)}
    title = json.dumps(f"{chart.scenario.display_name or chart.scenario.name}: {chart.flow_name}", ensure_ascii=False)
    lines = ["---", f"title: {title}", "---", "flowchart TD"]
    lines += (f"    {names[step.id]}{_shape(step)}" for step in chart.steps.values())
    arrows = [arrow for step in chart.steps.values() for arrow in _arrows(chart, step, names)]
    if any("-.->" in arrow for arrow in arrows):
        lines.append('    ended((("call ends")))')
    lines += (f"    {arrow}" for arrow in arrows)
    return "\n".join(lines) + "\n"


def _shape(step: Step) -> str:
    before, after = _SHAPES.get(type(step), ("[", "]"))
    about = _about(step)
    words = f"{_label(step.id)}<br/>{step.type}" + (f": {_label(about)}" if about else "")
    return f'{before}"{words}"{after}'


def _about(step: Step) -> str:
    match step:
        case PlayPrompt() | ClassifyIntent():
            return step.prompt or ""
        case SetResult():
            return step.result
        case TransferToOperator():
            return step.agent_type
        case CheckRetryLimit():
            return f"{step.counter}, at most {step.max_count}"
        case _:
            return ""


def _arrows(chart: Chart, step: Step, names: Mapping[StepId, str]) -> Iterator[str]:
    for outcome in chart.outcomes[step.id]:
        target = chart.after(step.id, outcome)
        if target is None:
            yield f'{names[step.id]} -.->|"{_label(outcome)}: {chart.result_at_end(step.id, outcome)}"| ended'
        elif chart.outcomes[step.id] == ("next",):
            yield f"{names[step.id]} --> {names[target]}"
        else:
            yield f'{names[step.id]} -->|"{_label(outcome)}"| {names[target]}'


def _label(text: str) -> str:
    """Text with Mermaid's own entities for what could end or change a label; letters of any script stay as they are."""
    return "".join(f"#{ord(char)};" if char.isascii() and _UNSAFE.match(char) else char for char in " ".join(text.split()))
