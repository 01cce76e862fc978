"""Writes <service>_model.h: the structs that handlers see."""

import names

DEFAULTS = {"int32_t": " = 0", "int64_t": " = 0", "double": " = 0", "bool": " = false"}


def _struct(model, out, cpp_name, shape, side):
    members = model.members(shape)
    if not members:
        out.append(f"struct {cpp_name} {{}};\n")
        return
    out.append(f"struct {cpp_name} {{")
    for member, definition, _ in members:
        slot = model.slot_type(shape, member, definition, side)
        out.append(f"  {slot} {names.member(member)}{DEFAULTS.get(slot, ' = {}')};")
    out.append("};\n")


def _enum(model, out, shape):
    values = names.enumerators(model.shapes[shape]["enum"])
    out.append(f"struct {model.cpp_name(shape)} {{")
    for name, value in values:
        out.append(f"  static constexpr std::string_view {name} = {names.literal(value)};")
    listed = ", ".join(name for name, _ in values)
    out.append(f"  static constexpr std::array<std::string_view, {len(values)}> kValues = {{{listed}}};")
    out.append("};\n")


def write(model, namespace):
    streams = any(model.is_stream(root, m, d) for op in model.served_operations() for side in ("input", "output")
                  for root in [model.root(op, side)] for m, d, _ in model.members(root))
    out = ["#pragma once", "", f"// Made by wire/generator from models/{model.service}.json and its served list.", "",
           "#include <array>", "#include <cstdint>", "#include <map>", "#include <optional>", "#include <string>",
           "#include <string_view>", "#include <vector>", "", '#include "base/clock.h"']
    if streams:
        out.append('#include "wire/body.h"')
    out += ['#include "wire/box.h"', '#include "wire/shape.h"', "", f"namespace {namespace} {{", "",
            "const wire::ServiceShape& Model();", ""]
    for shape in sorted(model.enums):
        _enum(model, out, shape)
    for shape in model.structures:
        out.append(f"struct {model.cpp_name(shape)};")
    if model.structures:
        out.append("")
    for shape in model.structures:
        _struct(model, out, model.cpp_name(shape), shape, None)
    for operation in model.served_operations():
        _struct(model, out, operation + "Input", model.root(operation, "input"), "input")
        _struct(model, out, operation + "Output", model.root(operation, "output"), "output")
        out += [f"struct {operation} {{", f"  using Input = {operation}Input;", f"  using Output = {operation}Output;",
                "  static const wire::OperationShape& Shape();", "};", ""]
    out.append(f"}}  // namespace {namespace}")
    return "\n".join(out) + "\n"
