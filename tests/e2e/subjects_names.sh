# Names of users in rules, from a directory service that takes its time: a
# module of the name service switch, which says what is in a file, and waits
# for it as long as there is none.
. tests/e2e/subjects.sh
root_only
unshare -m true 2>/dev/null || skip "no mount namespaces here"

name_service() {
	printf 'passwd: files slow\ngroup: files\n' >"$dir/nsswitch.conf"
	${CC:-cc} -shared -fPIC -o "$dir/libnss_slow.so.2" -x c - <<-'END'
	#include <errno.h>
	#include <nss.h>
	#include <pwd.h>
	#include <stdio.h>
	#include <stdlib.h>
	#include <string.h>
	#include <unistd.h>
	enum nss_status _nss_slow_getpwnam_r(const char *name,
		struct passwd *pw, char *buffer, size_t size, int *err)
	{
		FILE *file;
		int found = 0;
		if (strncmp(name, "slow", 4) == 0) {
			while (!(file = fopen(getenv("SLOW"), "r")))
				usleep(10000);
			memset(pw, 0, sizeof(*pw));
			found = fscanf(file, "%u", &pw->pw_uid) == 1;
			fclose(file);
		}
		*err = ENOENT;
		return found ? NSS_STATUS_SUCCESS : NSS_STATUS_NOTFOUND;
	}
	END
	export SLOW=$dir/answer
}

# slow_lbd: as lbd_start, where that service is asked.
slow_lbd() {
	: >"$dir/lbd.log"
	spawn unshare -m bash -c '
		mount --bind "$0/nsswitch.conf" /etc/nsswitch.conf &&
		LD_LIBRARY_PATH=$0 exec "$BUILD/lbd" -c "$0/lbd.ini"' \
		"$dir" 2>>"$dir/lbd.log"
	lbd=$pid
	eventually is_ready
}

rule() {
	{ service web 1 "permit = user $1"; service open 2; } | conf
}

asks() { # whether lbd has a child that looks names up
	pgrep -P "$lbd" >/dev/null
}

test_a_directory_service_that_hangs_holds_nobody_up() {
	local child
	name_service
	echo 4321 >"$dir/answer"
	backend b1
	rule slowpoke
	slow_lbd
	is "$(shimmed python3 -c "import os; os.setuid(4321)
$answers" 1 2)" "b1 b1 "
	rm "$dir/answer"
	rule slowly
	spawn "$BUILD/lbctl" reload >"$dir/said" 2>&1
	local reload=$pid
	eventually asks
	# The table, the control API and those who attach are served meanwhile.
	is "$(shimmed python3 -c "import os; os.setuid(4321)
$answers" 1 2)" "b1 b1 "
	"$BUILD/lbctl" status >"$dir/status"
	"$BUILD/lbctl" drain open/"$lan.1:8000"
	"$BUILD/lbctl" ready open/"$lan.1:8000"
	# It keeps nothing of lbd's: three standard files and its pipe.
	child=$(pgrep -P "$lbd")
	eventually bash -c "[ \$(ls /proc/$child/fd | wc -l) = 4 ]"
	# Nor of its signals, libc's own two for threads apart.
	is "$(awk '/^Sig(Blk|Ign|Cgt)/ {print $2}' "/proc/$child/status" |
		sed 's/^0000000180000000$/0000000000000000/' | sort -u)" \
		0000000000000000
	sleep 4 # longer than a connection to it may be silent
	kill -0 "$reload"
	is "$(cat "$dir/said")" ""
	for _ in 1 2 3; do kill -HUP "$lbd"; sleep 0.15; done
	echo 99 >"$dir/answer"
	wait "$reload"
	is "$(cat "$dir/said")" reloaded
	is "$(shimmed python3 -c "import os; os.setuid(4321)
$answers" 1 2)" "EACCES b1 "
	is "$(shimmed python3 -c "import os; os.setuid(99)
$answers" 1 2)" "b1 b1 "
	eventually fails asks
	# The hang-ups of that time were one more.
	is "$(grep -c event=reloaded "$dir/lbd.log")" 2
}

test_many_reloads_wait_for_one_another() {
	local one two
	name_service
	echo 4321 >"$dir/answer"
	rule slowpoke
	slow_lbd
	rm "$dir/answer"
	spawn "$BUILD/lbctl" reload >"$dir/one" 2>&1
	one=$pid
	eventually asks
	rule slow # what is asked for from here on is the file as it is now
	echo "permit = user nobody-of-that-name" >>"$dir/lbd.ini"
	spawn "$BUILD/lbctl" reload >"$dir/two" 2>&1
	two=$pid
	spawn curl -sS --unix-socket "$LBD_ADMIN" -X POST --max-time 1 \
		http://lbd/api/v1/reload 2>"$dir/three" # goes away meanwhile
	wait "$pid" || true
	touch "$dir/answer.new"
	echo 4321 >"$dir/answer.new"
	mv "$dir/answer.new" "$dir/answer"
	wait "$one"
	is "$(cat "$dir/one")" reloaded
	fails wait "$two"
	matches "$(cat "$dir/two")" 'unknown user "nobody-of-that-name"'
	"$BUILD/lbctl" status >"$dir/status"
}

# A file that was changed while names were looked up for the one before.
test_a_hangup_during_a_reload_is_followed_by_another() {
	name_service
	echo 4321 >"$dir/answer"
	rule slowpoke
	slow_lbd
	rm "$dir/answer"
	kill -HUP "$lbd"
	eventually asks
	{ service fresh 1 "permit = user slow"; } | conf
	kill -HUP "$lbd"
	sleep 0.5 # it has been heard
	is "$(grep -c event=reloaded "$dir/lbd.log")" 0
	echo 4321 >"$dir/answer.new"
	mv "$dir/answer.new" "$dir/answer"
	eventually "$BUILD/lbctl" status fresh
	is "$(grep -c event=reloaded "$dir/lbd.log")" 2
}

test_lbd_ends_while_names_are_looked_up() {
	local child
	name_service
	echo 4321 >"$dir/answer"
	rule slowpoke
	slow_lbd
	rm "$dir/answer"
	spawn "$BUILD/lbctl" reload >"$dir/said" 2>&1
	eventually asks
	child=$(pgrep -P "$lbd")
	stop "$lbd"
	fails wait "$pid"
	eventually fails kill -0 "$child"
	echo 4321 >"$dir/answer"
	slow_lbd
	rm "$dir/answer"
	kill -HUP "$lbd"
	eventually asks
	child=$(pgrep -P "$lbd")
	stop "$lbd" KILL
	eventually fails kill -0 "$child"
	echo 4321 >"$dir/answer"
	slow_lbd # nobody has kept its lock
}

test_a_user_with_another_number_is_warned_of() {
	name_service
	echo 4321 >"$dir/answer"
	rule slowpoke
	slow_lbd
	echo 4322 >"$dir/answer"
	is "$("$BUILD/lbctl" reload 2>&1)" "$dir/lbd.ini:7: warning: [service web] \
permit: user \"slowpoke\" is 4322 now; it was 4321 when the file was last read
reloaded"
	is "$("$BUILD/lbctl" reload 2>&1)" reloaded
	: >"$dir/answer" # deleted
	fails "$BUILD/lbctl" reload 2>"$dir/said"
	matches "$(cat "$dir/said")" 'permit: unknown user "slowpoke"'
	kill -HUP "$lbd"
	eventually has_event lbd.ini
}
