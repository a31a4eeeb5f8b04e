"""Drawings by Graphviz itself."""

from pathlib import Path
from xml.etree import ElementTree

import pytest

from callengine.cli import execute
from callengine.fsm import CheckRetryLimit, load
from callengine.scenarios import scenario_files
from tests.e2e.conftest import fetching
from tests.e2e.packages import require

EXAMPLES = tuple(scenario_files(Path(__file__).parents[2] / "flows"))
TEXT = "{http://www.w3.org/2000/svg}text"

PERSIAN = """scenario:
  name: persian
  flow:
    - {step: "شروع", type: entry, next: "نتیجه"}
    - {step: "نتیجه", type: set_result, result: "<ناشناخته> & \\"x\\"", next: "پایان"}
    - {step: "پایان", type: hangup}
"""


@pytest.fixture(autouse=True, scope="module")
def graphviz(request: pytest.FixtureRequest) -> None:
    with fetching(request.config):
        require("dot")


def words_in_picture(path: Path, capfd: pytest.CaptureFixture[str]) -> set[str]:
    assert execute(["draw", str(path), "--format", "svg"]) == 0
    root = ElementTree.fromstring(capfd.readouterr().out)
    return {"".join(element.itertext()).strip() for element in root.iter(TEXT)}


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_a_picture_of_an_example_names_every_step_and_limit(path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    scenario = load(path.read_bytes(), str(path)).scenario
    assert scenario is not None
    words = words_in_picture(path, capfd)
    assert {str(step.id) for step in scenario.flow.steps} <= words
    limits = (step.max_count for step in scenario.flow.steps if isinstance(step, CheckRetryLimit))
    assert {f"within_limit (at most {limit}×)" for limit in limits} <= words


def test_a_picture_of_coverage_holds_every_flow(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "flows.svg"
    folder = Path(__file__).parents[2] / "flows"
    assert execute(["test", str(folder), "--coverage-picture", str(path)]) == 0
    words = {"".join(element.itertext()).strip() for element in ElementTree.parse(path).getroot().iter(TEXT)}
    for example in EXAMPLES:
        scenario = load(example.read_bytes(), str(example)).scenario
        assert scenario is not None
        assert {str(step.id) for flow in scenario.flows for step in flow.steps} <= words
    assert "100 %" in " ".join(words)


def test_an_author_s_words_arrive_as_they_are(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "persian.yaml"
    path.write_text(PERSIAN, encoding="utf-8")
    words = words_in_picture(path, capfd)
    assert {"شروع", "نتیجه", "پایان", '→ <ناشناخته> & "x"'} <= words
