"""The package's page: its example runs."""

import re
from pathlib import Path

import irpass.packing


def test_the_example_of_the_page_runs() -> None:
    page = (Path(irpass.packing.__file__).parent / "README.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    exec(compile(example, "README.md", "exec"), {})
