"""How a caller, operators and providers bring each outcome of each step type about: the one table of it."""

from collections.abc import Iterator, Mapping
from typing import TypeVar, cast

from callengine.fsm import (
    Chart,
    CheckRetryLimit,
    ClassifyIntent,
    Disconnect,
    Enter,
    Entry,
    Hangup,
    Leave,
    PlayPrompt,
    Record,
    RouteByIntent,
    SetResult,
    Step,
    TransferToOperator,
    Wait,
)
from callengine.fsm.steps import (
    Branch,
    CollectDigits,
    DetectMachine,
    LeaveMessage,
    Menu,
    OptOut,
    Queue,
    Request,
    Say,
    ScheduleCallback,
    SendSms,
    Set,
)
from callengine.testing import conversing, deciding
from callengine.testing.place import Drive, Place, Way

S = TypeVar("S", bound=Step)


def ways_from(place: Place, chart: Chart) -> Iterator[Way]:
    """Every way the step can end that can be brought about."""
    step = chart.steps[place.step]
    return _drive_of(step)(step, place, chart)


DRIVES: Mapping[type[Step], object] = {
    Entry: conversing.goes_on,
    Enter: conversing.goes_on,
    Leave: conversing.leaves,
    PlayPrompt: conversing.goes_on,
    Say: conversing.says,
    Record: conversing.records,
    Menu: conversing.chooses,
    CollectDigits: conversing.collects,
    DetectMachine: conversing.detects,
    LeaveMessage: conversing.says,
    ClassifyIntent: deciding.classifies,
    RouteByIntent: deciding.routes,
    Branch: deciding.branches,
    CheckRetryLimit: deciding.counts,
    Set: deciding.sets,
    SetResult: conversing.goes_on,
    Request: deciding.requests,
    SendSms: deciding.sends,
    OptOut: deciding.does,
    ScheduleCallback: deciding.schedules,
    TransferToOperator: conversing.transfers,
    Queue: conversing.queues,
    Disconnect: conversing.ends,
    Hangup: conversing.ends,
    Wait: conversing.waits,
}


def _drive_of(step: S) -> Drive[S]:
    return cast("Drive[S]", DRIVES[type(step)])
