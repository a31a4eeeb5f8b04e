"""`callengine lint`: what is wrong with scenario files, before anyone is dialled."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter

from callengine import scenarios
from callengine.cli.complaint import complain
from callengine.fsm import Finding, Severity, has_errors
from callengine.fsm import lint as findings_in


def lint(
    paths: Annotated[list[Path], Parameter(negative=())],
    /,
    *,
    format: Literal["text", "json"] = "text",  # noqa: A002
    strict: Annotated[bool, Parameter(negative=())] = False,
) -> int:
    """Check scenario files.

    The exit code is 0 if no file has an error, 1 if one has, 2 if a path cannot be read or a folder holds
    no scenario file.

    Parameters
    ----------
    paths
        Files, or folders that are searched for *.yaml and *.yml; *.test.yaml files are left out.
    format
        "text" for people: a line for each finding, then a summary. "json" for programs: one list of findings.
    strict
        Fail on warnings and hints too.
    """
    findings: list[Finding] = []
    checked = 0
    readable = True
    for path in paths:
        before = checked
        try:
            for file in scenarios.scenario_files(path):
                findings += findings_in(scenarios.read(file), str(file))
                checked += 1
        except OSError as error:
            complain(f"cannot read {error.filename or path}: {scenarios.reason(error)}")
            readable = False
        else:
            if checked == before and path.is_dir():
                complain(f"no scenario file in {path}")
                readable = False
    if format == "json":
        print(json.dumps([row(finding) for finding in findings], ensure_ascii=False, indent=2))
    else:
        print("\n".join([*map(str, findings), summary(checked, findings)]))
    if not readable:
        return 2
    return int(has_errors(findings) or (strict and bool(findings)))


def row(finding: Finding) -> dict[str, str | int | None]:
    """A finding as a row of the JSON output."""
    return {
        "path": finding.path,
        "line": finding.line,
        "column": finding.column,
        "code": finding.code,
        "severity": finding.severity.value,
        "message": finding.message,
        "flow": finding.flow,
        "step": finding.step,
    }


def summary(checked: int, findings: Sequence[Finding]) -> str:
    """One line: how many files were checked, and how many findings of each severity there are."""
    counts = [(severity.value, sum(finding.severity is severity for finding in findings)) for severity in Severity]
    found = ", ".join(_plural(count, name) for name, count in counts if count)
    return f"{_plural(checked, 'file')} checked: {found or 'no findings'}."


def _plural(count: int, noun: str) -> str:
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"
