# Works in children that it never waits for, one after the other, each for a fifth of a second of the processor.
import json, os, signal, time

signal.signal(signal.SIGCHLD, signal.SIG_IGN)
for _ in range(10):
    if os.fork() == 0:
        while time.process_time() < 0.2:
            pass
        os._exit(0)
    try:
        os.wait()  # until none is left: what they have used is told to nobody
    except ChildProcessError:
        pass
print(json.dumps({}))
