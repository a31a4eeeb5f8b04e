"""`callengine lint`: what is wrong with scenario files, before anyone is dialled."""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Annotated, Literal

from attrs import define, frozen
from cyclopts import Parameter
from rich.console import Console
from rich.text import Text

from callengine import __version__, scenarios
from callengine.cli.complaint import complain
from callengine.cli.excerpt import excerpt, harmless, lines_of
from callengine.cli.explained import explained
from callengine.fsm import Finding, Severity, has_errors, sarif
from callengine.fsm import lint as findings_in

MOST_SHOWN = 100
"""Findings of one file that are shown to people; programs get them all."""

STYLES = {Severity.ERROR: "bold red", Severity.WARNING: "bold yellow", Severity.HINT: "bold cyan"}


@frozen
class Checked:
    """A file and what is wrong with it."""

    path: Path
    source: bytes
    findings: tuple[Finding, ...]


def lint(
    paths: Annotated[list[Path], Parameter(negative=())],
    /,
    *,
    format: Literal["text", "json", "sarif"] = "text",  # noqa: A002
    strict: Annotated[bool, Parameter(negative=())] = False,
    explain: Annotated[bool, Parameter(negative=())] = False,
) -> int:
    """Check scenario files.

    The exit code is 0 if no file has an error, 1 if one has, 2 if a path cannot be read or a folder holds
    no scenario file.

    Parameters
    ----------
    paths
        Files, or folders that are searched for *.yaml and *.yml; *.test.yaml files are left out.
    format
        "text" for people: each finding with its line and a caret under the place, then a summary. "json" for programs: one
        list of findings. "sarif" for code hosts and editors: SARIF 2.1.0.
    strict
        Fail on warnings and hints too.
    explain
        Tell the longest call and the longest silence of each flow, with the steps that make them up.
    """
    search = Search()
    findings: list[Finding] = []
    checked = 0
    for file in search.files(paths):
        checked += 1
        findings += file.findings
        if format == "text":
            show(file)
            if explain:
                print("".join(f"{line}\n" for line in explained(file.source, harmless(str(file.path)))), end="")
    if format == "text":
        print(summary(checked, findings))
    else:
        print(WRITERS[format](findings))
    if not search.readable:
        return 2
    return int(has_errors(findings) or (strict and bool(findings)))


@define
class Search:
    """The files of a command line.

    Attributes:
        readable: whether every path could be read so far, and held a scenario file.
    """

    readable: bool = True

    def files(self, paths: Iterable[Path]) -> Iterator[Checked]:
        """Check each file; say which paths cannot be read, and go on."""
        for path in paths:
            empty = path.is_dir()
            try:
                for file in scenarios.scenario_files(path):
                    empty = False
                    yield from self._checked(file)
            except OSError as error:
                self._refuse(f"cannot read {error.filename or path}: {scenarios.reason(error)}")
            else:
                if empty:
                    self._refuse(f"no scenario file in {path}")

    def _checked(self, file: Path) -> Iterator[Checked]:
        try:
            source = scenarios.read(file)
        except OSError as error:
            self._refuse(f"cannot read {file}: {scenarios.reason(error)}")
        else:
            yield Checked(file, source, findings_in(source, str(file)))

    def _refuse(self, message: str) -> None:
        complain(message)
        self.readable = False


def show(file: Checked) -> None:
    """Print the findings of a file for people; in colours where standard output is a terminal."""
    if not file.findings:
        return
    lines = lines_of(file.source)
    console = Console(highlight=False, emoji=False, soft_wrap=True)
    with console.capture() as captured:  # not printed by the console, which would end the process where a pipe is broken
        for finding in file.findings[:MOST_SHOWN]:
            console.print(_paragraph(finding, lines))
    print(captured.get(), end="")
    more = len(file.findings) - MOST_SHOWN
    if more > 0:
        advice = "mend these first, or see them all with --format json"
        print(f"{harmless(str(file.path))}: {_plural(more, 'more finding')}; {advice}\n")


def _paragraph(finding: Finding, lines: Sequence[str]) -> Text:
    style = STYLES[finding.severity]
    place = f"{harmless(finding.path)}:{finding.line}:{finding.column}: "
    text = Text.assemble((place, "bold"), f"{finding.code} ", (finding.severity.value, style), f": {finding.message}\n")
    shown = excerpt(lines, finding.line, finding.column)
    if shown is not None:
        number = str(finding.line)
        text.append(f"{number:>6} | {shown.line}\n")
        text.append(f"{'':>6} | ").append(f"{shown.marker}\n", style)
    return text


def rows(findings: Sequence[Finding]) -> str:
    """The JSON output."""
    return json.dumps([row(finding) for finding in findings], ensure_ascii=False, indent=2)


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


WRITERS: dict[str, Callable[[Sequence[Finding]], str]] = {
    "json": rows,
    "sarif": lambda findings: sarif(findings, __version__),
}
"""Formats for programs."""


def summary(checked: int, findings: Sequence[Finding]) -> str:
    """One line: how many files were checked, and how many findings of each severity there are."""
    counts = [(severity.value, sum(finding.severity is severity for finding in findings)) for severity in Severity]
    found = ", ".join(_plural(count, name) for name, count in counts if count)
    return f"{_plural(checked, 'file')} checked: {found or 'no findings'}."


def _plural(count: int, noun: str) -> str:
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"
