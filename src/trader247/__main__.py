"""`python -m trader247`."""

from trader247.cli.main import main

main()
