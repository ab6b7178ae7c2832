"""Facts of the dose limits: every order line held against the product's label and the payer's policy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from priorauth import dosing
from priorauth.facts.context import Context
from priorauth.facts.dose import cite_orders, dosing_weight, order_words, product_asked, rounding_percent
from priorauth.facts.policy import other_diagnosis
from priorauth.facts.product import of_labelled_age
from priorauth.facts.request import cite_request, request_of
from priorauth.facts.resolution import Known, Resolution, Unknown
from priorauth.wording import plain
from schemas.assessment import CitedFact
from schemas.policy import DoseLimits
from schemas.product import DoseBasis, LabelDosing, Loading, Maintenance
from schemas.treatment import DoseOrder, DosePhase


_DAYS_PER_WEEK = Decimal(7)
_FOUR_WEEKS = Decimal(28)


@dataclass(frozen=True, slots=True)
class OrderAmount:
    """An order line with its amount in g per kg of dosing weight, stated or computed from grams."""

    order: DoseOrder
    grams_per_kg: Decimal

    @property
    def loading(self) -> bool:
        return self.order.phase is DosePhase.LOADING

    @property
    def per_28_days(self) -> Decimal | None:
        """Intensity of a repeated dose; None for a single one."""
        return (
            None if self.order.every_days is None else self.grams_per_kg * _FOUR_WEEKS / self.order.every_days
        )

    @property
    def words(self) -> str:
        return f"{self.order.phase.value} {amount_words(self.grams_per_kg)} ({order_words(self.order)})"


def within_label(context: Context) -> Resolution:
    """Amount per dose, days and intensity against the label's dosing for the condition."""
    key = "dose.within_label"
    product, condition = product_asked(context), context.case.condition
    if product is None or condition is None:
        return Unknown("Product or condition is not stated", (key, "request.product"))
    label = product.dosing.get(condition)
    if label is None:
        return Unknown(f"The label of {product.brand} gives no dose for {condition.value.upper()}", (key,))
    if (other := other_diagnosis(context)) is not None:
        return Unknown(f"The label of {product.brand} doses {condition.value.upper()}, not {other.code}", ())
    amounts = order_amounts(context)
    if isinstance(amounts, Unknown):
        return amounts
    if label.route is not request_of(context).route:
        return Unknown(f"The label of {product.brand} gives its dose for the {label.route.value} route", ())
    tolerance = rounding_percent(context)
    over = [words for amount in amounts for words in _over_label(amount, label, tolerance)]
    old_enough = of_labelled_age(context, product, condition)
    if not over and isinstance(old_enough, Unknown):
        return Unknown(f"The label doses adults. {old_enough.reason}", ("age",))
    if not over and isinstance(old_enough, Known) and old_enough.value is False:
        return Unknown(f"The label of {product.brand} gives a dose {old_enough.reason}", ())
    return _verdict(context, key, amounts, over, f"the dosing on the label of {product.brand}")


def within_policy(context: Context) -> Resolution:
    """Amount per dose, interval and intensity against the limits of the policy."""
    key = "dose.within_policy"
    if context.rules is None:
        return Unknown("Without the policy its dose limit is unknown", (key, "policy.found"))
    limits = context.rules.dose_limits
    if limits == DoseLimits(provenance=limits.provenance):
        # Nothing that the practice could get would settle this; the label's limits are checked beside it.
        return Unknown("The policy profile states no dose limit; the label's limits are used", ())
    amounts = order_amounts(context)
    if isinstance(amounts, Unknown):
        return amounts
    tolerance = rounding_percent(context)
    over = [words for amount in amounts for words in _over_policy(amount, limits, tolerance)]
    return _verdict(context, key, amounts, over, "the policy's limits")


def rate_within_label(context: Context) -> Resolution:
    """The maximum rate ordered against the label's."""
    key = "dose.rate_within_label"
    product, condition = product_asked(context), context.case.condition
    rates = [
        order.rate_mg_per_kg_min
        for order in request_of(context).orders
        if order.rate_mg_per_kg_min is not None
    ]
    label = product.dosing.get(condition) if product and condition else None
    if not rates or label is None or label.rate is None or label.route is not request_of(context).route:
        return Unknown("The order states no maximum rate, or the label none for this use", (key,))
    highest, limit = max(rates), label.rate.maximum_mg_per_kg_min
    cited = cite_request(context, key, "Maximum rate", f"{plain(highest)} mg/kg/min")
    verdict = "within" if highest <= limit else "above"
    return Known(
        highest <= limit,
        f"{plain(highest)} mg/kg/min is {verdict} the label's {plain(limit)} mg/kg/min",
        cited,
    )


def rate(context: Context) -> Resolution:
    """The highest of the maximum rates ordered."""
    key = "dose.rate"
    rates = [rate for order in request_of(context).orders if (rate := order.rate_mg_per_kg_min) is not None]
    if not rates:
        return Unknown("The order states no maximum rate", (key,))
    words = f"{plain(max(rates))} mg/kg/min"
    return Known(max(rates), f"Maximum rate: {words}", cite_request(context, key, "Maximum rate", words))


def grams_per_kg_a_day(context: Context) -> Resolution:
    """The largest amount that falls on one day; g/kg as ordered, or from grams where only those are stated."""
    key = "dose.grams_per_kg_a_day"
    amounts = order_amounts(context)
    if isinstance(amounts, Unknown):
        return amounts
    most = max(amounts, key=_a_day)
    words = f"{amount_words(_a_day(most))} a day ({order_words(most.order)})"
    return Known(_a_day(most), words, cite_orders(context, key, [most.order]))


def _a_day(amount: OrderAmount) -> Decimal:
    # As ordered, since grams rounded to whole vials would bring 1 g/kg slightly above itself.
    return (amount.order.grams_per_kg or amount.grams_per_kg) / (amount.order.over_days or 1)


def order_amounts(context: Context) -> list[OrderAmount] | Unknown:
    """Return every order line with its g/kg. Grams, where stated, count: they are what would be infused."""
    orders = request_of(context).orders
    if not orders:
        return Unknown("No dose is ordered", ("dose.grams_agree",))
    amounts = []
    for order in orders:
        if order.grams is None:
            # An order without an amount is refused when it is read, so that g/kg is there.
            amounts.append(OrderAmount(order, order.grams_per_kg or Decimal(0)))
            continue
        weight = dosing_weight(context)
        if isinstance(weight, Unknown):
            return weight
        amounts.append(OrderAmount(order, order.grams / weight.number))
    return amounts


def amount_words(grams_per_kg: Decimal) -> str:
    """Write g/kg to two decimals: 1.22 g/kg."""
    return f"{plain(grams_per_kg.quantize(Decimal('0.01')))} g/kg"


def _verdict(
    context: Context, key: str, amounts: Sequence[OrderAmount], over: list[str], limit_words: str
) -> Resolution:
    facts: tuple[CitedFact, ...] = cite_orders(context, key, [amount.order for amount in amounts])
    if any(amount.order.grams is not None for amount in amounts):
        facts += dosing_weight(context).facts
    if over:
        return Known(False, "; ".join(over), facts)
    return Known(True, f"Within {limit_words}: {'; '.join(amount.words for amount in amounts)}", facts)


def _exceeds(amount: Decimal, limit: Decimal, tolerance_percent: Decimal) -> bool:
    return (amount - limit) * 100 > tolerance_percent * limit


def _over_label(amount: OrderAmount, label: LabelDosing, tolerance: Decimal) -> list[str]:
    if amount.loading:
        return _over_label_loading(amount, label.loading, tolerance) if label.loading else []
    return _over_label_maintenance(amount, label.maintenance, tolerance) if label.maintenance else []


def _over_label_loading(amount: OrderAmount, loading: Loading, tolerance: Decimal) -> list[str]:
    over = []
    if _exceeds(amount.grams_per_kg, loading.grams_per_kg, tolerance):
        over.append(f"{amount.words} is above the label's {plain(loading.grams_per_kg)} g/kg")
    days = amount.order.over_days
    if days is not None and not loading.days_min <= days <= loading.days_max:
        over.append(f"{amount.words} is not divided over the label's {_days_words(loading)}")
    return over


def _days_words(loading: Loading) -> str:
    if loading.days_min == loading.days_max:
        return f"{loading.days_min} days"
    return f"{loading.days_min} to {loading.days_max} days"


def _over_label_maintenance(amount: OrderAmount, label: Maintenance, tolerance: Decimal) -> list[str]:
    most = label.grams_per_kg_max
    if label.basis is not DoseBasis.CYCLE:
        period = _DAYS_PER_WEEK if label.basis is DoseBasis.WEEK else dosing.DAYS_PER_MONTH
        every = amount.order.every_days
        if every is None:
            return []
        per_period = amount.grams_per_kg * period / every
        if not _exceeds(per_period, most, tolerance):
            return []
        return [
            f"{amount.words} is {amount_words(per_period)} a {label.basis.value}, above the label's {plain(most)} g/kg"
        ]
    over = []
    if _exceeds(amount.grams_per_kg, most, tolerance):
        over.append(f"{amount.words} is above the label's {plain(most)} g/kg a dose")
    if label.interval_weeks_min is not None and amount.per_28_days is not None:
        label_per_28_days = most * _FOUR_WEEKS / (label.interval_weeks_min * _DAYS_PER_WEEK)
        # A smaller dose given more often is within the label as long as the amount over time is.
        if _exceeds(amount.per_28_days, label_per_28_days, tolerance) and not over:
            over.append(
                f"{amount.words} comes more often than the label's every {plain(label.interval_weeks_min)} weeks"
            )
    return over


def _over_policy(amount: OrderAmount, limits: DoseLimits, tolerance: Decimal) -> list[str]:
    over = []
    ceiling = limits.loading_g_per_kg if amount.loading else limits.maintenance_g_per_kg
    if ceiling is not None and _exceeds(amount.grams_per_kg, ceiling, tolerance):
        over.append(f"{amount.words} is above the policy's {plain(ceiling)} g/kg")
    least_days = limits.maintenance_every_days_min
    if (
        not amount.loading
        and least_days is not None
        and amount.order.every_days is not None
        and amount.order.every_days < least_days
    ):
        over.append(f"{amount.words} comes more often than the policy's every {least_days} days")
    intensity, most = amount.per_28_days, limits.g_per_kg_per_28_days
    if intensity is not None and most is not None and _exceeds(intensity, most, tolerance):
        over.append(
            f"{amount.words} is {amount_words(intensity)} in 28 days, above the policy's {plain(most)} g/kg"
        )
    return over


DERIVATIONS = {
    "dose.within_label": within_label,
    "dose.within_policy": within_policy,
    "dose.rate_within_label": rate_within_label,
    "dose.rate": rate,
    "dose.grams_per_kg_a_day": grams_per_kg_a_day,
}
