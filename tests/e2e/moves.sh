# A connect() that is under way and fails goes on to another backend, and the
# program hears of nothing, however it waits.

# Two dead backends before one that lives; and a service of dead ones alone.
two_dead_first() {
	backend b3
	conf <<-END
	[defaults]
	probe = none
	balance = first
	eject-after = 1000
	[service web]
	address = 127.96.1.1:80
	backend = $lan.1:8000
	backend = $lan.2:8000
	backend = $lan.3:8000
	$*
	[service dead]
	address = 127.96.1.9:80
	backend = $lan.1:8000
	backend = $lan.2:8000
	END
	lbd_start
}

under_way() { # WAY ADDRESS [FROM]
	shimmed "$BUILD/under_way" "$1" "$2" 80 "${@:3}"
}

ways="poll ppoll poll_chk ppoll_chk select pselect epoll epoll+pointer
epoll+oneshot epoll+oneshot+pointer epoll+edge epoll+pwait epoll+pwait2
epoll+unseen epoll+dup epoll+dup+pointer poll+dup again asking"

test_however_a_program_waits_it_hears_of_no_failure() {
	local way
	two_dead_first
	for way in $ways; do
		echo "$way"
		if [[ $way = *dup* ]]; then # it is not known under that number
			is "$(under_way "$way" 127.96.1.1)" \
				$'told: 0\nerror: 0\npeer: '"$lan"$'.3 8000\nsaid: b3'
		else
			is "$(under_way "$way" 127.96.1.1)" \
				$'told: 0\nerror: 0\npeer: 127.96.1.1 80\nsaid: b3'
		fi
	done
}
