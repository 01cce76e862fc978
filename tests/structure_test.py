#!/usr/bin/env python3
"""What a machine can check of the house's rules: which room may include which, sizes, clocks, READMEs, paths.

Run as `python3 tests/structure_test.py` (exit 1 and one line a finding) or by pytest. A rule that is in the way is to be
argued with and changed here, not worked around.
"""

import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
SRC = ROOT / "src"

# A room may include itself and these. Rooms not listed yet have no sources yet.
BELOW_NET = {"base"}
BELOW_WIRE = {"base", "net", "store"}
BELOW_AWS = BELOW_WIRE | {"wire", "engine"}
BELOW_STACK = BELOW_AWS | {"aws"}
ARROWS = {
    "base": set(),
    "net": BELOW_NET,
    "store": BELOW_NET,
    "wire": BELOW_WIRE,
    "engine": BELOW_WIRE,  # not wire and not aws: an engine could serve another cloud's API
    "aws": BELOW_AWS,
    "kube": BELOW_STACK,
    "vault": BELOW_STACK,
    "cost": BELOW_STACK,
    "runbook": BELOW_STACK,
    "stack": BELOW_STACK,
    "console": BELOW_STACK,
    "cli": BELOW_STACK | {"kube", "vault", "cost", "runbook", "stack", "console"},
}

# What a service shows besides its own header: no state, and nothing that reaches it.
PUBLIC_TOO = {
    "aws/iam/policy.h",  # the policy language, which bucket policies are written in too
}

LINES_MAX = 600
CODE = {".cc", ".h", ".py"}
NOT_OURS = {".git", ".cache", "node_modules", "__pycache__", ".pytest_cache", ".terraform", "models"}

INCLUDE = re.compile(r'^\s*#\s*include\s+"([^"]+)"')
CLOCK = re.compile(r"\b(?:system_clock|steady_clock|high_resolution_clock)::now\b|(?:::|\bstd::)time\s*\(|"
                   r"\btime\s*\(\s*(?:nullptr|NULL|0)\s*\)|\b(?:gettimeofday|clock_gettime|timespec_get)\s*\(")
UNFINISHED = re.compile(r"\b(?:TODO|FIXME|XXX)\b")
# Home folders and the like, written so that this line does not find itself.
MACHINE_PATH = re.compile(r"(?<![\w.:/-])/(?:" + "|".join(["wo" + "rk/", "ro" + "ot/", "ho" + r"me/\w", "Us" + r"ers/\w"]) + ")")
FILE_NAME = re.compile(r"[a-z0-9_]+\.(?:cc|h)")


def files_below(folder, suffixes=None):
    for path in sorted(folder.rglob("*")):
        parts = path.relative_to(ROOT).parts
        if any(part in NOT_OURS or part.startswith("build") for part in parts):
            continue
        if path.is_file() and (suffixes is None or path.suffix in suffixes):
            yield path


def lines_of(path):
    try:
        return path.read_text(encoding="utf-8").splitlines()
    except UnicodeDecodeError:  # a picture or a recorded body
        return []


def where(path, number=None):
    return f"{path.relative_to(ROOT)}:{number}" if number else str(path.relative_to(ROOT))


def for_tests_only(path):
    """Tests may reach for what they need to build a surrounding; TEST_DEPENDS in CMake says what that is."""
    return path.stem.endswith("_test") or path.stem.startswith("test_") or "testing" in path.stem


def refusal_of_include(includer, included):
    """Why `includer` must not include `included`, both as paths below src/; None when it may."""
    room, parts = includer.split("/")[0], included.split("/")
    target = parts[0]
    if ".." in parts or len(parts) == 1:
        return f'includes "{included}"; write it relative to src/'
    if target not in ARROWS or room not in ARROWS:
        return None  # generated, or not a room
    if target != room and target not in ARROWS[room]:
        return f'includes "{included}": {room} may not know {target}'
    in_a_service = len(parts) > 2  # else generated from a model
    if room == target == "aws" and in_a_service and parts[1] != includer.split("/")[1]:
        public = f"aws/{parts[1]}/{parts[1]}.h"
        if included != public and included not in PUBLIC_TOO:
            return f'includes "{included}": other services are asked through "{public}" only'
    return None


def check_include_direction():
    for path in files_below(SRC, {".cc", ".h"}):
        if for_tests_only(path):
            continue
        for number, line in enumerate(lines_of(path), 1):
            match = INCLUDE.match(line)
            refusal = match and refusal_of_include(str(path.relative_to(SRC)), match[1])
            if refusal:
                yield f"{where(path, number)}: {refusal}"


def check_file_length():
    for folder in ("src", "tests", "fuzz", "bench", "services", "infra"):
        if not (ROOT / folder).is_dir():
            continue
        for path in files_below(ROOT / folder, CODE):
            count = len(lines_of(path))
            if count > LINES_MAX:
                yield f"{where(path)}: {count} lines, more than {LINES_MAX}; split it by noun"


def check_only_base_asks_for_the_time():
    for path in files_below(SRC, {".cc", ".h"}):
        if path.relative_to(SRC).parts[0] == "base":
            continue
        for number, line in enumerate(lines_of(path), 1):
            if CLOCK.search(line.split("//")[0]):
                yield f"{where(path, number)}: asks the system for the time; take a Clock"


def check_every_folder_has_a_readme():
    for folder in sorted({path.parent for path in files_below(SRC, {".cc", ".h"})}):
        # What belongs to a room, such as its commands, is told in the room's own.
        places = {folder, folder.parent} - {SRC}
        if not any((place / "README.md").is_file() for place in places):
            yield f"{where(folder)}: has sources and no README.md"


def check_headers_begin_with_pragma_once():
    for path in files_below(SRC, {".h"}):
        code = [line for line in lines_of(path) if line.strip() and not line.startswith("//")]
        if not code or code[0].strip() != "#pragma once":
            yield f"{where(path)}: #pragma once comes first"


# What stands before the brace of a block, and not before one that makes an object.
BLOCK_BEGINS = re.compile(r"(?:[);]|\b(?:else|do|try|const|noexcept|mutable|override)|->\s*[\w:<>,&*\s]+)\s*$")
LITERAL_OR_COMMENT = re.compile(r'''R"\((?:.|\n)*?\)"|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])+'|//[^\n]*''')


def tries_behind_other_values(text):
    """Lines with a TRY within the braces of an object, behind another of its values."""
    text = LITERAL_OR_COMMENT.sub(lambda match: re.sub(r"[^\n]", " ", match[0]), text)
    open_now = []  # bracket, and whether a comma was seen since
    for match in re.finditer(r"[][(){},]|\bTRY\(", text):
        token, at = match[0], match.start()
        if token == ",":
            if open_now:
                open_now[-1][1] = True
        elif token in "])}":
            if open_now:
                open_now.pop()
        else:
            if token == "TRY(":
                for bracket, behind in reversed(open_now):
                    if bracket == "block":
                        break
                    if bracket == "{" and behind:
                        yield text.count("\n", 0, at) + 1
                        break
            is_block = token == "{" and BLOCK_BEGINS.search(text[max(0, at - 120):at])
            open_now.append(["block" if is_block else token, False])


def check_try_leaks_nothing():
    for path in files_below(SRC, {".cc", ".h"}):
        for number in tries_behind_other_values("\n".join(lines_of(path))):
            yield f"{where(path, number)}: TRY behind another value within braces leaks that value; name its result before"


def check_file_names():
    for path in files_below(SRC):
        if path.suffix in {".cpp", ".cxx", ".hpp", ".hh"} or (path.suffix in {".cc", ".h"} and not FILE_NAME.fullmatch(path.name)):
            yield f"{where(path)}: files are named snake_case.cc and snake_case.h"


def check_nothing_is_left_unfinished():
    for path in files_below(SRC):
        for number, line in enumerate(lines_of(path), 1):
            if UNFINISHED.search(line):
                yield f"{where(path, number)}: finish it, or open an issue for it"


def check_no_path_of_a_developers_machine():
    for path in files_below(ROOT):
        for number, line in enumerate(lines_of(path), 1):
            match = MACHINE_PATH.search(line)
            if match:
                yield f"{where(path, number)}: '{match[0]}' is a path of one machine"


CHECKS = [value for name, value in list(globals().items()) if name.startswith("check_")]


def test_arrows():
    """The rule itself, by example."""
    may = [("net/tls.cc", "base/log.h"), ("wire/body.cc", "store/blob_store.h"), ("aws/s3/s3.cc", "engine/edge/edge.h"),
           ("aws/cloudfront/x.cc", "aws/acm/acm.h"), ("aws/s3/x.cc", "aws/s3/state.h"), ("cli/main.cc", "stack/stack.h"),
           ("wire/codec.cc", "generated/s3.h"), ("aws/s3/a.cc", "aws/s3_model.h"), ("aws/s3/a.cc", "aws/iam/policy.h"), ("engine/edge/a.cc", "engine/ca/ca.h")]
    may_not = [("base/log.cc", "net/tls.h"), ("store/a.cc", "net/tls.h"), ("engine/edge/a.cc", "wire/body.h"),
               ("engine/edge/a.cc", "aws/acm/acm.h"), ("aws/cloudfront/x.cc", "aws/acm/state.h"), ("wire/a.cc", "engine/ca/ca.h"),
               ("aws/s3/a.cc", "stack/stack.h"), ("stack/a.cc", "cli/main.h"), ("net/a.cc", "../base/log.h"), ("net/a.cc", "tls.h")]
    for includer, included in may:
        assert refusal_of_include(includer, included) is None, (includer, included)
    for includer, included in may_not:
        assert refusal_of_include(includer, included), (includer, included)


def test_tries():
    """The rule about TRY, by example."""
    for text in ("return A{b, TRY(c())};", "A a{.b = 1,\n .c = f(TRY(d()))};", "json{{\"a\", g(TRY(h()))}};"):
        assert list(tries_behind_other_values(text)), text
    for text in ("return A{TRY(c()), b};", "f(a, TRY(b()));", "Read([&](int a, int b) -> R<A, B> { return TRY(c()); }, 1);",
                 "if (a(b, c)) { TRY(d()); }", "// {a, TRY(b)}\n", "F() : a_(b, c) { TRY(d()); }"):
        assert not list(tries_behind_other_values(text)), text


def test_structure():
    findings = [finding for check in CHECKS for finding in check()]
    assert not findings, "\n" + "\n".join(findings)


def main():
    test_arrows()
    test_tries()
    findings = [finding for check in CHECKS for finding in check()]
    for finding in findings:
        print(finding)
    print(f"structure: {len(CHECKS)} rules, {len(findings)} findings")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
