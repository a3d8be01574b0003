"""`python -m portalscope` is the command `portalscope`."""

from portalscope.cli import main

main()
