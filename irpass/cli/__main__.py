"""`python -m irpass.cli`: the `irpass` script."""

from irpass.cli import main

main()
