"""The Go target."""

from irpass.generate.spec import Spec


def go_file(spec: Spec) -> str:
    raise NotImplementedError
