"""The program: `secor-workflow`, as `python -m secor_workflow` and as a command."""

import gc
import signal

interrupted = signal.getsignal(signal.SIGINT)
if interrupted is signal.default_int_handler:
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # nothing has begun: a Ctrl-C ends it, with no traceback of an import
gc.disable()  # importing makes no garbage, and to look for it all the same takes a third of a start

from secor_workflow.cli.program import main

gc.freeze()  # what was imported stays: it is never looked through again
gc.set_threshold(5_000, 20, 20)  # a request leaves thousands of objects that need no looking for: 7 % of its time
gc.enable()
signal.signal(signal.SIGINT, interrupted)

if __name__ == "__main__":
    main()
