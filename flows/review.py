"""Flow: record what the prescriber said of a letter: released, or sent back."""

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.states import Completed

from flows import releasing
from flows.boundary import case_task, coded
from flows.casework import open_casework
from flows.clock import now, today
from flows.forms import FormMistake, Release, ReviewForm, read_day
from flows.publishing import publish_cases, publish_work_list
from flows.settings import read_settings
from priorauth.lifecycle import Actor, Role
from priorauth.store.records import Put


@case_task("record the review")
async def write_review(form: ReviewForm) -> str:
    """Make the final of a released version, or give the case back; return the name of the state the run ends in."""
    work = open_casework(read_settings())
    by, at = Actor(Role.COORDINATOR, form.recorded_by), now(work.settings)
    if not isinstance(form.review, Release):
        reasons = [reason.value for reason in form.review.reasons]
        releasing.send_back(work, form.case_id, form.version, reasons=reasons, by=by, at=at)
        return "SentBack"
    reviewed_on = read_day(form.review.reviewed_on)
    if reviewed_on > at.date():
        raise FormMistake(f"the review of {reviewed_on} lies after today, {at.date()}")
    released = releasing.release(work, form.case_id, form.version, reviewed_on=reviewed_on, by=by, at=at)
    return "AlreadyRecorded" if released.put is Put.UNCHANGED else "Released"


@flow(name="record_review", flow_run_name="review of {form.case_id}", persist_result=False)
@coded
async def record_review(form: ReviewForm) -> State[None]:
    """Record that the prescriber has read a version of a letter, which makes the final, or has sent it back.

    Args:
        form: The case, the version that was read, and what came of it.
    """
    name = await write_review(form)
    work = open_casework(read_settings())
    await publish_cases(work, [form.case_id])
    await publish_work_list(work, as_of=today(work.settings))
    return Completed(name=name, message=f"version {form.version}")
