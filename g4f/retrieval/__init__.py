"""Finding passages: the words of a text, its passages, and their order for a question. Values in, values out; nothing is stored here."""
