"""Parts of VoxCPM2 as a CUDA card computes them fast; what they compute stays the same."""
