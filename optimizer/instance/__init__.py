"""Files in, validated and immutable Instance out."""

from optimizer.instance.codes import Code, Severity
from optimizer.instance.diagnostics import Diagnostic, InstanceError
from optimizer.instance.instance import Instance
from optimizer.instance.reader import apply_changes, load_instance
from optimizer.instance.reference import format_reference, json_schema
from optimizer.instance.writer import instance_hash, write_instance

__all__ = [
    "Code",
    "Diagnostic",
    "Instance",
    "InstanceError",
    "Severity",
    "apply_changes",
    "format_reference",
    "instance_hash",
    "json_schema",
    "load_instance",
    "write_instance",
]
