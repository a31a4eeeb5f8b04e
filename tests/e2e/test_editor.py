"""Scenario files in an editor: the real YAML language server, with the schema that the examples name."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from callengine.fsm import STEP_TYPES
from callengine.scenarios import scenario_files
from tests.e2e.conftest import fetching
from tests.e2e.language_server import LanguageServer, installed, language_server

FLOWS = Path(__file__).parents[2] / "flows"
HEAD = "# yaml-language-server: $schema=scenario.schema.json\nscenario:\n  name: x\n  flow:\n"


@pytest.fixture(scope="module")
def program(request: pytest.FixtureRequest) -> Path:
    with fetching(request.config):
        return installed()


@pytest.fixture
async def editor(program: Path) -> AsyncIterator[LanguageServer]:
    async with language_server(program, FLOWS) as server:
        yield server


async def test_nothing_is_underlined_in_the_examples(editor: LanguageServer) -> None:
    for path in scenario_files(FLOWS):
        assert await editor.diagnostics(path, path.read_text(encoding="utf-8")) == []


async def test_a_misspelt_key_is_underlined(editor: LanguageServer) -> None:
    steps = "    - step: listen\n      type: record\n      next: end\n      on_emty: end\n    - {step: end, type: hangup}\n"
    (found,) = await editor.diagnostics(FLOWS / "unsaved.yaml", HEAD + steps)
    assert found.message == "Property on_emty is not allowed."
    assert (found.range.start.line, found.range.start.character) == (7, 6)
    assert (found.range.end.line, found.range.end.character) == (7, 13)


async def test_completion_offers_the_step_types(editor: LanguageServer) -> None:
    path = FLOWS / "unsaved.yaml"
    await editor.diagnostics(path, HEAD + "    - step: listen\n      type: \n")
    assert list(await editor.completions(path, 5, 12)) == list(STEP_TYPES)


async def test_completion_offers_the_keys_of_a_step_of_that_type(editor: LanguageServer) -> None:
    path = FLOWS / "unsaved.yaml"
    await editor.diagnostics(path, HEAD + "    - step: listen\n      type: record\n      \n")
    assert (
        {"next", "on_empty", "on_failure"}
        <= {*await editor.completions(path, 6, 6)}
        <= {
            "next",
            "on_empty",
            "on_failure",
            "record",
        }
    )


@pytest.mark.parametrize(
    ("step", "underlined"),
    [
        ("{step: a, type: menu, prompt: p, options: [{kye: 1, next: b}], on_no_input: b, on_no_match: b}", "kye"),
        ("{step: a, type: collect_digits, prompt: p, variable: v, on_invlid: b, next: b, on_no_input: b}", "on_invlid"),
        ("{step: a, type: branch, cases: [{when: [{name: city, equal: x}], next: b}], otherwise: b}", "equal"),
        ("{step: a, nxt: b}", "nxt"),
        ("{step: a, type: recrod, nxt: b}", "nxt"),
    ],
)
async def test_a_misspelt_key_within_a_step_is_underlined(editor: LanguageServer, step: str, underlined: str) -> None:
    text = f"{HEAD}    - {step}\n"
    found = await editor.diagnostics(FLOWS / "unsaved.yaml", text)
    column = text.splitlines()[4].index(f"{underlined}:")
    assert (4, column) in [(each.range.start.line, each.range.start.character) for each in found], found


async def test_two_keys_that_exclude_each_other_are_underlined(editor: LanguageServer) -> None:
    step = "    - {step: a, type: leave_message, next: b, prompt: p%s}\n"
    assert await editor.diagnostics(FLOWS / "one.yaml", HEAD + step % "") == []
    assert await editor.diagnostics(FLOWS / "both.yaml", HEAD + step % ", text: Hello") != []


async def test_completion_offers_the_keys_of_an_option_and_of_a_test(editor: LanguageServer) -> None:
    path, other = FLOWS / "menu.yaml", FLOWS / "branch.yaml"
    menu = "    - step: ask\n      type: menu\n      options:\n        - next: b\n          \n"
    await editor.diagnostics(path, HEAD + menu)
    assert {"key", "words"} <= {*await editor.completions(path, 8, 10)}
    branch = "    - step: sort\n      type: branch\n      cases:\n        - when:\n            - name: city\n              \n"
    await editor.diagnostics(other, HEAD + branch)
    assert {"equals", "in", "at_least", "empty"} <= {*await editor.completions(other, 9, 14)}
