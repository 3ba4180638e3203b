"""Programs that engines run as processes of their own; nothing of g4f is imported in them, and they are imported nowhere."""
