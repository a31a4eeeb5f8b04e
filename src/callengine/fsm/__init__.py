"""The flow language: text in, findings and charts out. No clock, no input or output.

`load` reads a file's bytes into a `Scenario`, `check` judges it, `lint` does both, `compile_flow` makes the `Chart` that runs,
`draw_mermaid` draws it. What a step type is stands in `steps`, what a code means in `codes`.
"""

from callengine.fsm.chart import Chart, compile_flow
from callengine.fsm.document import MOST_BYTES
from callengine.fsm.draw import draw_mermaid
from callengine.fsm.findings import Finding, Severity
from callengine.fsm.lint import check, lint
from callengine.fsm.load import Loading, has_errors, load
from callengine.fsm.scenario import Condition, Flow, FlowName, LlmSettings, OperatorRosters, RateLimits, Scenario, SttSettings
from callengine.fsm.steps import (
    STEP_TYPES,
    UNKNOWN,
    CheckRetryLimit,
    ClassifyIntent,
    Disconnect,
    Entry,
    Hangup,
    PlayPrompt,
    Record,
    RouteByIntent,
    SetResult,
    Step,
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
    "Finding",
    "Flow",
    "FlowName",
    "Hangup",
    "LlmSettings",
    "Loading",
    "OperatorRosters",
    "PlayPrompt",
    "RateLimits",
    "Record",
    "RouteByIntent",
    "Scenario",
    "SetResult",
    "Severity",
    "Step",
    "SttSettings",
    "TransferToOperator",
    "Wait",
    "check",
    "compile_flow",
    "draw_mermaid",
    "has_errors",
    "lint",
    "load",
]
