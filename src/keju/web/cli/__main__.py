"""`python -m keju.web.cli`."""

from keju.web.cli import main

main()
