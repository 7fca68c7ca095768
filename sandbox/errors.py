"""The exception of the sandbox."""


class SandboxError(Exception):
    """Something that the sandbox needs is missing, too old or did not start; the message says what to do."""
