"""Why the prices of a limit agree or differ, in a sentence."""

from __future__ import annotations

from optimizer.studies.price import Evidence, Price

#: Values within this share of each other agree.
AGREE = 0.1
_ALIKE = 1e-6


def explanation(price: Price) -> str:
    """Why the values agree or differ."""
    match price.evidence:
        case Evidence.FIRST_ORDER:
            return "Not re-solved: to first order only, and gains shrink along a step."
        case Evidence.ESTIMATE:
            return _estimated(price)
        case Evidence.RESOLVED:
            return _resolved(price)


def _estimated(price: Price) -> str:
    kept, relaxed = price.fixed_step or 0.0, price.relaxed_step or 0.0
    if price.resolved is None:
        text = "No plan was searched after the step"
    else:
        text = "The solver's gap is wider than the difference, so that plans found before and after differ by luck"
    if max(kept, relaxed) - min(kept, relaxed) <= AGREE * max(kept, relaxed):
        return f"{text}; the plan as built gains as much as the relaxation."
    if kept < relaxed:
        return f"{text}; the plan as built gains less than the relaxation, as its use needs other building."
    return f"{text}; the plan as built gains more than the relaxation, which has ways around the limit."


def _resolved(price: Price) -> str:  # noqa: PLR0911 - one line a case
    resolved = price.resolved or 0.0
    if price.fixed is None or price.relaxed is None:
        return "Too large a change for duals."
    small = _ALIKE + 0.01 * max(abs(price.fixed), abs(price.relaxed))
    values = (price.fixed, price.relaxed, resolved)
    if max(values) - min(values) <= AGREE * max(values):
        return "The three agree."
    degenerate = price.fixed_step is not None and price.fixed > small and price.fixed_step < price.fixed * (1 - AGREE)
    if resolved <= small:
        if degenerate:
            return "Degenerate: another limit binds as soon as this one gives way, and whole modules cannot follow."
        return "Integer effect: no plan of whole modules gains from the step, though the linear programs would."
    if price.fixed <= small and price.relaxed <= small:
        return "Not binding in the linear programs; a whole module more fits only after the step."
    if price.fixed <= small:
        return "Worth nothing to what is built; the value lies in building differently."
    if resolved > price.fixed * (1 + AGREE):
        return "Re-solved is higher: the plan builds differently after the step, which the fixed plan cannot."
    if resolved < price.fixed * (1 - AGREE):
        return "Re-solved is lower: another limit takes over before the step is used up."
    return "Fixed plan and re-solved agree; the relaxation builds fractions of modules and differs."
