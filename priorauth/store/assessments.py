"""Assessments: appended, never changed, each pinned to the policy version and the case it was made from."""

from __future__ import annotations

from datetime import datetime
from hashlib import sha256

from sqlalchemy import Row, Select, func, insert, select

from priorauth.store.case_rows import locked_case
from priorauth.store.connection import Connected
from priorauth.store.errors import NoSuchRecord
from priorauth.store.tables import assessments
from schemas.assessment import Assessment, Recommendation
from schemas.base import CaseId


class Assessments(Connected):
    """What verification found, in the order in which it found it."""

    def put_assessment(self, assessment: Assessment, *, at: datetime) -> int:
        """Append an assessment and return its id; one equal to the latest is the latest."""
        content = assessment.model_dump_json(exclude_defaults=True)
        digest = sha256(content.encode()).hexdigest()
        with self.transaction() as connection:
            locked_case(connection, assessment.case_id)
            latest = connection.execute(_newest_first(assessment.case_id)).first()
            if latest is not None and latest.sha256 == digest:
                return int(latest.assessment_id)
            pin = assessment.policy
            row = insert(assessments).values(
                case_id=assessment.case_id,
                number=latest.number + 1 if latest else 1,
                assessed_on=assessment.assessed_on,
                recommendation=assessment.recommendation,
                payer=pin.payer if pin else None,
                policy=pin.policy if pin else None,
                policy_version=pin.version if pin else None,
                policy_sha256=pin.sha256 if pin else None,
                case_sha256=assessment.case_sha256,
                content=content,
                sha256=digest,
                recorded_at=at,
            )
            return int(connection.execute(row.returning(assessments.c.assessment_id)).scalar_one())

    def get_assessment(self, assessment_id: int) -> Assessment:
        """Return an assessment by its id."""
        wanted = select(assessments.c.content).where(assessments.c.assessment_id == assessment_id)
        with self.reading() as connection:
            content = connection.execute(wanted).scalar_one_or_none()
        if content is None:
            raise NoSuchRecord(f"no assessment has the id {assessment_id}")
        return Assessment.model_validate_json(content)

    def latest_assessment(self, case_id: CaseId) -> Assessment | None:
        """Return the newest assessment of a case, or None before the first."""
        with self.reading() as connection:
            row = connection.execute(_newest_first(case_id)).first()
        return _assessment(row) if row else None

    def newest_found(self, recommendation: Recommendation) -> frozenset[CaseId]:
        """Name the cases whose newest assessment came to a recommendation."""
        newest = select(func.max(assessments.c.assessment_id)).group_by(assessments.c.case_id)
        wanted = select(assessments.c.case_id).where(
            assessments.c.assessment_id.in_(newest), assessments.c.recommendation == recommendation
        )
        with self.reading() as connection:
            return frozenset(connection.execute(wanted).scalars())

    def list_assessments(self, case_id: CaseId) -> tuple[Assessment, ...]:
        """Return all assessments of a case, oldest first."""
        with self.reading() as connection:
            rows = connection.execute(_newest_first(case_id, limit=None)).all()
        return tuple(_assessment(row) for row in reversed(rows))


def _newest_first(case_id: CaseId, limit: int | None = 1) -> Select[tuple[int, int, str, str]]:
    columns = (assessments.c.assessment_id, assessments.c.number, assessments.c.sha256, assessments.c.content)
    return (
        select(*columns)
        .where(assessments.c.case_id == case_id)
        .order_by(assessments.c.number.desc())
        .limit(limit)
    )


def _assessment(row: Row[tuple[int, int, str, str]]) -> Assessment:
    return Assessment.model_validate_json(row.content)
