"""Rows as people read them, and as programs do."""

from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from callengine.cli.excerpt import harmless


def show(header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print a table on a terminal; elsewhere one line for each row, with tabs between its cells."""
    console = Console()
    if not console.is_terminal:
        for row in rows:
            print("\t".join(map(harmless, row)))
        return
    table = Table(*header, box=None, header_style="bold")
    for row in rows:
        table.add_row(*(Text(harmless(cell)) for cell in row))
    console.print(table)
