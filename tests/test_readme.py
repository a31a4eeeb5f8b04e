"""The README is true: its flow is clean, and its commands are those that CI runs."""

import re
from pathlib import Path

from callengine.fsm import lint
from callengine.testing.cases import Suite, open_suite, run_case

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


def test_the_example_flow_is_clean() -> None:
    [flow] = blocks("yaml")
    assert lint(flow.encode(), "README.md") == ()


def test_the_example_test_passes(tmp_path: Path) -> None:
    for name, language in (("reminder.yaml", "yaml"), ("reminder.test.yaml", "yaml test")):
        [text] = blocks(language)
        (tmp_path / name).write_text(text, encoding="utf-8")
    suite = open_suite(tmp_path / "reminder.test.yaml")
    assert isinstance(suite, Suite), suite
    for number in range(len(suite.file.cases)):
        ran = run_case(suite, number)
        assert ran.passed, ran.story()


def test_ci_runs_the_command_that_the_readme_gives() -> None:
    [command] = [line for block in blocks("sh") for line in block.splitlines() if "nox" in line]
    assert command.replace("test", '"$session"') in (ROOT / ".ci" / "run").read_text(encoding="utf-8")


def test_files_it_names_exist() -> None:
    for target in re.findall(r"\]\(([^)]+)\)", README):
        assert (ROOT / target).exists(), target
