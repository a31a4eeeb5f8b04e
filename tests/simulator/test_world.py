"""The same seed gives the same log, whatever else differs."""

import os
import subprocess
import sys
from pathlib import Path

import trio
from trio._core import _run

from callengine.model import LineLimits
from callengine.simulator import Kind, audit, leaked, max_concurrent, run_virtually
from tests.simulator.campaign import campaign

ROOT = Path(__file__).parents[2]


def log_of_another_process(hash_seed: str) -> str:
    environment = {"PYTHONHASHSEED": hash_seed, "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}"}
    command = [sys.executable, "-m", "tests.simulator.campaign", "5", "40"]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True).stdout


def test_one_seed_one_log_also_in_other_processes() -> None:
    here = "".join(f"{record}\n" for record in run_virtually(5, campaign, 5, 40))
    assert here == "".join(f"{record}\n" for record in run_virtually(5, campaign, 5, 40))
    assert here == log_of_another_process("1") == log_of_another_process("2")
    assert here != "".join(f"{record}\n" for record in run_virtually(6, campaign, 6, 40))


def test_a_whole_campaign_leaves_nothing_but_what_was_forwarded() -> None:
    log = run_virtually(3, campaign, 3, 60, 7)
    forwarded = {record.detail["to"] for record in log if record.kind is Kind.FORWARDED}
    assert set(leaked(log).channels) <= forwarded
    assert leaked(log).recordings == ()
    assert max_concurrent(log) == {"02155": 7}
    assert [violation.rule for violation in audit(log, {"02155": LineLimits(7, 0, 0, 0)}) if violation.rule == "I6"] == []


def test_the_scheduler_is_put_back_as_it_was() -> None:
    _run._r.seed(99)
    before = _run._r.getstate()
    run_virtually(1, trio.sleep, 3600)
    assert _run._r.getstate() == before
