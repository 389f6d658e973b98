#!/bin/bash
# Runs in the booted guest: what the issue asks the service to survive. Each line on the console
# begins with `boot-test:`; the first thing that does not hold ends it.
set -uo pipefail
cd /opt/boot-test

say() { echo "boot-test: $*"; }
fail() {
    say "DOES NOT HOLD: $*"
    journalctl -u 'sacbot@claw' -u servos -o short-monotonic --no-pager -n 60 | sed 's/^/boot-test: | /'
    exit 1
}
# holds "what" SECONDS COMMAND...: tries until it does, says how long that took.
holds() {
    local what=$1 limit=$2 begin=$SECONDS
    shift 2
    until "$@" >/dev/null 2>&1; do
        [ $((SECONDS - begin)) -lt "$limit" ] || fail "$what (within $limit s)"
        sleep 0.2
    done
    say "$what ($((SECONDS - begin)) s)"
}
# A word or number of what `sacbot status` says.
state() {
    case $1 in
    safety | run) sacbot status --robot claw | sed -n "s/^$1:\{0,1\} //p" ;;
    steps) sacbot status --robot claw | sed -n 's/^.* episodes  \([0-9]*\) steps.*/\1/p' ;;
    esac
}
pid() { systemctl show -p MainPID --value sacbot@claw; }
running() { [ "$(state safety)" = running ]; }
steps_above() { [ "$(state steps)" -gt "$1" ]; }
restarted() { [ "$(pid)" != "$1" ] && [ "$(pid)" != 0 ]; }
torque_is_off() { ! sacbot status --robot claw --json | grep -q '"hasTorque":true'; }

say "$(. /etc/os-release; echo "$PRETTY_NAME"), systemd $(systemctl --version | sed -n 's/^systemd //p'), $(nproc) processors, kernel $(uname -r), in $(systemd-detect-virt)"

# Installing.
dpkg -i first.deb >install.log 2>&1 || { sed 's/^/boot-test: | /' install.log; fail "dpkg -i"; }
say "installed $(dpkg-query -W sacbot | tr '\t' ' ')"
getent passwd sacbot >/dev/null || fail "user sacbot"
id -nG sacbot | grep -qw dialout || fail "sacbot in group dialout"
systemctl is-active --quiet sacbot@claw && fail "a robot was started without being asked for"

# Emulated servos in a process of their own, which goes on whatever happens to the service.
mkdir -p /etc/sacbot/robots /run/servos
# Without KVM every instruction is translated: physics and servos are then too slow for 10 ms.
tick=10
[ "$(systemd-detect-virt)" = qemu ] && tick=50
say "a tick of $tick ms"
sed "s/^arm: manual/arm: automatic/; s/watchdog: 200 ms/watchdog: 1 s/; s/^tick: .*/tick: $tick ms/" \
    /usr/share/sacbot/robots/claw.yaml > /etc/sacbot/robots/claw.yaml
cp /usr/share/sacbot/robots/claw.xml /etc/sacbot/robots/
cat > /etc/systemd/system/servos.service <<'U'
[Service]
User=sacbot
Group=sacbot
ExecStart=/usr/bin/sacbot emulate --robot claw
U
systemctl daemon-reload
systemctl start servos
port() { journalctl -u servos -o cat --no-pager | grep -o '/dev/pts/[0-9]*' | head -1; }
has_port() { [ -n "$(port)" ]; }
holds "servos are emulated" 30 has_port
say "servos at $(port)"
mkdir -p /etc/systemd/system/sacbot@claw.service.d
printf '[Service]\nDeviceAllow=char-pts rw\n' > /etc/systemd/system/sacbot@claw.service.d/emulated.conf
echo "SACBOT_OPTIONS=--port $(port)" > /etc/sacbot/claw.env
systemctl daemon-reload

# Training.
begin=$(date +%s%N)
systemctl start sacbot@claw || fail "systemctl start"
say "READY after $(( ($(date +%s%N) - begin) / 1000000 )) ms"
thread=$(ps -L -o lwp=,comm= -p "$(pid)" | awk '/sacbot-control/{print $1}')
say "the control thread: $(chrt -p "$thread" | sed -n "s/.*policy: //p")$(journalctl -u sacbot@claw \
    -o cat --no-pager | grep -m1 -i 'real-time priority' | sed 's/^/; /')"
holds "an episode runs" 120 running
holds "steps are recorded" 120 steps_above 20
say "status: $(systemctl show -p StatusText --value sacbot@claw)"
run=$(state run)
say "run $run, resident $(($(ps -o rss= -p "$(pid)") / 1024)) MB"
[ "$(stat -c '%a %G' /run/sacbot/claw.sock)" = "660 sacbot" ] || fail "socket of the group"
journalctl -u sacbot@claw -o json --no-pager | grep -q '"SYSLOG_IDENTIFIER":"sacbot"' || fail "journal"

# A crash.
before=$(state steps) old=$(pid)
kill -9 "$old"
holds "kill -9: systemd starts it again" 30 restarted "$old"
holds "and it trains on by itself, arm: automatic" 120 running
holds "in the run it was in, with its $before steps" 60 steps_above "$((before - 30))"
[ "$(state run)" = "$run" ] || fail "another run: $(state run)"

# A hang.
old=$(pid)
kill -STOP "$old"
holds "SIGSTOP: the watchdog ends it, systemd starts it again" 60 restarted "$old"
journalctl -u sacbot@claw --no-pager | grep -qi watchdog || fail "the watchdog in the journal"
holds "and it trains on" 120 running

# Upgrade in the middle of a run.
old=$(pid)
dpkg -i later.deb >upgrade.log 2>&1 || { sed 's/^/boot-test: | /' upgrade.log; fail "upgrade"; }
say "upgraded to $(dpkg-query -W -f '${Version}' sacbot): $(grep 'goes on' upgrade.log)"
[ "$(pid)" = "$old" ] || fail "the upgrade touched the running robot"
before=$(state steps)
holds "the robot works on meanwhile" 60 steps_above "$before"
systemctl restart sacbot@claw || fail "restart"
holds "restarted with the new version it trains on" 120 running

# Stopping within its bound.
begin=$(date +%s%N)
systemctl stop sacbot@claw || fail "systemctl stop"
took=$(( ($(date +%s%N) - begin) / 1000000 ))
[ "$(systemctl show -p Result --value sacbot@claw)" = success ] || fail "stop ended as $(systemctl show -p Result --value sacbot@claw)"
journalctl -u sacbot@claw --no-pager -n 30 | grep -q 'parked, torque off' || fail "parked"
[ "$took" -lt 90000 ] || fail "stop took $took ms"
say "systemctl stop: parked, torque off, checkpoint, in $took ms"

# A latched fault.
systemctl start sacbot@claw || fail "start"
holds "started again, an episode runs" 120 running
sacbot estop --robot claw >/dev/null || fail "estop"
holds "e-stop: torque is off" 30 torque_is_off
systemctl restart sacbot@claw || fail "restart with a latch"
holds "after a restart it waits with the latch" 30 test -f /var/lib/sacbot/claw.latch
holds "and says so" 30 sh -c 'systemctl show -p StatusText --value sacbot@claw | grep -q "fault 60.*latched"'
sleep 5
running && fail "it armed behind a latched fault"
kill -9 "$(pid)"
sleep 8
[ "$(state safety)" = e-stop ] || fail "a crash cleared the latch: $(state safety)"
say "a crash does not clear it either, arm: automatic or not"
sacbot clear-fault --robot claw >/dev/null || fail "clear-fault"
holds "clear-fault: it trains on" 120 running

# Removal.
dpkg -r sacbot >remove.log 2>&1 || { sed 's/^/boot-test: | /' remove.log; fail "dpkg -r"; }
[ -e /usr/bin/sacbot ] && fail "the program is still there"
journalctl -u sacbot@claw --no-pager -n 30 | grep -q 'parked, torque off' || fail "parked at removal"
say "removed; the robot was parked first"
rm -f /etc/sacbot/robots/claw.* /etc/sacbot/claw.env
dpkg -P sacbot >purge.log 2>&1 || { sed 's/^/boot-test: | /' purge.log; fail "dpkg -P"; }
left=$(find / -xdev -path '*sacbot*' -not -path '/var/lib/sacbot*' -not -path '/proc/*' \
    -not -path '/etc/systemd/system/*' -not -path '/opt/*' -not -path '/var/log/*' \
    -not -path '/run/*' 2>/dev/null | head)
[ -z "$left" ] || fail "purge left $left"
[ -d "$(dirname "$run")" ] || fail "purge took the runs along"
say "purged; the runs stay: $(grep -o 'runs stay.*' purge.log)"
say "all of it holds"
