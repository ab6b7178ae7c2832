"""The main job on the sample referrals, through Prefect: `python -m flows.demo`, or `make demo`.

The samples are set in November 2026, so that the demo always looks from the same day.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from prefect.client.schemas.objects import FlowRun
from prefect.deployments import arun_deployment

from flows.casework import Casework, open_casework
from flows.reports import several
from flows.settings import ROOT, Settings, SettingsFault, read_settings
from flows.sweeping import renewal_calendar
from flows.terminal import calendar_table, case_line, complain, say
from flows.workbench import WorkbenchFault, workbench_running
from priorauth.intake import read_folder
from schemas.base import CaseId


AS_OF = date(2026, 11, 23)
SAMPLES = "examples/referrals"
SECONDS_PER_STEP = 240


class DemoFault(Exception):
    """The demo cannot run or did not come to its end; the message says why and what to do."""


@dataclass(frozen=True)
class Step:
    """One deployment to run, and what it is given."""

    words: str
    deployment: str
    form: Mapping[str, Any]


def main() -> int:
    try:
        settings = read_settings()
        work = open_casework(settings)
        case_ids = _sample_ids(work)
        _refuse_other_cases(work, case_ids)
        say(f"The samples are set in November 2026; the demo looks at them from {AS_OF}.\n")
        with workbench_running(settings) as workbench:
            say(f"The workbench is up at {workbench.link('runs')} while this runs.")
            asyncio.run(_run_all(_steps(case_ids), settings))
    except (DemoFault, SettingsFault, WorkbenchFault) as fault:
        for line in str(fault).splitlines():
            complain(line)
        return 1
    _show_cases(work, case_ids)
    say("\nThe renewal calendar\n")
    say(calendar_table(renewal_calendar(work, as_of=AS_OF, case_ids=case_ids).rows))
    say(
        f"\nLetters and packets are in {_near(settings.output)}/<case>/; the runs are kept in "
        f"{_near(settings.prefect_home / 'prefect.db')}.\nTo look at them: make up"
    )
    return 0


def _sample_ids(work: Casework) -> tuple[CaseId, ...]:
    """Name the cases of the samples; intake through Prefect then finds the same ones."""
    return tuple(referred.case.case_id for referred in read_folder(ROOT / SAMPLES, work.knowledge).cases)


def _refuse_other_cases(work: Casework, case_ids: Sequence[CaseId]) -> None:
    others = {case.case_id for case in work.store.list_cases()} - set(case_ids)
    if others:
        raise DemoFault(
            f"{several(len(others), 'case')} in {work.settings.home} {'is' if len(others) == 1 else 'are'} no sample, "
            f"and the demo would work on them as of {AS_OF}.\n"
            "Give it a place of its own: PRIORAUTH_HOME=/tmp/priorauth-demo make demo"
        )


def _steps(case_ids: Sequence[CaseId]) -> tuple[Step, ...]:
    as_of = AS_OF.isoformat()
    return (
        Step(
            "Take in the referrals",
            "take_in_referrals/Take in referrals",
            {"folder": SAMPLES, "as_of": as_of},
        ),
        Step(
            "Verify them, write letters and packets",
            "prepare_requests/Prepare all requests",
            {"case_ids": list(case_ids), "as_of": as_of},
        ),
        Step("Sweep the renewals", "sweep_renewals/Sweep renewals", {"every_course": True, "as_of": as_of}),
    )


async def _run_all(steps: Sequence[Step], settings: Settings) -> None:
    for step in steps:
        started = time.perf_counter()
        run = await _run(step)
        state = run.state
        if state is None or not state.is_completed():
            found = f"{state.name}: {state.message}" if state else "no state"
            raise DemoFault(f"{step.words}: {found}\nThe logs are in {settings.prefect_home}.")
        seconds = time.perf_counter() - started
        say(f"  {step.words:<40} {state.name}: {state.message} ({seconds:.0f} s)")


async def _run(step: Step) -> FlowRun:
    # No sub-run of anything: each stands in the list of runs by itself, as if a coordinator had started it.
    return await arun_deployment(
        step.deployment,
        parameters={"form": dict(step.form)},
        timeout=SECONDS_PER_STEP,
        poll_interval=0.5,
        as_subflow=False,
    )


def _show_cases(work: Casework, case_ids: Sequence[CaseId]) -> None:
    for case_id in case_ids:
        assessment = work.store.latest_assessment(case_id)
        if assessment is not None:
            say(case_line(assessment, pdf=_near(work.settings.output / case_id / "packet.pdf")))


def _near(path: Path) -> Path:
    """Write a path the short way where it lies in the checkout."""
    return path.relative_to(ROOT) if path.is_relative_to(ROOT) else path


if __name__ == "__main__":
    sys.exit(main())
