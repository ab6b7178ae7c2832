"""A second ledger, in SQL and from the same rules in words, to hold the first one against.

It keeps no running balances: what is left of an authorization is summed up anew for every infusion day.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from schemas.case import Case
from schemas.product import Product


class Row(NamedTuple):
    """One infusion day as the ledger should show it."""

    on: str
    kind: str
    product: str
    units: int | None
    number: str | None
    charged: int
    obstacle: str | None


class Use(NamedTuple):
    """One authorization as the ledger should show it."""

    number: str
    used: int
    planned: int
    visits_used: int
    visits_planned: int


TABLES = """
    CREATE TABLE codes (product, code, unit_mg, first, last);
    CREATE TABLE planned (seq INTEGER PRIMARY KEY, starts, product, mg, days, site, held, missed);
    CREATE TABLE given (starts, product, mg, waste_mg, units, number);
    CREATE TABLE grants (number, payer, product, code, starts, ends, units, visits, per_visit, sites, weight);
    CREATE TABLE weights (dated, kg);
    CREATE TABLE days (seq INTEGER, starts, kind, product, code, units, site, weight, gone DEFAULT 0, claimed);
    CREATE TABLE taken (seq, number, units, kind, obstacle);
"""

GIVEN_DAYS = """
    INSERT INTO days (seq, starts, kind, product, code, units, site, claimed)
    SELECT -row_number() OVER (ORDER BY g.starts DESC, g.product DESC), g.starts, 'given', g.product, c.code,
           CASE WHEN count(g.units) = count(*) THEN sum(g.units)
                ELSE (sum(g.mg + g.waste_mg) + c.unit_mg - 1) / c.unit_mg END,
           'office',
           CASE WHEN count(g.number) = count(*) AND min(g.number) = max(g.number) THEN min(g.number) END
    FROM given g LEFT JOIN codes c ON c.product = g.product AND g.starts BETWEEN c.first AND c.last
    GROUP BY g.starts, g.product
"""

PLANNED_DAYS = """
    WITH RECURSIVE split (seq, day) AS (
        SELECT seq, 0 FROM planned
        UNION ALL SELECT split.seq, day + 1 FROM split JOIN planned USING (seq) WHERE day + 1 < planned.days)
    INSERT INTO days (seq, starts, kind, product, code, units, site)
    SELECT p.seq * 100 + s.day, date(p.starts, '+' || s.day || ' days'),
           CASE WHEN date(p.starts, '+' || s.day || ' days') > :ended THEN 'ended'
                WHEN p.missed IS NOT NULL THEN 'missed'
                WHEN p.held IS NOT NULL THEN 'held' ELSE 'planned' END,
           p.product, c.code,
           (p.mg + c.unit_mg - 1) / c.unit_mg / p.days + (s.day < ((p.mg + c.unit_mg - 1) / c.unit_mg) % p.days),
           coalesce(p.site, 'office')
    FROM split s JOIN planned p USING (seq)
    LEFT JOIN codes c ON c.product = p.product AND date(p.starts, '+' || s.day || ' days') BETWEEN c.first AND c.last
"""

WEIGH = """
    UPDATE days SET weight =
        (SELECT kg FROM weights WHERE weights.dated <= days.starts ORDER BY weights.dated DESC, kg DESC LIMIT 1)
"""

MEET_ON_THE_DAY = """
    UPDATE days SET gone = 1 WHERE seq =
        (SELECT seq FROM days WHERE kind <> 'given' AND gone = 0 AND starts = :on ORDER BY seq LIMIT 1)
"""

MEET_NEARBY = """
    UPDATE days SET gone = 1 WHERE seq =
        (SELECT seq FROM days
         WHERE kind = 'planned' AND gone = 0 AND julianday(:on) - julianday(starts) BETWEEN -2 AND 7
         ORDER BY abs(julianday(:on) - julianday(starts)), starts, seq LIMIT 1)
"""

COVER = """
    WITH day AS (SELECT * FROM days WHERE seq = :seq),
    balance AS (
        SELECT g.*, g.units - coalesce(sum(t.units), 0) AS units_left, g.visits - count(t.seq) AS visits_left
        FROM grants g LEFT JOIN taken t ON t.number = g.number GROUP BY g.number),
    tested AS (
        SELECT b.*, CASE
            WHEN day.kind = 'planned' AND (:plan_wrong OR :payer IS NULL OR b.payer <> :payer) THEN 1
            WHEN day.code IS NULL OR b.code <> day.code OR coalesce(b.product, day.product) <> day.product THEN 2
            WHEN day.kind = 'planned' AND b.sites <> '' AND instr(b.sites, '/' || day.site || '/') = 0 THEN 3
            WHEN day.starts NOT BETWEEN b.starts AND b.ends THEN 4
            WHEN day.kind = 'planned' AND abs(day.weight - b.weight) * 10 > b.weight THEN 5
            WHEN b.per_visit IS NOT NULL AND (day.units IS NULL OR day.units > b.per_visit) THEN 6
            WHEN b.visits_left <= 0 THEN 7
            WHEN b.units IS NOT NULL AND (day.units IS NULL OR day.units > b.units_left) THEN 8
            ELSE 9 END AS reached, day.kind, day.units AS needed,
            day.kind = 'given' AND (:plan_wrong OR :payer IS NULL OR b.payer <> :payer
                OR (b.sites <> '' AND instr(b.sites, '/' || day.site || '/') = 0)) AS of_the_past
        FROM balance b, day
        WHERE day.claimed IS NULL OR b.number = day.claimed
            OR day.claimed NOT IN (SELECT number FROM grants))
    SELECT number, reached, kind, needed, per_visit, units_left FROM tested
    ORDER BY reached DESC, of_the_past, ends, starts, number LIMIT 1
"""

OBSTACLES = (
    "no_authorization", "plan", "product", "site", "date", "weight", "units_per_visit", "visits", "units", None,
)  # fmt: skip

LINES = """
    SELECT d.starts, d.kind, d.product, d.units, t.number, coalesce(t.units, 0), t.obstacle
    FROM days d LEFT JOIN taken t USING (seq) WHERE gone = 0 ORDER BY d.starts, d.kind <> 'given', d.seq
"""

USES = """
    SELECT g.number, coalesce(sum(t.units) FILTER (WHERE t.kind = 'given'), 0),
           coalesce(sum(t.units) FILTER (WHERE t.kind = 'planned'), 0),
           count(t.seq) FILTER (WHERE t.kind = 'given'), count(t.seq) FILTER (WHERE t.kind = 'planned')
    FROM grants g LEFT JOIN taken t ON t.number = g.number GROUP BY g.number ORDER BY g.ends, g.starts, g.number
"""


def sql_ledger(
    case: Case, products: Mapping[str, Product], weights: Iterable[tuple[date, Decimal]]
) -> tuple[list[Row], list[Use]]:
    """Return the lines and the accounts of a case."""
    database = sqlite3.connect(":memory:")
    try:
        database.executescript(TABLES)
        _fill(database, case, products, weights)
        ended = [day for day in (case.course.discontinued_on, case.patient.died) if day is not None]
        database.execute(GIVEN_DAYS)
        database.execute(PLANNED_DAYS, {"ended": str(min(ended, default=date.max))})
        database.execute(WEIGH)
        _meet(database)
        _cover(database, case)
        lines = [Row(*row) for row in database.execute(LINES)]
        return lines, [Use(*row) for row in database.execute(USES)]
    finally:
        database.close()


def _mg(grams: Decimal) -> int:
    return int(grams * 1000)


def _fill(
    database: sqlite3.Connection,
    case: Case,
    products: Mapping[str, Product],
    weights: Iterable[tuple[date, Decimal]],
) -> None:
    database.executemany(
        "INSERT INTO codes VALUES (?, ?, ?, ?, ?)",
        [
            (
                name,
                code.code,
                code.unit_mg,
                str(code.effective_from or date.min),
                str(code.effective_to or date.max),
            )
            for name, product in products.items()
            for code in product.hcpcs
        ],
    )
    # Days are told apart in the order of their infusion's first day, and of entry where that is the same.
    database.executemany(
        "INSERT INTO planned VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        [
            (
                place,
                str(one.on),
                one.product,
                _mg(one.grams),
                one.over_days,
                one.site_of_care,
                one.held,
                one.missed,
            )
            for place, one in enumerate(case.course.planned, start=1)
        ],
    )
    database.executemany(
        "INSERT INTO given VALUES (?, ?, ?, ?, ?, ?)",
        [
            (str(one.on), one.product, _mg(one.grams), _mg(one.wasted_grams), one.units, one.authorization)
            for one in case.chart.infusions
        ],
    )
    database.executemany(
        "INSERT INTO grants VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            (
                one.number,
                one.payer,
                one.product,
                one.hcpcs,
                str(one.starts),
                str(one.ends),
                one.units,
                one.visits,
                one.units_per_visit,
                "".join(f"/{site.value}/" for site in one.sites),
                None if one.dosing_weight_kg is None else int(one.dosing_weight_kg),
            )
            for one in case.course.authorizations
        ],
    )
    database.executemany("INSERT INTO weights VALUES (?, ?)", [(str(day), int(kg)) for day, kg in weights])


def _meet(database: sqlite3.Connection) -> None:
    """Strike out the planned days that were given: those given on their day first, then those given nearby."""
    given = [on for (on,) in database.execute("SELECT starts FROM days WHERE kind = 'given' ORDER BY seq")]
    nearby = [on for on in given if database.execute(MEET_ON_THE_DAY, {"on": on}).rowcount == 0]
    for on in nearby:
        database.execute(MEET_NEARBY, {"on": on})


def _cover(database: sqlite3.Connection, case: Case) -> None:
    coverage = case.coverage
    days = database.execute(
        "SELECT seq, starts FROM days WHERE gone = 0 AND kind IN ('given', 'planned') ORDER BY starts, kind <> 'given', seq"
    ).fetchall()
    for seq, on in days:
        plan_wrong = coverage is None or (
            coverage.active is False
            or (coverage.starts is not None and on < str(coverage.starts))
            or (coverage.ends is not None and on > str(coverage.ends))
        )
        values = {"seq": seq, "plan_wrong": plan_wrong, "payer": coverage.payer if coverage else None}
        best = database.execute(COVER, values).fetchone()
        _take(database, seq, best)


def _take(
    database: sqlite3.Connection,
    seq: int,
    best: tuple[str, int, str, int | None, int | None, int | None] | None,
) -> None:
    if best is None:
        database.execute("INSERT INTO taken (seq, obstacle) VALUES (?, 'no_authorization')", (seq,))
        return
    number, reached, kind, needed, per_visit, units_left = best
    if reached == 9:
        database.execute("INSERT INTO taken VALUES (?, ?, ?, ?, NULL)", (seq, number, needed or 0, kind))
    elif kind == "given" and reached in (6, 8) and needed is not None:
        partly = min(limit for limit in (needed, per_visit, units_left) if limit is not None)
        row = (seq, number, partly, kind, OBSTACLES[reached])
        database.execute("INSERT INTO taken VALUES (?, ?, ?, ?, ?)", row)
    else:
        database.execute("INSERT INTO taken (seq, obstacle) VALUES (?, ?)", (seq, OBSTACLES[reached]))
