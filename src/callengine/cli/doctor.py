"""`callengine doctor`: whether everything that is configured works, and how to mend what does not."""

import json
from collections import Counter
from pathlib import Path
from typing import Annotated, Literal, Protocol

from attrs import asdict, define, field
from cyclopts import Parameter
from rich.console import Console
from rich.table import Table
from rich.text import Text

from callengine import logs
from callengine.cli.excerpt import harmless
from callengine.cli.interrupting import interruptible
from callengine.cli.opened import where_of
from callengine.doctor import Finding, State, examine
from callengine.errors import ConfigError, WrongSettings
from callengine.logs import Cleaner
from callengine.settings import LogSettings, load_settings, secrets_of

WITHIN = 60.0
"""Seconds for everything."""

MARKS = {State.OK: "✓", State.WARNING: "!", State.FAILED: "✗", State.SKIPPED: "-"}
STYLES = {State.OK: "green", State.WARNING: "bold yellow", State.FAILED: "bold red", State.SKIPPED: "dim"}
WIDEST = 18
"""Cells of the names of what was looked at."""

WRONG_SETTINGS = 2

Flag = Annotated[bool, Parameter(negative=())]


def _seconds(_: type[float], value: float) -> None:
    if not 1 <= value <= 3600:
        raise ValueError("give 1 to 3600 seconds")


async def doctor(
    *,
    config: Path | None = None,
    simulate: Flag = False,
    format: Literal["text", "json"] = "text",  # noqa: A002
    within: Annotated[float, Parameter(validator=_seconds)] = WITHIN,
) -> int:
    """Try everything that is configured, and say how to mend what does not work.

    Nobody is called, no message sent, no contact fetched, and a running engine is left alone. Each speech or language service
    is asked something tiny, which may cost what a word costs.

    The exit code is 0 if nothing failed, 1 if something did, 2 if a setting is wrong.

    Parameters
    ----------
    config
        The configuration file, instead of callengine.toml in the working folder.
    simulate
        Leave the PBX alone, as `run --simulate` would.
    format
        "text" for people, "json" for programs: a list of what was found.
    within
        Seconds for everything; what takes longer has failed.
    """
    shown = Written() if format == "json" else Told()
    try:
        settings = load_settings(config=config)
    except ConfigError as error:
        for finding in _wrong(error):
            shown.tell(finding)
        shown.end()
        return WRONG_SETTINGS
    logs.configure(LogSettings(level="CRITICAL"), secrets_of(settings))  # findings say it all
    simulated = simulate or not settings.pbx_configured
    shown.tell(Finding("settings", State.OK, f"They can be read, from the environment and from {Path.cwd()}"))
    clean = Cleaner(secrets_of(settings)).text
    store = where_of(settings, simulated=simulated)
    async with interruptible():
        await examine(settings, store, shown.tell, simulated=simulated, clean=clean, within=within)
    shown.end()
    return int(shown.counts[State.FAILED] > 0)


def _wrong(error: ConfigError) -> list[Finding]:
    """What is wrong with the settings, all of it; nothing else can be looked at until they are right."""
    problems = error.problems if isinstance(error, WrongSettings) else (str(error),)
    remedy = "Correct it there; docs/settings.md says what each setting takes"
    rest = Finding("everything else", State.SKIPPED, "It is looked at as soon as the settings are right")
    return [*(Finding("settings", State.FAILED, problem, remedy) for problem in problems), rest]


class Shown(Protocol):
    """Where findings go."""

    counts: Counter[State]

    def tell(self, finding: Finding) -> None: ...
    def end(self) -> None: ...


@define
class Told:
    """Findings for people, as they come: with marks and colours on a terminal, as plain lines elsewhere."""

    counts: Counter[State] = field(factory=Counter)
    _console: Console = field(factory=lambda: Console(highlight=False, emoji=False), init=False)

    def tell(self, finding: Finding) -> None:
        self.counts[finding.state] += 1
        if not self._console.is_terminal:
            print(f"{finding.state.value:<8} {harmless(finding.what)}: {harmless(finding.sentence)}")
            if finding.remedy:
                print(f"{'':<8} {'to mend it'}: {harmless(finding.remedy)}")
            return
        grid = Table.grid(padding=(0, 1))
        grid.add_column(width=1)
        grid.add_column(width=WIDEST)
        grid.add_column()
        style = STYLES[finding.state]
        grid.add_row(Text(MARKS[finding.state], style), Text(harmless(finding.what)), Text(harmless(finding.sentence)))
        if finding.remedy:
            grid.add_row("", "", Text(f"→ {harmless(finding.remedy)}", "italic"))
        with self._console.capture() as captured:  # not printed by the console, which would end the process at a broken pipe
            self._console.print(grid)
        print(captured.get(), end="", flush=True)

    def end(self) -> None:
        print(", ".join(f"{self.counts[state]} {state.value}" for state in State if self.counts[state]) + ".")


@define
class Written:
    """Findings for programs, as one list."""

    counts: Counter[State] = field(factory=Counter)
    _findings: list[Finding] = field(factory=list, init=False)

    def tell(self, finding: Finding) -> None:
        self.counts[finding.state] += 1
        self._findings.append(finding)

    def end(self) -> None:
        rows = [{**asdict(finding), "state": finding.state.value} for finding in self._findings]
        print(json.dumps(rows, ensure_ascii=False, indent=2))
