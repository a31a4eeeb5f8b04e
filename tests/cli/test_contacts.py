"""`callengine contacts` and `callengine dnc`, as a shell sees them."""

import csv
from pathlib import Path

import pytest

from callengine.cli import execute

FORMULAS = ("=SUM(1)", "+1", "-1", "@x", "'=quoted")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("REGION", "IR")
    monkeypatch.setenv("ALLOWED_PREFIXES", "+49")
    return tmp_path


def written(folder: Path, text: str) -> str:
    (folder / "people.csv").write_text(text, encoding="utf-8")
    return "people.csv"


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_an_import_tells_what_became_of_every_row(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = written(
        folder,
        "phone_number,name,priority,not_before\n"
        "09121234567,Sara,5,2026-11-26T09:00+03:30\n"
        "+98 912 123 4567,again,,\n"
        "12,short,,\n"
        "+12025550123,abroad,,\n"
        "09131112222,odd,high,\n"
        "09131112222,late,,tomorrow\n"
        "09131112222,few\n",
    )
    assert execute(["contacts", "import", file, "--refused", "refused.csv"]) == 1
    out, err = capsys.readouterr()
    assert out == "people.csv: 1 accepted, 1 repeated, 5 refused.\n"
    assert "people.csv:4: '12' cannot be called: it is too short for its country" in err
    refused = rows(folder / "refused.csv")
    assert [row["line"] for row in refused] == ["4", "5", "6", "7", "8"]
    assert refused[1]["phone_number"] == "'+12025550123"
    assert "ALLOWED_PREFIXES" in refused[1]["reason"]
    assert "priority 'high'" in refused[2]["reason"]
    assert "not_before 'tomorrow'" in refused[3]["reason"]
    assert "2 columns where the header has 4" in refused[4]["reason"]
    execute(["contacts", "list", "--number", "0098 912 123 4567"])
    assert capsys.readouterr().out.startswith("09121234567\tmain\tpending\t2026-11-26")


def test_only_the_first_refused_rows_are_shown(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = written(folder, "number\n" + "12\n" * 25)
    assert execute(["contacts", "import", file]) == 1
    shown = capsys.readouterr().err.splitlines()
    assert len(shown) == 21
    assert shown[-1] == "5 more rows were refused; --refused FILE.csv lists them all"


def test_an_import_done_again_changes_nothing(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = written(folder, "".join(f"0912{at:07}\n" for at in range(2500)))
    assert execute(["contacts", "import", file]) == 0
    assert execute(["contacts", "import", file]) == 0
    assert execute(["contacts", "import", file, "--campaign", "other"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "people.csv: 2,500 accepted, 0 repeated, 0 refused.",
        "people.csv: 0 accepted, 2,500 repeated, 0 refused.",
        "people.csv: 2,500 accepted, 0 repeated, 0 refused.",
    ]


def test_no_cell_of_an_export_is_a_formula_and_an_import_undoes_that(folder: Path) -> None:
    with (folder / "people.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["phone_number", "note"])
        writer.writerows([f"+49301234{at:02}", formula] for at, formula in enumerate(FORMULAS))
    assert execute(["contacts", "import", "people.csv"]) == 0
    assert execute(["contacts", "export", "one.csv"]) == 0
    exported = rows(folder / "one.csv")
    assert all(not cell.startswith(("=", "+", "-", "@", "\t", "\r")) for row in exported for cell in row.values())
    assert [row["phone_number"] for row in exported] == [f"'+49301234{at:02}" for at in range(len(FORMULAS))]
    assert execute(["contacts", "import", "one.csv", "--store", "sqlite:///other.db"]) == 0
    assert execute(["contacts", "export", "two.csv", "--store", "sqlite:///other.db"]) == 0
    assert rows(folder / "two.csv") == exported


def test_an_export_goes_to_standard_output_and_can_be_narrowed(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    execute(["contacts", "import", written(folder, "number,city\n09121234567,Shiraz\n")])
    execute(["contacts", "import", written(folder, "number\n09131234567\n"), "--campaign", "two"])
    capsys.readouterr()
    assert execute(["contacts", "export", "-", "--campaign", "main", "--state", "pending"]) == 0
    header, row = capsys.readouterr().out.splitlines()
    assert header.startswith("phone_number,priority,not_before,scenario,contact_campaign,")
    assert row == "09121234567,0,,,main,pending,,0,,Shiraz"
    assert execute(["contacts", "export", "--state", "done"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 1


def test_the_do_not_dial_list_knows_every_spelling(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert execute(["dnc", "add", "0912 123 4567", "+98 912 123 4567", "--reason", "asked by letter"]) == 0
    assert execute(["dnc", "import", written(folder, "phone_number,reason\n989121234567,x\n+12025550123,moved\nx,\n")]) == 1
    assert execute(["dnc", "list"]) == 0
    out = capsys.readouterr().out.splitlines()
    assert out[:2] == ["1 added, 0 were on the list already.", "people.csv: 1 accepted, 1 repeated, 1 refused."]
    assert [line.split("\t")[::2] for line in out[2:]] == [["09121234567", "asked by letter"], ["0012025550123", "moved"]]
    assert execute(["dnc", "remove", "9121234567"]) == 0
    assert execute(["dnc", "remove", "9121234567"]) == 1
    assert "0 removed, 1 were not on the list." in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["contacts", "import", "none.csv"], "none.csv cannot be read: No such file"),
        (["contacts", "list", "--number", "x"], "--number: 'x' is not a telephone number"),
        (["contacts", "list", "--store", "mysql://h/x"], "sqlite:///PATH or postgresql://"),
        (["contacts", "list", "--config", "none.toml"], "none.toml cannot be read"),
        (["contacts", "export", "none/out.csv"], "none/out.csv cannot be written"),
        (["dnc", "add", "x"], "'x' is not a telephone number"),
        (["dnc", "add"], "give one number or more"),
    ],
)
def test_what_is_wrong_is_said_in_one_sentence(
    arguments: list[str], complaint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert execute(arguments) == 2
    err = capsys.readouterr().err
    assert err.startswith("callengine: ")
    assert complaint in err
    assert len(err.splitlines()) == 1


def test_a_region_that_is_none_is_said_by_its_setting(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("REGION", "QQ")
    assert execute(["dnc", "add", "09121234567"]) == 2
    assert "callengine: REGION: 'QQ' is no country" in capsys.readouterr().err
