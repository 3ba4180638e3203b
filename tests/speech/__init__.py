"""Speech engines, each against what it talks to."""
