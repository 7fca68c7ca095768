"""The one exception of the sandbox: a sentence that a person can act on."""


class SandboxError(Exception):
    """Something the sandbox needs is missing, too old, or did not start."""
