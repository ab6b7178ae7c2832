"""Letters and packets that were made, and their sending, which happens once whatever crashes."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection, RowMapping, func, select, update

from priorauth.lifecycle import LETTER_RELEASED, LETTER_SENT_BACK, Actor, CaseStatus, Reason
from priorauth.store.audit import write_audit_event
from priorauth.store.case_rows import locked_case, move_case
from priorauth.store.connection import insert_once
from priorauth.store.document_files import DocumentFiles
from priorauth.store.errors import NoSuchRecord
from priorauth.store.records import Claim, OutgoingDocument, SubmissionState
from priorauth.store.tables import cases, determinations, outgoing_documents, submissions
from schemas.base import CaseId
from schemas.treatment import DeterminationOutcome


_SENT_FROM = {
    CaseStatus.PENDED: Reason.INFORMATION_SENT,
    CaseStatus.DENIED: Reason.APPEAL_SENT,
    CaseStatus.PARTIALLY_APPROVED: Reason.APPEAL_SENT,
}
"""What a sending is, by where its case stands; of any other it is the request."""


class Outgoing(DocumentFiles):
    """What leaves the practice."""

    def put_outgoing(
        self,
        case_id: CaseId,
        content: bytes,
        *,
        kind: str,
        at: datetime,
        pages: int | None = None,
        draft: bool = True,
        assessment_id: int | None = None,
        matter: str | None = None,
    ) -> OutgoingDocument:
        """Keep a letter or packet (PDF) of a case; the same bytes of the same kind are kept once."""
        digest = self.put_document(content, media_type="application/pdf", at=at, pages=pages)
        row = {
            "case_id": case_id,
            "kind": kind,
            "sha256": digest,
            "path": str(self.document_path(digest)),
            "pages": pages,
            "draft": draft,
            "assessment_id": assessment_id,
            "matter": matter,
            "made_at": at,
        }
        with self.transaction() as connection:
            insert_once(connection, outgoing_documents, row)
        return next(
            made for made in self.list_outgoing(case_id) if (made.kind, made.sha256) == (kind, digest)
        )

    def list_outgoing(self, case_id: CaseId) -> tuple[OutgoingDocument, ...]:
        """Return the letters and packets of a case, oldest first."""
        wanted = (
            select(outgoing_documents)
            .where(outgoing_documents.c.case_id == case_id)
            .order_by(outgoing_documents.c.outgoing_id)
        )
        with self.reading() as connection:
            return tuple(OutgoingDocument(**row) for row in connection.execute(wanted).mappings())

    def note_release(self, case_id: CaseId, *, reviewed: str, final: str, by: Actor, at: datetime) -> None:
        """Record that a version of a letter was released, and which final was made of it."""
        with self.transaction() as connection:
            write_audit_event(
                connection,
                LETTER_RELEASED,
                by=by,
                at=at,
                case_id=case_id,
                reason=Reason.REVIEWED,
                detail=f"version {reviewed}, final {final}",
            )

    def send_back(
        self, case_id: CaseId, *, reviewed: str, reasons: tuple[str, ...], by: Actor, at: datetime
    ) -> None:
        """Record that a version of a letter is not to go out, by the codes of its reasons, and give a case in review back."""
        with self.transaction() as connection:
            stored = locked_case(connection, case_id)
            write_audit_event(
                connection,
                LETTER_SENT_BACK,
                by=by,
                at=at,
                case_id=case_id,
                reason=Reason.SENT_BACK,
                detail=f"version {reviewed}: {', '.join(reasons)}",
            )
            if stored["status"] == CaseStatus.IN_REVIEW:
                move_case(connection, stored, CaseStatus.READY, by=by, at=at, reason=Reason.SENT_BACK)

    def claim_submission(
        self, case_id: CaseId, *, channel: str, packet_sha256: str, by: Actor, at: datetime
    ) -> Claim:
        """Claim the sending of a packet to the payer of today's coverage before it is sent.

        Send only with a fresh claim: any other was somebody else's. The day of sending is that of ``at`` in its own zone.
        """
        row = {
            "case_id": case_id,
            "channel": channel,
            "packet_sha256": packet_sha256,
            "state": SubmissionState.CLAIMED,
            "claimed_by": by.name,
            "claimed_at": at,
            "sent_on": at.date(),
        }
        with self.transaction() as connection:
            payer = connection.execute(
                select(cases.c.payer).where(cases.c.case_id == case_id)
            ).scalar_one_or_none()
            row["asked_before"] = _times_asked(connection, case_id)
            fresh = insert_once(connection, submissions, {**row, "payer": payer})
            same = [
                submissions.c[name] == row[name]
                for name in ("case_id", "channel", "packet_sha256", "asked_before")
            ]
            found = connection.execute(select(submissions).where(*same)).mappings().one()
            if fresh:
                write_audit_event(
                    connection, "submission_claimed", by=by, at=at, case_id=case_id, detail=channel
                )
        return replace(_claim(found), fresh=fresh)

    def confirm_submission(
        self, submission_id: int, *, by: Actor, at: datetime, acknowledgement: str | None = None
    ) -> None:
        """Record that the packet was sent, and move its case to submitted; confirming twice is confirming once."""
        with self.transaction() as connection:
            claim = _locked_claim(connection, submission_id)
            if claim.state is SubmissionState.CONFIRMED:
                return
            connection.execute(
                update(submissions)
                .where(submissions.c.submission_id == submission_id)
                .values(state=SubmissionState.CONFIRMED, settled_at=at, acknowledgement=acknowledgement)
            )
            write_audit_event(
                connection, "submission_confirmed", by=by, at=at, case_id=claim.case_id, detail=claim.channel
            )
            stored = locked_case(connection, claim.case_id)
            reason = _SENT_FROM.get(CaseStatus(stored["status"]), Reason.SENT)
            move_case(connection, stored, CaseStatus.SUBMITTED, by=by, at=at, reason=reason)

    def list_submissions(self, case_id: CaseId) -> tuple[Claim, ...]:
        """Return the sendings of a case, oldest first."""
        with self.reading() as connection:
            wanted = (
                select(submissions)
                .where(submissions.c.case_id == case_id)
                .order_by(submissions.c.submission_id)
            )
            return tuple(_claim(row) for row in connection.execute(wanted).mappings())


def _times_asked(connection: Connection, case_id: CaseId) -> int:
    """Count the requests for information on a case."""
    asked = (
        determinations.c.case_id == case_id,
        determinations.c.outcome == DeterminationOutcome.MORE_INFORMATION,
    )
    return connection.execute(select(func.count()).select_from(determinations).where(*asked)).scalar_one()


def _locked_claim(connection: Connection, submission_id: int) -> Claim:
    wanted = select(submissions).where(submissions.c.submission_id == submission_id).with_for_update()
    row = connection.execute(wanted).mappings().one_or_none()
    if row is None:
        raise NoSuchRecord(f"no submission has the number {submission_id}")
    return _claim(row)


def _claim(row: RowMapping) -> Claim:
    fields = {name: value for name, value in row.items() if name not in ("settled_at", "asked_before")}
    return Claim(**{**fields, "state": SubmissionState(row["state"]), "fresh": False})
