# Whom a program believes to be lbd: root, its own user, or the owner of the
# socket's folder if nobody else may write there.

# believes CLIENT SERVER OWNER MODE: what a program of CLIENT says of a SERVER
# that never answers, in a folder of OWNER's with that mode.
believes() {
	local folder=$dir/$1-$2-$3-$4
	mkdir "$folder"
	chown "$3" "$folder"
	chmod 1777 "$folder"
	spawn setpriv --reuid="$2" --regid="$2" --clear-groups python3 -u -c "
import os, socket, time
s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
s.bind('$folder/s'); os.chmod('$folder/s', 0o666); s.listen(9)
time.sleep(60)"
	eventually listens_there "$folder/s"
	chmod "$4" "$folder"
	LBD_SOCKET=$folder/s LBSHIM_LOG=error LD_PRELOAD=$curl_preload \
		setpriv --reuid="$1" --regid="$1" --clear-groups \
		curl -s http://127.96.1.1/ 2>"$dir/said" || true
	stop "$pid" KILL
	sed 's/.*: //' "$dir/said" | sort -u
}

listens_there() {
	[ "$(stat -c %a "$1" 2>/dev/null)" = 666 ] && grep -qF "$1" /proc/net/unix
}

test_who_is_believed_to_be_lbd() {
	[ "$(id -u)" = 0 ] || skip "needs root, to be several users"
	setpriv --reuid=1234 true 2>/dev/null || skip "setpriv is not allowed here"
	local yes="lbd did not answer in time"
	local no="the server is neither root nor the directory's owner"
	is "$(believes 1234 0 0 755)" "$yes"	 # root
	is "$(believes 1234 0 5678 1777)" "$yes" # wherever it is
	is "$(believes 1234 1234 0 1777)" "$yes" # oneself
	is "$(believes 0 5678 5678 755)" "$yes"	 # the owner, alone
	is "$(believes 1234 5678 5678 711)" "$yes"
	is "$(believes 1234 5678 5678 775)" "$no" # not alone
	is "$(believes 1234 5678 5678 757)" "$no"
	is "$(believes 1234 5678 5678 1777)" "$no"
	is "$(believes 1234 5678 0 1777)" "$no" # as in /tmp
	is "$(believes 1234 5678 0 755)" "$no"
	is "$(believes 1234 5678 4321 755)" "$no" # another's folder
	is "$(believes 0 5678 4321 1777)" "$no"
}
