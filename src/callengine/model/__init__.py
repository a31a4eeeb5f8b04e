"""Domain classes and ports: frozen, typed, without input or output."""

from callengine.model.ambient import Ambient, SeededAmbient, SystemAmbient
from callengine.model.call import Attempt, AttemptState, CallResult, Cause, Moment, MomentKind, Timeline
from callengine.model.contact import Contact, digits_of
from callengine.model.ids import (
    AttemptId,
    BridgeId,
    CallId,
    ChannelId,
    ChartId,
    ContactId,
    Digits,
    Intent,
    LineId,
    Outcome,
    PlaybackId,
    RecordingName,
    Result,
    StepId,
)
from callengine.model.line import Lease, LeaseRequest, LineLimits, Lines, LineSpec, Passage, Purpose
from callengine.model.ports import Book, StreamOpener, Writer
from callengine.model.report import Leaked, Report, report_of

__all__ = [
    "Ambient",
    "Attempt",
    "AttemptId",
    "AttemptState",
    "Book",
    "BridgeId",
    "CallId",
    "CallResult",
    "Cause",
    "ChannelId",
    "ChartId",
    "Contact",
    "ContactId",
    "Digits",
    "Intent",
    "Leaked",
    "Lease",
    "LeaseRequest",
    "LineId",
    "LineLimits",
    "LineSpec",
    "Lines",
    "Moment",
    "MomentKind",
    "Outcome",
    "Passage",
    "PlaybackId",
    "Purpose",
    "RecordingName",
    "Report",
    "Result",
    "SeededAmbient",
    "StepId",
    "StreamOpener",
    "SystemAmbient",
    "Timeline",
    "Writer",
    "digits_of",
    "report_of",
]
