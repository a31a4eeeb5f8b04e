"""The linter: the tables of rules, each a function from a scenario, or from one flow's analysis, to findings."""

from collections.abc import Callable, Iterator, Sequence
from itertools import islice

from attrs import evolve

from callengine.fsm import data, references, structure, subflow_rules, telephony
from callengine.fsm.analysis import Analysis, analyses
from callengine.fsm.collecting import collector_paused
from callengine.fsm.findings import Finding, Severity
from callengine.fsm.load import by_place, load
from callengine.fsm.scenario import Scenario

Rule = Callable[[Scenario], Iterator[Finding]]
FlowRule = Callable[[Analysis], Iterator[Finding]]

MOST_FINDINGS = 1_000
"""Of one rule F1xx in one file: nobody repairs more at a time, and a hostile file has hundreds of thousands."""

MOST_FLOW_FINDINGS = 200
"""Of the rules F2xx to F4xx in one file: one mistake may show at many steps, and nobody repairs more at a time."""

RULES: tuple[Rule, ...] = (
    references.unknown_steps,
    references.unknown_prompts,
    references.unknown_intents,
    references.unused_tokens,
    references.unknown_placeholders,
    references.broken_placeholders,
    references.unknown_media,
    references.duplicate_steps,
    references.entries,
    subflow_rules.clashing_steps,
    subflow_rules.unknown_subflows,
    subflow_rules.circular_subflows,
    subflow_rules.unknown_returns,
    subflow_rules.missing_returns,
    subflow_rules.stray_returns,
    subflow_rules.shared_counters,
    subflow_rules.too_large,
    subflow_rules.unused_subflows,
)

FLOW_RULES: tuple[FlowRule, ...] = (
    structure.unreachable_steps,
    structure.no_end,
    structure.loops_without_bound,
    structure.loops_without_caller,
    structure.missing_routes,
    structure.defaults,
    data.unset_variables,
    data.missing_results,
    data.overwritten_results,
    data.unknown_results,
    data.ambiguous_names,
    data.unknown_fields,
    data.unfit_tests,
    telephony.too_long,
    telephony.dead_air,
    telephony.no_hold_audio,
    telephony.wordless_ends,
    telephony.untrue_connections,
)
"""They judge the flows whose references are all right."""


@collector_paused()
def check(scenario: Scenario) -> tuple[Finding, ...]:
    """What is wrong with a scenario whose file could be loaded, in the order of the file."""
    found = [finding for rule in RULES for finding in islice(rule(scenario), MOST_FINDINGS)]
    judged = list(_judged(scenario))
    return tuple(sorted((*found, *_at_most(MOST_FLOW_FINDINGS, judged)), key=by_place))


def _judged(scenario: Scenario) -> Iterator[Finding]:
    """What the flow rules find; what is wrong with a subflow is told of the first use that shows it."""
    told: dict[tuple[str, int, int], tuple[str, str | None]] = {}
    for flow in analyses(scenario):
        for finding in (finding for rule in FLOW_RULES for finding in rule(flow)):
            place, use = (finding.code, finding.line, finding.column), (flow.flow.name, finding.step)
            if finding.flow == flow.flow.name or told.setdefault(place, use) == use:
                yield finding


def _at_most(most: int, findings: Sequence[Finding]) -> Sequence[Finding]:
    """So many of the findings, the most severe first; the last one says how many there are besides."""
    if len(findings) <= most:
        return findings
    ranks = list(Severity)
    kept = sorted(findings, key=lambda finding: (ranks.index(finding.severity), *by_place(finding)))[:most]
    more = f"{kept[-1].message}. There are {len(findings) - most:,} more findings; repair these first"
    return [*kept[:-1], evolve(kept[-1], message=more)]


def lint(content: bytes, path: str) -> tuple[Finding, ...]:
    """Everything that is wrong with a scenario file, in the order of the file; never raises."""
    loading = load(content, path)
    if loading.scenario is None:
        return loading.findings
    return tuple(sorted((*loading.findings, *check(loading.scenario)), key=by_place))
