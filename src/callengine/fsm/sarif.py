"""Findings as SARIF 2.1.0, the format in which code hosts and editors take the reports of linters.

The names of the classes and fields are the standard's own (OASIS, Static Analysis Results Interchange Format 2.1.0).
"""

from collections.abc import Sequence
from typing import Literal
from urllib.parse import quote

import msgspec

from callengine.fsm.codes import CODES
from callengine.fsm.findings import Code, Finding, Severity

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"

Level = Literal["error", "warning", "note"]
_LEVELS: dict[Severity, Level] = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.HINT: "note"}
_RULE_INDEX = {code.id: index for index, code in enumerate(CODES)}


class _Part(msgspec.Struct, rename="camel", omit_defaults=True):
    """A piece of a SARIF log; a field that has its default is left out."""


class Message(_Part):
    text: str


class ArtifactLocation(_Part):
    """A file, named by a URI: relative to wherever the reader's project is, or with a scheme."""

    uri: str


class Region(_Part):
    """A place in a file, both figures counted from 1."""

    start_line: int
    start_column: int


class PhysicalLocation(_Part):
    artifact_location: ArtifactLocation
    region: Region


class LogicalLocation(_Part):
    """A step of a flow."""

    name: str
    fully_qualified_name: str


class Location(_Part):
    physical_location: PhysicalLocation
    logical_locations: tuple[LogicalLocation, ...] = ()


class Result(_Part):
    """One finding."""

    rule_id: str
    rule_index: int
    level: Level
    message: Message
    locations: tuple[Location, ...]


class ReportingConfiguration(_Part):
    level: Level


class ReportingDescriptor(_Part):
    """One code of the linter."""

    id: str
    short_description: Message
    help: Message
    default_configuration: ReportingConfiguration


class ToolComponent(_Part):
    name: str
    version: str
    rules: tuple[ReportingDescriptor, ...]


class Tool(_Part):
    driver: ToolComponent


class Run(_Part):
    """One run of the linter: no results mean that nothing was found. Columns count characters."""

    tool: Tool
    results: tuple[Result, ...]
    column_kind: Literal["unicodeCodePoints"]


class Log(_Part):
    schema: str = msgspec.field(name="$schema")
    version: Literal["2.1.0"]
    runs: tuple[Run, ...]


def sarif(findings: Sequence[Finding], version: str) -> str:
    """The findings as a SARIF log.

    Args:
        version: of callengine.
    """
    driver = ToolComponent(name="callengine", version=version, rules=tuple(map(_rule, CODES)))
    run = Run(tool=Tool(driver=driver), results=tuple(map(_result, findings)), column_kind="unicodeCodePoints")
    log = Log(schema=SCHEMA, version="2.1.0", runs=(run,))
    return msgspec.json.format(msgspec.json.encode(log), indent=2).decode()


def _rule(code: Code) -> ReportingDescriptor:
    level = _LEVELS[code.severity]
    return ReportingDescriptor(
        id=code.id,
        short_description=Message(text=code.title),
        help=Message(text=f"{code.id}: {code.title}. docs/lint.md shows a bad and a good example."),
        default_configuration=ReportingConfiguration(level=level),
    )


def _result(finding: Finding) -> Result:
    place = PhysicalLocation(
        artifact_location=ArtifactLocation(uri=_uri(finding.path)),
        region=Region(start_line=finding.line, start_column=finding.column),
    )
    steps: tuple[LogicalLocation, ...] = ()
    if finding.flow is not None and finding.step is not None:
        steps = (LogicalLocation(name=finding.step, fully_qualified_name=f"{finding.flow}.{finding.step}"),)
    return Result(
        rule_id=finding.code,
        rule_index=_RULE_INDEX[finding.code],
        level=_LEVELS[finding.severity],
        message=Message(text=finding.message),
        locations=(Location(physical_location=place, logical_locations=steps),),
    )


def _uri(path: str) -> str:
    return ("file://" if path.startswith("/") else "") + quote(path)
