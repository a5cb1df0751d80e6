#!/bin/bash
# run.sh replay|fuzz SECONDS NAME...: each target with the inputs of its folder;
# or with clang's fuzzer, for so long each, from these on. What it finds new is
# kept beside the programs, and what breaks a target is named. NAME.dict has
# words to put in.
cd "$(dirname "$0")/../.." || exit 1
how=$1 seconds=$2
shift 2
status=0
for name in "$@"; do
	seeds=tests/fuzz/${name#fuzz_}
	if [ "$how" = replay ]; then
		"$BUILD/$name" "$seeds"/* || status=1
		continue
	fi
	found=$BUILD/found/${name#fuzz_}
	mkdir -p "$found"
	nice "$BUILD/$name" -max_total_time="$seconds" -max_len=4000 -timeout=10 \
		-artifact_prefix="$found-" -print_final_stats=1 \
		$([ -e "$seeds.dict" ] && echo "-dict=$seeds.dict") \
		"$found" "$seeds" || status=1
done
exit $status
