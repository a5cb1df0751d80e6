# make demo and make test are the two commands; make help lists the rest.

V ?= 0
BUILD ?= build
# One spelling, for the dependencies of objects are kept under it.
override BUILD := $(patsubst $(CURDIR)/%,%,$(BUILD))
PREFIX ?= /usr/local
LIBDIR ?= $(PREFIX)/lib
VERSION := 0.1.0

comma := ,
ifdef SAN
override BUILD := $(BUILD)/$(subst $(comma),-,$(SAN))
SANFLAGS := -fsanitize=$(SAN) -fno-sanitize-recover=all -fno-omit-frame-pointer
endif
ifneq ($(V),1)
Q := @
say = @printf '  %-5s %s\n' $(1) $(2)
endif

WARN := -Wall -Wextra -Wshadow -Wvla -Wstrict-prototypes -Wmissing-prototypes
ifeq ($(CI),true)
WARN += -Werror
endif
CFLAGS ?= -O2 -g
CPPFLAGS += -I. -D_GNU_SOURCE -DLBD_VERSION='"$(VERSION)"' \
	-DLBD_LIBDIR='"$(LIBDIR)"'
ALL := -std=gnu11 $(WARN) $(CPPFLAGS) $(CFLAGS) $(SANFLAGS) -MMD -MP

# The shim links nothing: it is loaded into programs of every libc.
# Functions on lines of their own: where a connect() happens to lie in the cache
# was worth 30 ns, after every change another 30.
GUEST := -fPIC -fvisibility=hidden -fasynchronous-unwind-tables \
	-falign-functions=64
# One segment less to map is a page fault less in every program's start.
GUEST_LINK := -shared -Wl,-z,noseparate-code,-z,nodelete,-z,now,--eh-frame-hdr
ifndef SAN
GUEST += -ffreestanding -fno-builtin -fno-stack-protector -U_FORTIFY_SOURCE
GUEST_LINK += -nostdlib
endif

SHIM := $(filter-out shim/lbrun.c $(if $(SAN),shim/mem.c),$(wildcard shim/*.c))
PURE := shim/addr.c shim/claim.c shim/entry.c shim/hash.c shim/hostent.c \
	shim/lookup.c shim/lookup_elsewhere.c shim/mapping.c shim/names.c \
	shim/note.c shim/pending.c shim/pick.c shim/tell.c shim/wait.c
READER := shim/hash.c shim/lookup.c shim/lookup_elsewhere.c shim/names.c \
	shim/pick.c
LBCTL := $(wildcard lbd/lbctl*.c) $(wildcard lbd/conf*.c)
LBD := $(filter-out lbd/main.c lbd/lbctl%.c,$(wildcard lbd/*.c))
UNIT := $(wildcard tests/*.c)
CLIENTS := $(patsubst %.c,$(BUILD)/%,$(notdir \
	$(wildcard tests/e2e/*.c tests/bench/*.c tests/soak/*.c \
	tests/scale/*.c)))
FUZZ := $(patsubst tests/fuzz/%.c,%,$(wildcard tests/fuzz/fuzz_*.c))
ASKING := $(patsubst %.c,$(BUILD)/%,$(notdir $(wildcard tests/programs/*.c)))

obj = $(patsubst %.c,$(BUILD)/$(2)/%.o,$(1))
PRODUCT := $(addprefix $(BUILD)/,lbd lbctl lbrun liblbshim.so)

.PHONY: all deps deps-test deps-lint deps-fuzz deps-bench deps-programs \
	deps-coverage deps-cpython deps-model demo test test-programs \
	test-cpython unit unit-build e2e fuzz fuzz-build fuzz-replay lint \
	model coverage soak bench \
	mutants install clean help
all: $(PRODUCT)

$(BUILD)/guest/%.o: %.c
	$(call say,CC,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL) $(GUEST) -c -o $@ $<
$(BUILD)/plain/%.o: %.c
	$(call say,CC,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL) -c -o $@ $<

$(BUILD)/liblbshim.so: $(call obj,$(SHIM),guest)
	$(call say,LINK,$@)
	$(Q)$(CC) $(CFLAGS) $(SANFLAGS) $(GUEST_LINK) -o $@ $^
$(BUILD)/lbd: $(call obj,lbd/main.c $(LBD) shim/addr.c shim/mapping.c,plain)
	$(call say,LINK,$@)
	$(Q)$(CC) $(CFLAGS) $(SANFLAGS) -Wl,--export-dynamic-symbol=lbd_is_here \
		$(LDFLAGS) -o $@ $^ -lev -linih -lmicrohttpd -ljansson -lcurl -lm
$(BUILD)/lbctl: $(call obj,$(LBCTL) shim/addr.c,plain)
	$(call say,LINK,$@)
	$(Q)$(CC) $(CFLAGS) $(SANFLAGS) $(LDFLAGS) -o $@ $^ -lcurl -ljansson -linih
$(BUILD)/lbrun: $(call obj,shim/lbrun.c,plain)
	$(call say,LINK,$@)
	$(Q)$(CC) $(CFLAGS) $(SANFLAGS) $(LDFLAGS) -o $@ $^
# What unit tests may have refused, see tests/refusal.h.
REFUSED := malloc calloc realloc reallocarray strdup vasprintf asprintf fdopen \
	open read fcntl fstat memfd_create ftruncate fallocate fchmod mmap \
	getrandom socket connect getsockopt setsockopt send recv pipe2 fork \
	publish_keys_fill
$(BUILD)/unit: $(call obj,$(UNIT) $(LBD) $(PURE),plain)
	$(call say,LINK,$@)
	$(Q)$(CC) $(CFLAGS) $(SANFLAGS) $(LDFLAGS) -o $@ $^ \
		$(REFUSED:%=-Wl$(comma)--wrap=%) -lcheck -lsubunit \
		-lrt -lpthread -lev -linih -lmicrohttpd -ljansson -lcurl -lm
$(BUILD)/fuzz_region: $(call obj,$(addprefix tests/fuzz/,naive.c naive_name.c \
	naive_view.c published.c tables.c) $(READER),plain)
$(BUILD)/fuzz_reply: $(call obj,$(addprefix tests/fuzz/,odd_files.c \
	published.c tables.c) shim/entry.c shim/handshake.c,plain)
$(BUILD)/fuzz_rules: $(call obj,tests/fuzz/naive_rules.c,plain)
$(BUILD)/fuzz_pick: $(call obj,tests/fuzz/expected.c $(READER),plain)
# With SAN=fuzzer,... clang brings a main() of its own.
$(addprefix $(BUILD)/,$(FUZZ)): $(BUILD)/%: $(call obj,tests/fuzz/%.c $(LBD) \
		shim/addr.c shim/mapping.c \
		$(if $(findstring fuzzer,$(SAN)),,tests/fuzz/replay.c),plain)
	$(call say,LINK,$@)
	$(Q)$(CC) $(CFLAGS) $(SANFLAGS) $(LDFLAGS) -o $@ $^ \
		-lev -linih -lmicrohttpd -ljansson -lcurl -lm
$(CLIENTS): $(BUILD)/%: %.c
	$(call say,LINK,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL) $(LDFLAGS) -o $@ $< -lpthread -lm
$(ASKING): $(BUILD)/%: %.c
	$(call say,LINK,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL) $(LDFLAGS) -o $@ $< $(ASKING_LIB)
$(BUILD)/ask_libevent: ASKING_LIB := -levent
$(BUILD)/ask_libev: ASKING_LIB := -lev
$(BUILD)/ask_redis: ASKING_LIB := -lhiredis -lev
# What a kernel balances with, for the bench to compare.
$(BUILD)/balance4.o: tests/bench/ebpf/balance4.bpf.c tests/bench/ebpf/balance4.h
	$(call say,CC,$@)
	@mkdir -p $(@D)
	$(Q)clang -O2 -g -Wall -target bpf -I. -idirafter \
		/usr/include/$(shell gcc -print-multiarch) -c -o $@ $<
$(BUILD)/load4: tests/bench/ebpf/load4.c
	$(call say,LINK,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL) $(LDFLAGS) -o $@ $< -lbpf
vpath %.c tests/e2e tests/bench tests/soak tests/scale tests/programs

# What each step needs from Debian; `make deps` installs what is missing.
DEPS := gcc libc6-dev curl libev-dev libinih-dev libmicrohttpd-dev \
	libjansson-dev libcurl4-openssl-dev
DEPS_TEST := check haproxy python3 python3-h2 netbase openssl nginx-light redis-server \
	redis-tools postgresql musl-tools procps util-linux iproute2 nftables \
	strace mandoc
DEPS_CPYTHON := libpython3.11-testsuite
DEPS_LINT := clang clang-format cppcheck
DEPS_FUZZ := clang libclang-rt-14-dev
DEPS_MODEL := gcc libc6-dev spin
DEPS_COVERAGE := gcovr
DEPS_BENCH := haproxy nginx-light libnginx-mod-stream nftables clang libbpf-dev \
	iproute2 util-linux
DEPS_PROGRAMS := bsdextrautils haproxy libevent-dev libhiredis-dev \
	libnginx-mod-stream netcat-openbsd nodejs openjdk-17-jdk-headless perl \
	php-cli php-curl python3-gevent python3-twisted python3-uvloop ruby socat \
	wget
deps:
	@tests/deps $(DEPS)
deps-test: deps
	@tests/deps $(DEPS_TEST)
deps-cpython: deps-test
	@tests/deps $(DEPS_CPYTHON)
deps-lint: deps-test
	@tests/deps $(DEPS_LINT)
deps-fuzz: deps
	@tests/deps $(DEPS_FUZZ)
deps-model:
	@tests/deps $(DEPS_MODEL)
# What cannot be had is a row less.
deps-bench: deps
	@tests/deps $(DEPS_BENCH) || echo 'Without those, then.'
deps-programs: deps-test
	@tests/deps $(DEPS_PROGRAMS)
deps-coverage: deps-test
	@tests/deps $(DEPS_COVERAGE)

demo: deps
	@$(MAKE) --no-print-directory all $(BUILD)/hello
	@BUILD=$(BUILD) tests/demo.sh

# Unit tests, then end to end; the last line counts both.
test: deps-test
	@$(MAKE) --no-print-directory all $(BUILD)/unit $(CLIENTS)
	@BUILD=$(BUILD) CC="$(CC)" SAN="$(SAN)" tests/run.sh $(T)
# CPython's own tests of sockets, with the library and without.
test-cpython: deps-cpython
	@$(MAKE) --no-print-directory all
	@BUILD=$(abspath $(BUILD)) CC="$(CC)" SAN="$(SAN)" bash tests/e2e/lib.sh \
		tests/programs/cpython.sh each_ends_as_without_the_library
unit: $(BUILD)/unit
	@BUILD=$(BUILD) SAN="$(SAN)" tests/run.sh unit $(T)
unit-build: $(BUILD)/unit $(CLIENTS)
e2e: all $(CLIENTS)
	@BUILD=$(BUILD) CC="$(CC)" SAN="$(SAN)" tests/run.sh e2e $(T)

lint: all
	@BUILD=$(BUILD) CC="$(CC)" tests/lint.sh
mutants:
	@tests/mutants/run.sh $(T)
# Which branches of what decides where connections go no test has taken.
coverage: deps-coverage
	@$(MAKE) --no-print-directory BUILD=$(BUILD)/coverage \
		CFLAGS='-O0 -g --coverage -fprofile-update=atomic' \
		$(BUILD)/coverage/unit fuzz-build
	@BUILD=$(BUILD)/coverage tests/coverage.sh
# Any bytes for what reads bytes: those of the tree, or ever others.
fuzz-build: $(addprefix $(BUILD)/,$(FUZZ))
fuzz-replay: fuzz-build
	@BUILD=$(BUILD) tests/fuzz/run.sh replay 0 $(FUZZ)
fuzz: deps-fuzz
	@$(MAKE) --no-print-directory CC=clang SAN=fuzzer,address,undefined \
		fuzz-build
	@BUILD=$(BUILD)/fuzzer-address-undefined \
		tests/fuzz/run.sh fuzz $(or $(SECONDS),60) $(FUZZ)
# The protocol of the table, every way it can go; and each step of it broken.
model: deps-model
	@V=$(V) tests/model/run.sh $(T)
# Programs that count, while backends, the file and lbd come and go.
soak: deps-test
	@$(MAKE) --no-print-directory all $(CLIENTS)
	@BUILD=$(BUILD) tests/soak/run.sh $(or $(SECONDS),600) $(SEED)
# What programs of Debian's make of backends that cannot be connected to.
test-programs: deps-programs
	@$(MAKE) --no-print-directory all $(CLIENTS) $(ASKING)
	@BUILD=$(BUILD) tests/programs/matrix.sh $(T)
# What a file of SERVICES x BACKENDS takes, reloaded under load.
scale: deps-test
	@$(MAKE) --no-print-directory all $(CLIENTS)
	@BUILD=$(BUILD) tests/scale/run.sh $(or $(SERVICES),10000) \
		$(or $(BACKENDS),100) $(or $(ROUNDS),6) $(or $(LISTS),200)
bench: deps-bench
	@$(MAKE) -s --no-print-directory all $(CLIENTS)
	@$(MAKE) -s --no-print-directory $(BUILD)/balance4.o $(BUILD)/load4 || \
		echo 'Without eBPF, then.'
	@BUILD=$(BUILD) tests/bench/run.sh $(T)

MAN1 := shim/lbrun.1 lbd/lbctl.1
install: all
	install -d $(DESTDIR)$(PREFIX)/sbin $(DESTDIR)$(PREFIX)/bin \
		$(DESTDIR)$(LIBDIR) $(DESTDIR)$(PREFIX)/share/man/man1 \
		$(DESTDIR)$(PREFIX)/share/man/man5 \
		$(DESTDIR)$(PREFIX)/share/man/man7 \
		$(DESTDIR)$(PREFIX)/share/man/man8 \
		$(DESTDIR)$(PREFIX)/share/doc/lbd
	install $(BUILD)/lbd $(DESTDIR)$(PREFIX)/sbin
	install $(BUILD)/lbctl $(BUILD)/lbrun $(DESTDIR)$(PREFIX)/bin
	install -m 644 $(BUILD)/liblbshim.so $(DESTDIR)$(LIBDIR)/liblbshim.so.new
	mv -f $(DESTDIR)$(LIBDIR)/liblbshim.so.new $(DESTDIR)$(LIBDIR)/liblbshim.so
	install -m 644 $(MAN1) $(DESTDIR)$(PREFIX)/share/man/man1
	install -m 644 lbd/lbd.ini.5 $(DESTDIR)$(PREFIX)/share/man/man5
	install -m 644 shim/lbshim.7 $(DESTDIR)$(PREFIX)/share/man/man7
	install -m 644 lbd/lbd.8 $(DESTDIR)$(PREFIX)/share/man/man8
	install -m 644 README.md conf/lbd.ini conf/minimal.ini conf/lbd.service \
		conf/lbd-exe.conf $(DESTDIR)$(PREFIX)/share/doc/lbd

clean:
	rm -rf $(BUILD)

help:
	@echo 'make demo         see it work, in half a minute, no root needed'
	@echo 'make test         unit and end-to-end tests; T=word picks some'
	@echo 'make test-programs  other people'\''s programs and dead backends'
	@echo 'make              build/lbd, lbctl, lbrun, liblbshim.so'
	@echo 'make lint         format, exported symbols, include direction, cppcheck'
	@echo 'make fuzz         bytes of chance into what reads bytes; SECONDS= each'
	@echo 'make fuzz-replay  only those that the tree has'
	@echo 'make model        the protocol of the table, tried in every order'
	@echo 'make soak         ten minutes of mischief, counted; SECONDS=, SEED='
	@echo 'make scale        a million backends; SERVICES=, BACKENDS=,'
	@echo '                  ROUNDS=, LISTS='
	@echo 'make bench        what it costs, beside five other ways; T=word a part,'
	@echo '                  ROUNDS=1 in five minutes'
	@echo 'make test-cpython socket tests of CPython, with the library and without'
	@echo 'make mutants      break single lines, see which test notices'
	@echo 'make coverage     branches that tests take; SHOW=word tells which not'
	@echo 'make install      PREFIX=/usr/local DESTDIR=, LIBDIR='
	@echo 'make deps, deps-test, deps-lint   Debian packages for each of these'
	@echo 'SAN=address,undefined or SAN=thread, BUILD=folder, V=1, CC=clang'

-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)
