"""`make demo`: some hundred calls by invented callers, spread over the past three weeks by moving the local clock.

Everything goes the way it goes in life: the centre reports its calls, callers answer on the simulated carrier's
handsets, leads ring back over the API. Only the clock is moved, and put right again at the end.
"""
