# Rules at random, through reloads, for programs that run all the time.
. tests/e2e/rules.sh

mean_what_they_say() { # SEED
	local python
	root_only
	python=$(readlink -f "$(command -v python3)")
	cp "$python" "$dir/python"
	backend b1
	coproc rules {
		exec python3 tests/e2e/any_rules.py "$1" "$dir" "$BUILD/lbctl" \
			"$lan.1:8000" "$preload" "$python" "$dir/python" 2>&1
	}
	started+=("$rules_PID")
	exec 8>&"${rules[1]}" 9<&"${rules[0]}"
	read -r said <&9
	is "$said" written
	lbd_start
	echo started >&8
	said=$(cat <&9)
	is "$said" "as read"
}

test_rules_at_random_mean_what_they_say_1() {
	mean_what_they_say 1
}

test_rules_at_random_mean_what_they_say_2() {
	mean_what_they_say 2
}

test_rules_at_random_mean_what_they_say_3() {
	mean_what_they_say 3
}
