"""Pooled and derived allocators as source code, from a spec in TOML.

`read_spec` gives a checked `Spec` or every mistake with its place; `generate_files` gives the files of one target.
See the README beside this file for the way from a spec to the statistics of a running program.
"""

from __future__ import annotations

from irpass.diagnostics import Diagnostic, IrpassError
from irpass.generate.c_target import c_files, c_single_file
from irpass.generate.go_target import go_file
from irpass.generate.reader import read_spec
from irpass.generate.spec import TARGETS, Spec, Target

__all__ = ["TARGETS", "GenerateError", "Spec", "Target", "generate_files", "generate_text", "read_spec"]


class GenerateError(IrpassError):
    """The spec is sound, and does not say all that the target needs."""


def generate_files(spec: Spec, target: Target, stem: str | None = None) -> dict[str, str]:
    """The files for `target`, text by file name; `stem` is the name before the suffix, the spec's own by default.

    Raises: GenerateError where a type or an object has no form in the target.
    """
    _require_target(spec, target)
    stem = stem or spec.name
    return c_files(spec, stem) if target == "c" else {f"{stem}.go": go_file(spec)}


def generate_text(spec: Spec, target: Target) -> str:
    """The same as one text, which is a whole file of the target language.

    Raises: GenerateError where a type or an object has no form in the target.
    """
    _require_target(spec, target)
    return c_single_file(spec) if target == "c" else go_file(spec)


def _require_target(spec: Spec, target: Target) -> None:
    elements = [base.element for base in spec.bases] + [view.element for view in spec.derived]
    names = dict.fromkeys(f"type '{e.name}'" for e in elements if target not in e.spelling)
    lacking = [*names, *(f"base '{o.name}'" for o in spec.objects if target not in o.code)]
    if lacking:
        note = f"give it a '{target}' key in the spec"
        raise GenerateError(
            [
                Diagnostic("no-target", f"{what} has no form in {target}", spec.source_name, notes=(note,))
                for what in lacking
            ]
        )
