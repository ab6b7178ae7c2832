"""The insurance card as somebody photographed it: front and back on a table, slightly askew."""

from __future__ import annotations

from io import BytesIO
from random import Random

from PIL import Image, ImageDraw, ImageFilter, ImageFont

from twin.records.scan import FONTS, SYNTHETIC
from twin.records.source import CompiledReferral


CARD = (680, 420)
TABLE = (800, 1000)
QUALITY = 62


def card_of(referral: CompiledReferral) -> bytes:
    """Return the photograph as JPEG."""
    chance = Random(f"{referral.name}/card")  # noqa: S311 - noise on a photograph, not a secret
    shade = chance.randrange(95, 150)
    photo = Image.new("RGB", TABLE, (shade + 40, shade + 15, shade - 20))
    for number, face in enumerate((_front(referral), _back(referral))):
        turned = face.rotate(chance.uniform(-3.5, 3.5), resample=Image.Resampling.BICUBIC, expand=True)
        photo.paste(turned, (chance.randrange(18, 36), 28 + number * 480), turned)
    glare = Image.new("L", TABLE, 0)
    x, y = chance.randrange(200, 600), chance.randrange(150, 800)
    ImageDraw.Draw(glare).ellipse((x - 160, y - 60, x + 160, y + 60), fill=70)
    photo.paste((255, 255, 255), mask=glare.filter(ImageFilter.GaussianBlur(50)))
    written = BytesIO()
    photo.filter(ImageFilter.GaussianBlur(0.5)).save(written, "JPEG", quality=QUALITY, optimize=True)
    return written.getvalue()


def _font(size: int, *, bold: bool = False) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(
        FONTS / f"Cabin-{'Bold' if bold else 'Regular'}.otf", size, layout_engine=ImageFont.Layout.BASIC
    )


def _blank(colour: str) -> tuple[Image.Image, ImageDraw.ImageDraw]:
    face = Image.new("RGBA", CARD, (0, 0, 0, 0))
    draw = ImageDraw.Draw(face)
    draw.rounded_rectangle((0, 0, CARD[0] - 1, CARD[1] - 1), radius=26, fill="#fbfbf8", outline="#999999")
    draw.rectangle((1, 26, CARD[0] - 2, 96), fill=colour)
    draw.text((CARD[0] // 2, CARD[1] - 22), SYNTHETIC, fill="#a03030", font=_font(20, bold=True), anchor="mm")
    return face, draw


def _front(referral: CompiledReferral) -> Image.Image:
    coverage, patient = referral.coverage, referral.patient
    if coverage is None:
        raise ValueError(f"{referral.name}: an insurance card needs a coverage")
    face, draw = _blank(referral.card.get("colour", "#4a4a8a"))
    draw.text((28, 40), coverage.payer_name or "", fill="white", font=_font(36, bold=True))
    rows = [
        ("Member", f"{patient.given_name} {patient.family_name}"),
        ("Member ID", coverage.member_id or coverage.medicare_beneficiary_id or ""),
        ("Group", coverage.group_number or ""),
        ("Plan", coverage.plan_name or ""),
        ("Effective", coverage.starts.strftime("%m/%d/%Y") if coverage.starts else ""),
        *referral.card.get("rows", {}).items(),
    ]
    top = 112
    for label, value in rows:
        if value:
            draw.text((28, top), label, fill="#666666", font=_font(19))
            draw.text((170, top - 3), str(value), fill="#111111", font=_font(24, bold=label == "Member ID"))
            top += 38
    return face


def _back(referral: CompiledReferral) -> Image.Image:
    coverage = referral.coverage
    face, draw = _blank("#303030")
    lines = ["Providers: prior authorization and claims"]
    if coverage is not None:
        lines += [
            f"Phone {coverage.phone}" if coverage.phone else "",
            f"Fax {coverage.fax}" if coverage.fax else "",
        ]
        if coverage.address:
            lines += [
                *coverage.address.lines,
                f"{coverage.address.city}, {coverage.address.state} {coverage.address.postal_code}",
            ]
    lines += [str(line) for line in referral.card.get("back", ())]
    for number, line in enumerate(line for line in lines if line):
        draw.text((28, 118 + number * 36), line, fill="#222222", font=_font(22, bold=number == 0))
    return face
