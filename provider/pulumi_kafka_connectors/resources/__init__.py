"""The resources and functions for Python programs, through the dynamic front end."""
