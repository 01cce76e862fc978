#!/usr/bin/python3
"""Runs the test suites and closes with one line that counts them all: `N passed, N failed, N skipped`.

Each suite prints what it does as it goes. A suite that this machine cannot run says SKIPPED and why; a suite that
cannot be built counts as one failure. Standard library only, because it also runs before anything else is there.
"""
import argparse
import collections
import concurrent.futures
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree

ROOT = pathlib.Path(__file__).resolve().parent.parent
TEST_SECONDS = 900  # for one unit test program, under a sanitizer
FUZZ_SECONDS = int(os.environ.get("FUZZ_SECONDS", "30"))
# Of what everybody may send before anything is known of them, and of the rest, where time is short.
FUZZ_FIRST = {"aws_chunked", "http1_request", "http1_response", "http2_session", "sigv4", "tfvars", "xml"}
FUZZ_OTHERS_SECONDS = int(os.environ.get("FUZZ_OTHERS_SECONDS", FUZZ_SECONDS))
SOAK = {"CRASH_ROUNDS": "100", "INVALIDATION_REQUESTS": "1000000", "INVALIDATION_VERSIONS": "100", "LARGE_FILE_GIB": "5",
        "TERRAFORM": "all"}

Count = collections.namedtuple("Count", "passed failed skipped", defaults=(0, 0, 0))


def add(*counts):
    return Count(*(sum(column) for column in zip(*counts))) if counts else Count()


FAILURES = []  # said once more at the end, where whoever looks for them looks first


def note_failure(name, why):
    FAILURES.append(f"  {name}: {' '.join(why.split())[:300]}")


def say(text):
    print(text, flush=True)


def run(command, **kwargs):
    return subprocess.run([str(part) for part in command], cwd=ROOT, check=False, **kwargs).returncode


def junit_count(path):
    """Passed, failed and skipped cases of a JUnit or GoogleTest report."""
    count = collections.Counter()
    for case in xml.etree.ElementTree.parse(path).getroot().iter("testcase"):
        reason = next((found for found in (case.find("failure"), case.find("error")) if found is not None), None)
        if reason is not None:
            count["failed"] += 1
            note_failure(f"{case.get('classname')}.{case.get('name')}", reason.get("message") or reason.text or "")
        elif case.find("skipped") is not None or case.get("status") == "notrun":
            count["skipped"] += 1
        else:
            count["passed"] += 1
    return Count(count["passed"], count["failed"], count["skipped"])


def googletest(program, environment):
    """Runs one unit test program, with a report; what it printed is only shown where something failed."""
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        report = pathlib.Path(folder) / "report.xml"
        with open(pathlib.Path(folder) / "output", "w+b") as output:
            try:
                code = run([program, f"--gtest_output=xml:{report}"], stdout=output, stderr=subprocess.STDOUT,
                           env={**os.environ, **(environment or {})}, timeout=TEST_SECONDS)
            except subprocess.TimeoutExpired:
                code = f"no answer in {TEST_SECONDS} s"
            count = junit_count(report) if report.exists() else Count()
            if code != 0 and count.failed == 0:  # crashed, or a sanitizer spoke
                count = add(count, Count(failed=1))
                note_failure(program.name, f"ended with {code}")
            if count.failed:  # with the last test that began, where it did not come to an end
                output.seek(0)
                say(output.read().decode(errors="replace")[-20_000:])
    say(f"  {program.name:<24} {count.passed} passed, {count.failed} failed, {time.monotonic() - started:.1f} s")
    return count


def googletests(build, environment=None):
    """Runs every unit test program of a build, one for each core at a time, the largest first."""
    programs = [path for path in pathlib.Path(build).glob("*_test") if os.access(path, os.X_OK)]
    if not programs:
        say(f"no unit test programs in {build}")
        return Count(failed=1)
    programs.sort(key=lambda path: path.stat().st_size, reverse=True)
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        return add(*pool.map(lambda program: googletest(program, environment), programs))


def unit(build):
    return googletests(build)


def pytests(build, *suites, environment=None, arguments=()):
    """Runs folders of Python tests, each with a report."""
    counts = []
    for suite in suites:
        if not (ROOT / suite).is_file() and not any((ROOT / suite).glob("test_*.py")):
            continue
        with tempfile.TemporaryDirectory() as folder:
            report = pathlib.Path(folder) / "report.xml"
            code = run(["/usr/bin/python3", "-m", "pytest", "-q", "-rs", "-p", "no:cacheprovider",
                        f"--junitxml={report}", *arguments, suite],
                       env={**os.environ, "MEETINITY": str(ROOT / build / "meetinity"), **(environment or {})})
            count = junit_count(report) if report.exists() else Count()
            if code not in (0, 5) and count.failed == 0:
                count = add(count, Count(failed=1))
                note_failure(suite, f"pytest ended with {code}")
            counts.append(count)
    return add(*counts)


def integration(build):
    return pytests(build, "tests/integration", "tests/playbook", "tests/security", "tests/contracts")


def soak(build):
    """What takes long: the same promises under more of everything. CRASH_ROUNDS and the like say how much more."""
    environment = {name: os.environ.get(name, value) for name, value in SOAK.items()}
    return pytests(build, "tests/soak", "tests/integration/test_crash.py", "tests/integration/test_edge.py",
                   "tests/integration/test_terraform_network.py", "tests/integration/test_terraform_route53.py",
                   "tests/integration/test_terraform_load_balancers.py",
                   environment=environment, arguments=["-s"])


def build_preset(preset, targets=()):
    """Configures and builds a preset; whether that worked."""
    with tempfile.TemporaryFile() as output:
        commands = [["cmake", "--preset", preset],
                    ["cmake", "--build", "--preset", preset, *(["--target", *targets] if targets else [])]]
        for command in commands:
            if run(command, stdout=output, stderr=subprocess.STDOUT) != 0:
                output.seek(0)
                say(output.read().decode(errors="replace")[-20_000:])
                return False
    return True


def no_clang():
    if shutil.which("clang++-14") is None:
        say("SKIPPED: clang++-14 is not installed; `make setup` installs it")
        return True
    return False


def sanitizer(preset, environment):
    def suite(_build):
        if no_clang():
            return Count(skipped=1)
        if not build_preset(preset, ["unit_tests"]):
            note_failure(preset, "could not be built")
            return Count(failed=1)
        return googletests(ROOT / "build" / preset, environment)
    return suite


def fuzz_one(program):
    name = program.name.removesuffix("_fuzz")
    corpus = ROOT / "fuzz/corpus" / name
    seconds = FUZZ_SECONDS if name in FUZZ_FIRST else FUZZ_OTHERS_SECONDS
    with tempfile.TemporaryDirectory() as found, tempfile.TemporaryFile() as output:
        seeds = [corpus] if corpus.is_dir() else []
        code = run([program, f"-max_total_time={seconds}", "-timeout=10", "-rss_limit_mb=2048", "-max_len=65536",
                    "-print_final_stats=1", f"-artifact_prefix={found}/", found, *seeds],
                   stdout=output, stderr=subprocess.STDOUT)
        output.seek(0)
        text = output.read().decode(errors="replace")
    runs = re.search(r"number_of_executed_units: (\d+)", text)
    say(f"  {program.name:<28} {runs.group(1) if runs else '?'} inputs, {'ok' if code == 0 else 'CRASHED'}"
        + ("" if code == 0 else "\n" + text[-8_000:]))
    if code != 0:
        note_failure(program.name, text[-300:])
    return Count(passed=int(code == 0), failed=int(code != 0))


def fuzz(_build):
    if no_clang():
        return Count(skipped=1)
    if not build_preset("fuzz"):
        note_failure("fuzz", "could not be built")
        return Count(failed=1)
    programs = sorted((ROOT / "build/asan").glob("*_fuzz"))
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        counts = list(pool.map(fuzz_one, programs))
    return add(*counts) if counts else Count(failed=1)


def git_lines(*arguments):
    """What git says, a line each; None where it refuses."""
    result = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=False)
    return result.stdout.split() if result.returncode == 0 else None


# A change of the whole tree takes clang-tidy longer than everything else together.
TIDY_SECONDS = 180


def files_to_tidy():
    """Sources that differ from origin/main, else from the commit before; all of them, in twenty minutes, with TIDY=all."""
    sources = git_lines("ls-files", "src/*.cc")
    if os.environ.get("TIDY") == "all":
        return sources
    for base in ("origin/main", "HEAD~1"):
        changed = git_lines("diff", "--name-only", "--diff-filter=d", base, "--", "src/*.cc")
        if changed:
            return sorted(set(changed) & set(sources))
    return []


def tidy(output):
    """clang-tidy, with a configuration of its own: it reads neither g++'s flags nor its precompiled headers."""
    files = files_to_tidy()
    say(f"  {len(files)} sources to tidy" + ("" if os.environ.get("TIDY") == "all" else "; TIDY=all takes every one"))
    if not files:
        return 0
    if not build_preset("lint", ["models"]):
        return 1
    # Past the time that is given, no further batch begins; what was not read is said.
    deadline = time.monotonic() + TIDY_SECONDS
    batches = [files[at:at + 4] for at in range(0, len(files), 4)]

    def read(batch):
        if os.environ.get("TIDY") != "all" and time.monotonic() > deadline:
            return None
        result = subprocess.run(["clang-tidy-14", "--quiet", "-p", str(ROOT / "build/lint"), *batch], cwd=ROOT,
                                stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)
        output.write(result.stdout)
        return result.returncode

    with concurrent.futures.ThreadPoolExecutor(2) as readers:
        codes = list(readers.map(read, batches))
    unread = [name for batch, code in zip(batches, codes) if code is None for name in batch]
    if unread:
        say(f"  SKIPPED tidy of {len(unread)} sources, for it took {TIDY_SECONDS} s: " + " ".join(unread))
    return max((code for code in codes if code is not None), default=0)


def lint(_build):
    def shell(command):
        return lambda output: run(["bash", "-c", command], stdout=output, stderr=subprocess.STDOUT)

    checks = {
        "structure": shell("/usr/bin/python3 tests/structure_test.py"),
        "format": shell("git ls-files '*.cc' '*.h' | xargs clang-format-14 --dry-run --Werror"),
        "tidy": tidy,
    }
    counts = []
    for name, check in checks.items():
        with tempfile.TemporaryFile() as output:
            code = check(output)
            output.seek(0)
            say(f"  {name:<24} {'ok' if code == 0 else 'FAILED'}")
            if code != 0:
                text = output.read().decode(errors="replace")[-20_000:]
                say(text)
                note_failure(f"lint {name}", next((line for line in text.splitlines() if "error" in line), text))
        counts.append(Count(passed=int(code == 0), failed=int(code != 0)))
    return add(*counts)


SUITES = {
    "unit": unit,
    "integration": integration,
    "lint": lint,
    "asan": sanitizer("asan", {"ASAN_OPTIONS": "detect_stack_use_after_return=1", "UBSAN_OPTIONS": "print_stacktrace=1"}),
    "tsan": sanitizer("tsan", {"TSAN_OPTIONS": "halt_on_error=1 second_deadlock_stack=1"}),
    "fuzz": fuzz,
    "soak": soak,
}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", default="build", help="where `make` built")
    parser.add_argument("--suites", default="unit,integration", help="comma-separated, of: " + ", ".join(SUITES))
    arguments = parser.parse_args()
    counts = []
    for name in arguments.suites.split(","):
        if name not in SUITES:
            sys.exit(f"there is no suite '{name}'; there are {', '.join(SUITES)}")
        say(f"== {name}")
        started = time.monotonic()
        count = SUITES[name](arguments.build)
        say(f"== {name}: {count.passed} passed, {count.failed} failed, {count.skipped} skipped, "
            f"{time.monotonic() - started:.0f} s")
        counts.append(count)
    total = add(*counts)
    if FAILURES:
        say("\n".join(["failed:", *FAILURES]))
    say(f"{total.passed} passed, {total.failed} failed" + (f", {total.skipped} skipped" if total.skipped else ""))
    sys.exit(0 if total.failed == 0 and total.passed > 0 else 1)


main()
