"""`python -m sonagi`."""

from sonagi.cli import main

main()
