"""Trains the motion recognizers that come with deadpan, and judges them.

Networks and what trains or exports them need torch; recipes, figures, trials and cards do not.
"""
