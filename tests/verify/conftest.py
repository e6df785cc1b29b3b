"""The module that a test breaks is its own."""

from __future__ import annotations

import pytest

from irpass.ir.core import Module
from irpass.text.parser import parse
from irpass.verifier import verify
from tests.verify.built_module import TEXT


@pytest.fixture
def module() -> Module:
    built = parse(TEXT)
    assert verify(built) == []
    return built
