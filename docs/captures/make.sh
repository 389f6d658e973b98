#!/bin/sh
# Writes the captures beside this script: what scan, calibrate, check and jog show of an emulated claw.
# Run by `make captures`; needs tmux and the built program. Tests/SystemTests compares their fixed
# parts with what the program prints, so that they stay true.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
package=$(cd "$here/../.." && pwd)
program=${SACBOT:-$package/.build/release/sacbot}
# A fixed name, because it stands in the captures.
work=/tmp/sacbot-captures
port=$work/port/hand

rm -rf "$work"
mkdir -p "$work/robots" "$work/calibration" "$work/port" "$work/socket"
cp "$package"/robots/claw.* "$work/robots"
cp "$package/calibration/claw.yaml" "$work/calibration"
ln -s "$program" "$work/sacbot"
mkfifo "$work/orders"
cd "$work"
export XDG_RUNTIME_DIR="$work/socket"

"$program" emulate --robot claw --links "$work/port" --hand <"$work/orders" >"$work/answers" &
servos=$!
exec 3>"$work/orders"
tmux() { command tmux -L sacbot-captures "$@"; }
finish() {
    tmux kill-server 2>/dev/null || true
    kill "$servos" 2>/dev/null || true
    exec 3>&-
    rm -rf "$work"
}
trap finish EXIT

# Waits until a file or the screen shows a text, a minute at most.
shows() { # what text
    tries=0
    until "$1" | grep -qF -- "$2"; do
        tries=$((tries + 1))
        [ "$tries" -lt 600 ] || { echo "waited in vain for: $2" >&2; "$1" >&2; exit 1; }
        sleep 0.1
    done
}
answers() { cat "$work/answers"; }
screen() { tmux capture-pane -p -t claw -S -300; }
# Lines at the end are empty where the screen is larger than the text.
shown() { screen | sed -e 's/[[:space:]]*$//' | sed -e :a -e '/^\n*$/{$d;N;ba' -e '}'; }
# Starts a command in a fresh terminal of 130 x 42.
begin() {
    tmux kill-session -t claw 2>/dev/null || true
    tmux -f /dev/null new-session -d -s claw -x 130 -y 42 \
        "XDG_RUNTIME_DIR=$XDG_RUNTIME_DIR PATH=$work:\$PATH sh -c '$1; echo \"(exit \$?)\"; cat'"
}
press() { tmux send-keys -t claw "$@"; }
# Tells the hand what to do and waits for its answer.
order() {
    echo "$*" >&3
    shows answers "$(echo "$*" | sed 's/^turn /turned /; s/^let-go /let go /')"
}

shows answers "hand /dev/"
# Keeps tmux alive between two terminals.
tmux -f /dev/null new-session -d -s keeper cat

begin "sacbot scan --port $port"
shows screen "(exit"
{ echo "\$ sacbot scan --port $port"; shown; } >"$here/scan.txt"

# A claw as calibrate finds it: limp, moved by somebody's hands.
fingers="finger1 finger2 finger3"
each() { # degrees of the top, middle and bottom joints
    for finger in $fingers; do
        order turn "${finger}_top" "$1"
        order turn "${finger}_middle" "$2"
        order turn "${finger}_bottom" "$3"
    done
}
# Until a program has read the servos where they are now.
seen() {
    echo wait >&3
    reads=$((reads + 1))
    tries=0
    until [ "$(grep -c '^read$' "$work/answers")" -ge "$reads" ]; do
        tries=$((tries + 1))
        [ "$tries" -lt 600 ] || { echo "nobody reads the servos" >&2; exit 1; }
        sleep 0.1
    done
}
reads=0
begin "sacbot calibrate --robot claw.yaml --port $port"
shows screen "middle of its range"
each 0 0 0
press Enter
shows screen "from stop to stop"
each -30 -63 -93
seen
each 30 63 93
seen
# Clear of the valve, which would stop a finger.
each 5 -50 50
seen
{ echo "\$ sacbot calibrate --robot claw.yaml --port $port"; shown; } >"$here/calibrate.txt"
press Enter
shows screen "Now each joint moves"
for finger in $fingers; do
    for joint in top middle bottom; do order let-go "${finger}_$joint"; done
done
press Enter
for joint in finger1_top finger1_middle finger1_bottom finger2_top finger2_middle finger2_bottom \
    finger3_top finger3_middle finger3_bottom valve; do
    shows screen "\`$joint\` moved by"
    press n Enter
done
shows screen "(exit"
{ echo "..."; shown | tail -n 14; } >>"$here/calibrate.txt"

begin "sacbot check --robot claw.yaml --backend hardware --port $port"
shows screen "(exit"
{ echo "\$ sacbot check --robot claw.yaml --backend hardware --port $port"; shown; } >"$here/check.txt"

begin "sacbot jog --robot claw.yaml --backend hardware --port $port"
shows screen "> finger1_top"
press Down
shows screen "> finger1_middle"
press t
shows screen "torque is on at \`finger1_middle\`"
press + + Left
shows screen "step 5.0 deg"
sleep 1
{ echo "\$ sacbot jog --robot claw.yaml --backend hardware --port $port"; shown; } >"$here/jog.txt"
press q
shows screen "(exit 0)"
echo "wrote $here/*.txt"
