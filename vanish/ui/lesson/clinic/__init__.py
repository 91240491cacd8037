"""The clinic: broken networks, each as its symptoms; to be examined, diagnosed and cured."""
