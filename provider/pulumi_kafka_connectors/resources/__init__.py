"""What a Python program declares, through the dynamic front-end."""
