"""Parts of VoxCPM2 as a CPU computes them fast; what they compute stays the same."""
