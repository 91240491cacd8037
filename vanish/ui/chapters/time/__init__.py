"""Chapter ``time``: and along a sequence?"""
