"""Faults: servers that are killed, storages that fail, connections that are cut; and the checker that looks afterwards."""
