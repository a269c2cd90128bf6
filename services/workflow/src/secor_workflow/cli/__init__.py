"""The command line: one file for each group of commands, and `program`, where they are joined."""
