# Leaves its parents and its session, clears its environment, and tells the pid under which it lives on.
setsid env -i /bin/sh -c '(/bin/sh -c "echo \$\$; exec sleep 600" &) &' &
wait
