"""Checks that the author of an instance answers for: `accept` of [checks] turns their errors into warnings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from optimizer.instance.checks.context import Context
from optimizer.instance.codes import Code, Severity
from optimizer.instance.expressions import nearest_hint
from optimizer.instance.instance import Instance
from optimizer.instance.places import Finding, SettingRef


def check_accepted_codes(instance: Instance, context: Context) -> Iterator[Finding]:  # noqa: ARG001 - settings only
    """Codes in `accept` must exist and be of a kind that can be accepted."""
    acceptable = [code.value for code in Code if code.acceptable]
    for code in instance.settings.checks.accept:
        if code not in acceptable:
            message = f"checks.accept: '{code}' is not a code that can be accepted"
            hint = nearest_hint(code, acceptable, 0) or f"these can: {', '.join(acceptable)}"
            yield Finding(Code.UNKNOWN_CODE, SettingRef(("checks", "accept")), message, code, hint=hint)


def with_acceptance(instance: Instance, findings: Iterable[Finding]) -> Iterator[Finding]:
    """The same findings, accepted ones as warnings."""
    accepted = set(instance.settings.checks.accept)
    for finding in findings:
        is_accepted = finding.code.acceptable and finding.code.value in accepted
        yield replace(finding, severity=Severity.WARNING, hint="") if is_accepted else finding


CHECKS = (check_accepted_codes,)
