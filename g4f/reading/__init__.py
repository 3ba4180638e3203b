"""Reading: a file becomes text in a process of its own, within limits.

``kinds`` says what a file is and how it may be served; ``readers`` is the server's side, ``child`` the other one; ``formats``
holds a reader for each format, loaded in the child alone.
"""
