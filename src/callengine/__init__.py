"""A call-control engine for Asterisk (ARI), on Trio."""
