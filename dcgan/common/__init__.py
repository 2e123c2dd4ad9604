"""What every room uses: errors, files, paths, overrides, random streams, hashing, metrics. Knows nothing about GANs."""
