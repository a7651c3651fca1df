"""How a model is handed to HiGHS and written to files."""

from __future__ import annotations

import re
from pathlib import Path

import highspy

from optimizer.solve.standard_form import StandardForm


def file_name(name: str, path: Path) -> str:
    """Name that the format allows; HiGHS would otherwise replace all names by numbers."""
    if path.suffix == ".lp":
        return re.sub(r"[^A-Za-z0-9_.,()]", "_", name.replace("[", "(").replace("]", ")"))
    return name.replace(" ", "_")


def highs_lp(form: StandardForm) -> highspy.HighsLp:
    """Model as HiGHS takes it; all columns continuous."""
    lp = highspy.HighsLp()
    lp.num_row_, lp.num_col_ = form.matrix.shape
    lp.sense_ = highspy.ObjSense.kMaximize
    lp.offset_ = form.offset
    lp.col_cost_ = form.cost
    lp.col_lower_, lp.col_upper_ = form.lower, form.upper
    lp.row_lower_, lp.row_upper_ = form.row_lower, form.row_upper
    lp.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    lp.a_matrix_.start_ = form.matrix.indptr
    lp.a_matrix_.index_ = form.matrix.indices
    lp.a_matrix_.value_ = form.matrix.data
    return lp
