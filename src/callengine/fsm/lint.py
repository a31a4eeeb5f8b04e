"""The linter: one table of rules, each a function from a scenario to findings."""

from collections.abc import Callable, Iterator

from callengine.fsm import references
from callengine.fsm.findings import Finding
from callengine.fsm.load import by_place, load
from callengine.fsm.scenario import Scenario

Rule = Callable[[Scenario], Iterator[Finding]]

RULES: tuple[Rule, ...] = (
    references.unknown_steps,
    references.unknown_prompts,
    references.unknown_intents,
    references.unused_tokens,
    references.unknown_placeholders,
    references.unknown_media,
    references.duplicate_steps,
    references.entries,
)


def check(scenario: Scenario) -> tuple[Finding, ...]:
    """What is wrong with a scenario whose file could be loaded, in the order of the file."""
    return tuple(sorted((finding for rule in RULES for finding in rule(scenario)), key=by_place))


def lint(data: bytes, path: str) -> tuple[Finding, ...]:
    """Everything that is wrong with a scenario file, in the order of the file; never raises."""
    loading = load(data, path)
    if loading.scenario is None:
        return loading.findings
    return tuple(sorted((*loading.findings, *check(loading.scenario)), key=by_place))
