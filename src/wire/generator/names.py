"""How names of the models become names of C++."""

import re

# Keywords and alternative tokens that occur, or may, as member names.
KEYWORDS = frozenset(
    """alignas alignof and and_eq asm auto bitand bitor bool break case catch char class compl concept const consteval
    constexpr constinit const_cast continue co_await co_return co_yield decltype default delete do double dynamic_cast
    else enum explicit export extern false float for friend goto if inline int long mutable namespace new noexcept not
    not_eq nullptr operator or or_eq private protected public register reinterpret_cast requires return short signed
    sizeof static static_assert static_cast struct switch template this thread_local throw true try typedef typeid
    typename union unsigned using virtual void volatile wchar_t while xor xor_eq errno major minor stdin stdout stderr
    unix linux""".split()
)

# Types of our own that every service uses unqualified: a shape of that name gets the suffix, as a shape does that is
# called like an operation.
RESERVED_TYPES = frozenset(["Error", "Result", "Status", "Kind", "Instant", "Duration", "Clock", "Arn", "Call", "Principal", "Money"])


def member(name):
    """CacheControl -> cache_control, DNSName -> dns_name, ETag -> e_tag, CNAMEs -> cnames, IsIPV6Enabled -> is_ipv6_enabled.

    A plural "s" belongs to its acronym, so "CNAMEs" is one word.
    """
    text = re.sub(r"([A-Z]{2,})s(?![a-z])", lambda m: m.group(1) + "S", name)
    text = re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", text)
    text = re.sub(r"([A-Z])([A-Z][a-z])", r"\1_\2", text)
    text = re.sub(r"[^A-Za-z0-9]+", "_", text).lower()
    return text + "_" if text in KEYWORDS else text


def type_name(name):
    text = re.sub(r"[^A-Za-z0-9]", "", name)
    return text[0].upper() + text[1:]


def enumerator(value):
    """Enabled -> kEnabled, PENDING_VALIDATION -> kPendingValidation, aws:kms -> kAwsKms, TLSv1.2_2021 -> kTLSv122021."""
    pieces = [p for p in re.split(r"[^A-Za-z0-9]+", value) if p]
    if not any(c.islower() for c in value):
        pieces = [p.capitalize() for p in pieces]
    return "k" + "".join(p[0].upper() + p[1:] for p in pieces) if pieces else "kEmpty"


def enumerators(values):
    """The constant of each value, unique within its enum."""
    taken, result = {"kValues"}, []
    for value in values:
        name, number = enumerator(value), 2
        while name in taken:
            name, number = f"{enumerator(value)}{number}", number + 1
        taken.add(name)
        result.append((name, value))
    return result


def literal(text):
    """A C++ string literal."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'
