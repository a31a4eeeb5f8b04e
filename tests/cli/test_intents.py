"""`callengine intents` as a flow author uses it."""

import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import trio

from callengine.cli import execute
from callengine.errors import ProviderUnavailable
from callengine.fsm import load
from callengine.providers import LanguageModel, Question
from callengine.scenarios.phrases import MOST_FAULTS, read_phrases
from callengine.settings import Settings

ROOT = Path(__file__).parents[2]
PHRASES = ROOT / "flows" / "phrases"

Captured = pytest.CaptureFixture[str]

SCENARIO = """
scenario:
  name: offer
  llm:
    prompt_template: "Yes or no? {transcript}"
    intent_categories: [yes, no]
    fallback_tokens: {yes: ["yes", "بله"], no: ["no"]}
  flow:
    - {step: start, type: entry, next: end}
    - {step: end, type: hangup}
"""
LABELLED = "phrase,intent,language\nyes please,yes,en\n\nno,no,en\nنه,no,fa\nبله,yes,fa\nhm,unknown,en\n"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name in ("GAPGPT_API_KEY", "OPENAI_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "offer.yaml").write_text(SCENARIO, encoding="utf-8")
    (tmp_path / "offer.csv").write_text(LABELLED, encoding="utf-8")
    return tmp_path


class Mind:
    """Says yes to all it is asked; fails from the n-th question on. Counts how many it is asked at once."""

    def __init__(self, fails_from: int = 1000) -> None:
        self.fails_from = fails_from
        self.asked: list[Question] = []
        self.now = self.most = 0

    async def complete(self, question: Question) -> str:
        self.asked.append(question)
        self.now += 1
        self.most = max(self.most, self.now)
        for _ in range(10):
            await trio.lowlevel.checkpoint()
        self.now -= 1
        if len(self.asked) >= self.fails_from:
            raise ProviderUnavailable("down")
        return '{"intent": "yes", "confidence": 0.8}'


@pytest.fixture
def mind(monkeypatch: pytest.MonkeyPatch) -> Mind:
    """In place of the language model that the settings have."""
    mind = Mind()

    @asynccontextmanager
    async def opened(settings: Settings) -> AsyncIterator[LanguageModel | None]:
        yield mind

    monkeypatch.setattr("callengine.cli.intents.language_model_of", opened)
    return mind


def test_the_matrix_and_what_was_missed(capsys: Captured) -> None:
    assert execute(["intents", "offer.csv", "--scenario", "offer.yaml", "--keywords"]) == 0
    assert [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()] == [
        "offer.yaml by keywords: 4 of 5 phrases understood, 80.0%",
        "en: 3 of 3 phrases understood, 100.0%",
        "fa: 1 of 2 phrases understood, 50.0%",
        "is \\ taken for yes no unknown recall",
        "yes 2 0 0 100.0%",
        "no 0 1 1 50.0%",
        "unknown 0 0 1 100.0%",
        "precision 100.0% 100.0% 50.0%",
        "offer.csv:5: no, taken for unknown by keywords: نه",
    ]


def test_the_same_for_programs(capsys: Captured) -> None:
    assert execute(["intents", "offer.csv", "--scenario", "offer.yaml", "--keywords", "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out) == {
        "by": "keywords",
        "phrases": 5,
        "right": 4,
        "accuracy": 0.8,
        "failures": 0,
        "sources": {"keywords": 5},
        "languages": {"en": {"phrases": 3, "accuracy": 1.0}, "fa": {"phrases": 2, "accuracy": 0.5}},
        "intents": {
            "yes": {"phrases": 2, "precision": 1.0, "recall": 1.0},
            "no": {"phrases": 2, "precision": 1.0, "recall": 0.5},
            "unknown": {"phrases": 1, "precision": 0.5, "recall": 1.0},
        },
        "confusion": {"yes": {"yes": 2}, "no": {"no": 1, "unknown": 1}, "unknown": {"unknown": 1}},
        "missed": [
            {
                "line": 5,
                "phrase": "نه",
                "language": "fa",
                "intent": "no",
                "found": "unknown",
                "source": "keywords",
                "confidence": None,
                "detail": "",
            }
        ],
    }


@pytest.mark.parametrize(("share", "code"), [("0.8", 0), ("0.81", 1), ("1.5", 2), ("-1", 2)])
def test_a_build_fails_below_what_is_wanted(share: str, code: int) -> None:
    assert execute(["intents", "offer.csv", "--scenario", "offer.yaml", "--keywords", f"--at-least={share}"]) == code


def test_without_a_key_keywords_tell_and_it_is_said(capsys: Captured) -> None:
    assert execute(["intents", "offer.csv", "--scenario", "offer.yaml"]) == 0
    assert "offer.yaml by keywords, as no key is set (GAPGPT_API_KEY, OPENAI_API_KEY): 4 of 5" in capsys.readouterr().out


def test_a_scenario_without_a_prompt_asks_no_model(folder: Path, mind: Mind, capsys: Captured) -> None:
    (folder / "offer.yaml").write_text(re.sub("    prompt_template.*\n", "", SCENARIO), encoding="utf-8")
    assert execute(["intents", "offer.csv", "--scenario", "offer.yaml"]) == 0
    assert "by keywords, as the scenario has no llm.prompt_template: 4 of 5" in capsys.readouterr().out
    assert not mind.asked


def test_the_model_is_asked_several_phrases_at_once(mind: Mind, monkeypatch: pytest.MonkeyPatch, capsys: Captured) -> None:
    monkeypatch.setenv("MAX_PARALLEL_LLM", "3")
    assert execute(["intents", "offer.csv", "--scenario", "offer.yaml", "--format", "json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["by"], told["right"], told["sources"]) == ("the model gpt-4o-mini", 2, {"model": 5})
    assert [row["line"] for row in told["missed"]] == [4, 5, 7]
    assert {row["confidence"] for row in told["missed"]} == {0.8}
    assert mind.most == 3


def test_the_scenarios_model_and_confidence_are_tried(folder: Path, mind: Mind, capsys: Captured) -> None:
    own = SCENARIO.replace("  llm:\n", "  llm:\n    model: large\n    min_confidence: 0.9\n")
    (folder / "offer.yaml").write_text(own, encoding="utf-8")
    assert execute(["intents", "offer.csv", "--scenario", "offer.yaml"]) == 0
    assert "by the model large: 4 of 5 phrases" in capsys.readouterr().out
    assert {question.model for question in mind.asked} == {"large"}


def test_a_model_that_fails_is_said_and_counted(mind: Mind, capsys: Captured) -> None:
    mind.fails_from = 1
    assert execute(["intents", "offer.csv", "--scenario", "offer.yaml"]) == 0
    captured = capsys.readouterr()
    assert captured.err == (
        "callengine: the language model failed on 5 of 5 phrases, so that keywords had to tell them; the first time: "
        "ProviderUnavailable: down\n"
    )
    assert "3 of 5 phrases understood" in captured.out
    assert "offer.csv:7: unknown, taken for (none) by keywords (ProviderUnavailable: down): hm" in captured.out


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"phrase,label\nyes,yes\n", "offer.csv:1: the first line must name `intent` once, such as phrase,intent,language"),
        (b"yes,no\n", "offer.csv:1: the first line must name `phrase` and `intent` once, such as phrase,intent,language"),
        (b"phrase,intent,intent\nyes,yes,no\n", "offer.csv:1: the first line must name `intent` once"),
        (b"phrase,intent\nyes,yess\n", "offer.csv:2: the scenario declares no intent 'yess'; did you mean 'yes'?"),
        (
            b"phrase,intent\nyes,yes\nq,number\n",
            "offer.csv:3: the scenario declares no intent 'number'; it declares yes, no, unkno",
        ),
        (
            b"phrase,intent\n\nyes, please,yes\n",
            "offer.csv:3: has 3 cells where the first line has 2; put a phrase with a comma",
        ),
        (b"phrase,intent\nyes\n", "offer.csv:2: has 1 cells where the first line has 2"),
        (b"phrase,intent\n ,yes\n", "offer.csv:2: the phrase is empty"),
        (b'phrase,intent\n"yes,yes\n', "offer.csv:2: is no CSV: unexpected end of data"),
        (b"phrase,intent\nyes,yes\n\xff\xfe,no\n", "offer.csv:3: is not UTF-8; save the file as UTF-8"),
        (b"phrase,intent\n", "offer.csv:1: the file holds no phrase"),
        (b"", "offer.csv:1: the first line must name"),
        (b"phrase,intent\n" + b"yes,yes\n" * 300_000, "offer.csv: is larger than 2,097,152 bytes; split it"),
    ],
)
def test_a_file_with_a_fault_is_refused_with_its_place(content: bytes, fault: str, folder: Path, capsys: Captured) -> None:
    (folder / "offer.csv").write_bytes(content)
    assert execute(["intents", "offer.csv", "--scenario", "offer.yaml", "--keywords"]) == 2
    captured = capsys.readouterr()
    assert captured.err.startswith(f"callengine: offer.csv cannot be used:\n{fault}")
    assert not captured.out


def test_many_faults_are_told_together_up_to_a_number(folder: Path, capsys: Captured) -> None:
    (folder / "offer.csv").write_text("phrase,intent\n" + "yes,maybe\n" * 100, encoding="utf-8")
    assert execute(["intents", "offer.csv", "--scenario", "offer.yaml"]) == 2
    assert capsys.readouterr().err.count("no intent 'maybe'") == MOST_FAULTS


def test_files_that_spreadsheets_write_are_read(folder: Path, capsys: Captured) -> None:
    (folder / "offer.csv").write_bytes(b'\xef\xbb\xbfintent,phrase,note\r\nyes,"yes, please",x\r\n,,\r\nno,"well,\r\nno",\r\n')
    assert execute(["intents", "offer.csv", "--scenario", "offer.yaml", "--keywords", "--at-least", "1"]) == 0
    assert "2 of 2" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["none.csv", "--scenario", "offer.yaml"], "cannot read none.csv: No such file"),
        (["offer.csv", "--scenario", "none.yaml"], "cannot read none.yaml: No such file"),
        (["/dev/zero", "--scenario", "offer.yaml"], "not a regular file"),
        (["offer.csv", "--scenario", "offer.csv"], "offer.csv cannot be used:\noffer.csv:1:1: F0"),
        (["offer.csv"], "--scenario"),
    ],
)
def test_what_cannot_be_used_is_said(arguments: list[str], words: str, capsys: Captured) -> None:
    assert execute(["intents", *arguments]) == 2
    assert words in capsys.readouterr().err


def shipped(name: str, half: str, capsys: Captured) -> dict[str, int]:
    arguments = [str(PHRASES / f"{name}.{half}.csv"), "--scenario", str(ROOT / "flows" / f"{name}.yaml"), "--keywords"]
    assert execute(["intents", *arguments, "--format", "json"]) == 0
    told = json.loads(capsys.readouterr().out)
    wrong = sum(row["found"] != "unknown" for row in told["missed"])
    return {"phrases": told["phrases"], "right": told["right"], "wrong": wrong}


def test_the_shipped_phrases_are_many_and_no_half_knows_the_other() -> None:
    total = 0
    for name, languages in (("course_offer", {"fa"}), ("appointment", {"en"})):
        scenario = load((ROOT / "flows" / f"{name}.yaml").read_bytes(), name).scenario
        assert scenario is not None
        halves = [read_phrases(PHRASES / f"{name}.{half}.csv", scenario.llm.intents) for half in ("dev", "test")]
        texts = [{phrase.text for phrase in half.phrases} for half in halves]
        assert all(not half.faults for half in halves)
        assert all({phrase.intent for phrase in half.phrases} == set(scenario.llm.intents) for half in halves)
        assert {phrase.language for half in halves for phrase in half.phrases} == languages
        assert not texts[0] & texts[1]
        total += sum(map(len, texts))
    assert total >= 300
    assert {path.suffix for path in PHRASES.iterdir()} == {".csv"}


def test_the_documentation_tells_the_figures_that_keywords_reach(capsys: Captured) -> None:
    page = (ROOT / "docs" / "intents.md").read_text(encoding="utf-8")
    rows = re.findall(r"\| `(\w+)\.(dev|test)\.csv` \| .* \| (\d+) \| (\d+) \((.*)%\) \| (\d+) \|", page)
    assert len(rows) == 4
    for name, half, phrases, right, percent, wrong in rows:
        told = shipped(name, half, capsys)
        assert told == {"phrases": int(phrases), "right": int(right), "wrong": int(wrong)}
        assert f"{100 * told['right'] / told['phrases']:.1f}" == percent
