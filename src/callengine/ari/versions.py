"""Which versions of Asterisk the engine should run on."""

import re
from typing import Final, Literal

FLOORS: Final = {20: (20, 20, 1), 22: (22, 10, 1)}
"""The first release of each maintained branch without known holes in its REST interface (fixed in June 2026)."""

OLDEST: Final = 20
"""Earlier branches get no corrections any more, and the engine was never tried with them."""

_RELEASE: Final = re.compile(r"(\d+)\.(\d+)\.(\d+)(?!\d)")

Advice = Literal["fine", "update", "too old", "not known"]


def judged(version: str) -> Advice:
    """What to think of a version, as the PBX tells it: `22.10.1`, or `22.10.1~dfsg-1`.

    One that is no plain release, such as `certified/20.7-cert5` or a build of a branch, is not known.
    """
    found = _RELEASE.match(version)
    if found is None:
        return "not known"
    release = tuple(map(int, found.groups()))
    if release[0] < OLDEST:
        return "too old"
    floor = FLOORS.get(release[0])
    if floor is None:
        return "fine" if release[0] > max(FLOORS) else "update"
    return "fine" if release >= floor else "update"
