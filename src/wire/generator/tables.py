"""Writes <service>_model.cc: the descriptors that codecs walk."""

import re

import names
from model import SCALARS

LOCATIONS = {"header": "kHeader", "headers": "kHeaderPrefix", "uri": "kUri", "querystring": "kQueryString",
             "statusCode": "kStatusCode"}
TIMESTAMPS = {"iso8601": "kIso8601", "unixTimestamp": "kUnixSeconds", "rfc822": "kHttpDate"}
CONSTRAINED_KINDS = ("string", "blob", "integer", "long", "float", "double", "list", "map")


def _fields(pairs):
    return ", ".join(f".{name} = {value}" for name, value in pairs if value not in (None, "", "false"))


def _flag(value):
    return "true" if value else "false"


class Tables:
    def __init__(self, model, namespace):
        self.model = model
        self.namespace = namespace
        self.ec2 = model.metadata["protocol"] == "ec2"
        self.out = []

    # --- members

    def _wire_name(self, member, definition):
        shape = self.model.shapes[definition["shape"]]
        name = definition.get("locationName")
        # A flattened list has no element of its own: its entries' name stands in the structure.
        if self._is_flattened(definition) and shape["type"] == "list" and "locationName" in shape["member"]:
            name = shape["member"]["locationName"]
        name = name or member
        return name.lower() if definition.get("location") in ("header", "headers") else name

    def _query_name(self, member, definition):
        if not self.ec2:
            return self._wire_name(member, definition)
        name = definition.get("queryName")
        if not name:
            name = definition.get("locationName", member)
            name = name[0].upper() + name[1:]
        return name

    def _is_flattened(self, definition):
        return bool(definition.get("flattened") or self.model.shapes[definition["shape"]].get("flattened"))

    def _timestamp(self, definition):
        text = definition.get("timestampFormat")
        return f"wire::TimestampFormat::{TIMESTAMPS[text]}" if text else None

    def _member(self, structure, cpp_struct, member, definition, side):
        model = self.model
        is_stream = model.is_stream(structure, member, definition)
        wire_name, query_name = self._wire_name(member, definition), self._query_name(member, definition)
        location = LOCATIONS.get(definition.get("location"))
        xml_namespace = definition.get("xmlNamespace", {})
        xml_namespace = xml_namespace if isinstance(xml_namespace, str) else xml_namespace.get("uri", "")
        slot = model.slot_type(structure, member, definition, side)
        return _fields([
            ("name", names.literal(member)),
            ("wire_name", names.literal(wire_name)),
            ("query_name", names.literal(query_name)),
            ("shape", "&kStream" if is_stream else f"&{self._table(definition['shape'])}"),
            ("offset", f"offsetof({cpp_struct}, {names.member(member)})"),
            ("slot", f"&wire::kSlotOps<{slot}>"),
            ("location", f"wire::Location::{location}" if location else None),
            ("timestamp_format", self._timestamp(definition)),
            ("required", _flag(model.is_required(structure, member))),
            ("flattened", _flag(self._is_flattened(definition))),
            ("xml_attribute", _flag(definition.get("xmlAttribute"))),
            ("idempotency_token", _flag(definition.get("idempotencyToken"))),
            ("xml_namespace", names.literal(xml_namespace) if xml_namespace else None),
        ])

    # --- shapes

    def _table(self, shape):
        return "k" + names.type_name(shape) + "_"

    def _common(self, shape, definition):
        bounds = {}
        if definition["type"] in CONSTRAINED_KINDS:
            bounds = {k: definition[k] for k in ("min", "max") if k in definition and float(definition[k]).is_integer()}
        return [
            ("name", names.literal(shape)),
            ("kind", "wire::ShapeKind::" + self._kind(definition["type"])),
            ("sensitive", _flag(definition.get("sensitive"))),
            ("is_union", _flag(definition.get("union"))),
            ("timestamp_format", self._timestamp(definition)),
            ("min", f"{int(bounds['min'])}" if "min" in bounds else None),
            ("max", f"{int(bounds['max'])}" if "max" in bounds else None),
        ]

    def _kind(self, kind):
        return SCALARS[kind][0] if kind in SCALARS else {"list": "kList", "map": "kMap", "structure": "kStructure"}[kind]

    def _collection(self, shape, definition):
        if definition["type"] == "list":
            entry = definition["member"]
            return [("element", f"&{self._table(entry['shape'])}"),
                    ("element_name", names.literal(entry.get("locationName", "member"))),
                    ("flattened", _flag(definition.get("flattened"))),
                    ("list", f"&wire::kListOps<{self.model.cpp_type(entry['shape'])}>")]
        key, value = definition["key"], definition["value"]
        return [("element", f"&{self._table(value['shape'])}"),
                ("element_name", names.literal(value.get("locationName", "value"))),
                ("key", f"&{self._table(key['shape'])}"),
                ("key_name", names.literal(key.get("locationName", "key"))),
                ("flattened", _flag(definition.get("flattened"))),
                ("map", f"&wire::kMapOps<{self.model.cpp_type(value['shape'])}>")]

    def _structure(self, table, cpp_struct, shape, side):
        """Writes the member table and returns the shape's fields."""
        definition = self.model.shapes.get(shape, {"type": "structure"})
        members = self.model.members(shape)
        if members:
            self.out.append(f"constexpr wire::Member {table}Members[] = {{")
            for member, d, _ in members:
                self.out.append(f"    {{{self._member(shape, cpp_struct, member, d, side)}}},")
            self.out.append("};")
        payload = definition.get("payload")
        index = [m for m, _, _ in members].index(payload) if payload else None
        xml_namespace = definition.get("xmlNamespace", {})
        return self._common(shape or cpp_struct, definition) + [
            ("members", f"{table}Members" if members else None),
            ("payload", f"&{table}Members[{index}]" if payload else None),
            ("xml_name", names.literal(definition["locationName"]) if "locationName" in definition else None),
            ("xml_prefix", names.literal(xml_namespace["prefix"]) if "prefix" in xml_namespace else None),
            ("xml_namespace", names.literal(xml_namespace["uri"]) if "uri" in xml_namespace else None),
            ("constrained", _flag(shape and self.model.is_constrained(shape))),
        ]

    def _shape(self, shape):
        definition, table = self.model.shapes[shape], self._table(shape)
        if definition["type"] == "structure":
            fields = self._structure(table, self.model.cpp_name(shape), shape, None)
        else:
            fields = self._common(shape, definition)
            if "enum" in definition:
                fields.append(("enum_values", f"{self.model.cpp_name(shape)}::kValues"))
            if definition["type"] in ("list", "map"):
                fields += self._collection(shape, definition)
            fields.append(("constrained", _flag(self.model.is_constrained(shape))))
        self.out.append(f"constexpr wire::Shape {table} = {{{_fields(fields)}}};\n")

    # --- operations

    def _uri(self, operation):
        """(path segments, query literals) of the operation's request URI."""
        uri = self.model.operations[operation].get("http", {}).get("requestUri", "/")
        path, _, query = uri.partition("?")
        segments = []
        for piece in path.split("/")[1:]:
            label = re.fullmatch(r"\{(\w+)(\+?)\}", piece)
            if label:
                segments.append(("kGreedyLabel" if label.group(2) else "kLabel", label.group(1)))
            elif piece:
                segments.append(("kLiteral", piece))
        literals = [tuple(p.partition("=")[::2]) for p in query.split("&") if p]
        return segments, literals

    def _operation_tables(self, operation):
        segments, literals = self._uri(operation)
        fields = []
        if segments:
            listed = ", ".join(f"{{wire::UriSegment::{k}, {names.literal(t)}}}" for k, t in segments)
            self.out.append(f"constexpr wire::UriSegment k{operation}Path_[] = {{{listed}}};")
            fields.append(("path", f"k{operation}Path_"))
        if literals:
            listed = ", ".join(f"{{{names.literal(k)}, {names.literal(v)}}}" for k, v in literals)
            self.out.append(f"constexpr wire::QueryLiteral k{operation}Query_[] = {{{listed}}};")
            fields.append(("query", f"k{operation}Query_"))
        for field, location in (("required_query", "querystring"), ("required_headers", "header")):
            required = self._required_at(operation, location)
            if required:
                table = f"k{operation}{'Query' if location == 'querystring' else 'Headers'}Required_"
                self.out.append(f"constexpr std::string_view {table}[] = {{{', '.join(map(names.literal, required))}}};")
                fields.append((field, table))
        if operation in self.model.served:
            for side, suffix in (("input", "Input"), ("output", "Output")):
                table = f"k{operation}{suffix}_"
                shape = self._structure(table, operation + suffix, self.model.root(operation, side), side)
                self.out.append(f"constexpr wire::Shape {table} = {{{_fields(shape)}}};")
            errors = [e["shape"] for e in self.model.operations[operation].get("errors", [])]
            if errors:
                listed = ", ".join(names.literal(e) for e in errors)
                self.out.append(f"constexpr std::string_view k{operation}Errors_[] = {{{listed}}};")
                fields.append(("errors", f"k{operation}Errors_"))
        return fields

    def _required_at(self, operation, location):
        root = self.model.root(operation, "input")
        return [self._wire_name(m, d) for m, d, _ in self.model.members(root)
                if d.get("location") == location and self.model.is_required(root, m)]

    def _streams(self, operation, side):
        root = self.model.root(operation, side)
        return _flag(any(self.model.is_stream(root, m, d) for m, d, _ in self.model.members(root)))

    def _operation(self, operation, tables):
        definition = self.model.operations[operation]
        http = definition.get("http", {})
        checksum = definition.get("httpChecksum", {})
        served = operation in self.model.served
        note = self.model.served.get(operation)
        support = "kRefused" if not served else "kPartial" if note else "kReal"
        wrapper = definition.get("output", {}).get("resultWrapper")
        fields = [("name", names.literal(operation)), ("support", f"wire::Support::{support}"),
                  ("note", names.literal(note) if note else None), ("method", names.literal(http.get("method", "POST")))]
        fields += [f for f in tables if f[0] in ("path", "query", "required_query", "required_headers")]
        fields += [("status", str(http.get("responseCode", 200)))]
        if served:
            input_name = definition.get("input", {}).get("locationName") or self.model.root(operation, "input")
            fields += [("input", f"&k{operation}Input_"), ("output", f"&k{operation}Output_"),
                       ("input_ops", f"&wire::kValueOps<{operation}Input>"),
                       ("input_name", names.literal(input_name) if input_name else None),
                       ("result_wrapper", names.literal(wrapper) if wrapper else None)]
            fields += [f for f in tables if f[0] == "errors"]
            member = checksum.get("requestAlgorithmMember")
            fields += [("checksum_member", names.literal(member) if member else None),
                       ("checksum_required", _flag(checksum.get("requestChecksumRequired"))),
                       ("streams_input", self._streams(operation, "input")),
                       ("streams_output", self._streams(operation, "output"))]
        return _fields(fields)

    def _errors(self):
        rows = {}
        for shape, definition in self.model.shapes.items():
            if not definition.get("exception"):
                continue
            error = definition.get("error", {})
            status = error.get("httpStatusCode", 500 if definition.get("fault") else 400)
            sender = error.get("senderFault", status < 500)
            rows[shape] = (error.get("code", shape), status, sender, "")
        for code, status, message in self.model.extra_errors:
            if code in rows:
                old = rows[code]
                rows[code] = (old[0], status, status < 500, message)
            else:
                rows[code] = (code, status, status < 500, message)
        return sorted(rows.items())

    def write(self):
        model, out = self.model, self.out
        operations = sorted(model.operations)
        structures = [s for s in model.structures]
        out += [f"// Made by wire/generator from models/{model.service}.json and its served list.",
                f'#include "{self.include}"', "", "#include <cstddef>", "",
                "// Our structs hold strings and vectors; both compilers lay them out plainly all the same.",
                '#pragma GCC diagnostic ignored "-Winvalid-offsetof"', "", f"namespace {self.namespace} {{", "namespace {", ""]
        if any(self._streams(o, s) == "true" for o in model.served for s in ("input", "output")):
            out.append('constexpr wire::Shape kStream = {.name = "Body", .kind = wire::ShapeKind::kStream};\n')
        for shape in structures:
            if self._is_recursive(shape):
                out.append(f"extern const wire::Shape {self._table(shape)};")
        for shape in model.tables:
            self._shape(shape)
        tables = {o: self._operation_tables(o) for o in operations}
        out.append("\nconstexpr wire::OperationShape kOperations[] = {")
        out += [f"    {{{self._operation(o, tables[o])}}}," for o in operations]
        out.append("};\n")
        errors = self._errors()
        if errors:
            out.append("constexpr wire::ErrorShape kErrors[] = {")
            out += [f"    {{{names.literal(shape)}, {names.literal(code)}, {status}, {_flag(sender)}, {names.literal(message)}}},"
                    for shape, (code, status, sender, message) in errors]
            out.append("};\n")
        self._service(bool(errors))
        for operation in model.served_operations():
            out.append(f"const wire::OperationShape& {operation}::Shape() {{ return kOperations[{operations.index(operation)}]; }}")
        out += ["", f"}}  // namespace {self.namespace}"]
        return "\n".join(out) + "\n"

    def _is_recursive(self, shape):
        seen, stack = set(), [shape]
        while stack:
            definition = self.model.shapes[stack.pop()]
            inner = [d["shape"] for d in definition.get("members", {}).values()]
            inner += [definition[k]["shape"] for k in ("member", "value") if k in definition]
            if shape in inner:
                return True
            stack += [i for i in inner if i not in seen]
            seen.update(inner)
        return False

    def _service(self, has_errors):
        model, data = self.model, self.model.metadata
        protocols = ", ".join(f"wire::Protocol::{p}" for p in model.protocols())
        self.out.append(f"constexpr wire::Protocol kProtocols[] = {{{protocols}}};\n")
        namespace = model.xml_namespace()
        fields = _fields([
            ("name", names.literal(model.service)), ("service_id", names.literal(data["serviceId"])),
            ("signing_name", names.literal(data.get("signingName", data["endpointPrefix"]))),
            ("api_version", names.literal(data["apiVersion"])),
            ("xml_namespace", names.literal(namespace) if namespace else None),
            ("target_prefix", names.literal(data["targetPrefix"]) if "targetPrefix" in data else None),
            ("protocols", "kProtocols"), ("query_compatible", _flag("awsQueryCompatible" in data)),
            ("is_s3", _flag(model.is_s3())), ("operations", "kOperations"), ("errors", "kErrors" if has_errors else None)])
        self.out += [f"constexpr wire::ServiceShape kModel = {{{fields}}};", "", "}  // namespace", "",
                     "const wire::ServiceShape& Model() { return kModel; }", ""]


def write(model, namespace, include):
    tables = Tables(model, namespace)
    tables.include = include
    return tables.write()
