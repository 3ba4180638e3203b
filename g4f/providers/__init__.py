"""The contract between providers and everything that asks them."""
