"""Flow tests' results in the format of JUnit, which every CI server reads."""

import re
from collections.abc import Sequence
from itertools import groupby
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from callengine.testing.cases import Ran

# What XML 1.0 (section 2.2) has no place for; a name of a case may hold nothing of it, a provider's words may.
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def junit(rans: Sequence[Ran]) -> bytes:
    """One test suite a file, one test case a case; the transcript stands in the failure."""
    root = Element("testsuites")
    for path, group in groupby(rans, lambda ran: ran.path):
        cases = tuple(group)
        failed = sum(not ran.passed for ran in cases)
        seconds = sum(ran.seconds for ran in cases)
        suite = SubElement(root, "testsuite", name=path, tests=str(len(cases)), failures=str(failed), time=f"{seconds:.3f}")
        for ran in cases:
            place = {"classname": path, "file": path, "line": str(ran.line)}
            case = SubElement(suite, "testcase", name=ran.case.name, time=f"{ran.seconds:.3f}", **place)
            if not ran.passed:
                failure = SubElement(case, "failure", message=_xml(ran.failures[0].message))
                failure.text = _xml(ran.story())
    indent(root)
    return b'<?xml version="1.0" encoding="utf-8"?>\n' + tostring(root, encoding="unicode").encode()


def _xml(text: str) -> str:
    return _NOT_XML.sub("\ufffd", text)
