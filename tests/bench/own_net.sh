# own_net.sh: sourced first of all, it begins the script anew in a network of its
# own, where it may have one; OWN_NET says that it has. There is nothing in it
# but loopback: nobody else's connections are counted, no port is taken, no rule
# is anybody's.
for how in --net "--net --map-root-user"; do
	[ -z "${OWN_NET:-}" ] || break
	# shellcheck disable=SC2086
	unshare $how ip link set lo up 2>/dev/null || continue
	# shellcheck disable=SC2086
	OWN_NET=1 exec unshare $how sh -c 'ip link set lo up && exec "$0" "$@"' \
		"$0" "$@"
done
