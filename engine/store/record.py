"""The record: takes of people with their sound, what they allow to be kept, and documents beside takes.

Who a person is, and whether they agreed, is for others to know: the record writes what it is handed, and of a
take never more than the take's own switches allow. Every call waits for the disk, so a server calls it from
worker threads, see :mod:`.writer`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import BinaryIO, Final

import msgspec
import sqlalchemy as sa

from engine.errors import NoSuchTake, UsageError
from engine.protocol.kept import Kept
from engine.protocol.take import Imported, Take, TakeChange, TakeEntry, changed, decode_take

from .allowed import allowed
from .backing_up import back_up
from .checking import Checked, check
from .database import Database
from .documents import Documents
from .erasing import erase
from .exporting import Report, export
from .feedback import Feedback
from .folders import default_folder, folder_of
from .following import Followed, changing_takes
from .growing import Growing
from .importing import import_from
from .key import key_of_environment
from .migrating import identity_of, migrate
from .ogg import described
from .picking import entries_there, takes_there
from .rows import ENTRY_COLUMNS, entry_of_row, found, is_take, row_of, take_of_row
from .schema import consents, documents, takes
from .sounds import Sounds
from .troubles import told

_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_PAGE = 100
"""Takes read at once: no transaction lasts while a caller works on them."""


class Record:
    """A record that is open. One a process; safe to call from several threads."""

    def __init__(self, database: Database, sounds: Sounds) -> None:
        self._database: Final = database
        self._sounds: Final = sounds
        self.documents: Final = Documents(database)
        self.feedback: Final = Feedback(self.documents)

    @classmethod
    def open(cls, where: str | Path | None = None, *, key: bytes | None = None) -> Record:
        """Open a record, made if there is none, its schema brought up to date.

        Parameters
        ----------
        where : a folder, ``postgresql://…``, or None for the user's data folder. With PostgreSQL the sound
            is in the user's data folder, in a folder for each database.
        key : 32 bytes that encrypt the sound files from here on; None for that of :mod:`.key`, if any.

        Raises
        ------
        RecordUnavailable
            It cannot be reached or written.
        RecordError
            It is damaged, or of a newer version; or the key is none, or another than that of its sound.
        """
        own = folder_of(where)
        folder = own or default_folder()
        key = key_of_environment() if key is None else key
        database = Database.at(str(where)) if own is None else Database.in_folder(folder)
        try:
            migrate(database)
            name = "sound" if own else f"sound-{identity_of(database)}"
            with told(str(folder)):
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
                sounds = Sounds(folder / name, key)
                record = cls(database, sounds)
                sounds.sweep(record._sound_files)
        except BaseException:
            database.close()
            raise
        return record

    def close(self) -> None:
        """Close the record; nothing may be called after."""
        self._database.close()

    @property
    def sound_folder(self) -> Path:
        """Folder of the sound files."""
        return self._sounds.folder

    @property
    def needs_key(self) -> bool:
        """Whether there is encrypted sound and no key was given: then no sound is read or written."""
        with told(self.where):
            return self._sounds.needs_key

    @property
    def where(self) -> str:
        """Where the record is, for a person; without a password."""
        return self._database.where

    def kept(self, person: str) -> Kept | None:
        """Return what may be kept of a person's takes; None if they were never asked."""
        query = sa.select(consents).where(consents.c.person == person).order_by(consents.c.number.desc())
        with self._database.reading() as connection:
            row = connection.execute(query.limit(1)).one_or_none()
        return None if row is None else Kept(figures=row.figures, words=row.words, sound=row.sound)

    def set_kept(self, person: str, kept: Kept, at: datetime) -> None:
        """Write down what may be kept from here on, and when it was said; earlier answers stay."""
        row = {"person": person, "at": at.isoformat(), **msgspec.structs.asdict(kept)}
        with self._database.writing() as connection:
            connection.execute(sa.insert(consents).values(row))

    def put(
        self, person: str, take: Take, sound: bytes | None = None, growing: Growing | None = None
    ) -> None:
        """Write a take, whole or not at all; one of the same id is replaced.

        Parameters
        ----------
        take : what its switches do not allow is left out.
        sound : Ogg Opus. Without it the take keeps the sound that it had, if ``take.sound`` names that.
        growing : of a take that is written more than once: it is noted there whether it is there. One that
            was there and is not any more is not written.

        Raises
        ------
        UsageError
            An id that is not one, a time without its zone, nothing that may be kept, or a sound that is not
            Ogg Opus.
        RecordUnavailable
            It cannot be written now; nothing of it was.
        """
        if not _ID.fullmatch(take.id):
            raise UsageError("the id of a take has 1 to 64 letters, digits, - and _")
        if not take.kept.anything:
            raise UsageError("nothing of this take may be kept")
        take = allowed(take)
        if sound is not None and take.kept.sound:
            take = msgspec.structs.replace(take, sound=described(sound, take.sound))
        else:
            sound = None
        with told(self.where), self._sounds.writing():
            file = None if sound is None else self._sounds.write(sound)
            try:
                self._write(person, take, file, growing or Growing())
            except BaseException:
                self._sounds.remove([file] if file else [])
                raise

    def _write(self, person: str, take: Take, file: str | None, growing: Growing) -> None:
        """Write the row of a take and remove the sound file that it no longer names."""
        with changing_takes(self._database) as (connection, revision):
            old = connection.execute(
                sa.select(takes.c.sound_file, takes.c.document).where(*is_take(person, take.id))
            ).one_or_none()
            if old is None and growing.is_there:
                growing.is_gone = True
                return self._sounds.remove([file] if file else [])
            left = None if old is None else old.sound_file
            if file is None and take.sound is not None:
                if old is not None and left and decode_take(old.document).sound == take.sound:
                    file = left
                else:
                    take = msgspec.structs.replace(take, sound=None)
            row = row_of(person, take, file) | {"revision": revision}
            if old is None:
                connection.execute(sa.insert(takes).values(row))
            else:
                connection.execute(sa.update(takes).where(*is_take(person, take.id)).values(row))
        growing.is_there = True
        if left and left != file:
            self._sounds.remove([left])

    def takes(self, person: str, *, limit: int = 50, before: str | None = None) -> list[TakeEntry]:
        """Return the entries of takes, newest first.

        Parameters
        ----------
        before : id of the last entry seen: what comes is older.

        Raises
        ------
        NoSuchTake
            ``before`` is not there (any more).
        """
        query = sa.select(*ENTRY_COLUMNS).where(takes.c.person == person)
        order = sa.tuple_(takes.c.begun_us, takes.c.id)
        with self._database.reading() as connection:
            if before is not None:
                last = found(
                    connection.execute(sa.select(takes.c.begun_us).where(*is_take(person, before))), before
                )
                query = query.where(order < sa.tuple_(sa.literal(last.begun_us), sa.literal(before)))
            query = query.order_by(takes.c.begun_us.desc(), takes.c.id.desc()).limit(limit)
            return [entry_of_row(row) for row in connection.execute(query)]

    def take(self, person: str, id: str) -> Take:
        """Return a take.

        Raises
        ------
        NoSuchTake
            There is none of that id.
        """
        query = sa.select(takes.c.document, takes.c.review).where(*is_take(person, id))
        with self._database.reading() as connection:
            return take_of_row(found(connection.execute(query), id))

    def these(self, person: str, ids: Iterable[str]) -> list[Take]:
        """Return takes by their ids, in the order of these; those that are gone are left out."""
        return takes_there(self._database, person, ids)

    def entries(self, person: str, ids: Iterable[str]) -> list[TakeEntry]:
        """Return the entries of takes, as :meth:`these` returns the takes."""
        return entries_there(self._database, person, ids)

    def all(self, person: str, *, review: bool = True) -> Iterator[Take]:
        """Return all takes, oldest first.

        Parameters
        ----------
        review : whether each comes with the review of its words; without, much less is read.
        """
        shown = takes.c.review if review else sa.null().label("review")
        query = sa.select(takes.c.begun_us, takes.c.id, takes.c.document, shown)
        query = query.where(takes.c.person == person).order_by(takes.c.begun_us, takes.c.id).limit(_PAGE)
        order = sa.tuple_(takes.c.begun_us, takes.c.id)
        after = query
        while True:
            with self._database.reading() as connection:
                rows = connection.execute(after).all()
            yield from (take_of_row(row) for row in rows)
            if len(rows) < _PAGE:
                return
            after = query.where(order > sa.tuple_(sa.literal(rows[-1].begun_us), sa.literal(rows[-1].id)))

    def follow(self, person: str) -> Followed:
        """Return a person's takes in memory, to be kept as the record has them; not read yet."""
        return Followed(self._database, person)

    def sound(self, person: str, id: str) -> bytes:
        """Return the Ogg Opus file of a take.

        Raises
        ------
        NoSuchTake
            There is no such take, or no sound of it.
        RecordError
            It is encrypted, and the key is missing or another one.
        """
        query = sa.select(takes.c.sound_file).where(*is_take(person, id))
        with self._database.reading() as connection:
            file = found(connection.execute(query), id).sound_file
        if file is None:
            raise NoSuchTake(f"no sound is kept of the take {id}")
        with told(self.where):
            try:
                return self._sounds.read(file)
            except FileNotFoundError as error:
                raise NoSuchTake(f"the sound of the take {id} is missing: {file} is gone") from error

    def change(self, person: str, id: str, change: TakeChange) -> Take:
        """Change what a person may change of a take, and return it.

        Raises
        ------
        NoSuchTake
            There is none of that id.
        """
        query = sa.select(takes.c.document, takes.c.review, takes.c.sound_file).where(*is_take(person, id))
        with changing_takes(self._database) as (connection, revision):
            row = found(connection.execute(query), id)
            take = changed(take_of_row(row), change)
            values = row_of(person, take, row.sound_file) | {"revision": revision}
            connection.execute(sa.update(takes).where(*is_take(person, id)).values(values))
        return take

    def delete(self, person: str, id: str) -> None:
        """Delete a take and its sound, for good.

        Raises
        ------
        NoSuchTake
            There is none of that id.
        """
        query = sa.select(takes.c.sound_file).where(*is_take(person, id))
        with changing_takes(self._database) as (connection, _):
            file = found(connection.execute(query), id).sound_file
            connection.execute(sa.delete(takes).where(*is_take(person, id)))
        with told(self.where):
            self._sounds.remove([file] if file else [])
        erase(self._database)

    def reduce_all(self, person: str, kept: Kept) -> None:
        """Take from all takes of a person what may not be kept any more, for good.

        A take of which nothing is left is deleted. Nothing is ever added: the switches of each take hold too.
        """
        query = sa.select(takes.c.id, takes.c.document, takes.c.review, takes.c.sound_file)
        more_than = sa.or_(
            *(takes.c[name] for name, is_kept in msgspec.structs.asdict(kept).items() if not is_kept),
            sa.false(),
        )
        lost: list[str] = []
        with changing_takes(self._database) as (connection, revision):
            ids = connection.scalars(sa.select(takes.c.id).where(takes.c.person == person, more_than)).all()
            for id in ids:
                row = found(connection.execute(query.where(*is_take(person, id))), id)
                take = allowed(take_of_row(row), kept)
                file = row.sound_file if take.kept.sound else None
                if not take.kept.anything:
                    connection.execute(sa.delete(takes).where(*is_take(person, id)))
                else:
                    values = row_of(person, take, file) | {"revision": revision}
                    connection.execute(sa.update(takes).where(*is_take(person, id)).values(values))
                if row.sound_file and not file:
                    lost.append(row.sound_file)
        with told(self.where):
            self._sounds.remove(lost)
        if ids:
            erase(self._database, whole=True)

    def forget(self, person: str) -> None:
        """Delete all that the record has of a person, for good: takes, sound, documents, what may be kept."""
        query = sa.select(takes.c.sound_file).where(takes.c.person == person, takes.c.sound_file.is_not(None))
        with changing_takes(self._database) as (connection, _):
            lost = connection.scalars(query).all()
            for table in (takes, consents, documents):
                connection.execute(sa.delete(table).where(table.c.person == person))
        with told(self.where):
            self._sounds.remove([file for file in lost if file])
        erase(self._database, whole=True)

    def export(self, person: str, file: BinaryIO, report: Report | None = None) -> None:
        """Write all of a person to a ZIP file: ``takes/``, ``sound/``, ``takes.csv``, ``documents/``, schema.

        Raises
        ------
        RecordError
            A sound is encrypted, and the key is missing or another one.
        """
        with self._database.reading() as connection:
            query = sa.select(consents).where(consents.c.person == person).order_by(consents.c.number)
            answers = [
                {"at": row.at, "figures": row.figures, "words": row.words, "sound": row.sound}
                for row in connection.execute(query)
            ]
        beside = self.documents.every(person)
        export(file, self.all(person), lambda id: self.sound(person, id), beside, answers, report)

    def import_(self, person: str, file: BinaryIO) -> Imported:
        """Add the takes and documents of an export, or the take of a document or of what the page saved.

        What is there already stays as it is. Each take says what may be kept of it: to import is to allow it.

        Raises
        ------
        UsageError
            The file is nothing that can be imported.
        RecordUnavailable
            It cannot be written now; what was imported until then stays, and the file can be imported again.
        """
        put, add = partial(self.put, person), partial(self.documents.add, person)
        return import_from(file, lambda id: bool(self.entries(person, [id])), put, add)

    def check(self) -> Checked:
        """Verify all takes of all people; nothing is changed."""
        return check(self._database, self._sounds)

    def backup(self, folder: Path) -> int:
        """Copy the record to a folder, while it is in use, and return the number of its takes.

        The copy is a record in an SQLite file; the key of the sound files is the same.

        Raises
        ------
        RecordError
            There is something in the folder.
        """
        return back_up(self._database, self._sounds, folder)

    def _sound_files(self) -> set[str]:
        """Return the names of all sound files that takes name."""
        query = sa.select(takes.c.sound_file).where(takes.c.sound_file.is_not(None))
        with self._database.reading() as connection:
            return {row.sound_file for row in connection.execute(query)}
