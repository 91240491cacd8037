"""Chapter ``map``: where is the edge?"""
