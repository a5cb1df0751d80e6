"""
cpython_results.py alike PLAIN.xml OTHER.xml: one line for every test that did
not end as in PLAIN.xml: its name, how it ended there, and how here.
cpython_results.py count PLAIN.xml: how many tests there were.
"""
import sys
import xml.etree.ElementTree

BAD = {"failure": "fail", "error": "fail", "skipped": "skip"}


def results(path):
    ends = {}
    for case in xml.etree.ElementTree.parse(path).getroot().iter("testcase"):
        words = [BAD[part.tag] for part in case if part.tag in BAD]
        ends[case.get("name")] = max(words, default="ok")
    return ends


plain = results(sys.argv[2])
if sys.argv[1] == "count":
    print(len(plain))
else:
    other = results(sys.argv[3])
    for name in sorted(plain.keys() | other.keys()):
        here = plain.get(name, "missing"), other.get(name, "missing")
        if here[0] != here[1]:
            print(name, *here)
