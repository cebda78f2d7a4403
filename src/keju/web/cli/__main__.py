"""`python -m keju.web.cli`."""

from keju.web.cli import main

# A spawned child imports this module under another name and must not run the command again.
if __name__ == "__main__":
    main()
