"""A Gradio demo, Hugging Face Space and API for VoxCPM2."""
