#!/bin/bash
# The package in a booted Debian: `make boot-test`, as root. Needs debootstrap, qemu-system-x86,
# e2fsprogs, and KVM to be quick. The guest's own words end in docs/results/boot-test.log.
#
#   run.sh PACKAGE.deb
#
# BOOT_TEST_IN=nspawn boots it in a container instead, where a virtual machine is too slow for servos:
# systemd, its sandbox and the package are as real, the kernel is the host's. It needs systemd-container.
# BOOT_TEST_FOLDER keeps the bootstrapped Debian for the next time.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
deb=$(realpath "$1")
folder=${BOOT_TEST_FOLDER:-/var/tmp/sacbot-boot-test}
log=${BOOT_TEST_LOG:-$here/../../docs/results/boot-test.log}
mkdir -p "$folder"

box=${BOOT_TEST_IN:-qemu}
tools="debootstrap qemu-system-x86_64 mke2fs"
[ "$box" = nspawn ] && tools="debootstrap systemd-nspawn script"
for tool in $tools; do
    command -v "$tool" >/dev/null || { echo "no $tool: packaging/boot-test/run.sh says what it needs"; exit 1; }
done

if [ ! -e "$folder/root/.complete" ]; then
    rm -rf "$folder/root"
    debootstrap --variant=minbase \
        --include=systemd,systemd-sysv,dbus,udev,procps,linux-image-cloud-amd64 \
        bookworm "$folder/root"
    touch "$folder/root/.complete"
fi

# What the package depends on, so that the guest needs no network.
depends=$(dpkg-deb -f "$deb" Depends | sed 's/([^)]*)//g; s/|[^,]*//g; s/,/ /g')
if [ "$(cat "$folder/root/.depends" 2>/dev/null)" != "$depends" ]; then
    chroot "$folder/root" sh -c "
        mount -t proc proc /proc
        apt-get update -qq
        DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $depends
        apt-get clean
        umount /proc"
    echo "$depends" > "$folder/root/.depends"
fi

# The guest: the package twice, the second as a later version, and what is to be tried.
guest=$folder/root/opt/boot-test
rm -rf "$guest" && mkdir -p "$guest"
cp "$deb" "$guest/first.deb"
unpacked=$(mktemp -d)
dpkg-deb -R "$deb" "$unpacked"
sed -i 's/^Version: .*/&+later/' "$unpacked/DEBIAN/control"
dpkg-deb --root-owner-group -Zgzip -z1 -b "$unpacked" "$guest/later.deb" >/dev/null
rm -rf "$unpacked"
install -m 755 "$here/guest.sh" "$guest/guest.sh"
cat > "$folder/root/etc/systemd/system/boot-test.service" <<'UNIT'
[Unit]
After=multi-user.target
[Service]
Type=oneshot
ExecStart=/opt/boot-test/guest.sh
StandardOutput=tty
StandardError=tty
TTYPath=/dev/console
ExecStopPost=/bin/systemctl --no-block poweroff --force
TimeoutStartSec=20min
[Install]
WantedBy=graphical.target
UNIT
ln -sf /etc/systemd/system/boot-test.service \
    "$folder/root/etc/systemd/system/multi-user.target.wants/boot-test.service"
ln -sf /lib/systemd/system/multi-user.target "$folder/root/etc/systemd/system/default.target"
ln -sf /dev/null "$folder/root/etc/systemd/system/serial-getty@ttyS0.service"
ln -sf /dev/null "$folder/root/etc/systemd/system/console-getty.service"

in_container() {
    # A change of its own on top: the folder stays as it was.
    script -qefc "timeout 1500 systemd-nspawn -D $folder/root --boot --register=no --keep-unit \
        --volatile=overlay --capability=CAP_SYS_NICE,CAP_IPC_LOCK" /dev/null </dev/null
}
in_machine() {

    rm -f "$folder/disk.img"
    mke2fs -q -t ext4 -d "$folder/root" "$folder/disk.img" 3G
    kernel=$(ls "$folder"/root/boot/vmlinuz-* | tail -1)
    initrd=$(ls "$folder"/root/boot/initrd.img-* | tail -1)
    accel=${BOOT_TEST_ACCEL:-tcg}
    [ -n "${BOOT_TEST_ACCEL:-}" ] || { [ -w /dev/kvm ] && accel=kvm; }
    timeout 1500 qemu-system-x86_64 -M q35,accel=$accel -cpu max -smp 2 -m 1536 -nographic -no-reboot \
    -kernel "$kernel" -initrd "$initrd" -append "root=/dev/vda rw console=ttyS0 quiet" \
    -drive "file=$folder/disk.img,format=raw,if=virtio,cache=unsafe" -nic none \
        < /dev/null
}
case $box in
qemu) in_machine ;;
nspawn) in_container ;;
*) echo "BOOT_TEST_IN is qemu or nspawn"; exit 1 ;;
esac | tr -d '\r' | tee "$folder/serial.log" | grep --line-buffered '^boot-test:' || true

sed -n 's/^boot-test: //p' "$folder/serial.log" > "$log"
grep -q '^all of it holds$' "$log" || { tail -60 "$folder/serial.log"; exit 1; }
