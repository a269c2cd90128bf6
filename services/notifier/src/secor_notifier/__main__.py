"""The program: `secor-notifier`, as `python -m secor_notifier` and as a command."""

import gc
import signal

interrupted = signal.getsignal(signal.SIGINT)
if interrupted is signal.default_int_handler:
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # nothing has begun: a Ctrl-C ends it, with no traceback of an import
gc.disable()  # importing makes no garbage, and to look for it all the same takes a third of a start

from secor_notifier.cli.program import cli

gc.freeze()  # what was imported stays: it is never looked through again
gc.enable()
signal.signal(signal.SIGINT, interrupted)


def main() -> None:
    cli()


if __name__ == "__main__":
    main()
