"""The school day compiled, for many classes at once: the same equations as the agents, the same numbers."""
