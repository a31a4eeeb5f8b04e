"""`callengine test --explore`: flows driven through every outcome, with hangups at every moment."""

import sys
from collections.abc import Iterable
from pathlib import Path

from callengine import scenarios
from callengine.cli.bar import Bar, bar_over
from callengine.cli.complaint import complain
from callengine.fsm import Scenario, cannot_run, check, load
from callengine.testing.explore import Explorer


def explore(paths: Iterable[Path]) -> int:
    """Explore every flow of the scenarios at these paths, and tell what was found.

    Returns:
        the exit code: 0 if every invariant held, 1 if one was violated, 2 if a path or a scenario cannot be used.
    """
    usable = True
    explorers: list[Explorer] = []
    for path in paths:
        try:
            files = tuple(scenarios.scenario_files(path))
            found = [_scenario(file) for file in files]
        except OSError as error:
            complain(f"cannot read {error.filename or path}: {scenarios.reason(error)}")
            usable = False
            continue
        if not files:
            complain(f"no scenario file in {path}")
        usable = usable and bool(files) and None not in found
        explorers += [Explorer(each, flow.name) for each in found if each is not None for flow in each.flows]
    if not usable:
        return 2
    with bar_over(sum(len(explorer.plan.paths) for explorer in explorers), "paths") as bar:
        violated = [_explore(explorer, bar) for explorer in explorers]
    return int(any(violated))


def _scenario(file: Path) -> Scenario | None:
    """The scenario of a file; None if it cannot run, for reasons which have been told by then."""
    loading = load(scenarios.read(file), str(file))
    findings = loading.findings if loading.scenario is None else (*loading.findings, *check(loading.scenario))
    if cannot_run(findings):
        print(*findings, sep="\n", file=sys.stderr)
        return None
    return loading.scenario


def _explore(explorer: Explorer, bar: Bar) -> bool:
    """Explore one flow; whether an invariant was violated."""
    name = f"{explorer.scenario.path} {explorer.flow}"
    calls, violated = 0, not explorer.plan.paths
    for path in explorer.plan.paths:
        for tried in explorer.explore(path):
            calls += 1
            if tried.faults:
                violated = True
                print(f"VIOLATED  {name}")
                print("\n".join(f"    {line}" for line in tried.story().splitlines()))
        bar.advance()
    print(f"{name}: {len(explorer.plan.paths)} paths, {calls} calls; outcomes taken: {explorer.coverage.outcomes}")
    if not explorer.plan.paths:
        print("    no call of this flow comes to an end")
    why = "no way to it was found" if explorer.plan.exhausted else "not found, the flow is too large"
    for step, outcome in explorer.plan.undriven:
        print(f"    outcome {outcome} of step {step}: {why}")
    return violated
