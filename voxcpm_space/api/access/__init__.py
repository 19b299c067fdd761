"""Who may use the server, how often, and for how many seconds of audio."""
