"""Whether the scenarios can be run."""

from callengine.doctor.finding import Sheet
from callengine.errors import ConfigError
from callengine.fsm import Finding, Scenario, Severity
from callengine.scenarios import ScenarioFolder
from callengine.settings import Settings

WHAT = "scenarios"


def look_at_scenarios(settings: Settings, sheet: Sheet, *, simulated: bool) -> tuple[Scenario, ...]:
    """Read and check them as a run would, and return those that can be run. It blocks."""
    path = settings.scenarios.dir
    if path is None or (simulated and not path.is_dir()):
        sheet.skip(WHAT, f"There is no folder {path}: a run on the simulated PBX plays the demo's own scenarios")
        return ()
    findings: list[Finding] = []
    folder = ScenarioFolder(path, company=settings.company, tell=findings.append)
    look = f"`callengine lint {path}` shows each place, and what to do"
    try:
        scenarios = folder.load()
    except ConfigError as error:
        sheet.fail(WHAT, str(error), f"Set SCENARIOS_DIR to the folder of the scenario files; {look}")
        return ()
    counts = {severity: sum(each.severity is severity for each in findings) for severity in Severity}
    names = ", ".join(scenario.name for scenario in scenarios)
    there = f"{path} has {len(scenarios)} that can be run: {names}"
    wrong = f"{counts[Severity.ERROR]} errors and {counts[Severity.WARNING]} warnings"
    refused = folder.reread().refused
    if refused:
        files = ", ".join(refusal.path for refusal in refused)
        sheet.fail(WHAT, f"{there}. These cannot be run: {files} ({wrong})", f"Correct them; {look}")
    elif counts[Severity.ERROR] or counts[Severity.WARNING]:
        sheet.warn(WHAT, f"{there}, with {wrong}", f"Look through them; {look}")
    else:
        sheet.ok(WHAT, there)
    return scenarios
