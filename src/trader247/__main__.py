"""`python -m trader247`."""

from trader247.cli.entry import main

main()
