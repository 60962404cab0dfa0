"""When Pacer may speak to somebody unasked: the topics that there are, and the one gate that all of them pass."""
