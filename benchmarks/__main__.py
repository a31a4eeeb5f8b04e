"""Prints the tables: `python -m benchmarks [NAME...]`."""

import argparse
import logging
from collections.abc import Callable, Iterable, Mapping

import structlog
from rich.console import Console
from rich.table import Table

from benchmarks import (
    campaign,
    engine,
    enhancing,
    events,
    flows,
    lines,
    live,
    machine,
    machines,
    pacing,
    rate,
    store,
    transport,
)
from benchmarks.figures import Figure

BENCHMARKS: Mapping[str, Callable[[], Iterable[Figure]]] = {
    "machine": machine.measure,
    "transport": transport.measure,
    "events": events.measure,
    "lines": lines.measure,
    "store": store.measure,
    "flows": flows.measure,
    "pacing": pacing.measure,
    "campaign": campaign.measure,
    "live": live.measure,
    "engine": engine.measure,
    "rate": rate.measure,
    "machines": machines.measure,
    "enhancing": enhancing.measure,
}


def main() -> None:
    """Measure what is named, or everything."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Figures beside their budgets.")
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help=f"one of {', '.join(BENCHMARKS)}; all of them if none is given"
    )
    names = parser.parse_args().names or list(BENCHMARKS)
    for name in names:
        if name not in BENCHMARKS:
            parser.error(f"there is no {name!r}; there are {', '.join(BENCHMARKS)}")
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    console = Console()
    for name in names:
        with console.status(f"measuring {name}"):
            table = table_of(name, BENCHMARKS[name]())
        console.print(table)


def table_of(name: str, figures: Iterable[Figure]) -> Table:
    """One benchmark's figures, for people."""
    table = Table("what", "measured", "unit", "budget", title=name, title_justify="left")
    table.columns[1].justify = "right"
    for figure in figures:
        table.add_row(figure.what, f"{figure.value:,.4g}", figure.unit, figure.budget)
    return table


if __name__ == "__main__":
    main()
