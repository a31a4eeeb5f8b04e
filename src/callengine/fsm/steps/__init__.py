"""The step types: one class each, and the one table of them.

A class declares its fields, its outcomes, what it reads and defines, how it fills the time of a call, and what it promises
about loops; `step` says how. Loader, linter, chart, drawing and documentation read that; to add a step type, add a class
here, a performer in `calls`, a drive in `testing`, and an example in docs/flow-language.md.
"""

from collections.abc import Mapping

from callengine.fsm.step import Step
from callengine.fsm.steps.connecting import Queue, ToOperator, TransferToOperator
from callengine.fsm.steps.doing import NUMBER, Doing, OptOut, Request, SavedField, ScheduleCallback, SendSms
from callengine.fsm.steps.ending import Disconnect, Entry, Hangup, Wait
from callengine.fsm.steps.greeting import DetectMachine, LeaveMessage
from callengine.fsm.steps.limits import (
    HOLD_PROMPT,
    LAST_OPERATOR,
    LONGEST_DELAY,
    LONGEST_GREETING,
    LONGEST_PROMPT,
    LONGEST_SENDING,
    LONGEST_SYNTHESIS,
    LONGEST_THOUGHT,
    LONGEST_TRANSFER,
    RECORDING_MARGIN,
    UNKNOWN,
    UNROUTED,
)
from callengine.fsm.steps.parts import Enter, Leave, Return, Subflow
from callengine.fsm.steps.talking import (
    CollectDigits,
    Menu,
    Option,
    PlayPrompt,
    Record,
    Say,
    Uttering,
)
from callengine.fsm.steps.thinking import Branch, BranchCase, CheckRetryLimit, ClassifyIntent, RouteByIntent, Set, SetResult

STEP_TYPES: Mapping[str, type[Step]] = {
    step_type.type: step_type
    for step_type in (
        Entry,
        PlayPrompt,
        Say,
        Record,
        Menu,
        CollectDigits,
        DetectMachine,
        LeaveMessage,
        ClassifyIntent,
        RouteByIntent,
        Branch,
        Set,
        CheckRetryLimit,
        SetResult,
        TransferToOperator,
        Queue,
        Request,
        SendSms,
        OptOut,
        ScheduleCallback,
        Subflow,
        Return,
        Disconnect,
        Hangup,
        Wait,
    )
}
"""Those of a scenario file, by the word for each."""

CHART_TYPES: tuple[type[Step], ...] = (
    *(step_type for step_type in STEP_TYPES.values() if step_type not in (Subflow, Return)),
    Enter,
    Leave,
)
"""Those of a chart, which is what runs: there the steps of subflows stand where these are used."""

__all__ = [
    "CHART_TYPES",
    "HOLD_PROMPT",
    "LAST_OPERATOR",
    "LONGEST_DELAY",
    "LONGEST_GREETING",
    "LONGEST_PROMPT",
    "LONGEST_SENDING",
    "LONGEST_SYNTHESIS",
    "LONGEST_THOUGHT",
    "LONGEST_TRANSFER",
    "NUMBER",
    "RECORDING_MARGIN",
    "STEP_TYPES",
    "UNKNOWN",
    "UNROUTED",
    "Branch",
    "BranchCase",
    "CheckRetryLimit",
    "ClassifyIntent",
    "CollectDigits",
    "DetectMachine",
    "Disconnect",
    "Doing",
    "Enter",
    "Entry",
    "Hangup",
    "Leave",
    "LeaveMessage",
    "Menu",
    "OptOut",
    "Option",
    "PlayPrompt",
    "Queue",
    "Record",
    "Request",
    "Return",
    "RouteByIntent",
    "SavedField",
    "Say",
    "ScheduleCallback",
    "SendSms",
    "Set",
    "SetResult",
    "Subflow",
    "ToOperator",
    "TransferToOperator",
    "Uttering",
    "Wait",
]
