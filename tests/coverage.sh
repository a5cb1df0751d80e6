#!/bin/bash
# coverage.sh: unit tests and the inputs of the fuzzers, in a build of $BUILD
# that counts branches; then a line for each file that decides where connections
# go. One of which less than $LEAST percent were taken is a failure. A branch
# that no test can take says so behind its line: /* GCOVR_EXCL_BR_LINE: why */
# "annotated" has those. What is missing is told line by line for $SHOW, a word
# of the file's name.
cd "$(dirname "$0")/.." || exit 1
export BUILD LEAST=${LEAST:-95} SHOW=${SHOW:-} CK_TIMEOUT_MULTIPLIER=10
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
find "$BUILD" -name '*.gcda' -delete

# The steps' would be the same branches, instruction by instruction.
WITHOUT=steps nice tests/run.sh unit >"$out/unit" 2>&1 ||
	{ cat "$out/unit"; exit 1; }
for target in "$BUILD"/fuzz_*; do
	nice tests/fuzz/run.sh replay 0 "${target##*/}" || exit 1
done

report() { # FILE OPTION...
	gcovr --root . --branches --json "$@" "$BUILD/plain/lbd" \
		"$BUILD/plain/shim" \
		-f 'lbd/(conf|publish|region|before|wheel|maglev|acl|rights|lists)' \
		-f 'shim/(mapping|lookup|candidate|names|pick|table)' >"$out/log" 2>&1 ||
		{ cat "$out/log"; exit 1; }
}
report "$out/counted"
report "$out/all" --exclude-pattern-prefix NO_SUCH_MARK
python3 - "$out" <<'END'
import json, os, sys

def branches(name):
    """{file: {line: [how often each was taken]}}"""
    with open(f"{sys.argv[1]}/{name}") as f:
        return {file["file"]: {line["line_number"]:
                [branch["count"] for branch in line["branches"]]
                for line in file["lines"] if not line["gcovr/excluded"]}
            for file in json.load(f)["files"]}

counted, every = branches("counted"), branches("all")
least, low = float(os.environ["LEAST"]), 0
print(f"{'file':28}branches  taken  not  annotated")
for file, lines in sorted(counted.items()):
    total = sum(map(len, lines.values()))
    marked = sum(map(len, every[file].values())) - total
    taken = sum(n > 0 for line in lines.values() for n in line)
    if not total:
        continue
    percent = 100 * taken / total
    bad = percent < least
    low += bad
    print(f"{file:28}{total:8}{taken:7}{total - taken:5}{marked:11}"
        f"{percent:7.1f} %{' < ' + os.environ['LEAST'] if bad else ''}")
    if os.environ["SHOW"] and os.environ["SHOW"] in file:
        source = open(file).read().split("\n")
        for number, line in lines.items():
            if 0 in line:
                print(f"  {number}: {line.count(0)} of {len(line)} not: "
                    f"{source[number - 1].strip()}")
print(f"{low} files below {least:g} %")
sys.exit(low > 0)
END
