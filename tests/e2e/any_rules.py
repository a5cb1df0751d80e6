# any_rules.py SEED DIR LBCTL BACKEND PRELOAD PROGRAM...: writes files of rules
# at random into DIR/lbd.ini, has each reloaded, and asks programs of several
# users, which run all the time, what they get: what a plain reading of the
# rules says. Some become somebody else before each answer, and at last for
# good. "started" on standard input: lbd runs with the first.
import os
import random
import subprocess
import sys
import time

seed, folder, lbctl, backend, preload, *programs = sys.argv[1:]
SERVICES, ROUNDS = 40, 12
USERS, GROUPS = [0, 1, 1234, 65534], [0, 4, 1234, 5000]
draw = random.Random(int(seed))

# For every line who it is, and what it gets.
ASKING = f"""
import errno, os, random, socket, sys
draw = random.Random(int(sys.argv[1]))
def change(last):
    user, group = draw.choice({USERS}), draw.choice({GROUPS})
    if last:
        os.setresuid(0, 0, 0)
        return os.setuid(user)
    if os.geteuid(): # the real or the saved one leads back
        return os.setresuid(0, 0, 0)
    draw.choice([lambda: os.setgroups(draw.sample({GROUPS}, 2)),
                 lambda: os.initgroups("root", group),
                 lambda: os.setegid(group),
                 lambda: os.setresgid(-1, group, -1),
                 lambda: os.seteuid(user),
                 lambda: os.setreuid(-1, user),
                 lambda: os.setresuid(user, user, 0)])()
for line in sys.stdin:
    if sys.argv[2:] and line != "again\\n":
        change(line == "last\\n")
    said = ""
    for i in range({SERVICES}):
        with socket.socket() as s:
            error = s.connect_ex(("127.96.1.%d" % (i + 1), 80))
        said += {{0: ".", errno.EACCES: "x"}}.get(error, "?")
    print(os.geteuid(), *os.getgroups(), os.getegid(), said, flush=True)
"""


def rule():
    subjects = {"user": USERS, "group": GROUPS, "exe": programs,
                "cgroup": ["/no-such-group"]}
    named = draw.sample(list(subjects), draw.choice([0, 1, 1, 2, 2, 3]))
    return (draw.choice(["permit", "deny"]),
            {kind: draw.choice(subjects[kind]) for kind in named})


def rules():
    return [rule() for _ in range(draw.choice([0, 1, 1, 2, 3, 5]))]


def written(those):
    return "".join(f"{verb} = " + (" ".join(f"{k} {v}" for k, v in who.items())
                                   or "any") + "\n" for verb, who in those)


def write(defaults, services):
    with open(f"{folder}/new.ini", "w") as f:
        f.write(f"[lbd]\nsocket = {folder}/lbd.sock\n")
        f.write("[defaults]\nprobe = none\n" + written(defaults))
        for i, own in enumerate(services):
            f.write(f"[service s{i}]\naddress = 127.96.1.{i + 1}:80\n")
            f.write(f"backend = {backend}\n" + written(own))
    os.rename(f"{folder}/new.ini", f"{folder}/lbd.ini")


def permits(those, who):
    for verb, subjects in those:
        if all(value in who[kind] for kind, value in subjects.items()):
            return verb == "permit"
    return all(verb == "deny" for verb, _ in those)


def start(changes):
    program, what = draw.choice(programs), [draw.randrange(1000)]
    become = []
    if changes:
        what.append("changing")
    else:
        groups = draw.sample(GROUPS, draw.choice([1, 2, 3]))
        more = ",".join(map(str, groups[1:]))
        become = ["setpriv", f"--reuid={draw.choice(USERS)}",
                  f"--regid={groups[0]}",
                  f"--groups={more}" if more else "--clear-groups"]
    return program, subprocess.Popen(
        [*become, program, "-S", "-c", ASKING, *map(str, what)],
        env=dict(os.environ, LD_PRELOAD=preload), text=True, bufsize=1,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE)


def ask(program, process, line):
    process.stdin.write(line)
    user, *groups, got = process.stdout.readline().split()
    who = {"user": [int(user)], "group": [int(g) for g in groups],
           "exe": [program], "cgroup": []}
    return who, got, "".join(".x"[not permits(own or defaults, who)]
                             for own in services)


def check(program, process, line):
    """Where lbd is late there is no table, or a denial, and it is asked later;
    what is denied is never had."""
    for _ in range(100):
        who, got, expected = ask(program, process, line)
        if got == expected:
            return
        if any(pair == (".", "x") for pair in zip(got, expected)):
            break
        line = "again\n"
        time.sleep(0.1)
    sys.exit(f"seed {seed}, turn {turn}, {who}:\n{got}\n{expected}")


defaults, services = rules(), [rules() for _ in range(SERVICES)]
write(defaults, services)
print("written", flush=True)
assert sys.stdin.readline() == "started\n"
running = [start(i % 2) for i in range(6)]
for turn in range(ROUNDS):
    for program, process in running:
        for line in "\n", "\n", "\n" if turn < ROUNDS - 1 else "last\n":
            check(program, process, line)
    for i in draw.sample(range(SERVICES), draw.choice([1, 3, SERVICES])):
        services[i] = rules()
    if draw.random() < 0.3:
        defaults = rules()
    write(defaults, services)
    subprocess.run([lbctl, "reload"], check=True, capture_output=True)
for _, process in running:
    process.stdin.close()
    process.wait()
print("as read", flush=True)
