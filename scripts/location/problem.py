"""A capacitated facility location problem, and the files in which such problems are published."""

from __future__ import annotations

import gzip
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]


class Layout(StrEnum):
    """Order of the numbers in a file; every file begins with the numbers of facilities and customers."""

    CUSTOMER_BLOCKS = "customer-blocks"
    """Capacity and fixed cost of each facility; then, per customer, demand and cost of all of it from each facility.

    OR-Library: Beasley, European Journal of Operational Research 33 (1988)."""
    TOTAL_COSTS = "total-costs"
    """Capacity and fixed cost of each facility; all demands; then, per facility, cost of all demand of each customer.

    Holmberg, Ronnqvist and Yuan, European Journal of Operational Research 113 (1999), and mirrors of OR-Library."""
    UNIT_COSTS = "unit-costs"
    """All demands, all capacities, all fixed costs; then, per facility, cost of one unit of each customer.

    Test bed of Avella and Boccia, Computational Optimization and Applications 43 (2009)."""


class LayoutError(ValueError):
    """A file is not a capacitated location problem in the layout expected."""


@dataclass(frozen=True)
class LocationProblem:
    """Open facilities and split the demand of customers over them at least cost.

    Attributes
    ----------
    name
        Name of the file.
    capacity, fixed_cost
        Of each facility, shape (facilities,) [units of demand; units of cost].
    demand
        Of each customer, shape (customers,) [units of demand].
    unit_cost
        Cost of serving one unit of demand, shape (facilities, customers).
    """

    name: str
    capacity: FloatArray
    fixed_cost: FloatArray
    demand: FloatArray
    unit_cost: FloatArray


def read_problem(path: Path, layout: Layout | None = None, capacity: float | None = None) -> LocationProblem:
    """Read a file, also one compressed by gzip.

    Parameters
    ----------
    layout
        Order of the numbers; found from the shape of the lines if not given.
    capacity
        Stands where the file has the word `capacity`, as the large OR-Library files do.

    Raises
    ------
    LayoutError
        If the numbers do not fit the layout, or a capacity, demand or cost is negative.
    """
    try:
        data = path.read_bytes()
        text = (gzip.decompress(data) if path.suffix == ".gz" else data).decode("ascii")
    except (UnicodeDecodeError, gzip.BadGzipFile) as error:
        message = f"{path}: not a text file of numbers"
        raise LayoutError(message) from error
    lines = [line.split() for line in text.splitlines() if line.strip()]
    numbers = _numbers(path, lines, capacity)
    facilities, customers = _counts(path, numbers)
    layout = layout or _layout(lines, facilities)
    expected = 2 + facilities + facilities + customers + facilities * customers
    if len(numbers) != expected:
        message = f"{path}: {len(numbers)} numbers, but {facilities} x {customers} needs {expected}"
        raise LayoutError(message)
    name = path.name.removesuffix(".gz").removesuffix(".txt")
    problem = _problem(name, layout, numbers[2:], facilities, customers)
    if any((part < 0).any() for part in (problem.capacity, problem.fixed_cost, problem.demand, problem.unit_cost)):
        message = f"{path}: negative numbers in layout '{layout}'"
        raise LayoutError(message)
    return problem


def _numbers(path: Path, lines: list[list[str]], capacity: float | None) -> FloatArray:
    words = [word for line in lines for word in line]
    if "capacity" in words:
        if capacity is None:
            message = f"{path}: the capacity is left open; give one with --capacity (8000 ... 14000 for capa)"
            raise LayoutError(message)
        words = [repr(capacity) if word == "capacity" else word for word in words]
    try:
        numbers = np.array(words, dtype=np.float64)
    except ValueError as error:
        message = f"{path}: {error}"
        raise LayoutError(message) from error
    if not np.isfinite(numbers).all():
        message = f"{path}: a number is not finite"
        raise LayoutError(message)
    return numbers


def _counts(path: Path, numbers: FloatArray) -> tuple[int, int]:
    if len(numbers) < 2 or not all(number >= 1 and number == int(number) for number in numbers[:2]):
        message = f"{path}: does not begin with the numbers of facilities and customers"
        raise LayoutError(message)
    return int(numbers[0]), int(numbers[1])


def _layout(lines: list[list[str]], facilities: int) -> Layout:
    """Tell layouts apart by their lines: facilities come as pairs, and a demand that stands alone begins a customer."""
    if any(len(line) != 2 for line in lines[: facilities + 1]):
        return Layout.UNIT_COSTS
    after = lines[facilities + 1] if len(lines) > facilities + 1 else []
    return Layout.CUSTOMER_BLOCKS if len(after) == 1 else Layout.TOTAL_COSTS


def _problem(name: str, layout: Layout, numbers: FloatArray, facilities: int, customers: int) -> LocationProblem:
    if layout is Layout.UNIT_COSTS:
        demand, capacity, fixed_cost, costs = np.split(numbers, np.cumsum([customers, facilities, facilities]))
        return LocationProblem(name, capacity, fixed_cost, demand, costs.reshape(facilities, customers))
    pairs, rest = np.split(numbers, [2 * facilities])
    capacity, fixed_cost = pairs.reshape(facilities, 2).T
    if layout is Layout.CUSTOMER_BLOCKS:
        blocks = rest.reshape(customers, 1 + facilities)
        demand, total_cost = blocks[:, 0], blocks[:, 1:].T
    else:
        demand, total_cost = rest[:customers], rest[customers:].reshape(facilities, customers)
    # A customer who wants nothing costs nothing, whatever the file says.
    unit_cost = np.divide(total_cost, demand, out=np.zeros_like(total_cost), where=demand > 0)
    return LocationProblem(name, capacity, fixed_cost, demand, unit_cost)
