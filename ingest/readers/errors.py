"""What keeps a reader from reading, where it is not the file."""

from corpus.errors import UserError


class MissingProgramError(UserError):
    """Another program is needed and not installed: the same file may be read once it is."""
