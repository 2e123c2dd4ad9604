"""Which DCGAN training tips help on your data, by how much, at what cost, and how sure are we?"""

__version__ = "0.2.0"
