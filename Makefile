# What people and CI run. `make demo` and `make test` share one build.

# The only place that names Debian packages.
APT_PACKAGES = pkg-config libserialport-dev libyaml-dev libmujoco-dev libsqlite3-dev \
               libgstreamer-plugins-base1.0-dev gstreamer1.0-plugins-base gstreamer1.0-plugins-good \
               libosmesa6-dev libegl-dev libegl1 libpng-dev libzstd-dev libjs-dygraphs \
               python3 python3-venv
# What only tests need: a browser for the dashboard, and a certificate.
TEST_PACKAGES = chromium chromium-driver openssl
# The kernels for Arm are tested in an emulator, where this machine is none.
ifneq ($(shell uname -m),aarch64)
APT_PACKAGES += qemu-user libc6-dev-arm64-cross
endif

SWIFT ?= swift
# Numerics are a hundred times slower in debug builds; tests reach internals through @testable.
FLAGS = -c release -Xswiftc -enable-testing --explicit-target-dependency-import-check error
SACBOT = .build/release/sacbot
ROBOT ?= claw.yaml
PROFILE ?= crossq
STEPS ?= 10000

MINUTES ?= 10
SPEED ?= 1
KILLS ?= 100

.PHONY: demo test bench fault-campaign build captures packages peers lint format clean help \
        jitter kill-campaign soak sanitize deb boot-test

help:
	@echo "make demo   build, train the claw in simulation, evaluate it"
	@echo "make test   build and run every test"
	@echo "make bench  speed, one JSON object a line (BENCH_PEERS=1 adds the peers)"
	@echo "make fault-campaign  every fault at every rate, three seeds; writes its table to docs/results"
	@echo "make captures  what the bring-up commands look like, into docs/captures"
	@echo "make jitter         ticks beside cyclictest (JITTER_SECONDS=60 a block, 20 blocks)"
	@echo "make kill-campaign  kill -9 at random instants, torn logs, full disks (KILLS=100 a manner)"
	@echo "make soak           the service beside servos that fail now and then (MINUTES=10, SPEED=1)"
	@echo "make sanitize       the threaded tests under thread and address sanitiser"
	@echo "make deb            the Debian package, into .build/deb"
	@echo "make boot-test      the package in a booted Debian: install, crash, hang, upgrade, purge"
	@echo "make lint   formatting and repository rules"

demo: packages
	$(SWIFT) build $(FLAGS) --product sacbot
	@echo "--- training the claw from scratch in simulation (about three minutes; Ctrl-C saves)"
	$(SACBOT) train --robot $(ROBOT) --profile $(PROFILE) --steps $(STEPS) --fresh
	@echo "--- evaluating its policy over 100 episodes from fixed starts"
	$(SACBOT) evaluate --robot $(ROBOT) --policy latest --episodes 100

# The whole-program tests run alone: their servos answer in real time. So do those of the dashboard's
# server: its tasks need threads that tests which wait for a device would take from it.
test: APT_PACKAGES += $(TEST_PACKAGES)
test: packages peers
	$(SWIFT) build $(FLAGS) --build-tests
	SACBOT_PYTHON=$(CURDIR)/.venv/bin/python3 \
		$(SWIFT) test $(FLAGS) --skip-build --skip SystemTests --skip DashboardTests.ServerTests
	$(SWIFT) test $(FLAGS) --skip-build --filter DashboardTests.ServerTests
	SACBOT_PYTHON=$(CURDIR)/.venv/bin/python3 \
		$(SWIFT) test $(FLAGS) --skip-build --filter SystemTests

bench: packages
	$(SWIFT) build $(FLAGS) --product sacbot-bench
	.build/release/sacbot-bench

# The short form of it is one of the tests.
fault-campaign: packages
	$(SWIFT) build $(FLAGS) --build-tests
	SACBOT_CAMPAIGN=full SACBOT_CAMPAIGN_REPORT=$(CURDIR)/docs/results/fault-campaign.md \
		$(SWIFT) test $(FLAGS) --skip-build --filter FaultCampaignTests

# What scan, calibrate, check and jog look like: docs/captures, from an emulated claw.
captures: packages
	@command -v tmux >/dev/null || \
		{ sudo=""; [ "$$(id -u)" = 0 ] || sudo=sudo; $$sudo apt-get install -y -qq tmux; }
	$(SWIFT) build $(FLAGS) --product sacbot
	docs/captures/make.sh

# As root; other work on the machine shows in both programs' figures.
JITTER_SECONDS ?= 60
jitter: packages
	@command -v cyclictest >/dev/null || { echo "apt install rt-tests"; exit 1; }
	$(SWIFT) build $(FLAGS) --product sacbot-bench
	BENCH_JITTER_SECONDS=$(JITTER_SECONDS) .build/release/sacbot-bench jitter

# Whole program: KILLS a manner (running, closing, lock step). Journal alone: 3 x KILLS, and its log
# torn at every byte of its tail.
kill-campaign: packages
	$(SWIFT) build $(FLAGS) --build-tests
	SACBOT_KILLS=$(KILLS) $(SWIFT) test $(FLAGS) --skip-build --filter KillCampaignTests
	JOURNAL_KILLS=$$((3 * $(KILLS))) JOURNAL_TORN_TAIL=1 \
		$(SWIFT) test $(FLAGS) --skip-build --filter JournalTests.CrashTests
	$(SWIFT) test $(FLAGS) --skip-build --filter FullDiskTests

# SPEED=8: the programs' time runs eight times faster, by libfaketime (apt install faketime).
soak: packages
	$(SWIFT) build $(FLAGS) --build-tests
	SACBOT_SOAK_MINUTES=$(MINUTES) SACBOT_SOAK_SPEED=$(SPEED) SACBOT_SOAK_CSV=$(CURDIR)/soak.csv \
		$(SWIFT) test $(FLAGS) --skip-build --filter SystemTests.SoakTests

# Everything in which threads meet. Left out: numerics of Learning alone (they run in Training's
# tests), whole-program tests (their deadlines are real time), and what counts allocations, because a
# sanitiser brings its own malloc and mlock. Leaks are not looked for: MuJoCo and Foundation keep some
# memory to the end.
SANITIZED = RealtimeTests|ControlTests|TrainingTests|JournalTests|ServoEmulatorTests|ServoHardwareTests
sanitize: export SACBOT_SANITIZE = 1
sanitize: packages
	for kind in thread address; do \
		$(SWIFT) build $(FLAGS) --sanitize=$$kind --scratch-path .build/$$kind --build-tests && \
		ASAN_OPTIONS=detect_leaks=0 \
		$(SWIFT) test $(FLAGS) --sanitize=$$kind --scratch-path .build/$$kind --skip-build \
			--filter '$(SANITIZED)' --skip 'CrashTests|ThreadTests/locked' || exit 1; \
	done

# The Swift runtime is linked in, so this is a build of its own.
deb: packages
	@command -v dh >/dev/null && command -v lintian >/dev/null || \
		{ echo "apt install debhelper lintian"; exit 1; }
	packaging/make-deb.sh
	lintian --fail-on error .build/deb/*.changes

# As root; docs/daemon.md.
boot-test:
	packaging/boot-test/run.sh .build/deb/*.deb

build: packages
	$(SWIFT) build $(FLAGS)

# Installs what is missing and says so.
packages:
	@missing=""; for package in $(APT_PACKAGES); do \
		dpkg -s $$package >/dev/null 2>&1 || missing="$$missing $$package"; done; \
	if [ -n "$$missing" ]; then \
		sudo=""; [ "$$(id -u)" = 0 ] || sudo=sudo; \
		echo "installing Debian packages:$$missing"; \
		$$sudo apt-get update -qq && \
		DEBIAN_FRONTEND=noninteractive $$sudo apt-get install -y -qq $$missing >/dev/null; \
	fi
	@command -v $(SWIFT) >/dev/null || \
		{ echo "no swift found: see README, 'A Swift toolchain'"; exit 1; }

# Third-party programs that judge us in the tests, in a virtual environment of their own.
peers: .venv/.installed

.venv/.installed: Tests/peers/requirements.txt
	@echo "installing test peers into .venv: $$(tr '\n' ' ' < $<)"
	python3 -m venv .venv
	.venv/bin/pip install --quiet --disable-pip-version-check -r $<
	@touch $@

lint:
	$(SWIFT) format lint --strict --recursive Package.swift Sources Tests Benchmarks

format:
	$(SWIFT) format --in-place --recursive Package.swift Sources Tests Benchmarks

clean:
	rm -rf .build .venv
