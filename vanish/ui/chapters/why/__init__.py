"""Chapter ``why``: why does a product of slopes vanish?"""
