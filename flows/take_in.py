"""Flow: take referrals in from a folder."""

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.states import Completed

from flows.boundary import CaseFault, FaultCode, case_task, coded
from flows.casework import TakenIn, open_casework, take_in
from flows.clock import now, today
from flows.forms import TakeInForm, day_of
from flows.looking import look_after_what_changed
from flows.publishing import publish_work_list
from flows.settings import ROOT, read_settings
from priorauth.store.records import Put


@case_task("read and store referrals")
async def read_and_store(folder: str) -> TakenIn:
    """Read every referral below the folder and store the cases."""
    place = ROOT / folder
    if not place.is_dir():
        raise CaseFault(FaultCode.FOLDER_MISSING)
    work = open_casework(read_settings())
    return take_in(work, place, at=now(work.settings))


@flow(name="take_in_referrals", flow_run_name="referrals{form.occasion}", persist_result=False)
@coded
async def take_in_referrals(form: TakeInForm) -> State[None]:
    """Read the referrals of a folder, store the cases, and count what could not be read.

    Args:
        form: The folder, and the day to look from. Referrals already stored are left alone; changed ones are updated.
    """
    work = open_casework(read_settings())
    as_of = day_of(form.as_of, otherwise=today(work.settings))
    taken = await read_and_store(form.folder)
    await look_after_what_changed(list(taken.cases), as_of)
    await publish_work_list(work, as_of=as_of)
    counts = ", ".join(f"{taken.count(put)} {put.value}" for put in Put)
    if not taken.faults:
        return Completed(message=counts)
    codes = ", ".join(f"{count} {code}" for code, count in sorted(taken.fault_codes.items()))
    return Completed(
        name="SomeUnreadable", message=f"{counts}; not taken in: {codes}. See: priorauth intake --faults"
    )
