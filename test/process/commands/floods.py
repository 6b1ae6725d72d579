# Writes without pause to stdout and to its descriptor, and answers: floods.py OUTPUT
import os, sys
from telling import tell

noise = b"x" * 65_536
for turn in range(200):
    os.write(1, noise)
    tell("progress", done=turn)
    for _ in range(20):
        os.write(3, b'{"type":"nonsense"}\nno JSON at all\n' + b"y" * 1000 + b"\n")
with open(sys.argv[1], "w") as file:
    file.write('{"turns": 200}')
