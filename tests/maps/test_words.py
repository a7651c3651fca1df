"""Numbers in words read the same on pictures, briefs and the page."""

import pytest

from maps.words import gigawatts


@pytest.mark.parametrize(
    ("gw", "text"),
    [
        (85.85, "85.9"), (85.85 + 1e-12, "85.9"), (85.85 - 1e-12, "85.9"), (85.849, "85.8"),
        (0.0, "0"), (0.5, "0.5"), (0.125, "0.13"), (9.996, "10.0"), (99.94, "99.9"), (123.5, "124"),
    ],
)  # fmt: skip
def test_gigawatts_round_halves_up_whatever_the_order_of_a_sum(gw, text):
    assert gigawatts(gw) == text
