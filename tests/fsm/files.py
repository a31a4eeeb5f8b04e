"""Scenario files for tests: the two of the field, and whole files made of a few lines."""

from pathlib import Path

from callengine.fsm import Finding, Scenario, check, lint, load

DATA = Path(__file__).parent / "data"
FLOWS = Path(__file__).parents[2] / "flows"


def data(name: str) -> bytes:
    return (DATA / name).read_bytes()


def with_flow(*steps: str, **parts: str) -> bytes:
    """A file with these steps (in YAML's flow style, without the braces) and these other parts."""
    lines = ["scenario:", "  name: demo", *(f"  {key}: {value}" for key, value in parts.items()), "  flow:"]
    return "\n".join([*lines, *(f"    - {{{step}}}" for step in steps), ""]).encode()


def loaded(content: bytes) -> Scenario:
    """The scenario of a file that has no errors at all."""
    loading = load(content, "demo.yaml")
    assert loading.scenario is not None, loading.findings
    assert check(loading.scenario) == ()
    return loading.scenario


def places(content: bytes) -> list[tuple[int, int, str]]:
    return [(each.line, each.column, each.code) for each in lint(content, "demo.yaml")]


def only(content: bytes) -> Finding:
    (finding,) = lint(content, "demo.yaml")
    return finding
