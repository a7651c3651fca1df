"""Chip generations drawn from the world's; together they have the world's supply, stack by stack."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from optimizer.instance.calendar import Calendar, Span
from optimizer.instance.instance import Instance
from optimizer.instance.schema import Chip, ChipPrice, ChipSupply
from scripts.resampling.draw import Draw, rounded

#: Relative spread of performance and of price for the performance.
PERFORMANCE_SPREAD, PRICE_SPREAD, SHARE_SPREAD = 0.05, 0.03, 0.3
#: A further generation drawn from the same one comes a quarter later and is that much better.
QUARTER_GAIN = 1.06
#: Months that a generation sells on beside its successor.
OVERLAP_MONTHS = 6


@dataclass(frozen=True)
class ChipTables:
    """Rows of the three tables of chips."""

    chips: tuple[Chip, ...]
    prices: tuple[ChipPrice, ...]
    supply: tuple[ChipSupply, ...]


def draw_chips(world: Instance, wanted: int, calendar: Calendar, growth: float, draw: Draw) -> ChipTables:
    """Draw generations of every stack and share the stack's IT power of each quarter among those on sale.

    Parameters
    ----------
    growth
        Factor on the supply.
    """
    chips: list[Chip] = []
    prices: list[ChipPrice] = []
    supply: list[ChipSupply] = []
    for stack, number in _numbers(world, wanted).items():
        drawn = list(_generations(world, stack, number, calendar, draw))
        generations = _without_gaps([chip for chip, _ in drawn], calendar)
        chips += generations
        prices += _prices_from_release(generations, [price for _, rows in drawn for price in rows])
        shares = {chip.chip: draw.factor(SHARE_SPREAD) for chip in generations}
        for span in calendar.periods:
            supply += _supply(generations, shares, span, growth * supplied_gw(world, stack, span))
    return ChipTables(tuple(chips), tuple(prices), tuple(supply))


def _numbers(world: Instance, wanted: int) -> Mapping[str, int]:
    """Generations of each stack: at least one, else as in the world."""
    counts = Counter(chip.stack for chip in world.chips)
    numbers = {stack: max(1, int(wanted * count / len(world.chips))) for stack, count in counts.items()}
    largest = max(counts, key=lambda stack: counts[stack])
    numbers[largest] += wanted - sum(numbers.values())
    return numbers


def _generations(
    world: Instance, stack: str, number: int, calendar: Calendar, draw: Draw
) -> Iterator[tuple[Chip, list[ChipPrice]]]:
    on_sale = sorted(
        (c for c in world.chips if c.stack == stack and c.release < calendar.end - OVERLAP_MONTHS),
        key=lambda chip: (chip.release, chip.chip),
    )
    copies: Counter[str] = Counter()
    for position in draw.systematic(len(on_sale), number):
        original = on_sale[position]
        later = copies[original.chip]
        copies[original.chip] += 1
        gain = QUARTER_GAIN**later
        luck = draw.factor(PERFORMANCE_SPREAD)
        name = original.chip if later == 0 else f"{original.chip}-{later + 1}"
        chip = original.model_copy(
            update={
                "chip": name,
                "name": original.name if later == 0 else f"{original.name} {later + 1}",
                "release": min(original.release + 3 * later, calendar.end - OVERLAP_MONTHS),
                "end_of_sale": original.end_of_sale + 3 * later,
                "performance_h100e": rounded(original.performance_h100e * gain * luck),
                "tpp": rounded(original.tpp * gain),
                "memory_bandwidth_tb_s": rounded(original.memory_bandwidth_tb_s * gain),
                "source": f"drawn around {original.chip}: {original.source}",
            }
        )
        factor = gain * luck * draw.factor(PRICE_SPREAD)
        rows = [
            row.model_copy(
                update={
                    "chip": name, "since": row.since + 3 * later, "price_usd": rounded(row.price_usd * factor),
                    "source": f"drawn around {original.chip}: {row.source}",
                }
            )
            for row in world.chip_prices
            if row.chip == original.chip
        ]  # fmt: skip
        yield chip, rows


def _without_gaps(chips: Sequence[Chip], calendar: Calendar) -> list[Chip]:
    """Let generations sell until their successor does, from the first day of the plan to the last."""
    ordered = sorted(chips, key=lambda chip: (chip.release, chip.chip))
    ends = [chip.release + OVERLAP_MONTHS for chip in ordered[1:]] + [calendar.end]
    first = min(ordered[0].release, calendar.start)
    return [
        chip.model_copy(
            update={
                "release": first if position == 0 else chip.release,
                "end_of_sale": max(chip.end_of_sale, end),
            }
        )
        for position, (chip, end) in enumerate(zip(ordered, ends, strict=True))
    ]


def _prices_from_release(chips: Sequence[Chip], prices: Sequence[ChipPrice]) -> Iterator[ChipPrice]:
    """Let the first price of a chip hold from its release, which may have moved."""
    for chip in chips:
        first, *later = sorted((row for row in prices if row.chip == chip.chip), key=lambda row: row.since)
        yield first.model_copy(update={"since": min(first.since, chip.release)})
        yield from later


def supplied_gw(world: Instance, stack: str, span: Span) -> float:
    """IT power of the world's supply of a stack within a span [GW]; the same as in its last year after that."""
    last = max(row.during.end for row in world.chip_supply)
    over = max(0, -(-(span.end - last) // 12))
    within = Span(span.start - 12 * over, span.end - 12 * over)
    power = {chip.chip: chip.it_power_kw for chip in world.chips if chip.stack == stack}
    return sum(
        row.units * power[row.chip] * row.during.overlap(within) / row.during.months / 1e6
        for row in world.chip_supply
        if row.chip in power
    )


def _supply(chips: Sequence[Chip], shares: Mapping[str, float], span: Span, gw: float) -> Iterator[ChipSupply]:
    on_sale = [chip for chip in chips if chip.release <= span.start and span.end <= chip.end_of_sale]
    total = sum(shares[chip.chip] for chip in on_sale)
    for chip in on_sale:
        units = rounded(gw * 1e6 / chip.it_power_kw * shares[chip.chip] / total)
        if units > 0:
            yield ChipSupply(
                chip=chip.chip, during=span, units=units, source="share of the stack's IT power of the quarter"
            )
