"""Runs flow tests: each case is one call of the real engine on the simulated PBX, in virtual time."""

import time
from pathlib import Path

from attrs import frozen

from callengine import scenarios
from callengine.fsm import Finding, Scenario, cannot_run, check, has_errors, load
from callengine.fsm.case_rules import check_cases
from callengine.fsm.cases import Case, CaseFile, load_cases
from callengine.testing.one_call import Played, Script, play_call
from callengine.testing.transcript import transcript
from callengine.testing.verdict import Failure, failures_of


@frozen
class Suite:
    """A file of flow tests with the scenario it tests, ready to run."""

    file: CaseFile
    scenario: Scenario


@frozen
class Ran:
    """What came of one case.

    Attributes:
        seconds: of real time that it took.
    """

    case: Case
    path: str
    line: int
    played: Played
    failures: tuple[Failure, ...]
    seconds: float

    @property
    def passed(self) -> bool:
        """Whether everything was as the case says."""
        return not self.failures

    def story(self) -> str:
        """Why it failed, and the call as a transcript with what differs marked."""
        reasons = [f"{self.path}:{failure.position.line}: {failure.message}" for failure in self.failures]
        return "\n".join([*reasons, *transcript(self.played, self.failures)])


def open_suite(path: Path) -> Suite | tuple[Finding, ...]:
    """Read a file of flow tests and its scenario, or tell what is wrong with either.

    Raises:
        OSError: one of them cannot be read.
    """
    loading = load_cases(scenarios.read(path), str(path))
    if loading.file is None:
        return loading.findings
    beside = path.parent / loading.file.scenario
    loaded = load(scenarios.read(beside), str(beside))
    if loaded.scenario is None:
        return loaded.findings
    in_scenario, in_cases = check(loaded.scenario), check_cases(loading.file, loaded.scenario)
    if cannot_run(in_scenario) or has_errors(in_cases):
        return (*in_scenario, *in_cases)
    return Suite(loading.file, loaded.scenario)


def run_case(suite: Suite, number: int) -> Ran:
    """Run one case of a suite."""
    case = suite.file.cases[number]
    began = time.perf_counter()
    played = play_call(Script(suite.scenario, case.flow, case.call, case.contact, at=case.moment))
    return Ran(
        case=case,
        path=suite.file.path,
        line=suite.file.position("cases", number).line,
        played=played,
        failures=failures_of(suite.file, number, played),
        seconds=time.perf_counter() - began,
    )
