"""How the preview voice is made: data, training, export and evaluation, one command each."""
