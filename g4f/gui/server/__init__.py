"""The HTTP face: Flask lives here and nowhere else."""
