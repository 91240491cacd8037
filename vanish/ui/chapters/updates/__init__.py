"""Chapter ``updates``: who gets to learn?"""
