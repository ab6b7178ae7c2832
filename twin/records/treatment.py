"""Blocks about treatment: the order form, infusions given, and the plan's authorization letter."""

from __future__ import annotations

from typing import Any

from schemas.chart import GivenInfusion
from schemas.treatment import Authorization
from twin.records.printed import Block, Paragraph, Place, Table


BRANDS = {
    "gammagard_liquid": "Gammagard Liquid 10%",
    "gamunex_c": "Gamunex-C 10%",
    "gammaked": "Gammaked 10%",
    "privigen": "Privigen 10%",
    "panzyga": "Panzyga 10%",
    "octagam_10": "Octagam 10%",
}


def ndc_on_paper(ndc: str) -> str:
    """Write an 11-digit NDC as 5-4-2."""
    return ndc if "-" in ndc else f"{ndc[:5]}-{ndc[5:9]}-{ndc[9:]}"


def _dose_line(order: dict[str, Any]) -> str:
    words = [order["phase"].title() + ":"]
    if "grams_per_kg" in order:
        words.append(f"{order['grams_per_kg']} g/kg")
    if "grams" in order:
        words.append(f"= {order['grams']} g" if "grams_per_kg" in order else f"{order['grams']} g")
    if "units" in order:
        words.append(f"({order['units']} billing units)")
    if "over_days" in order:
        words.append(f"divided over {order['over_days']} day{'s' if order['over_days'] > 1 else ''}")
    if "every_days" in order:
        words.append(f"every {order['every_days']} days")
    if "doses" in order:
        words.append(f"x {order['doses']} dose{'s' if order['doses'] > 1 else ''}")
    if "rate_mg_per_kg_min" in order:
        words.append(f"max rate {order['rate_mg_per_kg_min']} mg/kg/min")
    return " ".join(words)


def order(_: Any, place: Place, made: Block) -> None:
    """Print the prescription from the request of the case."""
    request = place.case["request"]
    rows = [("Drug", BRANDS.get(request.get("product", ""), "Immune globulin IV – brand not stated"))]
    for key, label in (("hcpcs", "HCPCS"), ("icd10", "ICD-10-CM")):
        if key in request:
            rows.append((label, request[key]))
    if "ndc" in request:
        rows.append(("NDC", ndc_on_paper(request["ndc"])))
    rows += [("Dose", _dose_line(line)) for line in request.get("orders", ())]
    if "starts" in request:
        ends = f" to {place.day(request['ends'])}" if "ends" in request else ""
        rows.append(("Dates of service", place.day(request["starts"]) + ends))
    if "site_of_care" in request:
        service = f" (POS {request['place_of_service']})" if "place_of_service" in request else ""
        rows.append(("Site", request["site_of_care"].replace("_", " ") + service))
    if "infusion_provider" in request:
        rows.append(("Infusion provider", request["infusion_provider"]))
    made.add(Table(tuple(rows), (), None, "pairs"))


def infusions(content: list[str], place: Place, made: Block) -> None:
    """Rows of day, product, grams, units, lot, reaction or ``-``, remark; ``-`` where nothing is written."""
    rows = []
    for line in content:
        on, product, grams, units, lot, reaction, remark = (cell.strip() for cell in line.split("|"))
        given = GivenInfusion.model_validate(
            {
                "on": on,
                "product": product,
                "grams": grams,
                "units": None if units == "-" else units,
                "lot": None if lot == "-" else lot,
                "reaction": None if reaction == "-" else reaction,
                "dated": on,
                "source": place.source,
            }
        )
        made.entries.append(given)
        rows.append(
            (
                place.day(given.on),
                BRANDS[product],
                f"{grams} g",
                units,
                lot,
                "none" if reaction == "-" else reaction,
                remark,
            )
        )
    made.add(
        Table(tuple(rows), ("Date", "Product", "Dose", "Units", "Lot", "Reaction", "Remark"), None, "grid")
    )


def authorization(content: dict[str, Any], place: Place, made: Block) -> None:
    """Print the approval and enter it in the course."""
    granted = Authorization.model_validate(
        {**content, "payer": place.case["coverage"]["payer"], "source": place.source}
    )
    made.entries.append(granted)
    rows = [
        ("Authorization number", granted.number),
        (
            "Drug / code",
            " ".join(
                filter(
                    None,
                    [BRANDS[granted.product] if granted.product else "Immune globulin IV", granted.hcpcs],
                )
            ),
        ),
        ("Approved from", place.day(granted.starts)),
        ("Approved through", place.day(granted.ends)),
    ]
    if granted.units:
        rows.append(("Approved units", str(granted.units)))
    if granted.visits:
        rows.append(("Approved visits", str(granted.visits)))
    if granted.units_per_visit:
        rows.append(("Units per visit", str(granted.units_per_visit)))
    if granted.sites:
        rows.append(("Site of service", ", ".join(site.value.replace("_", " ") for site in granted.sites)))
    if granted.dosing_weight_kg:
        rows.append(("Dosing weight used", f"{granted.dosing_weight_kg} kg"))
    made.add(Table(tuple(rows), (), None, "pairs"))
    made.add(
        Paragraph(
            "Authorization is not a guarantee of payment. Benefits are subject to eligibility on the date of service.",
            "small",
        )
    )
