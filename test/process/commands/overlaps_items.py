# Two items at once: the one that ends late began last, the one that never ends began first.
import time
from telling import tell

tell("item", name="endless")
for turn in range(3):
    tell("item", name=f"short {turn}")
    tell("item-end", name=f"short {turn}")
while True:
    time.sleep(1)
