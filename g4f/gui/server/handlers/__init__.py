"""One file per concern: functions that translate a request into a call of a service."""
