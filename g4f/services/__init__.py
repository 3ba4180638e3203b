"""What the platform remembers and decides; nothing here knows HTTP, one class to a file."""
