"""A scenario file's bytes to a Scenario, or to all that is wrong with them."""

from collections.abc import Iterable

from attrs import evolve, frozen

from callengine.fsm.codec import decode
from callengine.fsm.collecting import collector_paused
from callengine.fsm.document import Fault, read_document
from callengine.fsm.findings import Finding, Severity, quoted
from callengine.fsm.nodes import MappingNode, Node, Path, ScalarNode, child, node_at
from callengine.fsm.scenario import Scenario


@frozen
class Loading:
    """What became of a file.

    Attributes:
        scenario: None if and only if one of the findings is an error.
        findings: about the file itself (F0xx), in the order of the file.
    """

    scenario: Scenario | None
    findings: tuple[Finding, ...]


@collector_paused()
def load(data: bytes, path: str) -> Loading:
    """Read a scenario file; never raises, whatever the bytes are.

    Args:
        path: how findings name the file; it is not opened.
    """
    document = read_document(data)
    findings = [_finding(path, fault, fault.message) for fault in document.faults]
    scenario = None
    if document.root is not None:
        decoded = decode(document.root)
        if isinstance(decoded, Scenario):
            scenario = decoded
        else:
            findings += [_placed(path, document.root, place, fault) for place, fault in decoded]
    findings.sort(key=by_place)
    if scenario is None or not isinstance(document.root, MappingNode) or has_errors(findings):
        return Loading(None, tuple(findings))
    return Loading(evolve(scenario, path=path, source=document.root, content=data), tuple(findings))


def by_place(finding: Finding) -> tuple[int, int, str]:
    """Sorts findings as one reads a file."""
    return finding.line, finding.column, finding.code


def has_errors(findings: Iterable[Finding]) -> bool:
    """Whether any of the findings is an error."""
    return any(finding.severity is Severity.ERROR for finding in findings)


def cannot_run(findings: Iterable[Finding]) -> bool:
    """Whether a file with these findings cannot be run at all.

    An error of F2xx to F4xx does not prevent it: files of the field have some, and the budgets of a call hold them in check.
    """
    return any(finding.severity is Severity.ERROR and finding.code < "F2" for finding in findings)


def _finding(path: str, fault: Fault, message: str, flow: str | None = None, step: str | None = None) -> Finding:
    place = fault.position
    return Finding(path, place.line, place.column, fault.code.id, fault.code.severity, message, flow, step)


def _placed(path: str, root: Node, place: Path, fault: Fault) -> Finding:
    """A fault with the name of what it concerns in front."""
    keys = _section_in(place)
    section = ".".join(map(str, keys)) or None
    if section is None or len(place) == len(keys) + 1:
        return _finding(path, fault, f"{dotted(place[1:]) or 'the file'} {fault.message}", section)
    number, *inside = place[len(keys) + 1 :]
    step = child(node_at(root, ("scenario", *keys, number)), "step")
    step_id = step.text if isinstance(step, ScalarNode) and step.kind == "text" else None
    name = f"step {quoted(step_id)}" if step_id else f"step {int(number) + 1} of {section}"
    key = f": {dotted(tuple(inside))}" if inside else ""
    return _finding(path, fault, f"{name}{key} {fault.message}", section, step_id)


def _section_in(place: Path) -> Path:
    """The keys under which the flow or subflow stands that a path leads into; none if it leads elsewhere."""
    if place[1:2] in (("flow",), ("inbound_flow",)):
        return place[1:2]
    return place[1:3] if place[1:2] == ("subflows",) and len(place) > 2 else ()


def dotted(path: Path) -> str:
    """A path as messages name it, such as `cases[3].expect`; "" for the whole file."""
    words = "".join(f"[{key + 1}]" if isinstance(key, int) else f".{key}" for key in path).removeprefix(".")
    return f"`{words}`" if words else ""
