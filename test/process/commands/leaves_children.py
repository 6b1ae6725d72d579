# Answers well, and leaves two children behind: one in a session of its own.
import json, subprocess

children = [subprocess.Popen(["sleep", "600"]), subprocess.Popen(["sleep", "600"], start_new_session=True)]
print(json.dumps({"pids": [child.pid for child in children]}), flush=True)
