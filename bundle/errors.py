"""The error of this package."""


class BundleError(Exception):
    """The archive cannot be built; the message says why in one line."""
