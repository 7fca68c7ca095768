"""What is decided without any worker: pure functions over configurations, names and texts."""
