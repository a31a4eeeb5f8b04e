"""`callengine test`: flow tests on the simulated PBX, in virtual time."""

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from callengine import logs, scenarios
from callengine.cli import covering, exploring
from callengine.cli.bar import bar_over
from callengine.cli.complaint import complain
from callengine.cli.covering import Coverage
from callengine.cli.graphviz import CannotDraw
from callengine.fsm import FlowName
from callengine.settings import LogSettings
from callengine.testing.cases import Ran, Suite, open_suite, run_case
from callengine.testing.coverage import FlowCoverage, Share, coverage_of
from callengine.testing.junit import junit as junit_report

Flag = Annotated[bool, Parameter(negative=())]


def test(
    paths: Annotated[list[Path], Parameter(negative=())],
    /,
    *,
    junit: Path | None = None,
    coverage: Flag = False,
    coverage_picture: Annotated[Path | None, Parameter(validator=covering.check_ending)] = None,
    fail_under: float | None = None,
    explore: Flag = False,
) -> int:
    """Run flow tests: phone calls on the simulated PBX, in virtual time.

    The exit code is 0 if every case passed, 1 if one failed, an invariant was violated or too few steps were covered,
    2 if a path or a file cannot be used.

    Parameters
    ----------
    paths
        Files named *.test.yaml, scenario files that have one beside them, or folders that are searched.
    junit
        Where to write the results for a CI server.
    coverage
        Tell which steps and outcomes of the scenarios no case came to.
    coverage_picture
        Where to draw the flows with their counts. The name's ending tells how: .md and .mmd are Mermaid, in Markdown or by
        itself; .svg is a picture, made by Graphviz; .dot is the text that Graphviz reads.
    fail_under
        Fail if the cases come to fewer than so many percent of the steps.
    explore
        In place of the cases, drive each flow through every outcome that can be reached, and hang up at every moment.
        A call that leaves something behind, has not one result, or goes another way than its chart says is shown.
    """
    logs.configure(LogSettings(level="CRITICAL"))
    if explore:
        return exploring.explore(paths)
    suites = _suites(paths)
    if suites is None:
        return 2
    rans, covered = _run(suites)
    for ran in rans:
        _tell(ran)
    failed = sum(not ran.passed for ran in rans)
    print(f"{len(rans)} {'case' if len(rans) == 1 else 'cases'}: {len(rans) - failed} passed, {failed} failed.")
    if coverage:
        print("\n".join(covering.report(covered)))
    if not _write(rans, junit, covered, coverage_picture):
        return 2
    return int(failed > 0 or not _enough(covered, fail_under))


def _suites(paths: Iterable[Path]) -> list[Suite] | None:
    """The suites of these paths, each once; None if one of them cannot be used, which has been said by then."""
    suites: dict[Path, Suite] = {}
    usable = True
    for path in paths:
        try:
            files = tuple(scenarios.case_files(path))
            opened = {file: open_suite(file) for file in files}
        except OSError as error:
            complain(f"cannot read {error.filename or path}: {scenarios.reason(error)}")
            usable = False
            continue
        if not files:
            complain(f"no flow tests in {path}: they stand in files named *.test.yaml")
            usable = False
        for file, suite in opened.items():
            if isinstance(suite, Suite):
                suites[file.resolve()] = suite
            else:
                print(*suite, sep="\n", file=sys.stderr)
                usable = False
    return list(suites.values()) if usable else None


def _run(suites: list[Suite]) -> tuple[list[Ran], Coverage]:
    rans: list[Ran] = []
    covered: dict[tuple[str, FlowName], FlowCoverage] = {}
    with bar_over(sum(len(suite.file.cases) for suite in suites), "cases") as bar:
        for suite in suites:
            for name, flow in coverage_of(suite.scenario).items():
                covered.setdefault((suite.scenario.path, name), flow)
            for number, case in enumerate(suite.file.cases):
                ran = run_case(suite, number)
                covered[suite.scenario.path, case.flow].add(ran.played.happenings)
                rans.append(ran)
                bar.advance()
    return rans, covered


def _write(rans: list[Ran], junit: Path | None, covered: Coverage, picture: Path | None) -> bool:
    """Write the files that are wanted; False if one cannot be, which has been said by then."""
    try:
        if junit is not None:
            junit.write_bytes(junit_report(rans))
        if picture is not None:
            picture.write_text(covering.draw(covered, picture), encoding="utf-8")
    except OSError as error:
        complain(f"cannot write {error.filename}: {scenarios.reason(error)}")
        return False
    except CannotDraw as error:
        complain(str(error))
        return False
    return True


def _tell(ran: Ran) -> None:
    print(f"{'passed' if ran.passed else 'FAILED'}  {ran.path}:{ran.line}: {ran.case.name}")
    if not ran.passed:
        print("\n".join(f"    {line}" for line in ran.story().splitlines()))


def _enough(covered: Coverage, fail_under: float | None) -> bool:
    whole = sum((flow.steps for flow in covered.values()), Share(0, 0))
    if fail_under is None or whole.percent >= fail_under:
        return True
    complain(f"{whole} of the steps are covered, fewer than {fail_under:g} %; `--coverage` lists those that are missing")
    return False
