"""Files in, validated and immutable Instance out."""

from optimizer.instance.codes import Code, Severity
from optimizer.instance.diagnostics import Diagnostic, InstanceError
from optimizer.instance.instance import Instance
from optimizer.instance.reader import apply_changes, load_instance

__all__ = ["Code", "Diagnostic", "Instance", "InstanceError", "Severity", "apply_changes", "load_instance"]
