"""Chapter ``flow``: what does each layer receive?"""
