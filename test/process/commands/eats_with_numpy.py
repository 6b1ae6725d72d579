# Takes native memory: without end, and touches all of it; or far too much of it at once: eats_with_numpy.py [--at-once]
import sys
import numpy as np
from telling import item

kept = []
with item("a large batch"):
    while True:
        kept.append(np.ones(4_000_000_000 if "--at-once" in sys.argv else 1_000_000))
