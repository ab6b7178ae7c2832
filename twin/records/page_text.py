"""Pages as lines of a typewriter, for papers that reach the practice as pictures."""

from __future__ import annotations

from dataclasses import dataclass
from textwrap import wrap

from twin.records.printed import Heading, Paragraph, Piece, Table
from twin.records.source import CompiledReferral, Paper


WIDEST_CELL = 40
FORM_LABEL, FORM_CELL = 18, 13


@dataclass(frozen=True)
class Line:
    """One line of a picture page; ``look`` is typed, bold, hand or stamp.

    A form filled in by hand has typed text and, from the typewriter columns given, handwriting in ``filled_in``.
    """

    text: str
    look: str = "typed"
    filled_in: tuple[tuple[int, str], ...] = ()


def lines_of(paper: Paper, number: int, referral: CompiledReferral, *, columns: int) -> list[Line]:
    """Return the lines of one page, letterhead and patient line included."""
    house, patient, document = paper.house, referral.patient, paper.document
    lines = []
    if number == 1:
        address = house["address"]
        lines += [
            Line(house["name"].upper(), "bold"),
            Line(
                f"{', '.join(address['lines'])}, {address['city']}, {address['state']} {address['postal_code']}"
            ),
            Line(f"Tel {house['phone']}" + (f"   Fax {house['fax']}" if house.get("fax") else "")),
            Line(""),
            Line(document.title.upper(), "bold"),
        ]
    born = f"   DOB {patient.born.strftime(house['dates'])}" if patient.born else ""
    dated = f"   Date {document.dated.strftime(house['dates'])}" if document.dated else ""
    lines += [
        Line(f"Patient: {patient.family_name}, {patient.given_name}{born}{dated}   p.{number}"),
        Line("-" * columns),
    ]
    body = "hand" if paper.paper == "hand" else "typed"
    for piece in paper.pages[number - 1]:
        lines += _piece_lines(piece, body, columns)
    return lines


def _piece_lines(piece: Piece, body: str, columns: int) -> list[Line]:
    width = columns * 10 // 13 if body == "hand" else columns
    match piece:
        case Heading():
            return [Line(""), Line(piece.text.upper(), "bold")]
        case Paragraph():
            look = piece.look if piece.look in ("hand", "stamp") else body
            look = "bold" if piece.look == "strong" and body == "typed" else look
            return [
                Line(text, look)
                for text in wrap(piece.text, width * 10 // 13 if look == "hand" and body != "hand" else width)
            ]
        case Table():
            return _table_lines(piece, body, columns)


def _table_lines(table: Table, body: str, columns: int) -> list[Line]:
    caption = [Line(table.caption, "bold")] if table.caption else []
    if body == "hand":
        return caption + (
            _form(table)
            if table.look == "flow"
            else [Line("    ".join(filter(None, row)), "hand") for row in table.rows]
        )
    rows = [table.head, *table.rows] if table.head else list(table.rows)
    count = max(len(row) for row in rows)
    widths = [
        min(max((len(row[i]) for row in rows if len(row) > i and len(row) > 1), default=0), WIDEST_CELL)
        for i in range(count)
    ]
    spare = columns - sum(widths) - 2 * (count - 1)
    widths[-1] = max(widths[-1] + min(spare, 0), 12)
    lines = []
    for row in rows:
        if len(row) == 1:
            lines.append(Line(row[0], "bold"))
            continue
        folded = [wrap(cell, width) or [""] for cell, width in zip(row, widths, strict=False)]
        for step in range(max(len(cell) for cell in folded)):
            text = "  ".join(
                (cell[step] if step < len(cell) else "").ljust(width)
                for cell, width in zip(folded, widths, strict=False)
            )
            lines.append(Line(text.rstrip(), "bold" if row is table.head else "typed"))
    return [*caption, *lines]


def _form(table: Table) -> list[Line]:
    """Lay out a printed flowsheet whose values are written in by hand."""
    starts = [0, *(FORM_LABEL + FORM_CELL * number for number in range(len(table.head) - 1))]
    head = "".join(cell.ljust(FORM_CELL if number else FORM_LABEL) for number, cell in enumerate(table.head))
    rows = []
    for row in table.rows:
        values = [(start, value) for start, value in zip(starts[2:], row[2:], strict=True) if value]
        rows.append(Line(row[0].ljust(FORM_LABEL) + row[1], "typed", tuple(values)))
        rows.append(Line("-" * (FORM_LABEL + FORM_CELL * (len(table.head) - 1))))
    return [Line(head.rstrip(), "bold"), *rows]
