"""Chapter ``yours``: and in my own network?"""
