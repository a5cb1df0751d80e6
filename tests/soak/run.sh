#!/bin/bash
# run.sh [SECONDS [SEED]]: programs number their requests to virtual addresses
# while, drawn from SEED, backends are killed, stopped, drained and taken out of
# the file, and lbd is reloaded and, in the first half, killed and ended. One
# backend is left alone, so that every connect() of a program that blocks must
# succeed. In the end ids sent = answered + errors seen, and in the second half,
# in which lbd lives, what it has counted is what the programs did.
#
# No root is needed. Virtual addresses are in 127.96.0.0/16, all else is
# loopback, too.
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 1
duration=${1:-600} seed=${2:-$(date +%s)}
BUILD=${BUILD:-build}
case $BUILD in /*) ;; *) BUILD=$PWD/$BUILD ;; esac
dir=$(mktemp -d "${TMPDIR:-/tmp}/lbd-soak.XXXXXX")
lan=127.$((91 + $$ % 4)).$(($$ / 4 % 250 + 1))
export LBD_SOCKET=$dir/lbd.sock LBD_ADMIN=$dir/admin.sock
unset LD_PRELOAD LBSHIM LBSHIM_LOG
RANDOM=$seed
backends=(1 2 3 4 5 6) # the first is left alone
declare -A server=() stopped=() done=() bad=()
clients=() started=() lbd= half=

# shellcheck source=/dev/null
. tests/soak/parts.sh
# shellcheck source=/dev/null
. tests/soak/accounts.sh
trap cleanup EXIT
trap 'exit 1' INT TERM

# What may happen, each as often as it stands here.
second_half=(kill kill restart restart pause drain drained ready ready reload
	reload weight program)
first_half=("${second_half[@]}" end_lbd kill_lbd)

# half NAME SECONDS ACTION...: clients that live as long as it lasts.
half() {
	local until=$((SECONDS + $2)) half=$1
	shift 2
	start_clients "$half"
	sleep 3 # everybody has attached, and lbd has the memory it needs
	measure_lbd
	while [ $SECONDS -lt $until ]; do
		"do_${@:RANDOM % $# + 1:1}"
		sleep "0.$((RANDOM % 5))"
	done
	stop_clients
	settle
}

echo "soak: $duration s, seed $seed"
for n in "${backends[@]}"; do serve "$n"; done
write_conf
start_lbd
half first $((duration / 2)) "${first_half[@]}"
check_outcomes first
do_end_lbd # nothing that was counted so far is in what comes
half second $((duration / 2)) "${second_half[@]}"
check_outcomes second
check_counters
check_growth
summary
