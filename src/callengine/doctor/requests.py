"""Whether the web services that scenarios ask can be reached. None is asked."""

from typing import Final
from urllib.parse import urlsplit

import trio

from callengine.doctor.finding import Sheet
from callengine.doctor.patient import Patient
from callengine.doctor.reach import reach
from callengine.fsm import Request, steps_of
from callengine.providers.web import WebHosts

WHAT: Final = "web services"


async def check_requests(patient: Patient, sheet: Sheet) -> None:
    """Connect to each of them that REQUEST_HOSTS allows."""
    settings = patient.settings.requests
    hosts = WebHosts(frozenset(settings.hosts), settings.token_of)
    steps = (step for scenario in patient.scenarios for step in steps_of(scenario))
    urls = {urlsplit(step.url).netloc: step.url for step in steps if isinstance(step, Request)}
    async with trio.open_nursery() as nursery:
        for host, url in urls.items():
            if hosts.allow(url):
                nursery.start_soon(_check, host, url, sheet)
            else:
                sheet.warn(
                    WHAT,
                    f"Scenarios ask {host}, which REQUEST_HOSTS does not name: each such `request` takes on_failure",
                    "Name it in REQUEST_HOSTS, if scenarios may ask it",
                )


async def _check(host: str, url: str, sheet: Sheet) -> None:
    unreached = await reach(f"{urlsplit(url).scheme}://{host}", "the `url` of that request step")
    if unreached is None:
        sheet.ok(WHAT, f"{host} can be reached; it was asked nothing")
    else:
        sheet.fail(WHAT, unreached.sentence, unreached.remedy)
