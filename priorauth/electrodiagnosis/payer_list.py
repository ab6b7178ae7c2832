"""Payers' own readings: one full criterion of a list, and a study that supports CIDP by either guideline."""

from __future__ import annotations

from priorauth.electrodiagnosis import ean_pns_2021, efns_pns_2010
from priorauth.electrodiagnosis.bedside import cidp_variants
from priorauth.electrodiagnosis.explaining import (
    explained,
    lacks_words,
    shown_words,
    studied_enough,
    witnesses,
)
from priorauth.electrodiagnosis.study import KEY, studied
from priorauth.facts.context import Context
from priorauth.facts.resolution import Known, Resolution, Unknown, Value, facts_of, first_unknown
from schemas.base import FactKey


_LIST_TITLE = "One criterion of the payer's list, cut-offs of EFNS/PNS 2010"
_SENSORY: FactKey = "edx.ean_pns_2021_sensory"
_CERTAINTY: FactKey = "edx.ean_pns_2021_certainty"
_SENSORY_WORDS: dict[Value, str] = {"normal": "normal", "one_nerve": "abnormal in one nerve only"}
# Each guideline's key, and the grade that only points to CIDP.
_GUIDELINES: tuple[tuple[FactKey, Value], ...] = (
    ("edx.ean_pns_2021", "weakly_supportive"),
    ("edx.efns_pns_2010", "possible"),
)


def any_feature(context: Context) -> Resolution:
    """Whether one criterion of the list is fulfilled in as many nerves as it asks for.

    The list names no numbers; it is the list of EFNS/PNS 2010, whose cut-offs are used. As the list says "partial
    block" without a grade, probable block counts beside definite block.
    """
    found = studied(context)
    if isinstance(found, Unknown):
        return found
    rules = context.knowledge.rule_sets[efns_pns_2010.RULE_SET]
    findings = efns_pns_2010.study_findings(context)
    lists = (efns_pns_2010.DEFINITE_ITEMS, efns_pns_2010.PROBABLE_ITEMS)
    fulfilled = {item.id: item for ids in lists for item in findings.fulfilled(ids, findings.shown)}
    if fulfilled:
        items = list(fulfilled.values())
        reason = explained(
            _LIST_TITLE,
            f"{len(items)} fulfilled",
            found,
            because=shown_words(findings, items),
            rules=rules,
            items=items,
        )
        return Known(value=True, reason=reason, facts=witnesses(findings, found, context, items))
    seen = ean_pns_2021.deciding_items(findings, efns_pns_2010.MOTOR_ITEMS)
    facts, shown = witnesses(findings, found, context, seen), shown_words(findings, seen)
    could_be = any(findings.fulfilled(ids, findings.possible) for ids in lists)
    if could_be or not studied_enough(found):
        because = ". ".join(filter(None, (shown, lacks_words(findings, found, efns_pns_2010.MOTOR_ITEMS))))
        return Unknown(
            explained(_LIST_TITLE, "not decided", found, because=because, rules=rules, items=seen),
            (KEY,),
            facts,
        )
    because = shown or f"no item in {ean_pns_2021.nerves_words(found)}"
    return Known(
        value=False,
        reason=explained(_LIST_TITLE, "none fulfilled", found, because=because, rules=rules, items=seen),
        facts=facts,
    )


def supports_cidp(context: Context) -> Resolution:
    """Whether the study supports CIDP, for policies that name no rule set.

    Where motor conduction fulfils EAN/PNS 2021, sensory conduction is asked beside it, as that guideline does. Else yes
    where EFNS/PNS 2010 is fulfilled, and no where neither finds anything. A finding in one nerve only is between the
    two: supportive criteria that raise it to CIDP settle it.
    """
    results = [context.resolve(key) for key, _ in _GUIDELINES]
    by_2021, by_2010 = results
    if isinstance(by_2021, Known) and by_2021.value == "strongly_supportive":
        return _with_sensory_conduction(by_2021, context)
    if isinstance(by_2010, Known) and by_2010.value in ("definite", "probable"):
        return Known(value=True, reason=by_2010.reason, facts=by_2010.facts)
    unknown = first_unknown(*results)
    if unknown is not None:
        return unknown
    reason, facts = "; ".join(result.reason for result in results), facts_of(*results)
    values = {result.value for result in results if isinstance(result, Known)}
    if not any(weak in values for _, weak in _GUIDELINES):
        return Known(value=False, reason=reason, facts=facts)
    certainty = context.resolve(_CERTAINTY)
    if isinstance(certainty, Known) and certainty.value == "cidp":
        return Known(value=True, reason=certainty.reason, facts=certainty.facts)
    reason = f"{results[0].reason}. In one nerve only: supportive criteria (CSF, nerve ultrasound, MRI, response) or more nerves would decide"
    missing = certainty.missing if isinstance(certainty, Unknown) else ()
    return Unknown(reason, tuple(dict.fromkeys((KEY, *missing))), facts)


def _with_sensory_conduction(by_2021: Known, context: Context) -> Resolution:
    """Yes with two abnormal sensory nerves, in motor CIDP, or where supportive criteria make up for them; else open."""
    sensory, certainty = context.resolve(_SENSORY), context.resolve(_CERTAINTY)
    if isinstance(sensory, Known) and sensory.value == "two_nerves":
        return Known(value=True, reason=by_2021.reason, facts=by_2021.facts)
    if cidp_variants(context)["motor"]:
        reason = f"Motor CIDP, in which sensory conduction is normal. {by_2021.reason}"
        return Known(value=True, reason=reason, facts=by_2021.facts)
    if isinstance(certainty, Known) and certainty.value == "cidp":
        return Known(value=True, reason=certainty.reason, facts=certainty.facts)
    found = _SENSORY_WORDS.get(sensory.value, "") if isinstance(sensory, Known) else ""
    reason = (
        f"Motor conduction strongly supports CIDP by EAN/PNS 2021, but sensory conduction is {found or 'not decided'}: "
        f"the guideline asks for two abnormal sensory nerves unless motor CIDP is described. {sensory.reason}"
    )
    missing = certainty.missing if isinstance(certainty, Unknown) else ()
    return Unknown(reason, tuple(dict.fromkeys((_SENSORY, *missing))), facts_of(by_2021, sensory))


DERIVATIONS = {"edx.any_demyelinating_feature": any_feature, "edx.supports_cidp": supports_cidp}
