# Keeps what it has when it is asked to stop.
import signal, sys
from telling import tell

def stop(*_):
    tell("partial", value={"won": 7, "asked": True})
    sys.exit(0)

signal.signal(signal.SIGTERM, stop)
tell("progress", done=1)
while True:
    signal.pause()
