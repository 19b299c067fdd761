"""Front doors for programs."""
