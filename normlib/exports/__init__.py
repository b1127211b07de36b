"""A view of a record as files that other programs open; the command is ``normlib export``."""
