# Goes on when it is asked to stop.
import signal
from telling import tell

signal.signal(signal.SIGTERM, signal.SIG_IGN)
tell("progress", done=1)
while True:
    signal.pause()
