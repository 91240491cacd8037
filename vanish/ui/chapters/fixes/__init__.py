"""Chapter ``fixes``: which remedy cures it, and by how much?"""
