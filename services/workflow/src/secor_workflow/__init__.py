"""The workflow service: every certification case as an append-only log of events, driven by one state machine."""
