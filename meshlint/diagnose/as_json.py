"""Diagnoses as JSON, in the form of schemas/diagnosis.schema.json."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict

from meshlint import __version__
from meshlint.diagnose.answer import Diagnosis, Scene, commands
from meshlint.policy import policies
from meshlint.report.json import described
from meshlint.symptom.model import Cause

VERSION = 1


def as_json(told: Sequence[Diagnosis], scene: Scene) -> str:
    """One JSON object."""
    body = {
        "version": VERSION,
        "tool": {"name": "meshlint", "version": __version__},
        "text": {"path": scene.text or None, "lines": scene.lines},
        "tree": {
            "paths": list(scene.paths),
            "files": scene.files,
            "objects": scene.objects,
            "complete": scene.complete,
        },
        "diagnoses": [_object(each) for each in told],
    }
    shown = json.dumps(body, ensure_ascii=False, indent=2)
    return shown.encode("utf-8", "backslashreplace").decode() + "\n"


def _object(told: Diagnosis) -> dict[str, object]:
    symptom = told.symptom
    return {
        "name": symptom.name,
        "summary": symptom.summary,
        "line": told.line,
        "count": told.count,
        "excerpt": told.excerpt,
        "names": {field: list(values) for field, values in told.names.items()},
        "explains": [described(finding) for finding in told.found.explains],
        "others": [described(finding) for finding in told.found.others],
        "causes": [_cause(cause) for cause in symptom.causes],
        "resolution": symptom.resolution,
        "elsewhere": [
            {**asdict(check), "commands": commands(check, told.names)}
            for check in symptom.elsewhere
        ],
        "references": list(symptom.references),
    }


def _cause(cause: Cause) -> dict[str, object]:
    rules = [policy.code for policy in policies() if cause.shown_by(policy.name)]
    return {"text": cause.text, "rules": rules}
