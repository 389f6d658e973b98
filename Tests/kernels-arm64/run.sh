#!/bin/sh
# Builds the kernels and their checks for this machine and for 64-bit Arm, runs both, the second in
# an emulator, and looks whether the wide levels use the instructions they are for.
#
# usage: run.sh [FOLDER]; the folder takes what is built, a temporary one by default.
# CLANG names the compiler; by default it is the one beside `swift`, with its lld and llvm-objdump.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
kernels=$here/../../Sources/CKernels
sysroot=/usr/aarch64-linux-gnu

stop() {
    echo "$*" >&2
    exit 1
}

if [ -z "${CLANG:-}" ]; then
    swift=$(command -v swift) || stop "no swift in PATH: set CLANG to a clang with lld beside it"
    CLANG=$(dirname "$(readlink -f "$swift")")/clang
fi
tools=$(dirname "$(readlink -f "$CLANG")")
[ -x "$CLANG" ] || stop "no clang at $CLANG: set CLANG"
machine=$(uname -m)
if [ "$machine" != aarch64 ]; then
    command -v qemu-aarch64 >/dev/null ||
        stop "no qemu-aarch64: 'make packages' installs it (Debian: qemu-user)"
    [ -e "$sysroot/lib/crt1.o" ] ||
        stop "no C library for Arm: 'make packages' installs it (Debian: libc6-dev-arm64-cross)"
fi

if [ $# -gt 0 ]; then
    out=$1
    mkdir -p "$out"
else
    out=$(mktemp -d)
    trap 'rm -rf "$out"' EXIT
fi

# The kernels as Package.swift compiles them; the checks with every warning an error.
build() {
    folder=$1
    shift
    mkdir -p "$out/$folder"
    for source in "$kernels"/*.c "$here"/*.c; do
        "$CLANG" "$@" -std=c17 -O3 -Wall -Wextra -Werror -D_DEFAULT_SOURCE \
            -I"$kernels/include" -c "$source" -o "$out/$folder/$(basename "$source" .c).o"
    done
}

build native
"$CLANG" "$out"/native/*.o -lm -o "$out/check-native"

# No cross compiler is needed: the toolchain's own clang and lld, and Debian's C library for Arm.
if [ "$machine" != aarch64 ]; then
    build arm64 --target=aarch64-linux-gnu -isystem "$sysroot/include"
    "$CLANG" --target=aarch64-linux-gnu -fuse-ld="$tools/ld.lld" -nostdlib \
        "$sysroot/lib/crt1.o" "$sysroot/lib/crti.o" "$out"/arm64/*.o "$sysroot/lib/crtn.o" \
        -L"$sysroot/lib" -lm -lc -Wl,-dynamic-linker,/lib/ld-linux-aarch64.so.1 \
        -o "$out/check-arm64"
    arm=arm64
else
    arm=native
fi

# How many instructions of a product match a pattern.
count() {
    "$tools/llvm-objdump" -d --disassemble-symbols="$2" "$out/$1" | grep -cE "$3" || true
}

# A tile of 6 x 4 vectors is 24 fused multiply-adds a step, all of four floats; of one alone there
# must be none, nor a separate multiplication.
instructions() {
    wide=$(count "$1" "$2" "$3")
    narrow=$(count "$1" "$2" "$4")
    echo "$2: $wide wide fused multiply-adds, $narrow others"
    if [ "$wide" -lt "$5" ] || [ "$narrow" -gt 0 ]; then
        stop "$2 is not made of the instructions it is for"
    fi
}
instructions "$arm/level_neon.o" gemm_neon \
    'fmla[[:space:]]+v[0-9]+\.4s' '(fmadd|fmul|fadd)[[:space:]]|fmla[[:space:]]+v[0-9]+\.2s' 24
if [ "$machine" = x86_64 ]; then
    instructions native/level_avx512.o gemm_avx512 \
        'vfmadd.*%zmm' 'vfmadd.*%[xy]mm|vmul[ps]s|vadd[ps]s' 16
    instructions native/level_avx2.o gemm_avx2 'vfmadd.*%ymm' 'vfmadd.*%xmm|vmul[ps]s|vadd[ps]s' 12
    # The plain build has to start on the oldest processor.
    instructions native/level_plain.o gemm_plain 'mulps' '%[yz]mm|vfmadd' 8
fi

echo "--- this machine"
"$out/check-native"
if [ "$machine" != aarch64 ]; then
    echo "--- 64-bit Arm, emulated"
    qemu-aarch64 -L "$sysroot" "$out/check-arm64"
fi
