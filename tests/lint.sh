#!/bin/bash
# lint.sh: what a reader and a linker would complain of. Prints a line per
# check; ends with 1 if any failed.
cd "$(dirname "$0")/.." || exit 1
BUILD=${BUILD:-build} CC=${CC:-cc}
shim=$BUILD/liblbshim.so
bad=0

# check WHAT: standard input is what is wrong; nothing is good.
check() {
	local wrong
	wrong=$(cat)
	if [ -z "$wrong" ]; then
		echo "ok   $1"
	else
		echo "BAD  $1"
		sed 's/^/     /' <<<"$wrong"
		bad=1
	fi
}

# The list of stolen calls. Whoever adds one, adds it here.
stolen="__poll_chk __ppoll_chk chroot connect dup dup2 dup3 epoll_ctl
epoll_pwait epoll_pwait2 epoll_wait fcntl fcntl64 freeaddrinfo getaddrinfo
gethostbyname gethostbyname2 gethostbyname2_r gethostbyname_r getpeername
getsockopt initgroups poll ppoll prctl pselect recvmmsg recvmsg select sendmmsg
sendmsg sendto setegid seteuid setgid setgroups setregid setresgid setresuid
setreuid setuid shutdown socket syscall"
# What the library needs from whoever loads it.
needed="__errno_location:U dlsym:w environ:w lbd_is_here:w"

diff <(tr ' ' '\n' <<<$stolen | sort) \
	<(nm -D --defined-only "$shim" | awk '{print $3}' | sort) |
	check "liblbshim.so exports the stolen calls and nothing else"
diff <(tr ' ' '\n' <<<$needed | sort) \
	<(nm -D --undefined-only "$shim" | awk '{print $2 ":" $1}' | sort) |
	check "liblbshim.so asks for dlsym, environ, errno and lbd only"
readelf -d "$shim" | grep -E 'NEEDED|TEXTREL|FINI' |
	check "liblbshim.so links no library and has no destructor"
{ readelf -lW "$shim" | grep -q GNU_EH_FRAME || echo "no .eh_frame_hdr"; } |
	check "liblbshim.so can be unwound through"
readelf -lW "$shim" | grep -E 'TLS|GNU_STACK.*E ' |
	check "liblbshim.so has no thread variable and no executable stack"
{ readelf -dW "$shim" | grep -q NODELETE || echo "not NODELETE"; } |
	check "liblbshim.so cannot be unloaded"

grep -nE '#include "(\.\./)?lbd/' shim/*.[ch] |
	check "shim/ includes nothing from lbd/"
git ls-files | sed 's|.*/||' | grep -E '\.[ch]$' | sort | uniq -d |
	check "file names are unique"
clang-format --dry-run -Werror $(git ls-files '*.[ch]') 2>&1 | grep error: |
	check "clang-format"
git grep -nE '\b(TODO|FIXME|XXX|HACK)\b' -- '*.[ch]' '*.sh' Makefile README.md |
	grep -v '^tests/lint.sh' | check "no left-over marks"
cppcheck --quiet --error-exitcode=1 --std=c11 --force -I. \
	--enable=warning,performance,portability \
	--suppress=missingIncludeSystem --inline-suppr \
	--suppress=internalAstError -DLBD_VERSION='"0"' -DLBD_LIBDIR='"/"' \
	-D__LP64__ -D__x86_64__ lbd shim tests 2>&1 |
	check "cppcheck"
mandoc -Tlint -Wwarning $(git ls-files '*.[1-8]') 2>&1 |
	check "manual pages"
for cc in gcc clang; do
	command -v $cc >/dev/null || continue
	make -s V=1 CC=$cc BUILD="$BUILD/lint-$cc" CI=true all unit-build 2>&1 |
		check "$cc warns about nothing"
done
exit $bad
