import subprocess
import sys
from pathlib import Path

from callengine.model import Book, SystemAmbient
from callengine.store import open_store
from tests.store import doomed

DEATHS = [
    *(("before the transaction", number) for number in (1, 2, 3)),
    *(("in a unit", number) for number in (1, 2, 5)),
    *(("before the commit", number) for number in (1, 2, 3)),
    *(("after the commit", number) for number in (1, 2, 3)),
]


async def test_whoever_is_killed_leaves_every_unit_whole_and_loses_none_that_was_acknowledged(url: str) -> None:
    """Ever the same store, killed at each boundary of several commits; the next process has to open what is left."""
    lives = "".join(f"{point}\t{number}\tlife{life}\n" for life, (point, number) in enumerate(DEATHS))
    root = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-m", "tests.store.doomed", url],
        input=lives,
        capture_output=True,
        text=True,
        check=False,
        cwd=root,
        env={"PYTHONPATH": f"{root / 'src'}:{root}", "PATH": "/usr/bin:/bin"},
    )
    said = done.stdout.split()
    assert said.count("killed") == len(DEATHS), done.stderr
    acknowledged = {word for word in said if word != "killed"}
    names = [
        f"life{life}-{writer}-{number}"
        for life in range(len(DEATHS))
        for writer in range(doomed.WRITERS)
        for number in range(doomed.ROUNDS)
    ]

    def halves(book: Book) -> dict[str, tuple[bool, bool]]:
        return {
            name: (book.notebook.read(f"{name} first") is not None, book.notebook.read(f"{name} second") is not None)
            for name in names
        }

    async with open_store(url, SystemAmbient(), exclusive=True) as store:
        found = await store.read(halves)
    assert all(first == second for first, second in found.values())
    there = {name for name, (first, _) in found.items() if first}
    assert acknowledged
    assert acknowledged <= there
    assert len(there - acknowledged) <= doomed.WRITERS * len(DEATHS)
