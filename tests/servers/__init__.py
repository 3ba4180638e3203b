"""Real-socket servers that play the outside world: an upstream API, proxies, plain HTTP."""
