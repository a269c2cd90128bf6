"""The program: `secor-notifier`, as `python -m secor_notifier` and as a command."""

import gc

gc.disable()  # importing makes no garbage, and to look for it all the same takes a third of a start

from secor_notifier.cli.program import cli

gc.freeze()  # what was imported stays: it is never looked through again
gc.enable()


def main() -> None:
    cli()


if __name__ == "__main__":
    main()
