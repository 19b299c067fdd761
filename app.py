"""Starts the page, with its endpoints for programs beside it."""

if __name__ == "__main__":  # the process of the model reads this file, too, and must start nothing
    import spaces  # noqa: F401  (ZeroGPU patches torch, so it comes before all others)

    from voxcpm_space.launch import run

    run()
