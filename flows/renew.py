"""Flow: the daily renewal sweep."""

from datetime import date

from prefect import flow
from prefect.client.schemas.objects import State

from flows.boundary import case_task, coded
from flows.casework import open_casework
from flows.clock import today
from flows.forms import SweepForm, day_of
from flows.outcomes import sweep_outcome
from flows.publishing import MOST_ROWS, publish_calendar, publish_work_list
from flows.settings import read_settings
from flows.sweeping import Swept, renewal_calendar, sweep


@case_task("look after courses")
async def look_after_courses(as_of: date, *, every_course: bool) -> Swept:
    """Plan every due course and keep its tasks."""
    return sweep(open_casework(read_settings()), as_of=as_of, every_course=every_course)


@flow(name="sweep_renewals", flow_run_name="renewals{form.occasion}", persist_result=False)
@coded
async def sweep_renewals(form: SweepForm) -> State[None]:
    """Find every infusion that no authorization covers, in time to act, and open, escalate or close its task.

    Args:
        form: Whether to look at every course, and the day to look from.
    """
    work = open_casework(read_settings())
    as_of = day_of(form.as_of, otherwise=today(work.settings))
    swept = await look_after_courses(as_of, every_course=form.every_course)
    pressing = [course.case_id for course in work.store.list_courses()[:MOST_ROWS]]
    await publish_calendar(renewal_calendar(work, as_of=as_of, case_ids=pressing))
    await publish_work_list(work, as_of=as_of)
    return sweep_outcome(swept)
