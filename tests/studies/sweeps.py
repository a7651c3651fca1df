"""Small sweeps."""

from optimizer.instance import load_instance, write_instance
from optimizer.studies.sweep_file import read_sweep
from optimizer.studies.sweep_points import make_sweep
from tests import instances as make


def small_instance(**tables):
    """Two sites that compete for chips and capital, over three years; solves in a blink."""
    return make.instance(
        **{
            "settings": make.settings(solver={"gap": 0.0, "threads": 1}),
            "sites": [
                make.site(max_modules=2, module_mw=500, open_cost_musd=100),
                make.site("beta", max_modules=2, module_mw=500, module_cost_usd_per_kw=9000, lead_months=12),
            ],
            "chip_supply": [make.supply(during=str(year), units=400_000) for year in (2027, 2028, 2029)],
            "assumptions": [
                make.assumption("chips", "chip_supply[*].units", 1, 0.5, 2, mode="scale"),
                make.assumption("price", "demand[*].price_usd_per_h100e_hour", 1, 0.75, 1.25, mode="scale"),
                make.assumption("life", "chips[C1].life_months", 60, 48, 60),
            ],
            **tables,
        }
    )


def small_folder(folder, **tables):
    """The small instance on disk, as a user would have it."""
    write_instance(small_instance(**tables), folder)
    return load_instance(folder)


def sweep_of(folder, instance, text):
    """Sweep of an instance by the text of a sweep.toml."""
    path = folder / "sweep.toml"
    path.write_text(text)
    return make_sweep(instance, read_sweep(path))


CHIPS = """
[[axes]]
knob = "chip_supply[*].units"
operation = "scale"
from = 0.5
to = 1.5
steps = 5
"""
