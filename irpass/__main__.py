"""`python -m irpass`: the `irpass` script."""

from irpass.cli import main

main()
