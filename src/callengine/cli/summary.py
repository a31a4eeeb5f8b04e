"""The end of a campaign: a table for people, JSON for machines."""

import json
from collections.abc import Mapping
from pathlib import Path

import cattrs
from rich.console import Console
from rich.table import Table
from rich.text import Text

from callengine.errors import ConfigError
from callengine.model import Report

MOST_VIOLATIONS = 20
"""Shown to people; the JSON report holds them all."""


def show(report: Report, console: Console, *, judged: bool = True) -> None:
    """Print a report for people.

    Args:
        judged: whether a PBX's log was there to judge the run by; otherwise the figures are the engine's own.
    """
    most_on = "most channels at once on" if judged else "most slots held on"
    table = Table(title="Summary", title_justify="left", show_header=False)
    table.add_row("attempts, in test mode" if report.test_mode else "attempts", f"{report.attempts:,}")
    table.add_row("answered", f"{report.answered:,}")
    _add_counts(table, report.dispositions)
    for name, counts in (("calls that came in", report.inbound), ("transfers to operators", report.transfers)):
        if counts:
            table.add_row(name, f"{sum(counts.values()):,}")
            _add_counts(table, counts)
    for name, count in (("callbacks asked for", report.callbacks), ("numbers never to dial again", report.opt_outs)):
        if count:
            table.add_row(name, f"{count:,}")
    for line, most in sorted(report.max_concurrent.items()):
        table.add_row(Text(f"{most_on} {line}"), str(most))
    table.add_row("left over", "nothing" if report.leaked.nothing else str(report.leaked))
    if judged:
        table.add_row("violations", str(len(report.violations)) if report.violations else "none")
    if report.seed is not None:
        table.add_row("seed", str(report.seed))
    table.add_row("seconds", f"{report.wall_seconds:.1f}")
    if report.seed is not None:
        table.add_row("virtual seconds", f"{report.virtual_seconds:,.1f}")
    console.print(table)
    for violation in report.violations[:MOST_VIOLATIONS]:
        console.print(violation, style="red", markup=False)


def _add_counts(table: Table, counts: Mapping[str, int]) -> None:
    """A row for each word, the most frequent first."""
    for word, count in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
        table.add_row(Text(f"  {word}"), f"{count:,}")


def reserve(path: Path) -> None:
    """Make sure that a report can be written, before anybody is called.

    Raises:
        ConfigError: it cannot.
    """
    try:
        path.open("a", encoding="utf-8").close()
    except OSError as error:
        raise _unwritable(path, error) from error


def write(report: Report, path: Path) -> None:
    """Write a report as JSON.

    Raises:
        ConfigError: the file cannot be written.
    """
    text = json.dumps(cattrs.unstructure(report), indent=2, ensure_ascii=False)
    try:
        path.write_text(text + "\n", encoding="utf-8")
    except OSError as error:
        raise _unwritable(path, error) from error


def _unwritable(path: Path, error: OSError) -> ConfigError:
    return ConfigError(f"--report: {path} cannot be written: {error.strerror}")
