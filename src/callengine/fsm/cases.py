"""The format of flow tests: `*.test.yaml` beside a scenario, cases that read like a phone call.

Read by the same loader as scenarios: every fault at once, each with its place. The runner is in `callengine.testing`.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Literal
from zoneinfo import ZoneInfo

from attrs import field, frozen

from callengine.fsm.acts import TALKS, Act, Does
from callengine.fsm.codec import decode_as
from callengine.fsm.document import Fault, read_document
from callengine.fsm.findings import Finding, quoted
from callengine.fsm.kinds import Listed, Name, Verbatim, Zone
from callengine.fsm.load import by_place, dotted, has_errors
from callengine.fsm.nodes import MappingNode, Node, Path, Position, ScalarNode, child, node_at
from callengine.fsm.scenario import FlowName
from callengine.model import Result, StepId

WALL_CLOCK = "%Y-%m-%d %H:%M"
"""How a case writes a time."""

EPOCH = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
"""When calls begin of which a case does not say it: a Monday."""

Transferred = Literal[
    "completed", "busy", "no_answer", "declined", "unreachable", "no_operator", "no_slot", "customer_left", "none"
]
"""The words of `TransferOutcome`, and `none` where no operator was asked for."""


@frozen(kw_only=True)
class Expected:
    """What must happen.

    Attributes:
        result: the one result of the call.
        steps: visited in this order; others may lie between.
        hears: heard by the caller in this order; others may lie between.
        transfer: what came of the last transfer.
        transcript: the last thing that was understood.
        told: spoken to the caller in this order, each with these words in it; others may lie between.
        sms: short messages sent in this order, each with these words in it; others may lie between.
        opted_out: whether a number was put on the do-not-dial list.
        called_back: whether somebody is to be called back.
    """

    result: Result
    steps: tuple[StepId, ...] = ()
    hears: tuple[Name, ...] = ()
    transfer: Transferred | None = None
    transcript: str | None = None
    told: tuple[Name, ...] = ()
    sms: tuple[Name, ...] = ()
    opted_out: bool | None = None
    called_back: bool | None = None


@frozen(kw_only=True)
class Forbidden:
    """What must not happen; a single word may stand in place of each list.

    Attributes:
        hear: prompts the caller must not hear.
        visit: steps the call must not come to.
        result: results it must not have.
        transfer: what must not come of the last transfer.
        be_told: words that must not be spoken to the caller.
        sms: words that must not be in a short message.
    """

    hear: Listed[Name] = ()
    visit: Listed[StepId] = ()
    result: Listed[Result] = ()
    transfer: Listed[Transferred] = ()
    be_told: Listed[Name] = ()
    sms: Listed[Name] = ()


@frozen(kw_only=True)
class Case:
    """One call.

    Attributes:
        call: what happens on it, in this order.
        contact: what is known of the person besides the number.
        at: when the call begins, such as `2026-11-21 10:30`; `EPOCH` if it is left out.
        zone: of the engine's clock, such as `Asia/Tehran`; UTC if it is left out.
    """

    name: Name
    call: tuple[Act, ...]
    expect: Expected
    must_not: Forbidden = field(factory=Forbidden)
    contact: Mapping[Name, Verbatim] = field(factory=dict)
    at: Verbatim | None = None
    zone: Zone | None = None

    def __attrs_post_init__(self) -> None:
        if self.at is not None:
            try:
                datetime.strptime(self.at, WALL_CLOCK)
            except ValueError:
                raise ValueError(f"has no time in `at`, but {self.at!r}; write it as `2026-11-21 10:30`") from None
        elif self.zone is not None:
            raise ValueError("has `zone` without `at`; say when the call begins")

    @property
    def moment(self) -> datetime:
        """When the call begins, with the engine's zone."""
        if self.at is None:
            return EPOCH
        return datetime.strptime(self.at, WALL_CLOCK).replace(tzinfo=ZoneInfo(self.zone or "UTC"))

    @property
    def flow(self) -> FlowName:
        """Which flow it tests: the one of calls that come in if the caller calls."""
        return "inbound_flow" if self.call and self.call[0].does is Does.CALLS else "flow"

    @property
    def talks(self) -> bool:
        """Whether there is a conversation."""
        return bool(self.call) and self.call[0].does in TALKS


@frozen(kw_only=True)
class CaseFile:
    """One file of flow tests.

    Attributes:
        scenario: file name of the scenario, relative to this file.
        path: of the file, as findings name it.
        source: the file's nodes, for the places of findings.
    """

    scenario: Name
    cases: tuple[Case, ...]
    path: str = ""
    source: MappingNode = field(factory=MappingNode, eq=False, repr=False)

    def position(self, *path: str | int) -> Position:
        """Where a value of this file stands, such as `position("cases", 3, "expect")`."""
        return node_at(self.source, path).position


@frozen
class CaseLoading:
    """What became of a file; `file` is None if and only if one of the findings is an error."""

    file: CaseFile | None
    findings: tuple[Finding, ...]


@frozen(kw_only=True)
class _Written:
    """The keys of the file."""

    scenario: Name
    cases: tuple[Case, ...]


def load_cases(data: bytes, path: str) -> CaseLoading:
    """Read a file of flow tests; never raises, whatever the bytes are.

    Args:
        path: how findings name the file; it is not opened.
    """
    document = read_document(data)
    findings = [_finding(path, fault, fault.message) for fault in document.faults]
    written: _Written | None = None
    if document.root is not None:
        decoded = decode_as(document.root, _Written)
        if isinstance(decoded, _Written):
            written = decoded
        else:
            findings += [_finding(path, fault, f"{_place(document.root, at)} {fault.message}") for at, fault in decoded]
    findings.sort(key=by_place)
    if written is None or not isinstance(document.root, MappingNode) or has_errors(findings):
        return CaseLoading(None, tuple(findings))
    file = CaseFile(scenario=written.scenario, cases=written.cases, path=path, source=document.root)
    return CaseLoading(file, tuple(findings))


def _finding(path: str, fault: Fault, message: str) -> Finding:
    return Finding(path, fault.position.line, fault.position.column, fault.code.id, fault.code.severity, message)


_CASE_DEPTH = 2
"""`cases`, the case's place in it."""


def _place(root: Node, path: Path) -> str:
    """What a fault concerns: the case by its name, then the key."""
    if path[:1] != ("cases",) or len(path) < _CASE_DEPTH:
        return dotted(path) or "the file"
    name = child(node_at(root, path[:_CASE_DEPTH]), "name")
    case = f"case {quoted(name.text)}" if isinstance(name, ScalarNode) and name.text else f"case {int(path[1]) + 1}"
    return f"{case}: {dotted(path[_CASE_DEPTH:])}" if path[_CASE_DEPTH:] else case
