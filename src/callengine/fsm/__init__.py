"""The flow language: text in, findings and charts out. No clock, no input or output.

`load` reads a file's bytes into a `Scenario`, `check` judges it, `lint` does both, `explain` tells how long its calls can last,
`compile_flow` makes the `Chart` that runs, `draw_mermaid` and `draw_dot` draw it. What a step type is stands in `steps`, what a
code means in `codes`.
"""

from callengine.fsm.analysis import explain
from callengine.fsm.chart import Chart, compile_flow
from callengine.fsm.document import MOST_BYTES
from callengine.fsm.draw import draw_dot, draw_mermaid
from callengine.fsm.findings import Finding, Severity
from callengine.fsm.lengths import Explanation, Stop
from callengine.fsm.lint import check, lint
from callengine.fsm.load import Loading, cannot_run, has_errors, load
from callengine.fsm.sarif import sarif
from callengine.fsm.scenario import Condition, Flow, FlowName, LlmSettings, OperatorRosters, RateLimits, Scenario, SttSettings
from callengine.fsm.schema import scenario_schema
from callengine.fsm.step import Step
from callengine.fsm.steps import (
    STEP_TYPES,
    UNKNOWN,
    CheckRetryLimit,
    ClassifyIntent,
    Disconnect,
    Entry,
    Hangup,
    PlayPrompt,
    Queue,
    Record,
    RouteByIntent,
    SetResult,
    ToOperator,
    TransferToOperator,
    Wait,
)

__all__ = [
    "MOST_BYTES",
    "STEP_TYPES",
    "UNKNOWN",
    "Chart",
    "CheckRetryLimit",
    "ClassifyIntent",
    "Condition",
    "Disconnect",
    "Entry",
    "Explanation",
    "Finding",
    "Flow",
    "FlowName",
    "Hangup",
    "LlmSettings",
    "Loading",
    "OperatorRosters",
    "PlayPrompt",
    "Queue",
    "RateLimits",
    "Record",
    "RouteByIntent",
    "Scenario",
    "SetResult",
    "Severity",
    "Step",
    "Stop",
    "SttSettings",
    "ToOperator",
    "TransferToOperator",
    "Wait",
    "cannot_run",
    "check",
    "compile_flow",
    "draw_dot",
    "draw_mermaid",
    "explain",
    "has_errors",
    "lint",
    "load",
    "sarif",
    "scenario_schema",
]
