"""How often the passage that answers a question is among the first five: documents and questions are written by a script."""
