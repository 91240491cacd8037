"""Chapter ``train``: does it stop learning in practice?"""
