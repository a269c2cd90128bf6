"""Credentials: how a key reads, what a token says, and which actor stands behind it."""
