# lbd dies, at whatever it is doing, and another one is started.

# file N: other backends, rules and sizes each time, so that a reload moves a list
# to a larger region, or another service out of it; it takes some milliseconds.
# Who is asked for stays where it is: where it went with new rules, only an lbd
# that lives could tell what they permit, and until there is one nobody has it.
file() {
	local i
	{
		printf '[service web]\naddress = 127.96.1.1:80\nprobe = none\n'
		printf 'name = web.internal\nbackend = %s.%d:8000\n' \
			"$lan" $(($1 % 2 + 1))
		echo "permit = any"
		printf '[service large]\naddress = 127.96.1.2:80\nprobe = none\n'
		[ $(($1 % 3)) != 0 ] || echo "permit = any"
		for ((i = 1; i <= 500 + $1 % 4 * 1500; i++)); do
			echo "backend = 10.0.$((i / 250)).$((i % 250 + 1)):80"
		done
	} | conf
}

# Whoever has a table reads on, and whoever comes finds one.
test_a_death_at_any_moment_of_a_reload_leaves_a_table() {
	backend b1
	backend b2
	file 0
	lbd_start
	LD_PRELOAD=$preload spawn "$BUILD/load" rate=500 seconds=100 \
		127.96.1.1 80 >"$dir/load"
	load=$pid
	for i in $(seq 25); do
		file "$i"
		kill -HUP "$lbd"
		sleep "0.$((100 + RANDOM % 60))" # what is heard of in 0.1 s is one
		stop "$lbd" KILL
		matches "$(shimmed "$BUILD/load" count=3 127.96.1.1 80 2>&1)" \
			'^failed connects 3$' # there is no lbd to ask
		lbd_start
		matches "$(get web.internal)" "^b[12]$"
	done
	stop "$load"
	cat "$dir/load"
	matches "$(cat "$dir/load")" '^failed connects 0$'
	matches "$(cat "$dir/load")" '^b1 [0-9]{2}'
	matches "$(cat "$dir/load")" '^b2 [0-9]{2}'
}
