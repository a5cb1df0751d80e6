# lbd.ini as a person meets it: what is asked, and what is said.

test_status_shows_a_probe_as_it_was_written() {
	backend b1
	conf <<-END
	[service web]
	address = 127.96.1.1:80
	probe = tcp  port=8000 ; the one it has
	backend = $lan.1:8000
	[service plain]
	address = 127.96.1.2:80
	backend = $lan.1:8000
	[service datagrams]
	address = 127.96.1.3:80
	protocol = udp
	backend = $lan.1:8000
	END
	lbd_start
	matches "$("$BUILD/lbctl" status web)" "probe *tcp  port=8000$"
	matches "$("$BUILD/lbctl" status plain)" "probe *tcp$"
	matches "$("$BUILD/lbctl" status datagrams)" "probe *none$"
}

test_a_semicolon_that_ends_a_text_is_explained() {
	conf <<-'END'
	[service web]
	address = 127.96.1.1:80
	probe = send "GET x ; y\r\n"
	END
	fails "$BUILD/lbd" -t -c "$dir/lbd.ini" 2>"$dir/said"
	matches "$(cat "$dir/said")" \
		'lbd.ini:6: \[service web\] probe: must have a closing " in "\\"GET x" \(a blank and ; begin a comment: write \\x3b\)'
}

test_what_a_file_means_is_a_file_that_means_the_same() {
	conf <<-END
	[defaults]
	rise = 7
	[service web]
	address = 127.96.1.1:80
	probe = http
	permit = user root
	backend = $lan.1:8000
	END
	"$BUILD/lbd" -t -v -c "$dir/lbd.ini" >"$dir/meant.ini" 2>"$dir/said"
	is "$(cat "$dir/said")" ""
	is "$(sed -n '/^rise\|^probe = /p' "$dir/meant.ini")" \
		'probe = http GET / 200-399
rise = 7'
	matches "$(cat "$dir/meant.ini")" '^; user root is 0$'
	"$BUILD/lbd" -t -v -c "$dir/meant.ini" | diff "$dir/meant.ini" -
	echo "rise = 0" >>"$dir/lbd.ini"
	fails "$BUILD/lbd" -t -v -c "$dir/lbd.ini" >"$dir/out" 2>/dev/null
	is "$(cat "$dir/out")" ""
}

test_what_cannot_be_printed_is_not_passed_over() {
	conf </dev/null
	"$BUILD/lbd" -t -v -c "$dir/lbd.ini" >"$dir/out" 2>/dev/null
	fails "$BUILD/lbd" -t -v -c "$dir/lbd.ini" >/dev/full 2>"$dir/said"
	matches "$(cat "$dir/said")" 'cannot write what the file means'
}

test_to_show_is_to_check() {
	local status=0
	conf </dev/null
	"$BUILD/lbd" -v -c "$dir/lbd.ini" 2>"$dir/said" || status=$?
	is $status 2
	matches "$(cat "$dir/said")" '^lbd: -v goes with -t$'
}

# Each of tests/broken as a file, and lbd -t: its status, and all it says.
test_lbd_tells_all_that_is_wrong_with_broken_files() {
	python3 - "$BUILD/lbd" "$dir" <<-'END'
	import glob, re, subprocess, sys
	lbd, folder = sys.argv[1:]
	tried = 0
	for path in sorted(glob.glob("tests/broken/*.txt")):
	    records = re.split(r"(?m)^== ", open(path, newline="").read())[1:]
	    for record in records:
	        title, _, rest = record.partition("\n")
	        text, _, said = ("\n" + rest).partition("\n--\n")
	        with open(folder + "/F", "w", newline="") as file:
	            file.write(text[1:] + "\n")
	        got = subprocess.run([lbd, "-t", "-v", "-c", "F"], cwd=folder,
	                             capture_output=True)
	        if (got.returncode, got.stdout) != (1, b""):
	            sys.exit(f"{path}: {title}: status {got.returncode}")
	        if got.stderr.decode() != said:
	            sys.exit(f"{path}: {title}: {got.stderr.decode()}")
	        tried += 1
	if tried < 100:
	    sys.exit(f"only {tried} files")
	END
}

# Two files take turns under one name, as fast as they can.
replace_for_ever() { # OLD NEW NAME
	while :; do
		ln -f "$1" "$3.new" && mv -f "$3.new" "$3"
		ln -f "$2" "$3.new" && mv -f "$3.new" "$3"
	done
}

services_only() { # NAME COUNT: NAME is in all services
	local i
	for ((i = 0; i < $2; i++)); do
		printf '[service %s%d]\naddress = 127.96.%d.%d:80\n' \
			"$1" "$i" $((i / 250)) $((i % 250 + 1))
		printf 'backend = %s.1:80 name=%s\n' "$lan" "$1"
	done
}

test_a_file_that_is_replaced_is_read_as_the_old_or_the_new() {
	services_only old 900 >"$dir/old.ini"
	services_only new 1100 >"$dir/new.ini"
	for which in old new; do
		"$BUILD/lbd" -t -v -c "$dir/$which.ini" >"$dir/$which.meant"
	done
	cp "$dir/old.ini" "$dir/lbd.ini"
	spawn replace_for_ever "$dir/old.ini" "$dir/new.ini" "$dir/lbd.ini"
	for _ in $(seq 100); do
		"$BUILD/lbd" -t -v -c "$dir/lbd.ini" >"$dir/meant"
		if cmp -s "$dir/meant" "$dir/old.meant"; then
			echo old
		else
			cmp "$dir/meant" "$dir/new.meant"
			echo new
		fi
	done | sort | uniq -c >"$dir/seen"
	matches "$(cat "$dir/seen")" old
	matches "$(cat "$dir/seen")" new
}

# Written in place, it may be caught half-way: that is said, and never taken
# for the whole.
test_a_file_that_grows_is_not_taken_half() {
	services_only old 900 >"$dir/old.ini"
	printf '; %0100d\n' $(seq 10000) >"$dir/tail"
	write_slowly() {
		local i
		while :; do
			cp "$dir/old.ini" "$dir/whole"
			mv "$dir/whole" "$dir/lbd.ini"
			for i in $(seq 40); do
				cat "$dir/tail" >>"$dir/lbd.ini"
				sleep 0.01
			done
		done
	}
	cp "$dir/old.ini" "$dir/lbd.ini"
	spawn write_slowly
	caught() {
		fails "$BUILD/lbd" -t -c "$dir/lbd.ini" >/dev/null 2>"$dir/said"
		grep -q 'lbd.ini: changed while it was read$' "$dir/said"
	}
	eventually caught
}
