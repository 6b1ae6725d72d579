# Adds the input's numbers up, an item each: scores.py INPUT [OUTPUT]
import json, os, sys
from telling import item, tell

with open(sys.argv[1]) as file:
    input = json.load(file)
total = 0
for done, number in enumerate(input["numbers"], start=1):
    with item(f"number {done}"):
        total += number
    tell("progress", done=done, total=len(input["numbers"]), note=f"at {number}")
    tell("partial", value={"total": total})
result = json.dumps({
    "total": total,
    "seed": int(os.environ["PITWALL_SEED"]),
    "nice": os.nice(0),
    "word": os.environ.get("PITWALL_TEST_WORD"),
    "cwd": os.getcwd(),
})
print("adding up")
if len(sys.argv) > 2:
    with open(sys.argv[2], "w") as file:
        file.write(result)
    print('{"total": "not this one"}')
else:
    print(result)
print("done")
