"""Flow: the daily renewal sweep."""

from datetime import date

from prefect import flow
from prefect.client.schemas.objects import State

from flows.boundary import case_task, coded
from flows.casework import open_casework
from flows.clock import now, today
from flows.forms import SweepForm, day_of
from flows.outcomes import sweep_outcome
from flows.prepare import write_all
from flows.publishing import MOST_ROWS, publish_calendar, publish_work_list
from flows.renewing import Opened, open_renewals
from flows.settings import read_settings
from flows.sweeping import Swept, renewal_calendar, sweep


@case_task("look after courses")
async def look_after_courses(as_of: date, *, every_course: bool) -> Swept:
    """Plan every due course and keep its tasks."""
    return sweep(open_casework(read_settings()), as_of=as_of, every_course=every_course)


@case_task("open renewals")
async def open_due_renewals(as_of: date) -> Opened:
    """Turn every course whose renewal is due back into a draft that asks for it to go on."""
    work = open_casework(read_settings())
    return open_renewals(work, as_of=as_of, at=now(work.settings))


@flow(name="sweep_renewals", flow_run_name="renewals{form.occasion}", persist_result=False)
@coded
async def sweep_renewals(form: SweepForm) -> State[None]:
    """Find every infusion that no authorization covers, in time to act, and open, escalate or close its task.

    A renewal that is due to be sent is opened, and its draft letter and packet are written.

    Args:
        form: Whether to look at every course, and the day to look from.
    """
    work = open_casework(read_settings())
    as_of = day_of(form.as_of, otherwise=today(work.settings))
    swept = await look_after_courses(as_of, every_course=form.every_course)
    renewals = await open_due_renewals(as_of)
    faults = renewals.faults | await write_all(renewals.case_ids, as_of)
    pressing = [course.case_id for course in work.store.list_courses()[:MOST_ROWS]]
    await publish_calendar(renewal_calendar(work, as_of=as_of, case_ids=pressing))
    await publish_work_list(work, as_of=as_of)
    return sweep_outcome(swept, opened=len(renewals.case_ids), faults=faults)
