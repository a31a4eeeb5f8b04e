"""Contacts of a list, and of a file that is imported."""

from pathlib import Path

import pytest
from structlog.testing import capture_logs

from callengine.dialer import ContactList, Intake
from callengine.dialer.importing import Imported, RefusedRow, import_contacts
from callengine.errors import ConfigError
from callengine.model import Contact, SeededAmbient
from callengine.store import MemoryBook, MemoryWriter


def ambient() -> SeededAmbient:
    return SeededAmbient(1, lambda: 0.0)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "people.csv"


async def imported(path: Path) -> tuple[list[Contact], Imported, list[RefusedRow]]:
    store, refused = MemoryWriter(MemoryBook()), list[RefusedRow]()
    done = await import_contacts(path, store, Intake(ambient()), refused.append, lambda _: None)
    return await store.read(lambda book: [row.contact for row in book.contacts.page()]), done, refused


async def read(path: Path, text: str, encoding: str = "utf-8") -> list[Contact]:
    path.write_bytes(text.encode(encoding))
    contacts, _, _ = await imported(path)
    return contacts


async def test_a_list_takes_each_number_once_and_refuses_the_bad_ones() -> None:
    source = ContactList(["0912 123 4567", "۰۹۱۲۱۲۳۴۵۶۷", "PJSIP/evil", "98 912 000 0000"], ambient())
    with capture_logs() as logs:
        contacts = [contact async for contact in source]
    assert [contact.number for contact in contacts] == ["09121234567", "989120000000"]
    assert contacts[0].phone_number == "0912 123 4567"
    assert len({contact.id for contact in contacts}) == 2
    assert (source.sieve.accepted, source.sieve.repeated, source.sieve.refused) == (2, 1, 1)
    assert logs[0]["event"].startswith("STATIC_CONTACTS:3: 'PJSIP/evil' is not a telephone number")
    summed_up = {"event": "Contacts read", "source": "STATIC_CONTACTS", "accepted": 2, "refused": 1, "repeated": 1}
    assert logs[1:] == [{**summed_up, "log_level": "info"}]


async def test_columns_beside_the_number_become_fields(path: Path) -> None:
    (contact,) = await read(path, "name,phone_number,city\nSara,09121234567,Shiraz\n")
    assert (contact.number, contact.fields) == ("09121234567", {"name": "Sara", "city": "Shiraz"})


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
@pytest.mark.parametrize("header", ["", "number\n", "phone_number\n"])
async def test_a_single_column_needs_no_header(path: Path, header: str, encoding: str) -> None:
    contacts = await read(path, f"{header}۰۹۱۲۱۲۳۴۵۶۷\r\n\r\n 0913-123-4567 \n", encoding)
    assert [contact.number for contact in contacts] == ["09121234567", "09131234567"]


async def test_bad_rows_are_refused_by_line_and_the_rest_is_taken(path: Path) -> None:
    path.write_text("number,name\n12,too short\n09121234567\n09121234567,Sara\n09121234567,again\n")
    contacts, done, refused = await imported(path)
    assert [contact.fields["name"] for contact in contacts] == ["Sara"]
    assert (done.accepted, done.refused, done.repeated) == (1, 2, 1)
    assert [(row.line, row.reason) for row in refused] == [
        (2, "'12' has 2 digits; a telephone number has 5 to 15"),
        (3, "1 columns where the header has 2"),
    ]


async def test_a_field_without_end_is_a_bad_row(path: Path) -> None:
    path.write_text("number\n09121234567\n" + "9" * 200_000 + "\n09131234567\n")
    contacts, _, [row] = await imported(path)
    assert len(contacts) == 2
    assert "field larger" in row.reason


async def test_a_large_file_is_read_in_pieces(path: Path) -> None:
    contacts = await read(path, "".join(f"0912{at:07}\n" for at in range(1000)))
    assert [contact.number[-3:] for contact in contacts] == [f"{at:03}" for at in range(1000)]


async def test_an_empty_file_holds_nobody(path: Path) -> None:
    assert await read(path, "") == []


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"phone,name\n09121234567,Sara\n", "people.csv:1: 2 columns need a header row"),
        ("number\n09121234567\n".encode("utf-16"), "is not UTF-8"),
        (b"number\n09121234567\n\xff\xfe\n", "is not UTF-8"),
    ],
)
async def test_an_unusable_file_is_refused_before_anyone_is_called(path: Path, content: bytes, complaint: str) -> None:
    path.write_bytes(content)
    with pytest.raises(ConfigError, match=complaint):
        await imported(path)


async def test_a_missing_file_is_said_by_name(path: Path) -> None:
    with pytest.raises(ConfigError, match=r"people\.csv cannot be read: No such file"):
        await imported(path)
