"""Scenario files for tests: the two of the field, and whole files made of a few lines."""

from pathlib import Path

from callengine.fsm import Finding, Scenario, cannot_run, check, lint, load
from callengine.scenarios import scenario_files

DATA = Path(__file__).parent / "data"
FLOWS = Path(__file__).parents[2] / "flows"
EXAMPLES = tuple(scenario_files(FLOWS))


def data(name: str) -> bytes:
    return (DATA / name).read_bytes()


def with_flow(*steps: str, **parts: str) -> bytes:
    """A file with these steps (in YAML's flow style, without the braces) and these other parts."""
    lines = ["scenario:", "  name: demo", *(f"  {key}: {value}" for key, value in parts.items()), "  flow:"]
    return "\n".join([*lines, *(f"    - {{{step}}}" for step in steps), ""]).encode()


def loaded(content: bytes) -> Scenario:
    """The scenario of a file that can be run."""
    loading = load(content, "demo.yaml")
    assert loading.scenario is not None, loading.findings
    found = check(loading.scenario)
    assert not cannot_run(found), found
    return loading.scenario


def findings(content: bytes, families: str = "01") -> tuple[Finding, ...]:
    """What lint says of a file, of these families of codes."""
    return tuple(each for each in lint(content, "demo.yaml") if each.code[1] in families)


def places(content: bytes, families: str = "01") -> list[tuple[int, int, str]]:
    return [(each.line, each.column, each.code) for each in findings(content, families)]


def only(content: bytes, families: str = "01") -> Finding:
    (finding,) = findings(content, families)
    return finding
