"""Processes that tests start by the dozen, in a tenth of a second: forked from one that imported both services."""

import multiprocessing

CONTEXT = multiprocessing.get_context("forkserver")
CONTEXT.set_forkserver_preload(["secor_workflow.main", "secor_notifier.main"])
