"""Webhooks as Standard Webhooks describes them: each event posted, signed, to whoever asked for it."""
