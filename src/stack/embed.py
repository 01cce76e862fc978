#!/usr/bin/env python3
"""Writes a C++ file that holds every file below a folder as constant bytes.

Usage: embed.py FOLDER OUTPUT.cc

The order is by path, so that the same folder always makes the same output.
"""
import pathlib
import sys

CONTENT_TYPES = {
    ".html": "text/html; charset=utf-8", ".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8",
    ".json": "application/json", ".svg": "image/svg+xml", ".png": "image/png", ".txt": "text/plain; charset=utf-8",
}


def main() -> None:
    folder, output = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    lines = ['#include "stack/site.h"', "", "namespace meetinity::stack {", "namespace {", ""]
    for number, path in enumerate(files):
        data = path.read_bytes()
        lines.append(f"constexpr unsigned char kFile{number}[] = {{")
        for start in range(0, len(data), 24):
            lines.append("    " + ",".join(str(byte) for byte in data[start:start + 24]) + ",")
        lines += ["};", ""]
    lines += ["template <size_t N>", "std::string_view Text(const unsigned char (&bytes)[N]) {",
              "  return {reinterpret_cast<const char*>(bytes), N};", "}", "", "}  // namespace", "",
              "std::vector<SiteFile> SiteFiles() {", "  return {"]
    for number, path in enumerate(files):
        content_type = CONTENT_TYPES[path.suffix]
        lines.append(f'      {{"{path.relative_to(folder).as_posix()}", "{content_type}", Text(kFile{number})}},')
    lines += ["  };", "}", "", "}  // namespace meetinity::stack", ""]
    output.write_text("\n".join(lines))


main()
