"""The flow language: text in, findings and charts out. No clock, no input or output.

`load` reads a file's bytes into a `Scenario`, `check` judges it, `lint` does both, `explain` tells how long its calls can last,
`compile_flow` makes the `Chart` that runs, `draw_mermaid` and `draw_dot` draw it. What a step type is stands in `steps`, what a
code means in `codes`.
"""

from callengine.fsm.analysis import explain
from callengine.fsm.chart import Chart, compile_flow
from callengine.fsm.document import MOST_BYTES
from callengine.fsm.dot import draw_dot
from callengine.fsm.findings import Finding, Severity
from callengine.fsm.lengths import Explanation, Stop
from callengine.fsm.lint import check, lint
from callengine.fsm.load import Loading, cannot_run, has_errors, load
from callengine.fsm.mermaid import draw_mermaid
from callengine.fsm.sarif import sarif
from callengine.fsm.scenario import Condition, Flow, FlowName, LlmSettings, OperatorRosters, RateLimits, Scenario, SttSettings
from callengine.fsm.schema import scenario_schema
from callengine.fsm.step import Step
from callengine.fsm.steps import (
    CHART_TYPES,
    STEP_TYPES,
    UNKNOWN,
    CheckRetryLimit,
    ClassifyIntent,
    DetectMachine,
    Disconnect,
    Enter,
    Entry,
    Hangup,
    Leave,
    LeaveMessage,
    OptOut,
    PlayPrompt,
    Queue,
    Record,
    Request,
    RouteByIntent,
    SavedField,
    ScheduleCallback,
    SendSms,
    SetResult,
    ToOperator,
    TransferToOperator,
    Wait,
)
from callengine.fsm.subflows import steps_of

__all__ = [
    "CHART_TYPES",
    "MOST_BYTES",
    "STEP_TYPES",
    "UNKNOWN",
    "Chart",
    "CheckRetryLimit",
    "ClassifyIntent",
    "Condition",
    "DetectMachine",
    "Disconnect",
    "Enter",
    "Entry",
    "Explanation",
    "Finding",
    "Flow",
    "FlowName",
    "Hangup",
    "Leave",
    "LeaveMessage",
    "LlmSettings",
    "Loading",
    "OperatorRosters",
    "OptOut",
    "PlayPrompt",
    "Queue",
    "RateLimits",
    "Record",
    "Request",
    "RouteByIntent",
    "SavedField",
    "Scenario",
    "ScheduleCallback",
    "SendSms",
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
    "steps_of",
]
